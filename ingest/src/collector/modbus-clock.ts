// SPDX-License-Identifier: Apache-2.0
import { setTimeout as sleep } from 'node:timers/promises';
import type { Asker } from '../modbus/index.ts';
import { rowOf, type RegisterMap } from '../register-maps/index.ts';
import { localMsOf, lookOf, noLook, type ClockLook, type ShownTime } from './clock-drift.ts';
import type { LocalTime } from './meter-driver.ts';

/** Reads the registers with which the clock is set; a model without them has no clock that we know. */
export async function readClock(
  asker: Asker,
  { unitId, map }: { readonly unitId: number; readonly map: RegisterMap },
  time: LocalTime,
): Promise<ClockLook> {
  const facts = map.settings?.clock;
  const [first] = facts?.rows ?? [];
  if (facts === undefined || first === undefined) return noLook;
  await sleep(map.limits.minGapMs);
  const { address } = rowOf(map, first);
  const askedMs = time.nowMs();
  const count = facts.bytes.length / 2;
  const answer = await asker.ask({ kind: 'read', unitId, functionCode: 3, address, count });
  if (!answer.ok) return noLook;
  const shown = Object.fromEntries(facts.bytes.map((part, at) => [part, answer.words[at]]));
  const read = { askedMs, atMs: answer.atMs, zone: time.zone };
  return lookOf(localMsOf(shown as ShownTime), read, facts.byteOrder === 'inferred');
}
