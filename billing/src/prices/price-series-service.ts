// SPDX-License-Identifier: Apache-2.0
/** Price series: tables of hourly or half-hourly prices that grow and never change. */
import { newId, slotLengthMs } from '@wattledger/contracts';
import {
  priceSeriesPointsDaysMax,
  type PriceSeries,
  type PriceSeriesAddition,
  type PriceSeriesBody,
} from '@wattledger/contracts/http/billing';
import { RequestError, type Queryable } from '@wattledger/platform';
import type { Who } from '../ledger/posting.ts';
import { projectOf, type BillingParts } from '../parts.ts';
import { pointsOfCsv, pointsOfList, type SeriesFault, type SeriesRows } from './price-series-rows.ts';
import {
  holdSeries,
  insertSeries,
  insertSeriesPoints,
  loadPriceSeries,
  loadSeriesPoints,
  noteLatePrices,
  type InstantSpan,
  type SeriesPoint,
} from './price-series-store.ts';

const faultsListedMax = 100;
const dayMs = 86_400_000;

export interface PriceSeriesService {
  list(projectId: string): Promise<readonly PriceSeries[]>;
  /** @throws RequestError 404 price-series-unknown, 422 span-too-long */
  points(
    projectId: string,
    priceSeriesId: string,
    span: InstantSpan,
  ): Promise<{ readonly minutes: number; readonly points: readonly SeriesPoint[] }>;
  /**
   * Begins a series or adds to it; what stands with the same price is passed over. Prices that come after the energy
   * charge it then.
   * @throws RequestError 422 price-series-faulty, 409 price-series-other
   */
  add(projectId: string, body: PriceSeriesBody, by: Who): Promise<PriceSeriesAddition>;
}

export function createPriceSeriesService(parts: BillingParts): PriceSeriesService {
  const { database, clock } = parts;
  return {
    list: async (projectId) => await loadPriceSeries(database, projectId, null),
    async points(projectId, priceSeriesId, span) {
      const [series] = await loadPriceSeries(database, projectId, priceSeriesId);
      if (series === undefined) throw seriesUnknown(priceSeriesId);
      if (span.toMs - span.fromMs > priceSeriesPointsDaysMax * dayMs) throw spanTooLong();
      return {
        minutes: series.minutes,
        points: await loadSeriesPoints(database, priceSeriesId, span),
      };
    },
    async add(projectId, body, by) {
      const { zone } = projectOf(parts, projectId);
      const rows =
        body.csv === undefined
          ? pointsOfList(body.points ?? [], body.minutes)
          : pointsOfCsv(body.csv, body.minutes, zone);
      const nowMs = clock.nowMs();
      const dryRun = body.dryRun ?? false;
      let late = false;
      const addition = await database.transaction(async (transaction) => {
        const standing = await holdSeries(transaction, projectId, body.name.trim());
        if (standing !== null && (standing.medium !== body.medium || standing.minutes !== body.minutes))
          throw anotherSeries(body.name);
        const planned = await planAddition(transaction, standing?.priceSeriesId ?? null, rows, body.minutes);
        const answer = { ...planned.answer, dryRun, priceSeriesId: standing?.priceSeriesId ?? null };
        if (dryRun) return answer;
        if (planned.answer.faultCount > 0) throw seriesFaulty(planned.answer);
        const priceSeriesId = standing?.priceSeriesId ?? newId('priceSeries');
        if (standing === null) {
          const { minutes, medium } = body;
          const name = body.name.trim();
          const series = {
            priceSeriesId,
            projectId,
            name,
            medium,
            minutes,
            createdAtMs: nowMs,
            createdBy: by,
          };
          if (!(await insertSeries(transaction, series))) throw begunElsewhere(name);
        }
        await insertSeriesPoints(transaction, priceSeriesId, planned.added, nowMs);
        // An hour's grace, as for versions: the slot may be open already.
        if (planned.added.some((point) => point.startMs <= nowMs + slotLengthMs(60)))
          late = await noteLatePrices(transaction, projectId, priceSeriesId);
        return { ...answer, priceSeriesId };
      });
      if (late) parts.wake.notices();
      return addition;
    },
  };
}

/** Which of the rows are new; a price that stands otherwise is a fault, since it may have been charged by. */
async function planAddition(
  queryable: Queryable,
  priceSeriesId: string | null,
  rows: SeriesRows,
  minutes: 30 | 60,
): Promise<{
  readonly added: readonly SeriesPoint[];
  readonly answer: Omit<PriceSeriesAddition, 'dryRun' | 'priceSeriesId'>;
}> {
  const starts = rows.points.map((point) => point.startMs);
  const fromMs = starts.reduce((least, ms) => Math.min(least, ms), Infinity);
  const toMs = starts.reduce((most, ms) => Math.max(most, ms), -Infinity);
  const known =
    priceSeriesId === null || starts.length === 0
      ? []
      : await loadSeriesPoints(queryable, priceSeriesId, { fromMs, toMs: toMs + 1 });
  const priceOf = new Map(known.map((point) => [point.startMs, point.priceMicros]));
  const faults: SeriesFault[] = [...rows.faults];
  const added: SeriesPoint[] = [];
  let standing = 0;
  for (const [index, point] of rows.points.entries()) {
    const price = priceOf.get(point.startMs);
    if (price === undefined) added.push(point);
    else if (price === point.priceMicros) standing += 1;
    else
      faults.push({
        line: rows.lines[index] ?? 0,
        code: 'price-stands',
        message: `${new Date(point.startMs).toISOString()} has another price already, which stays`,
      });
  }
  faults.sort((a, b) => a.line - b.line);
  return {
    added,
    answer: {
      added: added.length,
      standing,
      negative: added.filter((point) => point.priceMicros < 0).length,
      fromMs: starts.length === 0 ? null : fromMs,
      toMs: starts.length === 0 ? null : toMs + slotLengthMs(minutes),
      faults: faults.slice(0, faultsListedMax),
      faultCount: faults.length,
    },
  };
}

const seriesFaulty = (answer: Pick<PriceSeriesAddition, 'faults' | 'faultCount'>): RequestError =>
  new RequestError({
    status: 422,
    code: 'price-series-faulty',
    message: `The table of prices has ${answer.faultCount} faults; nothing was added.`,
    hint: 'Correct the lines named, and try with dryRun first.',
    faults: answer.faults.map(({ line, message }) => ({ path: `line ${line}`, message })),
  });

const anotherSeries = (name: string): RequestError =>
  new RequestError({
    status: 409,
    code: 'price-series-other',
    message: `The price series "${name}" is of another medium or length.`,
    hint: 'Give the medium and the minutes of the series that stands, or begin another under a name of its own.',
  });

const begunElsewhere = (name: string): RequestError =>
  new RequestError({
    status: 409,
    code: 'price-series-begun',
    message: `Somebody began the price series "${name}" at the same moment.`,
    hint: 'Send it again: what stands is passed over.',
  });

const seriesUnknown = (priceSeriesId: string): RequestError =>
  new RequestError({
    status: 404,
    code: 'price-series-unknown',
    message: `This project has no price series "${priceSeriesId}".`,
    hint: 'List the price series of the project.',
  });

const spanTooLong = (): RequestError =>
  new RequestError({
    status: 422,
    code: 'span-too-long',
    message: `At most ${priceSeriesPointsDaysMax} days are answered at once.`,
    hint: 'Ask for a shorter span.',
  });
