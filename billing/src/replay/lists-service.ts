// SPDX-License-Identifier: Apache-2.0
/**
 * Lists of differences. A version approved by a second person for a past that has been charged is listed, not in force; its
 * list is a replay from its instant to now. Finance approves it, and the version charges anew; or rejects it, and it is
 * withdrawn.
 */
import type { PriceListRow, PriceListState, PriceReplay } from '@wattledger/contracts/http/billing';
import { RequestError, type Transaction } from '@wattledger/platform';
import type { Who } from '../ledger/posting.ts';
import { projectOf, type BillingParts } from '../parts.ts';
import { noteRetroactiveVersion } from '../prices/price-notices.ts';
import { holdScheme, stepVersion } from '../prices/prices-store.ts';
import {
  decideList,
  loadList,
  loadSides,
  loadSideTotals,
  saveList,
  type SideTotals,
  type StoredList,
} from './lists-store.ts';
import { accountRow, loadVersionOf, newReplay, replayView, type VersionIds } from './replay-service.ts';
import { loadTotals } from './replay-read.ts';
import { finishReplay, insertReplay, loadReplays, type ReplayJob } from './replay-store.ts';

export interface PriceListView {
  readonly state: PriceListState;
  readonly stored: StoredList;
  readonly replay: PriceReplay;
  readonly totals: SideTotals;
}

export interface ListsService {
  /** @throws RequestError 404 price-list-unknown */
  get(ids: VersionIds): Promise<PriceListView>;
  rows(
    ids: VersionIds,
    page: { readonly limit: number; readonly offset: number },
  ): Promise<readonly PriceListRow[]>;
  /** By another than drafted the version. @throws RequestError 403 approver-is-author, 409 price-list-not-ready, price-list-decided */
  approve(ids: VersionIds, by: Who): Promise<void>;
  reject(ids: VersionIds, by: Who): Promise<void>;
  /** Computes the list anew: energy has come since, or computing failed. */
  compute(ids: VersionIds, by: Who): Promise<PriceListView>;
}

export function createListsService(parts: BillingParts): ListsService {
  const { database, clock } = parts;

  async function storedOf(
    ids: VersionIds,
  ): Promise<{ readonly stored: StoredList; readonly job: ReplayJob }> {
    projectOf(parts, ids.projectId);
    await loadVersionOf(database, ids);
    const stored = await loadList(database, ids.priceVersionId);
    if (stored === null) throw listUnknown();
    const [job] = await loadReplays(database, { ...ids, replayId: stored.replayId, limit: 1 });
    if (job === undefined) throw listUnknown();
    return { stored, job };
  }

  async function get(ids: VersionIds): Promise<PriceListView> {
    const { stored, job } = await storedOf(ids);
    const state = stored.decision ?? (job.state === 'done' ? 'waiting' : 'computing');
    const found = job.totals ?? (await loadTotals(database, job.replayId));
    const totals = await loadSideTotals(database, { ...ids, replayId: job.replayId });
    return { state, stored, replay: replayView(parts, job, found), totals };
  }

  /** Decides on a list that waits, holding the scheme so that its versions change one after the other. */
  async function decide(ids: VersionIds, decision: 'approved' | 'rejected', by: Who): Promise<void> {
    const nowMs = clock.nowMs();
    projectOf(parts, ids.projectId);
    await database.transaction(async (transaction) => {
      await holdScheme(transaction, ids.projectId, ids.priceSchemeId);
      const version = await loadVersionOf(transaction, ids);
      const stored = await loadList(transaction, ids.priceVersionId);
      if (stored === null) throw listUnknown();
      if (stored.decision !== null || version.state !== 'listed') throw listDecided(stored.decision);
      if (version.draftedBy.id === by.id) throw approverIsAuthor();
      const [job] = await loadReplays(transaction, { ...ids, replayId: stored.replayId, limit: 1 });
      if (decision === 'approved' && job?.state !== 'done') throw listNotReady();
      if (decision === 'approved') {
        await decideList(transaction, ids.priceVersionId, decision, by, nowMs);
        await approveListed(transaction, ids.priceVersionId);
        await noteRetroactiveVersion(transaction, ids.projectId, ids.priceVersionId);
      } else {
        await rejectList(transaction, ids.priceVersionId, by, nowMs);
        await stepVersion(transaction, ids.priceVersionId, 'withdrawn', by, nowMs);
      }
    });
    parts.wake.notices();
  }

  return {
    get,
    async rows(ids, page) {
      const { job } = await storedOf(ids);
      const sides = await loadSides(database, { ...ids, replayId: job.replayId }, page);
      return sides.map(({ postedMicros, postedConsumption, meanwhileMicros, toSettleMicros, ...found }) => ({
        ...accountRow(parts, found),
        postedMicros,
        postedConsumption,
        meanwhileMicros,
        toSettleMicros,
      }));
    },
    approve: async (ids, by) => await decide(ids, 'approved', by),
    reject: async (ids, by) => await decide(ids, 'rejected', by),
    async compute(ids, by) {
      await storedOf(ids);
      await database.transaction(async (transaction) => {
        await holdScheme(transaction, ids.projectId, ids.priceSchemeId);
        const stored = await loadList(transaction, ids.priceVersionId);
        if (stored === null) throw listUnknown();
        if (stored.decision !== null) throw listDecided(stored.decision);
        await finishReplay(transaction, stored.replayId, {
          state: 'cancelled',
          atMs: clock.nowMs(),
          totals: null,
        });
        await openList(parts, transaction, ids, by);
      });
      parts.wake.notices();
      return await get(ids);
    },
  };
}

