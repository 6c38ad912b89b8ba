// SPDX-License-Identifier: Apache-2.0
import { topics } from '@wattledger/contracts';
import type { Parts, Service } from '@wattledger/platform';
import { streamGroup } from '../meter-log/meter-log-service.ts';

interface TotalsRow {
  readonly received: number;
  readonly kept: number;
  readonly repeated: number;
  readonly slots: number;
  readonly newest_instant_ms: number | null;
  readonly held: number;
  readonly aside: number;
  readonly refused: number;
  readonly registers_held: number;
  readonly days_waiting: number;
}

const totalsSql = `
  SELECT coalesce(sum(readings_received), 0)::bigint AS received, coalesce(sum(readings_kept), 0)::bigint AS kept,
    coalesce(sum(readings_repeated), 0)::bigint AS repeated, coalesce(sum(slots_written), 0)::bigint AS slots,
    max(newest_instant_ms) AS newest_instant_ms,
    (SELECT coalesce(sum(readings), 0)::bigint FROM stream.held_counts) AS held,
    (SELECT count(*) FROM stream.set_aside) AS aside,
    (SELECT count(*) FROM stream.refused_records) AS refused,
    (SELECT count(*) FROM stream.segments WHERE held_reason IS NOT NULL) AS registers_held,
    (SELECT count(*) FROM stream.day_marks) AS days_waiting
  FROM stream.cursors`;

/** Facts of the stream. Degraded when a record was refused: somebody must look at what wrote it. */
export async function streamHealth({
  database,
  eventLog,
}: Pick<Parts, 'database' | 'eventLog'>): ReturnType<Service['health']> {
  const [totals, lag] = await Promise.all([
    database.query<TotalsRow>(totalsSql),
    eventLog.lag(streamGroup, topics.meterLog),
  ]);
  const row = totals.rows[0];
  return {
    state: (row?.refused ?? 0) > 0 ? 'degraded' : 'ok',
    facts: {
      readingsReceived: row?.received ?? 0,
      readingsKept: row?.kept ?? 0,
      readingsRepeated: row?.repeated ?? 0,
      slotsWritten: row?.slots ?? 0,
      newestReadingMs: row?.newest_instant_ms ?? null,
      readingsHeld: (row?.held ?? 0) + (row?.aside ?? 0),
      registersHeld: row?.registers_held ?? 0,
      recordsRefused: row?.refused ?? 0,
      daysWaiting: row?.days_waiting ?? 0,
      recordsWaiting: lag.records,
      oldestWaitingMs: lag.oldestMs,
    },
  };
}
