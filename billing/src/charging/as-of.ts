// SPDX-License-Identifier: Apache-2.0
/** How fresh a money answer is and how much of its energy was measured. */
import type { AsOf } from '@wattledger/contracts/http/as-of';
import type { Queryable } from '@wattledger/platform';

export interface AsOfQuestion {
  readonly projectId: string;
  readonly accountId?: string | undefined;
  /** Of the account. */
  readonly meteringPointId?: string | undefined;
  readonly fromDay?: string | undefined;
  readonly toDay?: string | undefined;
  readonly nowMs: number;
  /** Older than this a metering point's reading is stale. */
  readonly staleAfterMs: number;
}

const projectDaysSql = 'FROM billing.project_charge_days AS day WHERE day.project_id = $1';
const accountDaysSql = `FROM billing.charge_days AS day
        WHERE day.account_id = $2 AND day.project_id = $1 AND ($3::text IS NULL OR day.metering_point_id = $3)`;

/** Of an account (or one of its metering points), or of the whole project. */
export async function loadAsOf(queryable: Queryable, question: AsOfQuestion): Promise<AsOf> {
  const { rows } = await queryable.query<AsOf>(
    `WITH asked AS (
       SELECT DISTINCT span.metering_point_id
         FROM billing.account_points AS span
        WHERE span.project_id = $1 AND ($2::text IS NULL OR span.account_id = $2)
          AND ($3::text IS NULL OR span.metering_point_id = $3)
          AND ($2::text IS NOT NULL OR span.closed_at_ms IS NULL)
     ), slots AS (
       SELECT sum(day.slots_measured)::bigint AS measured, sum(day.slots_estimated)::bigint AS estimated,
              sum(day.slots_edited)::bigint AS edited, sum(day.slots_missing)::bigint AS missing
         ${question.accountId === undefined ? projectDaysSql : accountDaysSql}
          AND ($4::date IS NULL OR day.local_day >= $4) AND ($5::date IS NULL OR day.local_day <= $5)
     ), readings AS (
       SELECT max(point.last_reading_ms) AS newest_ms, count(*) AS points,
              count(*) FILTER (WHERE point.last_reading_ms IS NULL OR point.last_reading_ms < $6::bigint - $7::bigint) AS stale
         FROM asked LEFT JOIN billing.points AS point ON point.metering_point_id = asked.metering_point_id
     )
     SELECT readings.newest_ms AS "asOfMs", coalesce(slots.measured, 0) AS "slotsMeasured",
            coalesce(slots.estimated, 0) AS "slotsEstimated", coalesce(slots.edited, 0) AS "slotsEdited",
            coalesce(slots.missing, 0) AS "slotsMissing", readings.points, readings.stale AS "pointsStale"
       FROM slots, readings`,
    [
      question.projectId,
      question.accountId ?? null,
      question.meteringPointId ?? null,
      question.fromDay ?? null,
      question.toDay ?? null,
      question.nowMs,
      question.staleAfterMs,
    ],
  );
  const [row] = rows;
  if (row === undefined) throw new Error('an aggregate without GROUP BY has one row');
  return row;
}
