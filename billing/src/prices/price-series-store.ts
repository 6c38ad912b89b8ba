// SPDX-License-Identifier: Apache-2.0
/** SQL of price series and their points. */
import type { Medium } from '@wattledger/contracts';
import type { PriceSeries } from '@wattledger/contracts/http/billing';
import type { Queryable } from '@wattledger/platform';
import type { Who } from '../ledger/posting.ts';
import type { PriceSeriesBook } from '../rating/energy-charge.ts';

const minuteMs = 60_000;

/** Instants [fromMs, toMs). */
export interface InstantSpan {
  readonly fromMs: number;
  readonly toMs: number;
}
export interface SeriesPoint {
  readonly startMs: number;
  readonly priceMicros: number;
}

interface SeriesRow {
  readonly price_series_id: string;
  readonly name: string;
  readonly medium: Medium;
  readonly minutes: 30 | 60;
  readonly created_at_ms: number;
  readonly created_by_id: string;
  readonly created_by_name: string;
  readonly points: number;
  readonly first_ms: number | null;
  readonly last_ms: number | null;
}

/** @param priceSeriesId null: all of the project */
export async function loadPriceSeries(
  queryable: Queryable,
  projectId: string,
  priceSeriesId: string | null,
): Promise<readonly PriceSeries[]> {
  const { rows } = await queryable.query<SeriesRow>(
    `SELECT series.price_series_id, series.name, series.medium, series.minutes, series.created_at_ms, series.created_by_id,
            series.created_by_name, points.points, points.first_ms, points.last_ms
       FROM billing.price_series AS series
      CROSS JOIN LATERAL (
        SELECT count(*) AS points, min(point.start_ms) AS first_ms, max(point.start_ms) AS last_ms
          FROM billing.price_series_points AS point
         WHERE point.price_series_id = series.price_series_id
      ) AS points
      WHERE series.project_id = $1 AND ($2::text IS NULL OR series.price_series_id = $2)
      ORDER BY series.name`,
    [projectId, priceSeriesId],
  );
  return rows.map((row) => ({
    priceSeriesId: row.price_series_id,
    name: row.name,
    medium: row.medium,
    minutes: row.minutes,
    createdAtMs: row.created_at_ms,
    createdBy: { id: row.created_by_id, name: row.created_by_name },
    points: row.points,
    fromMs: row.first_ms,
    toMs: row.last_ms === null ? null : row.last_ms + row.minutes * minuteMs,
  }));
}

/** Ids of the project's series of a medium: what a draft may name. */
export async function loadSeriesIds(
  queryable: Queryable,
  projectId: string,
  medium: Medium,
): Promise<ReadonlySet<string>> {
  const { rows } = await queryable.query<{ price_series_id: string }>(
    'SELECT price_series_id FROM billing.price_series WHERE project_id = $1 AND medium = $2',
    [projectId, medium],
  );
  return new Set(rows.map((row) => row.price_series_id));
}

/** The project's series of a name, held against others that add to it. Null where there is none. */
export async function holdSeries(
  queryable: Queryable,
  projectId: string,
  name: string,
): Promise<{ readonly priceSeriesId: string; readonly medium: Medium; readonly minutes: number } | null> {
  const { rows } = await queryable.query<{ price_series_id: string; medium: Medium; minutes: number }>(
    `SELECT price_series_id, medium, minutes FROM billing.price_series WHERE project_id = $1 AND name = $2 FOR UPDATE`,
    [projectId, name],
  );
  const row = rows[0];
  return row === undefined
    ? null
    : { priceSeriesId: row.price_series_id, medium: row.medium, minutes: row.minutes };
}

/** False where another begins a series of that name at the same time. */
export async function insertSeries(
  queryable: Queryable,
  series: {
    readonly priceSeriesId: string;
    readonly projectId: string;
    readonly name: string;
    readonly medium: Medium;
    readonly minutes: 30 | 60;
    readonly createdAtMs: number;
    readonly createdBy: Who;
  },
): Promise<boolean> {
  const { rowCount } = await queryable.query(
    `INSERT INTO billing.price_series (price_series_id, project_id, name, medium, minutes, created_at_ms, created_by_id, created_by_name)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (project_id, name) DO NOTHING`,
    [
      series.priceSeriesId,
      series.projectId,
      series.name,
      series.medium,
      series.minutes,
      series.createdAtMs,
      series.createdBy.id,
      series.createdBy.name,
    ],
  );
  return rowCount === 1;
}

