// SPDX-License-Identifier: Apache-2.0
/**
 * Closure: charged + unpriced = Σ slots, per metering point and local day. The slots' side asks only the slots and the
 * times of the accounts, not what charging noted about them.
 */
import type { Closure } from '@wattledger/contracts/http/billing';
import type { Queryable } from '@wattledger/platform';

/** Σ of the slots that begin within an account's time, against Σ of the lines ever posted. $1 project, $2 from, $3 to (days). */
const closureSql = `
  WITH slots AS (
    SELECT day.metering_point_id, day.local_day, sum(slot.consumption)::bigint AS consumption
      FROM billing.slot_days AS day
      JOIN billing.account_points AS span
        ON span.metering_point_id = day.metering_point_id
       AND span.opened_at_ms < day.first_slot_ms + cardinality(day.consumption) * day.slot_minutes * 60000::bigint
       AND coalesce(span.closed_at_ms > day.first_slot_ms, true)
     CROSS JOIN LATERAL unnest(day.consumption) WITH ORDINALITY AS slot (consumption, place)
     WHERE ($1::text IS NULL OR day.project_id = $1)
       AND ($2::date IS NULL OR day.local_day >= $2) AND ($3::date IS NULL OR day.local_day <= $3)
       AND slot.consumption IS NOT NULL
       AND day.first_slot_ms + (slot.place - 1) * day.slot_minutes * 60000::bigint >= span.opened_at_ms
       AND coalesce(day.first_slot_ms + (slot.place - 1) * day.slot_minutes * 60000::bigint < span.closed_at_ms, true)
     GROUP BY day.metering_point_id, day.local_day
  ), lines AS (
    SELECT line.metering_point_id, line.local_day,
           coalesce(sum(line.consumption) FILTER (WHERE line.unpriced_reason IS NULL), 0)::bigint AS charged,
           coalesce(sum(line.consumption) FILTER (WHERE line.unpriced_reason IS NOT NULL), 0)::bigint AS unpriced
      FROM billing.accounts AS account
      JOIN billing.charge_lines AS line ON line.account_id = account.account_id AND line.component = 'energy'
     WHERE ($1::text IS NULL OR account.project_id = $1)
       AND ($2::date IS NULL OR line.local_day >= $2) AND ($3::date IS NULL OR line.local_day <= $3)
     GROUP BY line.metering_point_id, line.local_day
  ), point_days AS (
    SELECT metering_point_id, local_day, coalesce(slots.consumption, 0) AS slots, coalesce(lines.charged, 0) AS charged,
           coalesce(lines.unpriced, 0) AS unpriced
      FROM slots FULL JOIN lines USING (metering_point_id, local_day)
  )`;

export interface ClosureSums {
  readonly pointDays: number;
  readonly slotsConsumption: number;
  readonly chargedConsumption: number;
  readonly unpricedConsumption: number;
  readonly faults: Closure['faults'];
}

const faultsMax = 100;

/** @param projectId null for all projects; days null for all time */
export async function loadClosure(
  queryable: Queryable,
  projectId: string | null,
  fromDay: string | null,
  toDay: string | null,
): Promise<ClosureSums> {
  const { rows } = await queryable.query<
    Omit<ClosureSums, 'faults'> & { readonly faults: Closure['faults'] | null }
  >(
    `${closureSql}
     SELECT count(*) AS "pointDays", coalesce(sum(slots), 0)::bigint AS "slotsConsumption",
            coalesce(sum(charged), 0)::bigint AS "chargedConsumption", coalesce(sum(unpriced), 0)::bigint AS "unpricedConsumption",
            (SELECT json_agg(fault) FROM (
               SELECT json_build_object('meteringPointId', metering_point_id, 'localDay', local_day,
                        'slotsConsumption', slots, 'chargedConsumption', charged, 'unpricedConsumption', unpriced) AS fault
                 FROM point_days WHERE slots <> charged + unpriced
                ORDER BY local_day, metering_point_id LIMIT ${faultsMax}) AS listed) AS faults
       FROM point_days`,
    [projectId, fromDay, toDay],
  );
  const [row] = rows;
  if (row === undefined) throw new Error('an aggregate without GROUP BY has one row');
  return { ...row, faults: row.faults ?? [] };
}

/** Retroactive notices still being posted in a project. */
export async function countRunningNotices(queryable: Queryable, projectId: string | null): Promise<number> {
  const { rows } = await queryable.query<{ notices: number }>(
    `SELECT count(*) AS notices FROM billing.price_notices AS notice
      WHERE notice.state = 'running' AND ($1::text IS NULL OR notice.project_id = $1)`,
    [projectId],
  );
  return rows[0]?.notices ?? 0;
}
