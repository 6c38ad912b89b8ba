// SPDX-License-Identifier: Apache-2.0
/** SQL of charging: reads. Writes stand in charge-writes.ts. */
import type { Medium, Quantity, SlotMinutes } from '@wattledger/contracts';
import type { Queryable, Transaction } from '@wattledger/platform';
import type { AccountSpan } from './rate-slot-day.ts';
import { segmentKeyText, type SegmentGrid } from './segment-grids.ts';
import { slotDayKeyText, type ChargedSlotDay, type SlotDayKey } from './slot-day.ts';

export interface HeldPoint {
  readonly meteringPointId: string;
  readonly lastReadingMs: number | null;
  readonly lastReadingQuality: number | null;
}

/** One order for everybody, so that writers wait for each other but never in a circle. */
const holdSql = `
  SELECT point.metering_point_id, point.last_reading_ms, point.last_reading_quality
    FROM billing.points AS point
   WHERE point.metering_point_id = ANY ($1::text[])
   ORDER BY point.metering_point_id
     FOR UPDATE`;

const createSql = `
  INSERT INTO billing.points (metering_point_id, project_id)
  SELECT wanted.metering_point_id, wanted.project_id
    FROM unnest($1::text[], $2::text[]) AS wanted (metering_point_id, project_id)
   ORDER BY wanted.metering_point_id
      ON CONFLICT (metering_point_id) DO NOTHING`;

interface PointRow {
  readonly metering_point_id: string;
  readonly last_reading_ms: number | null;
  readonly last_reading_quality: number | null;
}

/**
 * Holds metering points until the transaction ends, creating those not yet known. Whatever decides how a point's
 * slots are charged (news of slots, accounts opening and closing, notices) holds the point first and reads after.
 */
export async function holdPoints(
  transaction: Transaction,
  points: ReadonlyMap<string, { readonly projectId: string }>,
): Promise<ReadonlyMap<string, HeldPoint>> {
  const ids = [...points.keys()];
  let { rows } = await transaction.query<PointRow>(holdSql, [ids]);
  if (rows.length < ids.length) {
    const known = new Set(rows.map((row) => row.metering_point_id));
    const missing = [...points].filter(([id]) => !known.has(id));
    await transaction.query(createSql, [
      missing.map(([id]) => id),
      missing.map(([, point]) => point.projectId),
    ]);
    ({ rows } = await transaction.query<PointRow>(holdSql, [ids]));
  }
  return new Map(
    rows.map((row) => [
      row.metering_point_id,
      {
        meteringPointId: row.metering_point_id,
        lastReadingMs: row.last_reading_ms,
        lastReadingQuality: row.last_reading_quality,
      },
    ]),
  );
}

/** Grids of the named segments, by key text. */
export async function loadSegmentGrids(
  queryable: Queryable,
  segments: readonly { readonly meteringPointId: string; readonly segmentId: string }[],
): Promise<ReadonlyMap<string, SegmentGrid>> {
  const { rows } = await queryable.query<SegmentGrid>(
    `SELECT segment.metering_point_id AS "meteringPointId", segment.segment_id AS "segmentId", segment.zone,
            segment.slot_minutes AS "slotMinutes", segment.grid_revision AS "gridRevision"
       FROM unnest($1::text[], $2::text[]) AS wanted (metering_point_id, segment_id)
       JOIN billing.segments AS segment USING (metering_point_id, segment_id)`,
    [segments.map((segment) => segment.meteringPointId), segments.map((segment) => segment.segmentId)],
  );
  return new Map(rows.map((row) => [segmentKeyText(row), row]));
}

export interface SlotDayRow {
  readonly metering_point_id: string;
  readonly segment_id: string;
  readonly local_day: string;
  readonly project_id: string;
  readonly meter_id: string;
  readonly quantity: Quantity;
  readonly zone: string;
  readonly slot_minutes: SlotMinutes;
  readonly first_slot_ms: number;
  readonly consumption: (number | null)[];
  readonly revision: number[];
  readonly quality: number[];
  readonly account_index: number[];
  readonly version_index: number[];
  readonly amount_micros: number[];
  readonly account_ids: string[];
  readonly price_version_ids: string[];
  readonly month_positions: number[];
  readonly year_positions: number[];
  readonly charge_revision: number;
}

/** Small arrays are read as bigint[]: the driver parses those in one pass, others character by character. */
export const slotDayColumns = `day.metering_point_id, day.segment_id, day.local_day, day.project_id, day.meter_id, day.quantity,
         day.zone, day.slot_minutes, day.first_slot_ms, day.consumption, day.revision, day.quality::bigint[] AS quality,
         day.account_index::bigint[] AS account_index, day.version_index::bigint[] AS version_index, day.amount_micros,
         day.account_ids, day.price_version_ids, day.month_positions, day.year_positions, day.charge_revision`;