/** Begins the list of a version: a replay from its instant to now. The caller holds the scheme. */
export async function openList(
  parts: Pick<BillingParts, 'registry' | 'clock'>,
  transaction: Transaction,
  ids: VersionIds,
  by: Who,
): Promise<void> {
  const nowMs = parts.clock.nowMs();
  const version = await loadVersionOf(transaction, ids);
  const project = projectOf(parts, ids.projectId);
  const fromMs = version.effectiveFromMs;
  const replay = await newReplay(
    transaction,
    { ids, version, project, by, nowMs },
    // The slot that is open when the version is listed is the longest there may be.
    {
      kind: 'list',
      fromMs,
      toMs: Math.max(nowMs, fromMs) + 3_600_000,
      chosenPointIds: null,
      chosenAccountIds: null,
    },
  );
  await insertReplay(transaction, replay);
  await saveList(transaction, { ...ids, replayId: replay.replayId });
}

/** A version that is withdrawn while its list waits takes the list with it. */
export async function rejectList(
  transaction: Transaction,
  priceVersionId: string,
  by: Who,
  nowMs: number,
): Promise<void> {
  const stored = await loadList(transaction, priceVersionId);
  if (stored === null) return;
  await finishReplay(transaction, stored.replayId, { state: 'cancelled', atMs: nowMs, totals: null });
  await decideList(transaction, priceVersionId, 'rejected', by, nowMs);
}

/** Who approved the version is kept: the list has its own decider. */
async function approveListed(transaction: Transaction, priceVersionId: string): Promise<void> {
  await transaction.query(
    `UPDATE billing.price_versions SET state = 'approved' WHERE price_version_id = $1 AND state = 'listed'`,
    [priceVersionId],
  );
}

const listUnknown = (): RequestError =>
  new RequestError({
    status: 404,
    code: 'price-list-unknown',
    message: 'This version has no list of differences.',
    hint: 'A list is made when a version is approved for a past that has been charged.',
  });
const listDecided = (decision: string | null): RequestError =>
  new RequestError({
    status: 409,
    code: 'price-list-decided',
    message: `The list is ${decision ?? 'not waiting any more'}.`,
    hint: 'Load the version again to see its state.',
  });
const listNotReady = (): RequestError =>
  new RequestError({
    status: 409,
    code: 'price-list-not-ready',
    message: 'The list is still being computed.',
    hint: 'Wait until it is complete; have it computed again if that has failed.',
  });
const approverIsAuthor = (): RequestError =>
  new RequestError({
    status: 403,
    code: 'approver-is-author',
    message: 'Whoever drafted a version cannot decide on its list.',
    hint: 'Ask somebody else who may close books.',
  });