export async function insertSeriesPoints(
  queryable: Queryable,
  priceSeriesId: string,
  points: readonly SeriesPoint[],
  addedAtMs: number,
): Promise<void> {
  await queryable.query(
    `INSERT INTO billing.price_series_points (price_series_id, start_ms, price_micros, added_at_ms)
     SELECT $1, point.start_ms, point.price_micros, $4
       FROM unnest($2::bigint[], $3::bigint[]) AS point (start_ms, price_micros)`,
    [
      priceSeriesId,
      points.map((point) => point.startMs),
      points.map((point) => point.priceMicros),
      addedAtMs,
    ],
  );
}

export async function loadSeriesPoints(
  queryable: Queryable,
  priceSeriesId: string,
  span: InstantSpan,
): Promise<readonly SeriesPoint[]> {
  const { rows } = await queryable.query<{ start_ms: number; price_micros: number }>(
    `SELECT point.start_ms, point.price_micros
       FROM billing.price_series_points AS point
      WHERE point.price_series_id = $1 AND point.start_ms >= $2 AND point.start_ms < $3
      ORDER BY point.start_ms`,
    [priceSeriesId, span.fromMs, span.toMs],
  );
  return rows.map((row) => ({ startMs: row.start_ms, priceMicros: row.price_micros }));
}

/** Prices of some series for the instants of a span. */
export async function loadPriceSeriesBook(
  queryable: Queryable,
  priceSeriesIds: readonly string[],
  span: InstantSpan,
): Promise<PriceSeriesBook> {
  const wanted = [...new Set(priceSeriesIds)];
  const { rows } = await queryable.query<{
    price_series_id: string;
    minutes: number;
    start_ms: number;
    price_micros: number;
  }>(
    `SELECT series.price_series_id, series.minutes, point.start_ms, point.price_micros
       FROM billing.price_series AS series
       JOIN billing.price_series_points AS point ON point.price_series_id = series.price_series_id
      WHERE series.price_series_id = ANY ($1::text[])
        AND point.start_ms > $2::bigint - series.minutes * 60000 AND point.start_ms < $3`,
    [wanted, span.fromMs, span.toMs],
  );
  const found = new Map<string, { readonly lengthMs: number; readonly prices: Map<number, number> }>();
  for (const row of rows) {
    let series = found.get(row.price_series_id);
    if (series === undefined)
      found.set(row.price_series_id, (series = { lengthMs: row.minutes * minuteMs, prices: new Map() }));
    series.prices.set(row.start_ms, row.price_micros);
  }
  return {
    priceAt: (priceSeriesId, instantMs) => {
      const series = found.get(priceSeriesId);
      if (series === undefined) return null;
      return series.prices.get(instantMs - (instantMs % series.lengthMs)) ?? null;
    },
  };
}

/**
 * Prices that came after energy had flowed: everything charged by the series is looked at again, as after a retroactive
 * notice. What was priced already comes out the same.
 */
export async function noteLatePrices(
  queryable: Queryable,
  projectId: string,
  priceSeriesId: string,
): Promise<boolean> {
  const { rowCount } = await queryable.query(
    `INSERT INTO billing.price_notices (price_version_id, project_id, state)
     SELECT version.price_version_id, version.project_id, 'running'
       FROM billing.price_versions AS version
      WHERE version.project_id = $1 AND version.state = 'approved' AND version.terms ->> 'priceSeriesId' = $2
        AND EXISTS (SELECT FROM billing.account_points AS point WHERE point.price_scheme_id = version.price_scheme_id)
     ON CONFLICT (price_version_id) DO UPDATE SET state = 'running', after_point_id = ''`,
    [projectId, priceSeriesId],
  );
  return (rowCount ?? 0) > 0;
}