export function toSlotDay(row: SlotDayRow): ChargedSlotDay {
  return {
    slots: {
      meteringPointId: row.metering_point_id,
      segmentId: row.segment_id,
      localDay: row.local_day,
      projectId: row.project_id,
      meterId: row.meter_id,
      quantity: row.quantity,
      zone: row.zone,
      slotMinutes: row.slot_minutes,
      firstSlotMs: row.first_slot_ms,
      consumption: row.consumption,
      revision: row.revision,
      quality: row.quality,
    },
    charge: {
      accountIndex: row.account_index,
      versionIndex: row.version_index,
      amountMicros: row.amount_micros,
      accountIds: row.account_ids,
      priceVersionIds: row.price_version_ids,
      monthPositions: row.month_positions,
      yearPositions: row.year_positions,
    },
    chargeRevision: row.charge_revision,
  };
}

/** The named days that are known, by key text. */
export async function loadSlotDays(
  queryable: Queryable,
  keys: readonly SlotDayKey[],
): Promise<ReadonlyMap<string, ChargedSlotDay>> {
  const { rows } = await queryable.query<SlotDayRow>(
    `SELECT ${slotDayColumns}
       FROM unnest($1::text[], $2::date[], $3::text[]) AS wanted (metering_point_id, local_day, segment_id)
       JOIN billing.slot_days AS day USING (metering_point_id, local_day, segment_id)`,
    [
      keys.map((key) => key.meteringPointId),
      keys.map((key) => key.localDay),
      keys.map((key) => key.segmentId),
    ],
  );
  return new Map(
    rows.map((row) => [
      slotDayKeyText({
        meteringPointId: row.metering_point_id,
        segmentId: row.segment_id,
        localDay: row.local_day,
      }),
      toSlotDay(row),
    ]),
  );
}

/** All days of metering points that hold slots beginning in [fromMs, toMs). */
export async function loadSlotDaysOfPoints(
  queryable: Queryable,
  meteringPointIds: readonly string[],
  fromMs: number,
  toMs: number,
): Promise<readonly ChargedSlotDay[]> {
  const { rows } = await queryable.query<SlotDayRow>(
    `SELECT ${slotDayColumns}
       FROM billing.slot_days AS day
      WHERE day.metering_point_id = ANY ($1::text[])
        AND day.first_slot_ms < $3
        AND day.first_slot_ms + cardinality(day.consumption) * day.slot_minutes * 60000::bigint > $2
      ORDER BY day.metering_point_id, day.local_day, day.segment_id`,
    [meteringPointIds, fromMs, toMs],
  );
  return rows.map(toSlotDay);
}

/** Every day of one segment. */
export async function loadSlotDaysOfSegment(
  queryable: Queryable,
  { meteringPointId, segmentId }: { readonly meteringPointId: string; readonly segmentId: string },
): Promise<readonly ChargedSlotDay[]> {
  const { rows } = await queryable.query<SlotDayRow>(
    `SELECT ${slotDayColumns}
       FROM billing.slot_days AS day
      WHERE day.metering_point_id = $1 AND day.segment_id = $2
      ORDER BY day.local_day`,
    [meteringPointId, segmentId],
  );
  return rows.map(toSlotDay);
}

/** One metering point's days on one local day: one per segment. */
export async function loadSlotDaysOfDay(
  queryable: Queryable,
  meteringPointId: string,
  localDay: string,
): Promise<readonly ChargedSlotDay[]> {
  const { rows } = await queryable.query<SlotDayRow>(
    `SELECT ${slotDayColumns}
       FROM billing.slot_days AS day
      WHERE day.metering_point_id = $1 AND day.local_day = $2::date
      ORDER BY day.segment_id`,
    [meteringPointId, localDay],
  );
  return rows.map(toSlotDay);
}

/** Accounts of the metering points, of all times, by point. */
export async function loadSpans(
  queryable: Queryable,
  meteringPointIds: readonly string[],
): Promise<ReadonlyMap<string, readonly AccountSpan[]>> {
  const { rows } = await queryable.query<{
    metering_point_id: string;
    account_id: string;
    medium: Medium;
    price_scheme_id: string;
    opened_at_ms: number;
    closed_at_ms: number | null;
    contracted_demand_w: number | null;
  }>(
    `SELECT span.metering_point_id, span.account_id, span.medium, span.price_scheme_id, span.opened_at_ms, span.closed_at_ms,
            span.contracted_demand_w
       FROM billing.account_points AS span
      WHERE span.metering_point_id = ANY ($1::text[])
      ORDER BY span.metering_point_id, span.opened_at_ms, span.account_id`,
    [meteringPointIds],
  );
  const spans = new Map<string, AccountSpan[]>();
  for (const row of rows) {
    const span = {
      accountId: row.account_id,
      medium: row.medium,
      priceSchemeId: row.price_scheme_id,
      openedAtMs: row.opened_at_ms,
      closedAtMs: row.closed_at_ms,
      contractedDemandW: row.contracted_demand_w,
    };
    const list = spans.get(row.metering_point_id);
    if (list === undefined) spans.set(row.metering_point_id, [span]);
    else list.push(span);
  }
  return spans;
}
