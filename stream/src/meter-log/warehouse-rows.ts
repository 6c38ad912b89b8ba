// SPDX-License-Identifier: Apache-2.0
/** Rows of the warehouse tables `readings` and `slots`, and stored readings back from there. */
import type { ReadingSource } from '@wattledger/contracts';
import type { Warehouse, WarehouseValue } from '@wattledger/platform';
import type { KeptReading } from '../interval-energy/kept-reading.ts';
import type { MeterEffects } from '../interval-energy/meter-effects.ts';
import type { MeterState } from '../interval-energy/meter-state.ts';
import type { Verdict } from '../interval-energy/verdict.ts';
import type { ReadingsWanted } from './step-fold.ts';

type Row = readonly WarehouseValue[];

const readingColumns = [
  'project_id',
  'meter_id',
  'register',
  'instant',
  'value',
  'scaler',
  'quality',
  'verdict',
  'source',
  'received_at',
  'log_offset',
  'revision',
] as const;

const slotColumns = [
  'project_id',
  'metering_point_id',
  'quantity',
  'segment_id',
  'slot_start',
  'consumption',
  'quality',
  'revision',
  'is_deleted',
] as const;

/** Place of the slot's start, in seconds, in a row. */
const slotStartAt = slotColumns.indexOf('slot_start');

export function readingRows({ projectId, meterId }: MeterState, effects: MeterEffects, into: Row[]): void {
  for (const [register, readings] of effects.readings) {
    for (const {
      instantMs,
      value,
      scaler,
      quality,
      verdict,
      source,
      receivedAt,
      logOffset,
      revision,
    } of readings.values()) {
      into.push([
        projectId,
        meterId,
        register,
        instantMs,
        value,
        scaler,
        quality,
        verdict,
        source,
        receivedAt,
        logOffset,
        revision,
      ]);
    }
  }
}

export function slotRows({ projectId }: MeterState, effects: MeterEffects, into: Row[]): void {
  for (const { meteringPointId, quantity, segmentId, slots } of effects.slots.values()) {
    for (const [start, { consumption, quality, revision, deleted }] of slots) {
      into.push([
        projectId,
        meteringPointId,
        quantity,
        segmentId,
        start / 1000,
        consumption,
        quality,
        revision,
        deleted ? 1 : 0,
      ]);
    }
  }
}

export const insertReadings = async (warehouse: Warehouse, rows: readonly Row[]): Promise<void> =>
  await insertInParts(warehouse, 'readings', readingColumns, rows);

export async function insertSlots(warehouse: Warehouse, rows: readonly Row[]): Promise<void> {
  for (const part of byFewMonths(rows)) await insertInParts(warehouse, 'slots', slotColumns, part);
}

/**
 * Merges the months that rows fall into. Of two rows with one key and revision the later insert stands, but only a merge
 * says so to a reader that compares revisions itself.
 */
export async function mergeMonths(warehouse: Warehouse, rows: readonly Row[]): Promise<void> {
  const months = new Set(
    rows.map((row) =>
      new Date((row[slotStartAt] as number) * 1000).toISOString().slice(0, 7).replace('-', ''),
    ),
  );
  for (const month of months) await warehouse.command(`OPTIMIZE TABLE slots PARTITION ${month} FINAL`);
}

const rowsPerInsertMax = 500_000;

async function insertInParts(
  warehouse: Warehouse,
  table: string,
  columns: readonly string[],
  rows: readonly Row[],
): Promise<void> {
  for (let from = 0; from < rows.length; from += rowsPerInsertMax) {
    await warehouse.insert(
      table,
      columns,
      rows.length <= rowsPerInsertMax ? rows : rows.slice(from, from + rowsPerInsertMax),
    );
  }
}

/** An insert may touch 100 partitions, and a partition is a month: a span filled after many years goes in parts. */
const secondsPerPart = 4 * 366 * 86_400;

function byFewMonths(rows: readonly Row[]): Iterable<readonly Row[]> {
  let earliest = Infinity;
  let latest = -Infinity;
  for (const row of rows) {
    const start = row[slotStartAt] as number;
    if (start < earliest) earliest = start;
    if (start > latest) latest = start;
  }
  if (latest - earliest <= secondsPerPart) return [rows];
  return Map.groupBy(rows, (row) => Math.floor((row[slotStartAt] as number) / secondsPerPart)).values();
}

interface StoredRow {
  readonly meter_id: string;
  readonly register: string;
  readonly instant_ms: number;
  readonly value: number;
  readonly scaler: number;
  readonly quality: number;
  readonly verdict_code: Verdict;
  readonly source: ReadingSource;
  readonly received_at_ms: number;
  readonly log_offset: number;
  readonly revision: number;
}

/** DateTime64 spans more, but no reading that stands on a time line does. */
const instantMsMin = 0;
const instantMsMax = Date.UTC(2100, 0, 1);
const registersPerQuery = 50;

