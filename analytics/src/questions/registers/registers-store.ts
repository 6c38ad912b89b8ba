// SPDX-License-Identifier: Apache-2.0
/**
 * Readings of a register and rows of a slot. The key of `readings` begins with project, meter and register, so each
 * question reads a few granules: 6 ms for the readings around a slot of a meter with two years of half-hours.
 */
import { qualityOf, type Quality, type Quantity } from '@wattledger/contracts';
import type { ReadingRow } from '@wattledger/contracts/http/analytics';
import type { Warehouse } from '@wattledger/platform';
import { finalSettings } from '../../sums/sums-store.ts';

export interface RegisterKey {
  readonly projectId: string;
  readonly meterId: string;
  readonly register: string;
}

const readingColumns = `r.meter_id AS meterId, r.register AS register, toUnixTimestamp64Milli(r.instant) AS instantMs, r.value AS value, r.scaler AS scaler,
  r.quality AS quality, toString(r.verdict) AS verdict, r.source AS source, toUnixTimestamp64Milli(r.received_at) AS receivedAtMs, r.log_offset AS logOffset`;
const ofRegister = `r.project_id = {project:String} AND r.meter_id = {meter:String} AND r.register = {register:String}`;
const within = (from: string, to: string): string =>
  `r.instant >= fromUnixTimestamp64Milli({${from}:Int64}, 'UTC') AND r.instant <= fromUnixTimestamp64Milli({${to}:Int64}, 'UTC')`;

const aroundSql = `
WITH
  (SELECT max(r.instant) FROM readings AS r FINAL WHERE ${ofRegister} AND r.verdict = 'accepted' AND ${within('lowest', 'begin')}) AS last_before,
  (SELECT minOrNull(r.instant) FROM readings AS r FINAL WHERE ${ofRegister} AND r.verdict = 'accepted' AND ${within('end', 'highest')}) AS first_after
SELECT ${readingColumns}
FROM readings AS r FINAL
WHERE ${ofRegister} AND r.verdict = 'accepted' AND ${within('lowest', 'highest')}
  AND r.instant >= last_before AND r.instant <= ifNull(first_after, fromUnixTimestamp64Milli({highest:Int64}, 'UTC'))
ORDER BY r.instant
LIMIT {limit:UInt32}`;

const recentSql = `
SELECT ${readingColumns}
FROM readings AS r FINAL
WHERE ${ofRegister} AND ${within('lowest', 'highest')}
ORDER BY r.instant DESC
LIMIT {limit:UInt32}`;

const slotSql = `
SELECT e.segment_id AS segmentId, e.consumption AS consumption, e.quality AS quality, e.revision AS revision
FROM slots AS e FINAL
WHERE e.project_id = {project:String} AND e.metering_point_id = {point:String} AND e.quantity = {quantity:String} AND e.slot_start = toDateTime({start:UInt32}, 'UTC')`;

interface StoredReading extends Omit<ReadingRow, 'quality'> {
  readonly quality: number;
}
const asRow = (row: StoredReading): ReadingRow => ({ ...row, quality: qualityOf(row.quality) });

/** Instants beyond any meter: what an open mounting ends with. */
export const farPastMs = 0;
export const farFutureMs = Date.UTC(2200, 0, 1);
/** Most readings shown around one slot: a meter read every 10 seconds has 360 in an hour. */
const aroundMax = 500;

/** Accepted readings from the last one at or before `beginMs` to the first one at or after `endMs`, inside the mounting. */
export async function readAround(
  warehouse: Warehouse,
  key: RegisterKey,
  slot: { readonly beginMs: number; readonly endMs: number },
  mounted: { readonly fromMs: number; readonly toMs: number | null },
): Promise<readonly ReadingRow[]> {
  const lowest = Math.min(mounted.fromMs, slot.beginMs);
  const highest = Math.max(mounted.toMs ?? farFutureMs, slot.endMs);
  const rows = await warehouse.query<StoredReading>(
    aroundSql,
    {
      project: key.projectId,
      meter: key.meterId,
      register: key.register,
      begin: slot.beginMs,
      end: slot.endMs,
      lowest,
      highest,
      limit: aroundMax,
    },
    finalSettings,
  );
  return rows.map(asRow);
}

/** Newest first, held ones included, in [fromMs, toMs]. */
export async function readRecent(
  warehouse: Warehouse,
  key: RegisterKey,
  span: { readonly fromMs: number; readonly toMs: number },
  limit: number,
): Promise<readonly ReadingRow[]> {
  const rows = await warehouse.query<StoredReading>(
    recentSql,
    {
      project: key.projectId,
      meter: key.meterId,
      register: key.register,
      lowest: span.fromMs,
      highest: span.toMs,
      limit,
    },
    finalSettings,
  );
  return rows.map(asRow);
}

export interface SlotRow {
  readonly segmentId: string;
  readonly consumption: number;
  readonly quality: Quality;
  readonly revision: number;
}

/** Rows of a metering point's slot, one per segment. */
export async function readSlot(
  warehouse: Warehouse,
  point: { readonly projectId: string; readonly meteringPointId: string; readonly quantity: Quantity },
  startMs: number,
): Promise<readonly SlotRow[]> {
  const rows = await warehouse.query<Omit<SlotRow, 'quality'> & { readonly quality: number }>(
    slotSql,
    {
      project: point.projectId,
      point: point.meteringPointId,
      quantity: point.quantity,
      start: startMs / 1_000,
    },
    finalSettings,
  );
  return rows.map((row) => ({ ...row, quality: qualityOf(row.quality) }));
}
