// SPDX-License-Identifier: Apache-2.0
/** What the doctor asks of both stores. */
import type { Queryable, Warehouse } from '@wattledger/platform';

export interface StateRow {
  readonly project_id: string;
  readonly segment_id: string;
  readonly metering_point_id: string;
  readonly quantity: string;
  readonly first_ms: number | null;
  readonly first_units: number;
  readonly last_ms: number | null;
  readonly last_units: number;
  readonly rollover_consumption: number;
  readonly slot_minutes: number;
  /** Offset up to which the meter's partition is folded. */
  readonly next_offset: number;
}

export interface SlotSumRow {
  readonly project_id: string;
  readonly segment_id: string;
  readonly metering_point_id: string;
  readonly quantity: string;
  readonly consumption: number;
  readonly slots: number;
  readonly first_s: number;
  readonly last_s: number;
}

/** One segment at one metering point. */
export const keyOf = (
  row: Pick<SlotSumRow, 'project_id' | 'metering_point_id' | 'quantity' | 'segment_id'>,
): string => `${row.project_id} ${row.metering_point_id} ${row.quantity} ${row.segment_id}`;

/** @param segments null: all */
export async function readStates(
  database: Queryable,
  segments: readonly string[] | null,
): Promise<ReadonlyMap<string, StateRow>> {
  const found = await database.query<StateRow>(
    `SELECT segment.project_id, segment.segment_id, segment.metering_point_id, segment.quantity, segment.first_ms, segment.first_units,
       segment.last_ms, segment.last_units, segment.rollover_consumption, (mounting.body::json ->> 'slotMinutes')::integer AS slot_minutes,
       coalesce(progress.next_offset, 0) AS next_offset
     FROM stream.segments segment
     JOIN stream.meters meter USING (project_id, meter_id)
     JOIN stream.mountings mounting USING (project_id, meter_id)
     LEFT JOIN stream.cursors progress ON progress.partition = meter.partition
     WHERE $1::text[] IS NULL OR segment.segment_id = ANY ($1)`,
    [segments],
  );
  return new Map(found.rows.map((row) => [keyOf(row), row]));
}

/** @param segments null: all */
export async function readSlotSums(
  warehouse: Warehouse,
  segments: readonly string[] | null,
): Promise<ReadonlyMap<string, SlotSumRow>> {
  const rows = await warehouse.query<SlotSumRow>(
    `SELECT project_id, segment_id, metering_point_id, quantity, sum(consumption) AS consumption, count() AS slots,
       toUnixTimestamp(min(slot_start)) AS first_s, toUnixTimestamp(max(slot_start)) AS last_s
     FROM slots FINAL
     WHERE {all:Bool} OR segment_id IN {segments:Array(String)}
     GROUP BY project_id, segment_id, metering_point_id, quantity`,
    { all: segments === null, segments: segments ?? [] },
  );
  return new Map(rows.map((row) => [keyOf(row), row]));
}

/** Greatest revision of any row of the segments, vanished ones included. */
export async function readNewestRevisions(
  warehouse: Warehouse,
  segments: readonly string[],
): Promise<ReadonlyMap<string, number>> {
  const rows = await warehouse.query<{ segment_id: string; newest: number }>(
    'SELECT segment_id, max(revision) AS newest FROM slots WHERE segment_id IN {segments:Array(String)} GROUP BY segment_id',
    { segments },
  );
  return new Map(rows.map((row) => [row.segment_id, row.newest]));
}

export interface DaySumRow {
  readonly project_id: string;
  readonly segment_id: string;
  readonly metering_point_id: string;
  readonly quantity: string;
  readonly consumption: number;
  readonly slots: number;
}

export async function readDaySums(warehouse: Warehouse): Promise<ReadonlyMap<string, DaySumRow>> {
  const rows = await warehouse.query<DaySumRow>(
    `SELECT project_id, segment_id, metering_point_id, quantity, sum(consumption) AS consumption,
       sum(toUInt64(slots_measured) + slots_estimated + slots_edited + slots_missing) AS slots
     FROM days FINAL GROUP BY project_id, segment_id, metering_point_id, quantity`,
  );
  return new Map(rows.map((row) => [keyOf(row), row]));
}

/** Metering points whose days are still to be computed. */
export async function readMarkedPoints(database: Queryable): Promise<ReadonlySet<string>> {
  const found = await database.query<{ project_id: string; metering_point_id: string }>(
    'SELECT DISTINCT project_id, metering_point_id FROM stream.day_marks',
  );
  return new Set(found.rows.map((row) => `${row.project_id} ${row.metering_point_id}`));
}

interface HeldRow {
  readonly project_id: string;
  readonly meter_id: string;
  readonly register: string;
  readonly reason: string;
  readonly readings: number;
}
const heldKey = (row: HeldRow): string => `${row.project_id} ${row.meter_id} ${row.register} ${row.reason}`;

export async function readHeldCounts(database: Queryable): Promise<ReadonlyMap<string, number>> {
  const found = await database.query<HeldRow>(
    'SELECT project_id, meter_id, register, reason, readings FROM stream.held_counts WHERE readings > 0',
  );
  return new Map(found.rows.map((row) => [heldKey(row), row.readings]));
}

export async function readHeldStored(warehouse: Warehouse): Promise<ReadonlyMap<string, number>> {
  const rows = await warehouse.query<HeldRow>(
    `SELECT project_id, meter_id, register, toString(verdict) AS reason, count() AS readings
     FROM readings FINAL WHERE verdict != 'accepted' GROUP BY project_id, meter_id, register, verdict`,
  );
  return new Map(rows.map((row) => [heldKey(row), row.readings]));
}

/** Meters to look at closely: always the same ones, spread over all. */
export async function sampleMeters(database: Queryable, limit: number): Promise<readonly string[]> {
  const found = await database.query<{ meter_id: string }>(
    'SELECT meter_id FROM stream.meters ORDER BY md5(meter_id) LIMIT $1',
    [limit],
  );
  return found.rows.map((row) => row.meter_id);
}
