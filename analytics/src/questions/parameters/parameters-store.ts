// SPDX-License-Identifier: Apache-2.0
/**
 * Rows of the stream's table `parameters`. Its key begins with project, meter and parameter: a question reads the granules of the
 * asked names in the asked months. Four names of one meter among 14 million rows, partitions at rest: a day of slots 13 ms, a month of
 * hours 16 ms, 260 days 19 ms; the names of a meter 32 ms.
 */
import type { Warehouse } from '@wattledger/platform';
import { finalSettings } from '../../sums/sums-store.ts';

export interface ParametersWanted {
  readonly projectId: string;
  readonly meterId: string;
  readonly names: readonly string[];
  readonly fromMs: number;
  readonly toMs: number;
}
/** Thousandths of the unit. */
export interface ParameterRow {
  readonly name: string;
  /** Start of the bucket, seconds. */
  readonly bucket: number;
  readonly lowest: number;
  readonly highest: number;
  readonly total: number;
  readonly newest: number;
  readonly count: number;
  readonly lastMs: number;
}
export interface RawRow {
  readonly name: string;
  readonly atMs: number;
  readonly value: number;
}

const wantedRows = `p.project_id = {project:String} AND p.meter_id = {meter:String} AND p.parameter IN {names:Array(String)}
  AND p.instant >= fromUnixTimestamp64Milli({from:Int64}, 'UTC') AND p.instant < fromUnixTimestamp64Milli({to:Int64}, 'UTC')`;

const bucketsSql = `
SELECT p.parameter AS name, roundDown(toUInt32(toUnixTimestamp64Second(p.instant)), {buckets:Array(UInt32)}) AS bucket,
  min(p.value_thousandths) AS lowest, max(p.value_thousandths) AS highest, sum(p.value_thousandths) AS total,
  argMax(p.value_thousandths, p.instant) AS newest, count() AS count, toUnixTimestamp64Milli(max(p.instant)) AS lastMs
FROM parameters AS p FINAL
WHERE ${wantedRows}
GROUP BY name, bucket`;

const rawSql = `
SELECT p.parameter AS name, toUnixTimestamp64Milli(p.instant) AS atMs, p.value_thousandths AS value
FROM parameters AS p FINAL
WHERE ${wantedRows}
ORDER BY p.instant
LIMIT {limit:UInt32}`;

const namesSql = `
SELECT p.parameter AS name, toUnixTimestamp64Milli(min(p.instant)) AS firstMs, toUnixTimestamp64Milli(max(p.instant)) AS lastMs
FROM parameters AS p
WHERE p.project_id = {project:String} AND p.meter_id = {meter:String}
GROUP BY name
ORDER BY name`;

const parametersOf = ({ projectId, meterId, names, fromMs, toMs }: ParametersWanted) => ({
  project: projectId,
  meter: meterId,
  names,
  from: fromMs,
  to: toMs,
});

export async function readBuckets(
  warehouse: Warehouse,
  wanted: ParametersWanted,
  startsMs: readonly number[],
): Promise<readonly ParameterRow[]> {
  const buckets = startsMs.map((ms) => ms / 1_000);
  return await warehouse.query(bucketsSql, { ...parametersOf(wanted), buckets }, finalSettings);
}

/** In the order of time, `limit` at most. */
export async function readRaw(
  warehouse: Warehouse,
  wanted: ParametersWanted,
  limit: number,
): Promise<readonly RawRow[]> {
  return await warehouse.query(rawSql, { ...parametersOf(wanted), limit }, finalSettings);
}

export async function readNames(
  warehouse: Warehouse,
  projectId: string,
  meterId: string,
): Promise<readonly { readonly name: string; readonly firstMs: number; readonly lastMs: number }[]> {
  return await warehouse.query(namesSql, { project: projectId, meter: meterId });
}
