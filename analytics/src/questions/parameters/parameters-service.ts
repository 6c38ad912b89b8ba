// SPDX-License-Identifier: Apache-2.0
import { localDayOf } from '@wattledger/contracts';
import {
  rawInstantsMax,
  type Bucket,
  type ParameterGrain,
  type ParameterNames,
  type ParametersAnswer,
  type ParameterSeries,
} from '@wattledger/contracts/http/analytics';
import { RequestError } from '@wattledger/platform';
import { gridOf, type Asker } from '../../asking/asker.ts';
import { bucketsOf } from '../../calendar/buckets.ts';
import { parseEdges } from '../../calendar/span.ts';
import { timeOfDay } from '../../calendar/wall-clock.ts';
import type { Site } from '../../site/site.ts';
import {
  readBuckets,
  readNames,
  readRaw,
  type ParameterRow,
  type ParametersWanted,
} from './parameters-store.ts';

interface Found {
  readonly buckets: readonly Bucket[];
  readonly rows: readonly ParameterRow[];
}

/** @throws RequestError no-such-meter */
function requireMeter(asker: Asker, projectId: string, meterId: string): Site {
  const site = asker.sites.get(projectId);
  if (site.meters.has(meterId)) return site;
  throw new RequestError({
    status: 404,
    code: 'no-such-meter',
    message: 'this project has no such meter',
    hint: "The ids come from the project's own list of meters.",
  });
}

/** @throws RequestError as requireMeter and parseEdges, too-many-buckets, too-many-values */
export async function askParameters(
  asker: Asker,
  projectId: string,
  meterId: string,
  query: {
    readonly names: readonly string[];
    readonly from: string;
    readonly to: string;
    readonly grain: ParameterGrain;
  },
): Promise<ParametersAnswer> {
  const site = requireMeter(asker, projectId, meterId);
  const { fromMs, toMs } = parseEdges(gridOf(site), query.from, query.to);
  const wanted: ParametersWanted = { projectId, meterId, names: query.names, fromMs, toMs };
  const { buckets, rows } =
    query.grain === 'raw'
      ? await findRaw(asker, site, wanted)
      : await findBuckets(asker, site, wanted, query.grain);
  return {
    projectId,
    meterId,
    zone: site.project.zone,
    fromMs,
    toMs,
    grain: query.grain,
    asOfMs: rows.reduce<number | null>((newest, { lastMs }) => Math.max(newest ?? lastMs, lastMs), null),
    buckets: [...buckets],
    series: query.names.map((name) => seriesOf(name, buckets, rows)),
  };
}

async function findBuckets(
  asker: Asker,
  site: Site,
  wanted: ParametersWanted,
  grain: Exclude<ParameterGrain, 'raw'>,
): Promise<Found> {
  const buckets = bucketsOf(gridOf(site), wanted, grain);
  const first = buckets[0];
  if (first === undefined) return { buckets, rows: [] };
  // Where midnight is off the grid, the first slot begins after it: what was seen between them belongs to the day before.
  const within = { ...wanted, fromMs: first.startMs };
  const startsMs = buckets.map((bucket) => bucket.startMs);
  return { buckets, rows: await readBuckets(asker.warehouse, within, startsMs) };
}

async function findRaw(asker: Asker, { project }: Site, wanted: ParametersWanted): Promise<Found> {
  const found = await readRaw(asker.warehouse, wanted, rawInstantsMax * wanted.names.length + 1);
  const instants = [...new Set(found.map(({ atMs }) => atMs))];
  if (instants.length > rawInstantsMax || found.length > rawInstantsMax * wanted.names.length)
    throw new RequestError({
      status: 400,
      code: 'too-many-values',
      message: `the period has more than ${rawInstantsMax} polls`,
      hint: 'Choose grain=slot, hour or day, or a shorter period.',
      faults: [{ path: 'grain', message: `at most ${rawInstantsMax}` }],
    });
  return {
    buckets: instants.map((ms) => ({
      label: `${localDayOf(project.zone, ms)}T${timeOfDay(project.zone, ms)}:${secondsOf(ms)}`,
      startMs: ms,
      endMs: ms,
    })),
    rows: found.map(({ name, atMs, value }) => ({
      name,
      bucket: atMs / 1_000,
      lowest: value,
      highest: value,
      total: value,
      newest: value,
      count: 1,
      lastMs: atMs,
    })),
  };
}

const secondsOf = (ms: number): string => String(Math.floor(ms / 1_000) % 60).padStart(2, '0');

function seriesOf(name: string, buckets: readonly Bucket[], rows: readonly ParameterRow[]): ParameterSeries {
  const byStart = new Map(rows.filter((row) => row.name === name).map((row) => [row.bucket, row]));
  const found = buckets.map(({ startMs }) => byStart.get(startMs / 1_000));
  const along = (pick: (row: ParameterRow) => number): (number | null)[] =>
    found.map((row) => (row === undefined ? null : pick(row) / 1_000));
  return {
    name,
    min: along((row) => row.lowest),
    mean: along((row) => Math.round(row.total / row.count)),
    max: along((row) => row.highest),
    last: along((row) => row.newest),
    count: found.map((row) => row?.count ?? 0),
  };
}

/** @throws RequestError as requireMeter */
export async function askParameterNames(
  asker: Asker,
  projectId: string,
  meterId: string,
): Promise<ParameterNames> {
  requireMeter(asker, projectId, meterId);
  const parameters = await readNames(asker.warehouse, projectId, meterId);
  const edge = (pick: (...values: number[]) => number, values: readonly number[]): number | null =>
    values.length === 0 ? null : pick(...values);
  return {
    projectId,
    meterId,
    keptSinceMs: edge(
      Math.min,
      parameters.map(({ firstMs }) => firstMs),
    ),
    asOfMs: edge(
      Math.max,
      parameters.map(({ lastMs }) => lastMs),
    ),
    parameters: [...parameters],
  };
}
