// SPDX-License-Identifier: Apache-2.0
import { computed, inject, type Signal } from '@angular/core';
import type { RelayState } from '@wattledger/contracts';
import type {
  MeterState,
  MeterStateDetail,
  PollFault,
  RegisterMapSummary,
} from '@wattledger/contracts/http/ingest';
import { DevicesApi } from '../api/devices-api.ts';
import { MeteringApi } from '../api/metering-api.ts';
import { ask, type Question } from '../api/question.ts';
import { Clock } from '../clock/clock.ts';
import { Formats } from '../format/formats.ts';
import { keepFresh } from '../live/keep-fresh.ts';
import { LiveValues } from '../live/live-values.ts';
import { Site } from '../session/site.ts';

/** How a meter stands: what was stored of it, and over that what the live stream told since. */
export interface MeterNow {
  readonly detail: Question<MeterStateDetail>;
  readonly state: Signal<MeterState | null>;
  readonly map: Signal<RegisterMapSummary | null>;
  readonly online: Signal<boolean | null>;
  readonly relay: Signal<RelayState>;
  readonly lastReadingMs: Signal<number | null>;
  /** Of the last reading, in words. */
  readonly age: Signal<string>;
  /** The last fault, as long as the meter has not answered since. */
  readonly trouble: Signal<PollFault | null>;
  /** Electrical parameters: name of the register map → value in its unit. */
  readonly parameters: Signal<Readonly<Record<string, number>>>;
}

/** Must be called where `inject` may be called. */
export function meterNow(meterId: Signal<string>): MeterNow {
  const metering = inject(MeteringApi);
  const devices = inject(DevicesApi);
  const live = inject(LiveValues);
  const site = inject(Site);
  const formats = inject(Formats);
  const clock = inject(Clock);
  const detail = ask({
    params: () => {
      const projectId = site.projectId();
      return projectId === null ? undefined : { projectId, meterId: meterId() };
    },
    load: (params, abort) => metering.meterState(params.projectId, params.meterId, abort),
    subject: (params) => params.meterId,
  });
  const state = computed(() => detail.value()?.state ?? null);
  const map = ask({
    params: () => state()?.modelId ?? undefined,
    load: (modelId, abort) => devices.registerMap(modelId, abort),
    subject: (modelId) => modelId,
  });
  const telemetry = computed(() => live.telemetry().get(meterId()));
  const online = computed(() => telemetry()?.online ?? state()?.online ?? null);
  const lastReadingMs = computed(() => {
    const told = telemetry();
    return Math.max(told?.online === true ? told.at : 0, state()?.lastReadingMs ?? 0) || null;
  });
  keepFresh(['telemetry', 'commands'], [detail], 10_000);
  return {
    detail,
    state,
    map: computed(() => map.value() ?? null),
    online,
    relay: computed(() => telemetry()?.relay ?? state()?.relay ?? 'unknown'),
    lastReadingMs,
    age: computed(() => {
      const at = lastReadingMs();
      return at === null ? '' : formats.age(Math.max(0, clock.nowMs() - at));
    }),
    trouble: computed(() => {
      const known = state();
      return known !== null && (known.missedCycles > 0 || online() === false) ? known.lastFault : null;
    }),
    parameters: computed(() => ({ ...state()?.parameters, ...telemetry()?.parameters })),
  };
}
