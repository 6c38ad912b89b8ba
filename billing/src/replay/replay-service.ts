// SPDX-License-Identifier: Apache-2.0
/** Replays as people ask for them: started, looked at, cancelled. */
import { createHash } from 'node:crypto';
import { boundsOfLocalDay, newId, type ProjectSnapshot } from '@wattledger/contracts';
import type {
  PriceReplay,
  PriceVersion,
  ReplayAccountRow,
  ReplayLine,
  ReplayOrder,
  ReplayTotals,
} from '@wattledger/contracts/http/billing';
import { RequestError, type Queryable } from '@wattledger/platform';
import { daysOfMonth, monthOf } from '../charging/month-plan.ts';
import type { Who } from '../ledger/posting.ts';
import { projectOf, requireDayRange, type BillingParts } from '../parts.ts';
import { loadSchemes, loadVersions } from '../prices/prices-store.ts';
import { countTouchedPoints } from './replay-input-store.ts';
import { loadAccountsFound, loadLinesFound, loadTotals, type AccountFound } from './replay-read.ts';
import { finishReplay, insertReplay, loadReplays, type NewReplay, type ReplayJob } from './replay-store.ts';
import { monthsTouched, stepReplay } from './replay-work.ts';

export interface VersionIds {
  readonly projectId: string;
  readonly priceSchemeId: string;
  readonly priceVersionId: string;
}
export interface ReplayAsked {
  /** Left out: the last 12 whole months. */
  readonly fromDay?: string | undefined;
  readonly toDay?: string | undefined;
  readonly accountIds?: readonly string[] | undefined;
  readonly meteringPointIds?: readonly string[] | undefined;
}

export interface ReplayService {
  /** Takes a running replay a step on; the running service does so by itself. False when none is running. */
  step(): Promise<boolean>;
  /** @throws RequestError 404 price-version-unknown, 409 price-version-state, 422 day-range-refused, replay-of-nothing */
  start(ids: VersionIds, asked: ReplayAsked, by: Who): Promise<PriceReplay>;
  list(ids: VersionIds): Promise<readonly PriceReplay[]>;
  /** @throws RequestError 404 price-replay-unknown */
  get(ids: VersionIds, replayId: string): Promise<PriceReplay>;
  /** @throws RequestError 409 price-replay-over, price-replay-of-list */
  cancel(ids: VersionIds, replayId: string): Promise<PriceReplay>;
  rows(
    ids: VersionIds,
    replayId: string,
    page: { readonly order: ReplayOrder; readonly limit: number; readonly offset: number },
  ): Promise<{ readonly rows: readonly ReplayAccountRow[]; readonly total: number }>;
  lines(ids: VersionIds, replayId: string, accountId: string): Promise<readonly ReplayLine[]>;
}

const daysMax = 3700;
const replaysShownMax = 20;

export function createReplayService(parts: BillingParts): ReplayService {
  const { database, clock } = parts;

  async function jobOf(ids: VersionIds, replayId: string): Promise<ReplayJob> {
    const [job] = await loadReplays(database, { ...ids, replayId, limit: 1 });
    if (job === undefined) throw replayUnknown(replayId);
    return job;
  }
  const view = async (job: ReplayJob): Promise<PriceReplay> =>
    replayView(parts, job, job.totals ?? (await loadTotals(database, job.replayId)));

  async function get(ids: VersionIds, replayId: string): Promise<PriceReplay> {
    projectOf(parts, ids.projectId);
    return await view(await jobOf(ids, replayId));
  }

  return {
    get,
    step: async () => await stepReplay(parts),
    async start(ids, asked, by) {
      const project = projectOf(parts, ids.projectId);
      const version = await loadVersionOf(database, ids);
      requireReplayable(version);
      const nowMs = clock.nowMs();
      const span = spanAsked(project, asked, nowMs);
      const replay = await newReplay(
        database,
        { ids, version, project, by, nowMs },
        {
          kind: 'what-if',
          ...span,
          chosenPointIds: asked.meteringPointIds ?? null,
          chosenAccountIds: asked.accountIds ?? null,
        },
      );
      if (replay.pointsTotal === 0) throw replayOfNothing();
      await insertReplay(database, replay);
      parts.wake.notices();
      return await get(ids, replay.replayId);
    },
    async list(ids) {
      projectOf(parts, ids.projectId);
      await loadVersionOf(database, ids);
      const jobs = await loadReplays(database, { ...ids, replayId: null, limit: replaysShownMax });
      return await Promise.all(jobs.map(view));
    },
    async cancel(ids, replayId) {
      const job = await jobOf(ids, replayId);
      if (job.kind === 'list') throw replayOfList();
      const cancelled = await finishReplay(database, replayId, {
        state: 'cancelled',
        atMs: clock.nowMs(),
        totals: null,
      });
      if (!cancelled) throw replayOver(job);
      return await get(ids, replayId);
    },
    async rows(ids, replayId, page) {
      const { totals } = await get(ids, replayId);
      const rows = await loadAccountsFound(database, replayId, page);
      return { rows: rows.map((row) => accountRow(parts, row)), total: totals.accounts };
    },
    async lines(ids, replayId, accountId) {
      await jobOf(ids, replayId);
      return (await loadLinesFound(database, replayId, [accountId])).map(
        ({ accountId: _account, tenantId: _tenant, ...line }) => line,
      );
    },
  };
}