/** Stored readings of several registers, each over its own span: one query per project and fifty registers. */
export async function fetchReadings(
  warehouse: Warehouse,
  wanted: readonly ReadingsWanted[],
): Promise<KeptReading[][]> {
  const answers: KeptReading[][] = wanted.map(() => []);
  const indexed = wanted.map((want, index) => ({ ...want, index }));
  const whole = indexed.filter(({ fromMs, toMs }) => fromMs === -Infinity && toMs === Infinity);
  for (const want of whole) answers[want.index] = await fetchWhole(warehouse, want);
  const windows = indexed.filter((want) => !whole.includes(want));
  for (const [projectId, ofProject] of Map.groupBy(windows, (want) => want.projectId)) {
    for (let from = 0; from < ofProject.length; from += registersPerQuery) {
      await fetchWindows(warehouse, projectId, ofProject.slice(from, from + registersPerQuery), answers);
    }
  }
  return answers;
}

const storedColumns = `meter_id, register, toUnixTimestamp64Milli(instant) AS instant_ms, value, scaler, quality, toInt8(verdict) AS verdict_code,
  source, toUnixTimestamp64Milli(received_at) AS received_at_ms, log_offset, revision`;

async function fetchWindows(
  warehouse: Warehouse,
  projectId: string,
  wanted: readonly (ReadingsWanted & { readonly index: number })[],
  answers: KeptReading[][],
): Promise<void> {
  const parameters: Record<string, unknown> = { project: projectId };
  const conditions = wanted.map(({ meterId, register, fromMs, toMs, position }, at) => {
    parameters[`meter${at}`] = meterId;
    parameters[`register${at}`] = register;
    parameters[`from${at}`] = Math.max(fromMs, instantMsMin);
    parameters[`to${at}`] = Math.min(toMs, instantMsMax);
    parameters[`position${at}`] = position;
    return `(meter_id = {meter${at}:String} AND register = {register${at}:String}
      AND instant >= fromUnixTimestamp64Milli({from${at}:Int64}, 'UTC') AND instant <= fromUnixTimestamp64Milli({to${at}:Int64}, 'UTC')
      AND log_offset < {position${at}:UInt64})`;
  });
  const rows = await warehouse.query<StoredRow>(
    `SELECT ${storedColumns} FROM readings FINAL
     WHERE project_id = {project:String} AND (${conditions.join('\n OR ')})
     ORDER BY meter_id, register, instant`,
    parameters,
  );
  const indexOf = new Map(wanted.map((want) => [`${want.meterId} ${want.register}`, want.index]));
  for (const row of rows)
    answers[indexOf.get(`${row.meter_id} ${row.register}`) ?? -1]?.push(keptReading(row));
}

/** A meter read every minute has millions: page by page, so that an answer stays some tens of megabytes. */
const rowsPerPage = 200_000;

async function fetchWhole(
  warehouse: Warehouse,
  { projectId, meterId, register, position }: ReadingsWanted,
): Promise<KeptReading[]> {
  const readings: KeptReading[] = [];
  for (let after = instantMsMin - 1; ;) {
    const rows = await warehouse.query<StoredRow>(
      `SELECT ${storedColumns} FROM readings FINAL
       WHERE project_id = {project:String} AND meter_id = {meter:String} AND register = {register:String}
         AND instant > fromUnixTimestamp64Milli({after:Int64}, 'UTC') AND log_offset < {position:UInt64}
       ORDER BY instant LIMIT {rows:UInt32}`,
      { project: projectId, meter: meterId, register, after, position, rows: rowsPerPage },
    );
    for (const row of rows) readings.push(keptReading(row));
    const last = rows.at(-1);
    if (last === undefined || rows.length < rowsPerPage) return readings;
    after = last.instant_ms;
  }
}

export interface ReadingsAround {
  readonly projectId: string;
  readonly meterId: string;
  readonly register: string;
  readonly atMs: number;
  /** At most so many at and before the instant, and after it. */
  readonly before: number;
  readonly after: number;
}

/** Stored readings of a register on both sides of an instant, in order of time. */
export async function fetchReadingsAround(
  warehouse: Warehouse,
  { projectId, meterId, register, atMs, before, after }: ReadingsAround,
): Promise<KeptReading[]> {
  const ofRegister =
    'project_id = {project:String} AND meter_id = {meter:String} AND register = {register:String}';
  const at = "fromUnixTimestamp64Milli({at:Int64}, 'UTC')";
  const rows = await warehouse.query<StoredRow>(
    `SELECT * FROM (SELECT ${storedColumns} FROM readings FINAL
       WHERE ${ofRegister} AND instant <= ${at} ORDER BY instant DESC LIMIT {before:UInt32})
     UNION ALL
     SELECT * FROM (SELECT ${storedColumns} FROM readings FINAL
       WHERE ${ofRegister} AND instant > ${at} ORDER BY instant LIMIT {after:UInt32})`,
    { project: projectId, meter: meterId, register, at: atMs, before, after },
  );
  return rows.map(keptReading).sort((a, b) => a.instantMs - b.instantMs);
}

function keptReading(row: StoredRow): KeptReading {
  return {
    instantMs: row.instant_ms,
    value: row.value,
    scaler: row.scaler,
    quality: row.quality,
    source: row.source,
    receivedAt: row.received_at_ms,
    logOffset: row.log_offset,
    verdict: row.verdict_code,
    revision: row.revision,
  };
}
