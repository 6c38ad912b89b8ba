// SPDX-License-Identifier: Apache-2.0
/** Held readings stand in two places: those of a time line in the warehouse, those that cannot stand on one in Postgres. */
import { qualityOf } from '@wattledger/contracts';
import type { HeldReading, HeldReason } from '@wattledger/contracts/http/stream';
import type { Queryable, Warehouse } from '@wattledger/platform';

export interface HeldCount {
  readonly reason: HeldReason;
  readonly readings: number;
  readonly meters: number;
}

/** Counts of a project by reason. */
export async function countHeldReadings(
  database: Queryable,
  projectId: string,
): Promise<readonly HeldCount[]> {
  const found = await database.query<HeldCount>(
    `SELECT reason, sum(readings)::bigint AS readings, count(DISTINCT meter_id) AS meters
     FROM (
       SELECT held.meter_id, held.reason, held.readings FROM stream.held_counts held WHERE held.project_id = $1 AND held.readings > 0
       UNION ALL
       SELECT aside.meter_id, aside.reason, count(*) FROM stream.set_aside aside WHERE aside.project_id = $1 GROUP BY aside.meter_id, aside.reason
     ) AS counted
     GROUP BY reason ORDER BY readings DESC, reason`,
    [projectId],
  );
  return found.rows;
}

/** Where a page begins: after this reading, newest first. */
export interface PageStart {
  readonly instantMs: number;
  /** Tells readings of one instant apart. */
  readonly key: string;
}

export interface HeldFilter {
  readonly projectId: string;
  readonly reason: HeldReason | null;
  readonly meterId: string | null;
  readonly after: PageStart | null;
  readonly limit: number;
}

/** A held reading with its place in the order of pages. */
export interface ListedReading extends HeldReading {
  readonly key: string;
}

interface ListedRow {
  readonly reason: HeldReason;
  readonly meter_id: string;
  readonly register: string;
  readonly instant_ms: number;
  readonly value: number;
  readonly scaler: number;
  readonly quality: number;
  readonly source: string;
  readonly received_at_ms: number;
  readonly log_offset: number;
  readonly page_key: string;
}

const listed = (row: ListedRow): ListedReading => ({
  reason: row.reason,
  meterId: row.meter_id,
  register: row.register,
  instantMs: row.instant_ms,
  value: row.value,
  scaler: row.scaler,
  quality: qualityOf(row.quality),
  source: row.source,
  receivedAtMs: row.received_at_ms,
  logOffset: row.log_offset,
  key: row.page_key,
});

const firstPage: PageStart = { instantMs: Number.MAX_SAFE_INTEGER, key: '' };

/** Newest instant first; of one instant by key. The skip index on `verdict` passes over whole granules without a held reading. */
export async function listHeldOnTimeLines(
  warehouse: Warehouse,
  { projectId, reason, meterId, after, limit }: HeldFilter,
): Promise<ListedReading[]> {
  if (reason === 'impossible-instant') return [];
  const start = after ?? firstPage;
  const rows = await warehouse.query<ListedRow>(
    `SELECT toString(verdict) AS reason, meter_id, register, toUnixTimestamp64Milli(instant) AS instant_ms, value, scaler, quality, source,
       toUnixTimestamp64Milli(received_at) AS received_at_ms, log_offset, concat('t ', meter_id, ' ', register) AS page_key
     FROM readings FINAL
     WHERE project_id = {project:String} AND verdict != 'accepted'
       AND ({reason:String} = '' OR toString(verdict) = {reason:String}) AND ({meter:String} = '' OR meter_id = {meter:String})
       AND (instant_ms < {instant:Int64} OR (instant_ms = {instant:Int64} AND page_key > {key:String}))
     ORDER BY instant DESC, page_key LIMIT {limit:UInt32}`,
    {
      project: projectId,
      reason: reason ?? '',
      meter: meterId ?? '',
      instant: start.instantMs,
      key: start.key,
      limit,
    },
  );
  return rows.map(listed);
}

export async function listSetAside(
  database: Queryable,
  { projectId, reason, meterId, after, limit }: HeldFilter,
): Promise<ListedReading[]> {
  const start = after ?? firstPage;
  const found = await database.query<ListedRow>(
    `SELECT * FROM (
       SELECT aside.reason, aside.meter_id, aside.register, aside.instant_ms, aside.value, aside.scaler, aside.quality, aside.source,
         aside.received_at_ms, aside.log_offset,
         concat('a ', aside.meter_id, ' ', aside.register, ' ', aside.value, ' ', aside.scaler, ' ', aside.reason) COLLATE "C" AS page_key
       FROM stream.set_aside aside
       WHERE aside.project_id = $1 AND ($2::text IS NULL OR aside.reason = $2) AND ($3::text IS NULL OR aside.meter_id = $3)
         AND aside.instant_ms <= $4
     ) AS listed
     WHERE instant_ms < $4 OR page_key > $5
     ORDER BY instant_ms DESC, page_key LIMIT $6`,
    [projectId, reason, meterId, start.instantMs, start.key, limit],
  );
  return found.rows.map(listed);
}

export interface HeldRegisterRow {
  readonly meter_id: string;
  readonly register: string;
  readonly segment_id: string;
  readonly metering_point_id: string;
  readonly quantity: string;
  readonly held_reason: string;
  readonly last_ms: number;
  readonly last_value: number;
  readonly last_scaler: number;
  readonly last_units: number;
  readonly held_from_ms: number;
  readonly held_to_ms: number;
}

/** Registers whose readings wait for a decision, oldest first. */
export async function listHeldRegisters(
  database: Queryable,
  projectId: string,
): Promise<readonly HeldRegisterRow[]> {
  const found = await database.query<HeldRegisterRow>(
    `SELECT segment.meter_id, segment.register, segment.segment_id, segment.metering_point_id, segment.quantity, segment.held_reason,
       segment.last_ms, segment.last_value, segment.last_scaler, segment.last_units, segment.held_from_ms, segment.held_to_ms
     FROM stream.segments segment
     WHERE segment.project_id = $1 AND segment.held_reason IS NOT NULL
     ORDER BY segment.held_from_ms, segment.segment_id`,
    [projectId],
  );
  return found.rows;
}