/** What the list of a version needs, too. */
export async function newReplay(
  queryable: Queryable,
  of: {
    readonly ids: VersionIds;
    readonly version: Omit<PriceVersion, 'inForce'>;
    readonly project: ProjectSnapshot;
    readonly by: Who;
    readonly nowMs: number;
  },
  asked: Pick<NewReplay, 'kind' | 'fromMs' | 'toMs' | 'chosenPointIds' | 'chosenAccountIds'>,
): Promise<NewReplay> {
  const { ids, version, project, by, nowMs } = of;
  const [scheme] = await loadSchemes(queryable, ids.projectId, ids.priceSchemeId);
  const question = { ...ids, ...asked, medium: scheme?.medium ?? 'electricity' };
  const { rates, terms, calendar } = version;
  const inputHash = createHash('sha256')
    .update(JSON.stringify([ids.priceVersionId, rates, terms, calendar, asked]))
    .digest('hex');
  return {
    replayId: newId('priceReplay'),
    ...ids,
    ...asked,
    zone: project.zone,
    slotMinutes: project.slotMinutes,
    asOfMs: nowMs,
    pointsTotal: await countTouchedPoints(queryable, question),
    inputHash,
    startedBy: by,
    startedAtMs: nowMs,
  };
}

/** @throws RequestError 404 price-version-unknown */
export async function loadVersionOf(
  queryable: Queryable,
  ids: VersionIds,
): Promise<Omit<PriceVersion, 'inForce'>> {
  const versions = await loadVersions(queryable, ids.projectId, ids.priceSchemeId);
  const version = versions.find((candidate) => candidate.priceVersionId === ids.priceVersionId);
  if (version !== undefined) return version;
  throw new RequestError({
    status: 404,
    code: 'price-version-unknown',
    message: `This price scheme has no version "${ids.priceVersionId}".`,
    hint: 'Open the price scheme to see its versions.',
  });
}

/** @throws RequestError 422 day-range-refused */
function spanAsked(
  project: ProjectSnapshot,
  { fromDay, toDay }: ReplayAsked,
  nowMs: number,
): { readonly fromMs: number; readonly toMs: number } {
  const lastDay = toDay ?? dayBefore(`${monthOf(project.zone, nowMs)}-01`);
  const firstDay = fromDay ?? firstOfTwelveMonths(lastDay);
  requireDayRange(firstDay, lastDay, daysMax);
  return {
    fromMs: boundsOfLocalDay(project.zone, firstDay).startMs,
    toMs: boundsOfLocalDay(project.zone, lastDay).endMs,
  };
}

const dayBefore = (day: string): string =>
  new Date(Date.parse(`${day}T00:00:00Z`) - 86_400_000).toISOString().slice(0, 10);

/** The first day of the twelve months that end with a day's. */
function firstOfTwelveMonths(lastDay: string): string {
  const [year, month] = lastDay.split('-').map(Number) as [number, number];
  const first = new Date(Date.UTC(year, month - 12, 1)).toISOString().slice(0, 7);
  return daysOfMonth(first)[0] as string;
}

export function replayView(
  parts: Pick<BillingParts, 'registry'>,
  job: ReplayJob,
  totals: ReplayTotals,
): PriceReplay {
  return {
    replayId: job.replayId,
    priceSchemeId: job.priceSchemeId,
    priceVersionId: job.priceVersionId,
    kind: job.kind,
    state: job.state,
    currency: projectOf(parts, job.projectId).currency,
    fromMs: job.fromMs,
    toMs: job.toMs,
    ...monthsTouched(job),
    chosenPoints: job.chosenPointIds === null && job.chosenAccountIds === null ? null : job.pointsTotal,
    pointsDone: job.pointsDone,
    pointsTotal: job.pointsTotal,
    startedBy: { id: job.startedById, name: job.startedByName },
    startedAtMs: job.startedAtMs,
    finishedAtMs: job.finishedAtMs,
    failure: job.failure,
    inputHash: job.inputHash,
    totals,
  };
}

export const accountRow = (
  { registry }: Pick<BillingParts, 'registry'>,
  { tenantId, ...row }: AccountFound,
): ReplayAccountRow => ({
  ...row,
  tenantName: registry.get('tenant', tenantId)?.name ?? tenantId,
  differenceMicros: row.afterMicros - row.beforeMicros,
});

function requireReplayable({ state }: Pick<PriceVersion, 'state'>): void {
  if (state === 'draft' || state === 'submitted' || state === 'listed') return;
  throw new RequestError({
    status: 409,
    code: 'price-version-state',
    message: `The version is ${state}: what it costs is charged already.`,
    hint: 'Draft another version to see what it would have cost.',
  });
}
const replayUnknown = (replayId: string): RequestError =>
  new RequestError({
    status: 404,
    code: 'price-replay-unknown',
    message: `This version has no replay "${replayId}".`,
    hint: 'List the replays of the version.',
  });
const replayOfNothing = (): RequestError =>
  new RequestError({
    status: 422,
    code: 'replay-of-nothing',
    message: 'Nobody would be charged by this version in that time.',
    hint: 'Choose another time, or name the accounts that are to move to the scheme.',
  });
const replayOver = ({ state }: ReplayJob): RequestError =>
  new RequestError({
    status: 409,
    code: 'price-replay-over',
    message: `The replay is over: ${state}.`,
    hint: 'Nothing is left to cancel.',
  });
const replayOfList = (): RequestError =>
  new RequestError({
    status: 409,
    code: 'price-replay-of-list',
    message: 'Finance waits for this list.',
    hint: 'Reject the list, or withdraw the version.',
  });
