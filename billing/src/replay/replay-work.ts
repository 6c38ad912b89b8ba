// SPDX-License-Identifier: Apache-2.0
/**
 * Carries out replays: some metering points per step, each step one transaction of one instant that reads, writes what it
 * found and how far it is. Nothing of charging is held; a crash repeats one step.
 */
import { createHash } from 'node:crypto';
import { setImmediate } from 'node:timers/promises';
import { boundsOfLocalDay, type Medium } from '@wattledger/contracts';
import type { Transaction } from '@wattledger/platform';
import { loadSpans } from '../charging/charging-store.ts';
import { accountAtPointText, loadItemMarks, loadItemPoints } from '../charging/month-items-store.ts';
import { daysOfMonth, monthOf } from '../charging/month-plan.ts';
import type { PriceBook } from '../charging/rate-slot-day.ts';
import { tierSpanOf } from '../charging/tier-cascade.ts';
import { loadUsed } from '../charging/tier-store.ts';
import type { BillingParts } from '../parts.ts';
import { loadPriceBook } from '../prices/price-book.ts';
import type { PriceVersionTerms } from '../prices/price-version.ts';
import {
  loadChargedSums,
  loadSlotsOfDays,
  loadTouchedPoints,
  type ReplayDays,
} from './replay-input-store.ts';
import { replayPoint, type PointToReplay, type ReplayedPoint } from './replay-point.ts';
import { replayedBook, replayedSpans, type ReplayQuestion, type ReplayedSpans } from './replay-prices.ts';
import { loadTotals } from './replay-read.ts';
import {
  finishReplay,
  holdRunningReplay,
  noteFailure,
  writeProgress,
  writeReplayedPoints,
  type ReplayJob,
} from './replay-store.ts';

/** Points per step: a year of one point is 365 rows of two arrays. */
const pointsPerStepMax = 16;

/** Takes one running replay a step on. False when there is none, or others are at work on all of them. */
export async function stepReplay(
  parts: Pick<BillingParts, 'database' | 'clock' | 'logger'>,
): Promise<boolean> {
  const atWork: { replayId: string | null } = { replayId: null };
  try {
    return await parts.database.transaction(
      async (transaction) => {
        const job = await holdRunningReplay(transaction);
        if (job === null) return false;
        atWork.replayId = job.replayId;
        await carryOn(parts, transaction, job);
        return true;
      },
      { isolation: 'repeatable read' },
    );
  } catch (error) {
    if (atWork.replayId === null) throw error;
    parts.logger.warn({ err: error, replayId: atWork.replayId }, 'a price replay failed; it is tried again');
    const text = error instanceof Error ? error.message : String(error);
    await noteFailure(parts.database, atWork.replayId, text, parts.clock.nowMs());
    return true;
  }
}

async function carryOn(
  parts: Pick<BillingParts, 'clock'>,
  transaction: Transaction,
  job: ReplayJob,
): Promise<void> {
  const ids = await loadTouchedPoints(transaction, job, { after: job.afterPointId, limit: pointsPerStepMax });
  if (ids.length > 0) {
    const input = await loadInput(transaction, job, ids);
    const found: ReplayedPoint[] = [];
    for (const point of input.points) {
      found.push(replayPoint(point));
      // A year of a point is rated in one go; between two, others of this process have their turn.
      await setImmediate();
    }
    await writeReplayedPoints(transaction, job.replayId, found);
    await writeProgress(transaction, job.replayId, {
      afterPointId: ids.at(-1) as string,
      points: ids.length,
      inputHash: input.hash,
    });
  }
  if (ids.length === pointsPerStepMax) return;
  const totals = await loadTotals(transaction, job.replayId);
  await finishReplay(transaction, job.replayId, { state: 'done', atMs: parts.clock.nowMs(), totals });
}

/** The whole months a span touches. */
export function monthsTouched(job: Pick<ReplayJob, 'zone' | 'fromMs' | 'toMs' | 'asOfMs'>): {
  readonly fromMonth: string;
  readonly toMonth: string;
} {
  return { fromMonth: monthOf(job.zone, job.fromMs), toMonth: monthOf(job.zone, job.toMs - 1) };
}

interface Loaded {
  readonly points: readonly PointToReplay[];
  /** Of this and everything before. */
  readonly hash: string;
}

