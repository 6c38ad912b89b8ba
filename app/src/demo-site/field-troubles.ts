// SPDX-License-Identifier: Apache-2.0
/**
 * Small troubles of the field, so that alarms, gaps and their estimated slots can be seen: two meters with a bad line,
 * silent for an hour or so every few hours.
 */
import type { SimulatedFleet } from '@wattledger/ingest';
import type { Clock } from '@wattledger/platform';
import type { SitePlan } from './site-plan.ts';

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;

interface Trouble {
  /** Code of the metering point. */
  readonly point: string;
  /** Repeats with this period, counted from 1970 plus the offset. */
  readonly everyMs: number;
  readonly offsetMs: number;
  /** Long enough that what is between the readings counts as a gap. */
  readonly lastsMs: number;
}
const troubles: readonly Trouble[] = [
  { point: 'O08-04', everyMs: 4 * hourMs, offsetMs: 20 * minuteMs, lastsMs: 55 * minuteMs },
  { point: 'R4-33', everyMs: 6 * hourMs, offsetMs: 2.5 * hourMs, lastsMs: 70 * minuteMs },
];

/** Until when the point's meter is silent; null: it answers. */
export function silentUntil(trouble: Trouble, nowMs: number): number | null {
  const beganMs =
    Math.floor((nowMs - trouble.offsetMs) / trouble.everyMs) * trouble.everyMs + trouble.offsetMs;
  return nowMs < beganMs + trouble.lastsMs ? beganMs + trouble.lastsMs : null;
}

export interface FieldTroubles {
  start(): void;
  stop(): void;
}

export function createFieldTroubles(
  fleet: Pick<SimulatedFleet, 'setFault'>,
  plan: SitePlan,
  clock: Clock,
): FieldTroubles {
  const setUntil = new Map<string, number>();
  let timer: NodeJS.Timeout | null = null;
  const look = (): void => {
    const nowMs = clock.nowMs();
    for (const trouble of troubles) {
      const untilMs = silentUntil(trouble, nowMs);
      const point = plan.points.find((candidate) => candidate.code === trouble.point);
      if (untilMs === null || point === undefined || setUntil.get(trouble.point) === untilMs) continue;
      setUntil.set(trouble.point, untilMs);
      fleet.setFault(
        { site: plan.project.code, gateway: point.gateway, unitId: point.unitId },
        { kind: 'silent' },
        { untilMs },
      );
    }
  };
  return {
    start() {
      timer ??= setInterval(look, minuteMs);
    },
    stop() {
      if (timer !== null) clearInterval(timer);
      timer = null;
    },
  };
}
