// SPDX-License-Identifier: Apache-2.0
/** Looks at a day, closes it, has it signed by another, reopens it by a mark; the chain of hashes keeps what was closed. */
import { boundsOfLocalDay, localDayOf, newId } from '@wattledger/contracts';
import {
  paymentMeans,
  type CloseFigures,
  type DayCloseList,
  type DayCloseView,
  type PaymentMeans,
} from '@wattledger/contracts/http/billing';
import type { Queryable, Transaction } from '@wattledger/platform';
import { loadClosure } from '../closure/closure-store.ts';
import { issueDocument } from '../documents/issue-documents.ts';
import { contentHash, type Who } from '../ledger/posting.ts';
import { projectOf, requireDayRange, type BillingParts } from '../parts.ts';
import { closeLines } from './close-lines.ts';
import { itemsOf, type LedgerMovement, type ProviderLine } from './close-items.ts';
import {
  holdCloses,
  insertClose,
  insertMark,
  loadAnswers,
  loadCashiers,
  loadCloses,
  loadEnergy,
  loadKinds,
  loadMovements,
  loadProviderLines,
  loadRefunds,
  loadRelays,
  loadShifts,
  loadSnapshot,
  loadUnpriced,
  replaceProviderLines,
  saveAnswer,
  type RecordedSpan,
  type StoredClose,
} from './daily-close-store.ts';
import * as refusals from './refusals.ts';
import {
  readProviderFile,
  type ProviderPaymentLine,
  type ProviderPaymentsSource,
} from './provider-payments.ts';

export type DailyCloseService = ReturnType<typeof createDailyCloseService>;

/** What the chain begins with. */
const firstHash = '0'.repeat(64);
const closesShown = 400;
const dayMs = 86_400_000;
const dayAfter = (day: string): string => new Date(Date.parse(day) + dayMs).toISOString().slice(0, 10);

/** Over everything that must not change, and the hash before it. */
const hashOf = (
  close: Pick<
    StoredClose,
    'localDay' | 'revision' | 'figures' | 'previousHash' | 'chainNumber' | 'closedBy' | 'closedAtMs'
  >,
): string =>
  contentHash({
    localDay: close.localDay,
    revision: close.revision,
    figures: close.figures,
    previousHash: close.previousHash,
    chainNumber: close.chainNumber,
    closedBy: close.closedBy,
    closedAtMs: close.closedAtMs,
  });

/** Every close hashes to what it says and names the hash before it. @param closes newest first, from the first on */
export function chainHolds(closes: readonly StoredClose[]): boolean {
  return closes.every(
    (close, index) =>
      close.hash === hashOf(close) && close.previousHash === (closes[index + 1]?.hash ?? firstHash),
  );
}

