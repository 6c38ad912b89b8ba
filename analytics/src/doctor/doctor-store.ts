// SPDX-License-Identifier: Apache-2.0
import type { Warehouse } from '@wattledger/platform';
import { finalSettings } from '../sums/sums-store.ts';

export interface Disagreement {
  /** Point, segment and month or day. */
  readonly place: string;
  readonly here: number;
  readonly there: number;
}

/** Most disagreements told at once. */
const shownMax = 10;

// Per segment over all time: a day that is wrong shows here unless another is wrong by the same amount the other way.
const daysAgainstSlots = `
SELECT concat(point, ' ', segment, ' ', month) AS place, sumIf(consumption, side = 'slots') AS here, sumIf(consumption, side = 'days') AS there
FROM (
  SELECT 'slots' AS side, toString(s.metering_point_id) AS point, toString(s.segment_id) AS segment, toString(toYYYYMM(s.slot_start, {zone:String})) AS month, sum(s.consumption) AS consumption, count() AS slots
  FROM slots AS s FINAL WHERE s.project_id = {project:String} GROUP BY point, segment, month
  UNION ALL
  SELECT 'days', toString(d.metering_point_id) AS point, toString(d.segment_id) AS segment, toString(toYYYYMM(d.local_day)) AS month, sum(d.consumption), sum(d.slots_measured + d.slots_estimated + d.slots_edited + d.slots_missing)
  FROM days AS d FINAL WHERE d.project_id = {project:String} GROUP BY point, segment, month
)
GROUP BY point, segment, month
HAVING here != there OR sumIf(slots, side = 'slots') != sumIf(slots, side = 'days')
ORDER BY place
LIMIT {limit:UInt32}`;

/** Segments and local months whose daily sums are not the sums of their slots, in energy or in number. */
export async function daysUnlikeSlots(
  warehouse: Warehouse,
  projectId: string,
  zone: string,
): Promise<readonly Disagreement[]> {
  return await warehouse.query<Disagreement>(
    daysAgainstSlots,
    { project: projectId, zone, limit: shownMax },
    finalSettings,
  );
}

// The first and the last charged day of an account at a point may hold energy from before or after it.
const chargedAgainstDays = `
WITH
  charged AS (
    SELECT c.metering_point_id AS point, c.segment_id AS segment, c.local_day AS day, c.account_id AS account, sum(c.charged_consumption + c.unpriced_consumption) AS consumption
    FROM charge_days AS c FINAL WHERE c.project_id = {project:String} GROUP BY point, segment, day, account HAVING consumption != 0
  ),
  borders AS (SELECT point, account, min(day) AS first, max(day) AS last FROM charged GROUP BY point, account),
  inner_days AS (
    SELECT c.point AS point, c.segment AS segment, c.day AS day, sum(c.consumption) AS consumption, max(c.day = b.first OR c.day = b.last) AS at_border
    FROM charged AS c INNER JOIN borders AS b ON b.point = c.point AND b.account = c.account
    GROUP BY point, segment, day
  ),
  measured AS (
    SELECT d.metering_point_id AS point, d.segment_id AS segment, d.local_day AS day, sum(d.consumption) AS consumption
    FROM days AS d FINAL WHERE d.project_id = {project:String} GROUP BY point, segment, day
  )
SELECT concat(toString(i.point), ' ', toString(i.segment), ' ', toString(i.day)) AS place, i.consumption AS here, m.consumption AS there
FROM inner_days AS i LEFT JOIN measured AS m ON m.point = i.point AND m.segment = i.segment AND m.day = i.day
WHERE if(i.at_border, i.consumption > m.consumption, i.consumption != m.consumption)
ORDER BY place
LIMIT {limit:UInt32}`;

/** Days whose charged and unpriced energy is not the day's energy. */
export async function chargedUnlikeDays(
  warehouse: Warehouse,
  projectId: string,
): Promise<readonly Disagreement[]> {
  return await warehouse.query<Disagreement>(
    chargedAgainstDays,
    { project: projectId, limit: shownMax },
    finalSettings,
  );
}
