// SPDX-License-Identifier: Apache-2.0
/** Asks every invariant of every service, one after the other: a check may read a lot. */
import { chargingGroup } from '@wattledger/billing';
import { topics } from '@wattledger/contracts';
import type { DoctorReport } from '@wattledger/contracts/http/system';
import type { DoctorCheck } from '@wattledger/platform';
import { streamGroup } from '@wattledger/stream';
import type { System } from '../wire.ts';

type Result = DoctorReport['checks'][number];

export interface AskDoctorOptions {
  readonly checks: readonly DoctorCheck[];
  readonly nowMs: number;
  /** What the pipeline has not done yet, in words; null when nothing waits. */
  waiting(): Promise<string | null>;
  readonly onChecked?: (result: Result) => void;
}

/** A check across steps that finds a difference while work waits is not answered: it says so, and is no failure. */
export async function askDoctor({
  checks,
  nowMs,
  waiting,
  onChecked = () => undefined,
}: AskDoctorOptions): Promise<DoctorReport> {
  const results: Result[] = [];
  for (const check of checks) {
    const found = await ask(check);
    const waits = found.ok || check.acrossSteps !== true ? null : await waiting();
    const result =
      waits === null
        ? found
        : { ...found, ok: true, detail: `cannot be told while ${waits} (so far: ${found.detail})` };
    results.push(result);
    onChecked(result);
  }
  return { ok: results.every((result) => result.ok), atMs: nowMs, checks: results };
}

async function ask({ name, check }: DoctorCheck): Promise<Result> {
  try {
    return { name, ...(await check()) };
  } catch (error) {
    // A check that cannot be asked has not passed.
    const why = error instanceof Error ? error.message : String(error);
    return { name, ok: false, detail: `could not be asked: ${why}` };
  }
}

/** Work of the pipeline that waits, whether anybody is at it or not. */
export async function pipelineWaiting({ parts, services }: System): Promise<string | null> {
  const [counting, charging, stream, analytics] = await Promise.all([
    parts.eventLog.lag(streamGroup, topics.meterLog),
    parts.eventLog.lag(chargingGroup, topics.intervalEnergy),
    services.stream.health(),
    services.analytics.health(),
  ]);
  const waits = [
    [counting.records, 'records wait to be counted'],
    [charging.records, 'records wait to be charged'],
    [Number(stream.facts['daysWaiting'] ?? 0), 'days wait for their rollup'],
    [Number(analytics.facts['chargeDaysWaiting'] ?? 0), 'records of charges wait to be taken in'],
  ] as const;
  const named = waits.filter(([count]) => count > 0).map(([count, what]) => `${String(count)} ${what}`);
  return named.length === 0 ? null : named.join(', ');
}