export function createDailyCloseService(parts: BillingParts, sources: readonly ProviderPaymentsSource[]) {
  const { database, clock } = parts;

  /** The span of a day's close: from where the last standing close ended to now or the day's end. */
  async function spanOf(
    queryable: Queryable,
    projectId: string,
    localDay: string,
    closes: readonly StoredClose[],
  ): Promise<RecordedSpan> {
    const { zone } = projectOf(parts, projectId);
    const { startMs, endMs } = boundsOfLocalDay(zone, localDay);
    const before = closes.find((close) => close.reopened === null && close.localDay < localDay);
    const fromMs = before?.recordedToMs ?? startMs;
    // Up to and with this very millisecond; what commits later in it is the next close's, by its snapshot.
    const toMs = Math.max(fromMs, Math.min(endMs, clock.nowMs() + 1));
    const snapshot = await loadSnapshot(queryable);
    return { projectId, zone, localDay, fromMs, toMs, snapshot, snapshotBefore: before?.snapshot ?? null };
  }

  async function look(queryable: Queryable, projectId: string, localDay: string): Promise<DayCloseView> {
    const closes = await loadCloses(queryable, projectId, { limit: closesShown });
    const ofDay = closes.filter((close) => close.localDay === localDay);
    const standing = ofDay.find((close) => close.reopened === null);
    const latest = closes.find((close) => close.reopened === null);
    const figures =
      standing?.figures ??
      (await figuresOf(parts, queryable, await spanOf(queryable, projectId, localDay, closes)));
    return {
      figures,
      closes: [...ofDay],
      state: standing === undefined ? 'open' : standing.signed === null ? 'closed' : 'signed',
      nextDay: latest === undefined ? null : dayAfter(latest.localDay),
      providers: sources.map(({ name }) => name),
    };
  }

  /** @throws RequestError 404 project-unknown, 422 day-range-refused, 422 day-in-the-future */
  function requireDay(projectId: string, localDay: string): void {
    const { zone } = projectOf(parts, projectId);
    requireDayRange(localDay, localDay, 1);
    if (localDay > localDayOf(zone, clock.nowMs())) throw refusals.dayInTheFuture();
  }

  async function standingClose(
    transaction: Transaction,
    projectId: string,
    localDay: string,
  ): Promise<StoredClose> {
    const closes = await loadCloses(transaction, projectId, { localDay, limit: 1 });
    const [close] = closes;
    if (close === undefined || close.reopened !== null) throw refusals.dayOpen(localDay);
    return close;
  }

  const take = async (
    projectId: string,
    localDay: string,
    from: { readonly provider: string; readonly means: PaymentMeans },
    lines: readonly ProviderPaymentLine[],
  ) =>
    await database.transaction(async (transaction) => {
      await holdCloses(transaction, projectId);
      const [close] = await loadCloses(transaction, projectId, { localDay, limit: 1 });
      if (close !== undefined && close.reopened === null) throw refusals.dayClosed(localDay);
      await replaceProviderLines(transaction, { projectId, localDay, ...from }, lines);
      return {
        payments: lines.length,
        amountMicros: lines.reduce((sum, line) => sum + line.amountMicros, 0),
      };
    });

  return {
    async view(projectId: string, localDay: string): Promise<DayCloseView> {
      requireDay(projectId, localDay);
      return await database.transaction(async (transaction) => await look(transaction, projectId, localDay), {
        isolation: 'repeatable read',
      });
    },
    async list(projectId: string): Promise<DayCloseList> {
      projectOf(parts, projectId);
      const all = await loadCloses(database, projectId, { limit: 100_000 });
      return {
        closes: all.slice(0, closesShown).map(({ figures: _figures, ...close }) => close),
        chainHolds: chainHolds(all),
      };
    },
    /** @throws RequestError 422 provider-file-refused, 409 day-closed */
    async takeFile(
      projectId: string,
      localDay: string,
      from: { readonly provider: string; readonly means: PaymentMeans },
      text: string,
    ) {
      requireDay(projectId, localDay);
      return await take(projectId, localDay, from, readProviderFile(text));
    },
    /** @throws RequestError 404 provider-unknown, 502 provider-unreachable, 409 day-closed */
    async fetchFrom(projectId: string, localDay: string, provider: string) {
      requireDay(projectId, localDay);
      const source = sources.find(({ name }) => name === provider);
      if (source === undefined) throw refusals.providerUnknown(provider);
      const { startMs, endMs } = boundsOfLocalDay(projectOf(parts, projectId).zone, localDay);
      const lines = await source.paymentsOf(projectId, startMs, endMs);
      return await take(projectId, localDay, { provider, means: source.means }, lines);
    },
    /** @throws RequestError 404 item-unknown, 409 day-closed */
    async answer(
      projectId: string,
      localDay: string,
      { key, text }: { readonly key: string; readonly text: string },
      by: Who,
    ): Promise<DayCloseView> {
      requireDay(projectId, localDay);
      return await database.transaction(async (transaction) => {
        await holdCloses(transaction, projectId);
        const before = await look(transaction, projectId, localDay);
        if (before.state !== 'open') throw refusals.dayClosed(localDay);
        if (!before.figures.items.some((item) => item.key === key)) throw refusals.itemUnknown(key);
        await saveAnswer(transaction, { projectId, localDay, key, text, atMs: clock.nowMs(), by });
        return await look(transaction, projectId, localDay);
      });
    },
    /** @throws RequestError 409 day-closed, 409 day-out-of-order, 409 items-open */
    async close(projectId: string, localDay: string, by: Who): Promise<DayCloseView> {
      requireDay(projectId, localDay);
      return await database.transaction(async (transaction) => {
        await holdCloses(transaction, projectId);
        const closes = await loadCloses(transaction, projectId, { limit: closesShown });
        const standing = closes.find((close) => close.reopened === null);
        if (standing?.localDay === localDay) throw refusals.dayClosed(localDay);
        if (standing !== undefined && dayAfter(standing.localDay) !== localDay)
          throw refusals.dayOutOfOrder(dayAfter(standing.localDay));
        const span = await spanOf(transaction, projectId, localDay, closes);
        const figures = await figuresOf(parts, transaction, span);
        const open = figures.items.filter((item) => item.answer === null);
        if (open.length > 0) throw refusals.itemsOpen(open);
        const head = {
          dayCloseId: newId('dayClose'),
          projectId,
          localDay,
          revision: (closes.find((close) => close.localDay === localDay)?.revision ?? 0) + 1,
          figures,
          previousHash: closes[0]?.hash ?? firstHash,
          chainNumber: (closes[0]?.chainNumber ?? 0) + 1,
          recordedToMs: span.toMs,
          snapshot: span.snapshot,
          cashierIds: await loadCashiers(transaction, span),
          closedAtMs: clock.nowMs(),
          closedBy: by,
        };
        await insertClose(transaction, { ...head, hash: hashOf(head) });
        await issueDocument(parts, transaction, {
          projectId,
          kind: 'day-close',
          subjectId: head.dayCloseId,
          amountMicros: figures.means.reduce(
            (sum, row) => sum + row.vendedMicros - row.reversedMicros - row.refundedMicros,
            0,
          ),
          effectiveAtMs: head.closedAtMs,
          reason: `${localDay} · ${hashOf(head).slice(0, 16)}`,
          lines: closeLines(figures),
          issuedBy: by,
        });
        return await look(transaction, projectId, localDay);
      });
    },
    /** @throws RequestError 409 day-open, 409 day-signed, 403 signer-not-second */
    async sign(projectId: string, localDay: string, by: Who): Promise<DayCloseView> {
      requireDay(projectId, localDay);
      return await database.transaction(async (transaction) => {
        await holdCloses(transaction, projectId);
        const close = await standingClose(transaction, projectId, localDay);
        if (close.signed !== null) throw refusals.daySigned(localDay);
        if (close.closedBy.id === by.id || close.cashierIds.includes(by.id)) throw refusals.signerNotSecond();
        const mark = { dayCloseId: close.dayCloseId, kind: 'signed' as const, reason: null };
        await insertMark(transaction, { ...mark, atMs: clock.nowMs(), by });
        return await look(transaction, projectId, localDay);
      });
    },
    /** Only the last day closed: the ones before stand in its chain. @throws RequestError 409 day-open, 409 day-not-last */
    async reopen(projectId: string, localDay: string, reason: string, by: Who): Promise<DayCloseView> {
      requireDay(projectId, localDay);
      return await database.transaction(async (transaction) => {
        await holdCloses(transaction, projectId);
        const close = await standingClose(transaction, projectId, localDay);
        const closes = await loadCloses(transaction, projectId, { limit: closesShown });
        const last = closes.find((one) => one.reopened === null);
        if (last?.dayCloseId !== close.dayCloseId) throw refusals.dayNotLast(last?.localDay ?? '');
        const mark = { dayCloseId: close.dayCloseId, kind: 'reopened' as const, reason };
        await insertMark(transaction, { ...mark, atMs: clock.nowMs(), by });
        return await look(transaction, projectId, localDay);
      });
    },
  };
}

