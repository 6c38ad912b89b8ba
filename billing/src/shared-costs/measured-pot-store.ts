// SPDX-License-Identifier: Apache-2.0
/** Consumption from billing's own slot days: a main meter less its sub-meters, and by account. */
import type { MeteringPointSnapshot } from '@wattledger/contracts';
import type { Queryable } from '@wattledger/platform';
import type { ConsumptionByAccount, Tenure } from './participants.ts';

const counted = `day.quantity IN ('active-import', 'water-volume', 'gas-volume')`;

/** Consumption of points in a span of local days, by the account it belongs to. */
export async function loadConsumption(
  queryable: Queryable,
  pointIds: readonly string[],
  days: { readonly fromDay: string; readonly toDay: string },
): Promise<ConsumptionByAccount> {
  const { rows } = await queryable.query<{
    metering_point_id: string;
    account_id: string | null;
    consumption: number;
  }>(
    `SELECT day.metering_point_id,
            CASE WHEN slot.account_index > 0 THEN day.account_ids[slot.account_index] END AS account_id,
            coalesce(sum(slot.consumption), 0)::bigint AS consumption
       FROM billing.slot_days AS day
      CROSS JOIN LATERAL unnest(day.consumption, day.account_index) AS slot (consumption, account_index)
      WHERE day.metering_point_id = ANY ($1::text[]) AND day.local_day BETWEEN $2::date AND $3::date AND ${counted}
      GROUP BY 1, 2`,
    [pointIds, days.fromDay, days.toDay],
  );
  const byPoint = new Map<string, Map<string | null, number>>();
  for (const row of rows) {
    const accounts = byPoint.get(row.metering_point_id) ?? new Map<string | null, number>();
    accounts.set(row.account_id, row.consumption);
    byPoint.set(row.metering_point_id, accounts);
  }
  return byPoint;
}

export interface Comparison {
  readonly consumption: number;
  readonly slots: number;
  readonly slotsCompared: number;
}

/** A point's time under the main meter; the main meter itself counts positive. */
interface Extent {
  readonly pointId: string;
  readonly fromMs: number;
  readonly toMs: number;
  readonly sign: 1 | -1;
}

export const extentsOf = (
  main: MeteringPointSnapshot,
  points: readonly MeteringPointSnapshot[],
  less: 'children' | 'nothing',
  span: { readonly startMs: number; readonly endMs: number },
): readonly Extent[] => [
  { pointId: main.id, fromMs: span.startMs, toMs: span.endMs, sign: 1 },
  ...(less === 'nothing' ? [] : points).flatMap((point) =>
    point.parentLinks
      .filter((link) => link.parentId === main.id && point.medium === main.medium)
      .map((link) => ({
        pointId: point.id,
        fromMs: Math.max(link.fromMs, span.startMs),
        toMs: Math.min(link.toMs ?? span.endMs, span.endMs),
        sign: -1 as const,
      }))
      .filter((extent) => extent.fromMs < extent.toMs),
  ),
];

/**
 * Main less subs over the slots that all of them have: where one has nothing, main and subs cannot be compared, and the
 * slot follows when it is known.
 */
export async function loadComparison(
  queryable: Queryable,
  extents: readonly Extent[],
  days: { readonly fromDay: string; readonly toDay: string },
): Promise<Omit<Comparison, 'slots'>> {
  const { rows } = await queryable.query<{ consumption: number; slots: number }>(
    `WITH extents AS (
       SELECT * FROM unnest($1::text[], $2::bigint[], $3::bigint[], $4::integer[]) AS extent (point_id, from_ms, to_ms, sign)
     ),
     slots AS (
       SELECT extent.point_id, extent.sign, day.first_slot_ms + (slot.place - 1) * day.slot_minutes * 60000 AS slot_ms, slot.consumption
         FROM extents AS extent
         JOIN billing.slot_days AS day ON day.metering_point_id = extent.point_id
        CROSS JOIN LATERAL unnest(day.consumption) WITH ORDINALITY AS slot (consumption, place)
        WHERE day.local_day BETWEEN $5::date AND $6::date AND ${counted} AND slot.consumption IS NOT NULL
          AND day.first_slot_ms + (slot.place - 1) * day.slot_minutes * 60000 >= extent.from_ms
          AND day.first_slot_ms + (slot.place - 1) * day.slot_minutes * 60000 < extent.to_ms
     ),
     compared AS (
       SELECT slots.slot_ms, sum(slots.sign * slots.consumption) AS consumption, count(DISTINCT slots.point_id) AS points
         FROM slots GROUP BY slots.slot_ms
     )
     SELECT coalesce(sum(compared.consumption), 0)::bigint AS consumption, count(*) AS slots
       FROM compared
      WHERE compared.points = (SELECT count(DISTINCT extent.point_id) FROM extents AS extent
                                WHERE compared.slot_ms >= extent.from_ms AND compared.slot_ms < extent.to_ms)`,
    [
      extents.map((extent) => extent.pointId),
      extents.map((extent) => extent.fromMs),
      extents.map((extent) => extent.toMs),
      extents.map((extent) => extent.sign),
      days.fromDay,
      days.toDay,
    ],
  );
  return { consumption: rows[0]?.consumption ?? 0, slotsCompared: rows[0]?.slots ?? 0 };
}

/** Times in which accounts pay for points, as far as they touch a span. */
export async function loadTenures(
  queryable: Queryable,
  pointIds: readonly string[],
  span: { readonly startMs: number; readonly endMs: number },
): Promise<readonly (Omit<Tenure, 'tenantClass'> & { readonly tenantId: string })[]> {
  const { rows } = await queryable.query<Omit<Tenure, 'tenantClass'> & { readonly tenantId: string }>(
    `SELECT point.account_id AS "accountId", account.tenant_id AS "tenantId", point.metering_point_id AS "meteringPointId",
            point.medium, point.opened_at_ms AS "openedAtMs", point.closed_at_ms AS "closedAtMs"
       FROM billing.account_points AS point
       JOIN billing.accounts AS account ON account.account_id = point.account_id
      WHERE point.metering_point_id = ANY ($1::text[]) AND point.opened_at_ms < $3
        AND (point.closed_at_ms IS NULL OR point.closed_at_ms > $2)`,
    [pointIds, span.startMs, span.endMs],
  );
  return rows;
}