async function loadInput(transaction: Transaction, job: ReplayJob, ids: readonly string[]): Promise<Loaded> {
  const { fromMonth, toMonth } = monthsTouched(job);
  const days: ReplayDays = {
    fromDay: daysOfMonth(fromMonth)[0] as string,
    toDay: daysOfMonth(toMonth).at(-1) as string,
  };
  const window = {
    fromMs: boundsOfLocalDay(job.zone, days.fromDay).startMs,
    toMs: boundsOfLocalDay(job.zone, days.toDay).endMs,
  };
  const prices = await loadReplayedPrices(transaction, job, ids, window);
  const concerned = ids.flatMap((meteringPointId) =>
    [...(prices.of.get(meteringPointId)?.accountIds ?? [])].map((accountId) => ({
      accountId,
      meteringPointId,
    })),
  );
  const slots = await loadSlotsOfDays(transaction, ids, days);
  const charged = await loadChargedSums(transaction, concerned, days);
  const marks = await loadItemMarks(transaction, ids);
  const itemPoints = await loadItemPoints(transaction, ids);
  const used = await loadUsedBefore(transaction, ids, prices, days);
  const hash = createHash('sha256').update(job.inputHash).update(pricesText(prices, window));
  const points = ids.map((meteringPointId): PointToReplay => {
    const replayed = prices.of.get(meteringPointId) as ReplayedSpans;
    const point = {
      meteringPointId,
      zone: itemPoints.get(meteringPointId)?.zone ?? job.zone,
      medium: job.medium as Medium,
      priceVersionId: job.priceVersionId,
      ...replayed,
      book: prices.book,
      days: slots.get(meteringPointId) ?? [],
      used,
      charged: charged.get(meteringPointId) ?? [],
      asOfMs: (accountId: string): number =>
        Math.max(job.asOfMs, marks.get(accountAtPointText({ accountId, meteringPointId })) ?? 0),
      fromMonth,
      toMonth,
      window,
      slotMinutes: job.slotMinutes,
    };
    hash.update(inputText(point));
    return point;
  });
  return { points, hash: hash.digest('hex') };
}

/** Everything a point's result depends on besides the prices. */
function inputText({ meteringPointId, spans, days, charged }: PointToReplay): string {
  const slots = days.map(
    (day) =>
      `${day.segmentId}|${day.localDay}|${day.slotMinutes}|${day.consumption.join()}|${day.quality.join()}`,
  );
  return [meteringPointId, JSON.stringify(spans), ...slots, JSON.stringify(charged)].join('\n');
}

interface ReplayedPrices {
  readonly of: ReadonlyMap<string, ReplayedSpans>;
  readonly book: PriceBook;
  readonly version: PriceVersionTerms;
}

const shortestPriceMs = 30 * 60_000;

/** Prices in force beside the version, and those of its series; what versions say never changes. */
function pricesText({ of, book, version }: ReplayedPrices, window: { fromMs: number; toMs: number }): string {
  const schemes = new Set([...of.values()].flatMap(({ spans }) => spans.map((span) => span.priceSchemeId)));
  const versions = [...schemes]
    .sort()
    .flatMap((scheme) =>
      book.inOrder(scheme).map((held) => `${held.priceVersionId}@${held.effectiveFromMs}`),
    );
  const { priceSeriesId } = version.terms;
  if (priceSeriesId !== null) {
    for (let atMs = window.fromMs; atMs < window.toMs; atMs += shortestPriceMs)
      versions.push(String(book.series.priceAt(priceSeriesId, atMs)));
  }
  return versions.join('\n');
}

async function loadReplayedPrices(
  transaction: Transaction,
  job: ReplayJob,
  ids: readonly string[],
  window: { readonly fromMs: number; readonly toMs: number },
): Promise<ReplayedPrices> {
  const spans = await loadSpans(transaction, ids);
  const schemes = [...spans.values()].flat().map((span) => span.priceSchemeId);
  const book = await loadPriceBook(
    transaction,
    [...schemes, job.priceSchemeId],
    [job.priceVersionId],
    window,
  );
  const version = book.version(job.priceVersionId);
  const question: ReplayQuestion = { ...job, version };
  const of = new Map(ids.map((id) => [id, replayedSpans(question, id, spans.get(id) ?? [])]));
  return { of, book: replayedBook(question, book), version };
}

/** Where accounts stood in their month's and year's tiers before the first day. */
async function loadUsedBefore(
  transaction: Transaction,
  ids: readonly string[],
  { of, book }: ReplayedPrices,
  days: ReplayDays,
): Promise<PointToReplay['used']> {
  const tierSpans = new Map(ids.map((id) => [id, tierSpanOf(of.get(id)?.spans ?? [], book)]));
  const counted = ids.filter((id) => tierSpans.get(id) !== null);
  if (counted.length === 0) return new Map();
  return await loadUsed(
    transaction,
    counted.map((meteringPointId) => ({ meteringPointId, ...days })),
    {
      accountsOf: (id) => [...new Set((of.get(id)?.spans ?? []).map((span) => span.accountId))],
      tierSpanOf: (id) => tierSpans.get(id) ?? null,
    },
  );
}
