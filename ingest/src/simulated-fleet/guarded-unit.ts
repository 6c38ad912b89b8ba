// SPDX-License-Identifier: Apache-2.0
/** A meter whose own protection looks at its relay before each answer. */
import type { RegisterMap } from '../register-maps/index.ts';
import { isSwitched, type MeteredFlow } from './metered-flow.ts';
import { createGuard, type Guard } from './own-protection.ts';
import type { MeterSpec } from './simulated-fleet.ts';
import type { SimulatedUnit } from './simulated-unit.ts';

interface GuardSurroundings {
  readonly madeMs: number;
  readonly toModelMs: (instantMs: number) => number;
  readonly words: () => readonly number[];
  readonly move: (closed: boolean, nowMs: number) => Promise<void>;
}
/** null: it does nothing by itself. */
export function guardOf(
  { protection }: MeterSpec,
  flow: MeteredFlow,
  map: RegisterMap,
  { madeMs, toModelMs, words, move }: GuardSurroundings,
): Guard | null {
  if (protection === undefined || !isSwitched(flow)) return null;
  return createGuard({
    protection,
    move,
    isClosed: () => flow.closed,
    view: (nowMs) => ({
      nowMs,
      powerW: flow.wantedRateAt(toModelMs(nowMs)),
      usedWh: flow.flowedUntil(toModelMs(nowMs)) - flow.flowedUntil(madeMs),
      forced: forcedBy(map, words()),
    }),
  });
}

/** It looks before it answers. */
export function guarded(unit: SimulatedUnit, guard: Guard): SimulatedUnit {
  return {
    async answer(pdu, instantMs) {
      await guard.look(instantMs);
      return unit.answer(pdu, instantMs);
    },
    get secretReads() {
      return unit.secretReads;
    },
  };
}

/** null: released, the meter decides by its own credit. */
function forcedBy(map: RegisterMap, words: readonly number[]): 'closed' | 'open' | null {
  const holds = (wanted: readonly number[] | undefined): boolean =>
    wanted !== undefined && wanted.every((word, index) => word === words[index]);
  if (holds(map.supplySwitch?.actions.disconnect?.write)) return 'open';
  return holds(map.supplySwitch?.actions.connect?.write) ? 'closed' : null;
}
