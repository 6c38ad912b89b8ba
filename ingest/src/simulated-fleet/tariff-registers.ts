// SPDX-License-Identifier: Apache-2.0
/**
 * The registers per time-of-use period of a meter: every count of the total register goes into the period that the
 * meter's own clock shows, so that the parts always add up to the total.
 */
import { periodsOfLocalDay, touPeriods, type TariffCalendar, type TouPeriod } from '@wattledger/contracts';
import { halfHourMs, isoOfDay, type LocalDayLine } from './local-day-line.ts';

export type CountsByPeriod = Readonly<Record<TouPeriod, number>>;

/** How the counts before the tariff plan was loaded are split, permille; the rest is flat. */
const splitBefore: Readonly<Record<Exclude<TouPeriod, 'flat'>, number>> = {
  tip: 60,
  peak: 340,
  valley: 240,
  'deep-valley': 40,
};

function splitCounts(count: number): Record<TouPeriod, number> {
  const counts = { tip: 0, peak: 0, flat: count, valley: 0, 'deep-valley': 0 };
  for (const period of touPeriods) {
    if (period === 'flat') continue;
    counts[period] = Math.floor((count * splitBefore[period]) / 1000);
    counts.flat -= counts[period];
  }
  return counts;
}

export interface TariffRegisters {
  /** Counts at an instant, which must not lie before an instant asked earlier. */
  countsAt(instantMs: number): CountsByPeriod;
  /** How far the meter's clock is ahead of the true time from now on, ms. */
  setClockDrift(driftMs: number): void;
}

/**
 * @param countAt whole counts of the total register, not rolled over
 * @param loadedMs when the meter got its tariff plan: from here each half-hour is counted in its period
 */
export function createTariffRegisters(options: {
  readonly calendar: TariffCalendar;
  readonly zone: string;
  readonly days: LocalDayLine;
  readonly countAt: (instantMs: number) => number;
  readonly loadedMs: number;
}): TariffRegisters {
  const { calendar, zone, days, countAt, loadedMs } = options;
  let driftMs = 0;
  let done: { atMs: number; total: number; counts: Record<TouPeriod, number> } | null = null;

  const periodAt = (meterClockMs: number): TouPeriod => {
    const day = days.dayAt(meterClockMs);
    const periods = periodsOfLocalDay(calendar, zone, isoOfDay(day), 30);
    const index = Math.floor((meterClockMs - days.startMsOf(day)) / halfHourMs);
    return periods[Math.min(index, periods.length - 1)] ?? 'flat';
  };
  const advance = (
    from: { atMs: number; total: number; counts: Record<TouPeriod, number> },
    instantMs: number,
  ): void => {
    while (from.atMs < instantMs) {
      const meterClockMs = from.atMs + driftMs;
      const nextChangeMs = (Math.floor(meterClockMs / halfHourMs) + 1) * halfHourMs - driftMs;
      const untilMs = Math.min(nextChangeMs, instantMs);
      const total = countAt(untilMs);
      // A register that was set lower begins a new split; one that counts on gives its counts to the period.
      if (total < from.total) from.counts = splitCounts(total);
      else from.counts[periodAt(meterClockMs)] += total - from.total;
      from.total = total;
      from.atMs = untilMs;
    }
  };

  return {
    countsAt(instantMs) {
      if (done === null) {
        const total = countAt(loadedMs);
        done = { atMs: loadedMs, total, counts: splitCounts(total) };
      }
      advance(done, instantMs);
      return { ...done.counts };
    },
    setClockDrift(ms) {
      driftMs = ms;
    },
  };
}
