// SPDX-License-Identifier: Apache-2.0
/** Time-of-use periods along the buckets of a chart, as runs of equal period. Pure. */
import { dayProfileOf, type TariffCalendar, type TouPeriod } from '@wattledger/contracts';

export interface TouRun {
  readonly period: TouPeriod;
  /** First bucket. */
  readonly from: number;
  /** Bucket after the last. */
  readonly to: number;
}

/** Period in force at a local label 'YYYY-MM-DDThh:mm'. */
export function periodAt(calendar: TariffCalendar, label: string): TouPeriod {
  const minute = Number(label.slice(11, 13)) * 60 + Number(label.slice(14, 16));
  const profile = dayProfileOf(calendar, label.slice(0, 10));
  return profile.findLast((span) => span.fromMinute <= minute)?.period ?? 'flat';
}

/** Runs over buckets of an hour or less; empty when there is but one period all along (a flat price). */
export function touRuns(calendar: TariffCalendar, labels: readonly string[]): readonly TouRun[] {
  const runs: TouRun[] = [];
  labels.forEach((label, index) => {
    const period = periodAt(calendar, label);
    const last = runs.at(-1);
    if (last !== undefined && last.period === period) runs[runs.length - 1] = { ...last, to: index + 1 };
    else runs.push({ period, from: index, to: index + 1 });
  });
  return new Set(runs.map((run) => run.period)).size > 1 ? runs : [];
}
