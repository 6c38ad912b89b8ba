// SPDX-License-Identifier: Apache-2.0
/**
 * The instants of the demo, all counted from the making of the simulated field, so that a seed that was interrupted goes
 * on with the same contents.
 */
import { boundsOfLocalDay, localDayOf } from '@wattledger/contracts';
import { DateTime } from 'luxon';

export interface DemoSpan {
  /** History begins at this local midnight. */
  readonly historyFromMs: number;
  /** Accounts are opened at this local midnight. */
  readonly openedAtMs: number;
  /** The first phase fills from this local midnight to the making. */
  readonly recentFromMs: number;
  /** History ends with the last slot boundary at or before the making; live polling goes on from there. */
  readonly madeMs: number;
}

export const historyDays = 730;
export const chargedDays = 60;
export const recentDays = 7;

function midnightBefore(zone: string, madeMs: number, days: number): number {
  const today = localDayOf(zone, madeMs);
  const day = DateTime.fromISO(today, { zone: 'utc' }).minus({ days }).toISODate();
  if (day === null) throw new RangeError(`no day ${days} days before ${today}`);
  return boundsOfLocalDay(zone, day).startMs;
}

export function demoSpanOf(zone: string, madeMs: number): DemoSpan {
  return {
    historyFromMs: midnightBefore(zone, madeMs, historyDays),
    openedAtMs: midnightBefore(zone, madeMs, chargedDays),
    recentFromMs: midnightBefore(zone, madeMs, recentDays),
    madeMs,
  };
}

/** A stretch of history that is appended in one go, [fromMs, toMs), on local midnights but for the newest. */
export interface HistoryWindow {
  readonly fromMs: number;
  readonly toMs: number;
  /** Accounts are charged for it. */
  readonly charged: boolean;
}

/** Days in one window behind the first phase: charged days in small steps, so that balances move early. */
const chargedWindowDays = 7;
const olderWindowDays = 14;

/**
 * Windows newest first; the first is what the first phase appends. Each but the oldest begins with the reading at its
 * first midnight, and the reading at its end is the first of the window before: its last slot is whole at once.
 */
export function historyWindows(zone: string, span: DemoSpan): readonly HistoryWindow[] {
  const windows: HistoryWindow[] = [{ fromMs: span.recentFromMs, toMs: span.madeMs + 1, charged: true }];
  for (let daysBack = recentDays, toMs = span.recentFromMs; toMs > span.historyFromMs;) {
    const charged = daysBack < chargedDays;
    daysBack = charged
      ? Math.min(chargedDays, daysBack + chargedWindowDays)
      : Math.min(historyDays, daysBack + olderWindowDays);
    const fromMs = midnightBefore(zone, span.madeMs, daysBack);
    windows.push({ fromMs, toMs, charged });
    toMs = fromMs;
  }
  return windows;
}