async function figuresOf(
  parts: BillingParts,
  queryable: Queryable,
  span: RecordedSpan,
): Promise<CloseFigures> {
  const { projectId, localDay, zone } = span;
  const movements = await loadMovements(queryable, span);
  const provider = await loadProviderLines(queryable, projectId, localDay);
  const refunds = await loadRefunds(queryable, span);
  const shifts = await loadShifts(queryable, projectId, localDay);
  const closure = await loadClosure(queryable, projectId, localDay, localDay);
  const relays = await loadRelays(queryable, projectId, boundsOfLocalDay(zone, localDay));
  const answers = await loadAnswers(queryable, projectId, localDay);
  const items = itemsOf({
    movements,
    provider,
    shifts,
    energyFaults: closure.faults.map((fault) => ({
      meteringPointId: fault.meteringPointId,
      slots: fault.slotsConsumption,
      told: fault.chargedConsumption + fault.unpricedConsumption,
    })),
    unpriced: await loadUnpriced(queryable, projectId, localDay),
    relays: relays.differing,
  });
  return {
    localDay,
    currency: projectOf(parts, projectId).currency,
    recordedFromMs: span.fromMs,
    recordedToMs: span.toMs,
    means: meansRows(movements, provider, refunds),
    ...(await loadKinds(queryable, span)),
    shifts,
    energy: await loadEnergy(queryable, projectId, localDay),
    slots: {
      slots: closure.slotsConsumption,
      charged: closure.chargedConsumption,
      unpriced: closure.unpricedConsumption,
    },
    relaysSwitched: relays.switched,
    items: items.map((item) => ({ ...item, answer: answers.get(item.key) ?? null })),
  };
}

function meansRows(
  movements: readonly LedgerMovement[],
  provider: readonly ProviderLine[],
  refunds: Awaited<ReturnType<typeof loadRefunds>>,
): CloseFigures['means'] {
  const sum = (rows: readonly { readonly amountMicros: number }[]): number =>
    rows.reduce((total, row) => total + row.amountMicros, 0);
  return paymentMeans
    .map((means) => {
      const ours = movements.filter((movement) => movement.means === means);
      const vends = ours.filter(({ amountMicros }) => amountMicros > 0);
      const reversals = ours.filter(({ amountMicros }) => amountMicros < 0);
      const refund = refunds.find((row) => row.means === means);
      const theirs = provider.filter((line) => line.means === means);
      return {
        means,
        vends: vends.length,
        vendedMicros: sum(vends),
        reversals: reversals.length,
        reversedMicros: 0 - sum(reversals),
        refunds: refund?.refunds ?? 0,
        refundedMicros: refund?.amountMicros ?? 0,
        providerPayments: theirs.length,
        providerMicros: sum(theirs),
      };
    })
    .filter((row) => row.vends + row.reversals + row.refunds + row.providerPayments > 0);
}
