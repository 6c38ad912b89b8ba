// SPDX-License-Identifier: Apache-2.0
/**
 * Charging: interval energy into charges, ledger entries and announcements, in one transaction. The same path serves
 * news of slots, accounts opened or closed for the past, and retroactive price notices: what differs is only which
 * days are looked at.
 */
import { createHash } from 'node:crypto';
import { newId, type IntervalEnergy, type Medium } from '@wattledger/contracts';
import type { ChargeCause } from '@wattledger/contracts/http/billing';
import type { Transaction } from '@wattledger/platform';
import type { Announcements } from '../balance/announcements.ts';
import { followBalances } from '../balance/follow-balances.ts';
import { addEntries, holdLedgerAccounts, insertPostings } from '../ledger/ledger-store.ts';
import {
  ledgerKeyText,
  revenueAccount,
  tenantBalance,
  type NewEntry,
  type NewPosting,
  type PostingEntries,
  type Who,
} from '../ledger/posting.ts';
import { loadPriceBook } from '../prices/price-book.ts';
import {
  addProjectDays,
  writeChargeDays,
  writeChargeLines,
  writeLastReadings,
  writeSegmentGrids,
  writeSlotDays,
  type PostedLine,
} from './charge-writes.ts';
import {
  holdPoints,
  loadSegmentGrids,
  loadSlotDays,
  loadSlotDaysOfPoints,
  loadSlotDaysOfSegment,
  loadSpans,
  type HeldPoint,
} from './charging-store.ts';
import {
  chargeDayRecord,
  planCharges,
  type AccountCharge,
  type ChargePlan,
  type DayChange,
} from './plan-charges.ts';
import { layDays, segmentKeyText, settleGrids, type SettledGrids } from './segment-grids.ts';
import { mergeSlots, slotDayKeyText, type SlotDayKey } from './slot-day.ts';

/** Charges are recorded by the programme. */
export const chargingWho: Who = { id: 'billing', name: 'Charging' };

export interface ChargeOutcome {
  /** Slots in the messages, before any was found to be old news. */
  readonly slots: number;
  readonly postings: number;
  /** Accounts whose charge changed. */
  readonly accountIds: readonly string[];
  /** Σ charged, in the accounts' disfavour. */
  readonly amountMicros: number;
}

export interface ChargeContext {
  readonly transaction: Transaction;
  readonly nowMs: number;
  readonly announcements: Announcements;
}

/** Takes in a batch of interval energy. Old news and repetitions change nothing. */
export async function chargeIntervalEnergy(
  context: ChargeContext,
  messages: readonly IntervalEnergy[],
): Promise<ChargeOutcome> {
  const { transaction } = context;
  const slots = messages.reduce((sum, message) => sum + message.index.length, 0);
  const points = new Map(
    messages.map((message) => [message.meteringPointId, { projectId: message.projectId }]),
  );
  const held = await holdPoints(transaction, points);
  const segments = new Map(messages.map((message) => [segmentKeyText(message), message]));
  const settled = settleGrids(await loadSegmentGrids(transaction, [...segments.values()]), messages);
  await writeSegmentGrids(transaction, settled.changed);
  const changes = await layAnew(transaction, settled);
  const keys = new Map<string, SlotDayKey>(
    settled.messages.map((message) => [slotDayKeyText(message), message]),
  );
  const stored = await loadSlotDays(
    transaction,
    [...keys].filter(([key]) => !changes.has(key)).map(([, day]) => day),
  );
  for (const message of settled.messages) {
    const key = slotDayKeyText(message);
    const before = changes.get(key)?.before ?? stored.get(key) ?? null;
    const known = changes.get(key)?.slots ?? before?.slots ?? null;
    const merged = mergeSlots(known, message);
    if (merged !== known) changes.set(key, { before, slots: merged });
  }
  await noteLastReadings(transaction, held, messages);
  const outcome = await charge(context, [...changes.values()], {
    cause: 'interval-energy',
    noticeVersionId: null,
  });
  return { ...outcome, slots };
}

/** The days of segments whose grid changed, laid on the new one; those on another slot length are emptied. */
async function layAnew(transaction: Transaction, settled: SettledGrids): Promise<Map<string, DayChange>> {
  const changes = new Map<string, DayChange>();
  for (const grid of settled.changed) {
    if (!settled.left.has(segmentKeyText(grid))) continue;
    const days = await loadSlotDaysOfSegment(transaction, grid);
    const before = new Map(days.map((day) => [slotDayKeyText(day.slots), day]));
    for (const slots of layDays(
      days.map((day) => day.slots),
      grid,
    )) {
      const key = slotDayKeyText(slots);
      changes.set(key, { before: before.get(key) ?? null, slots });
    }
  }
  return changes;
}

async function noteLastReadings(
  transaction: Transaction,
  held: ReadonlyMap<string, HeldPoint>,
  messages: readonly IntervalEnergy[],
): Promise<void> {
  const newest = new Map<string, { meteringPointId: string; lastReadingMs: number; quality: number }>();
  for (const { meteringPointId, lastReadingMs, lastReadingQuality } of messages) {
    const known =
      newest.get(meteringPointId)?.lastReadingMs ?? held.get(meteringPointId)?.lastReadingMs ?? null;
    if (known !== null && lastReadingMs < known) continue;
    newest.set(meteringPointId, { meteringPointId, lastReadingMs, quality: lastReadingQuality });
  }
  const changed = [...newest.values()].filter(({ meteringPointId, lastReadingMs, quality }) => {
    const point = held.get(meteringPointId);
    return point?.lastReadingMs !== lastReadingMs || point.lastReadingQuality !== quality;
  });
  await writeLastReadings(transaction, changed);
}

/**
 * Charges anew what is known of metering points from an instant on, after their accounts or prices moved. The caller
 * has changed those in the same transaction, or knows that they are committed; the points must be held.
 */
export async function chargeAnew(
  context: ChargeContext,
  meteringPointIds: readonly string[],
  options: {
    readonly fromMs: number;
    readonly toMs: number;
    readonly cause: ChargeCause;
    readonly noticeVersionId: string | null;
  },
): Promise<ChargeOutcome> {
  const days = await loadSlotDaysOfPoints(
    context.transaction,
    meteringPointIds,
    options.fromMs,
    options.toMs,
  );
  const changes = days.map((day) => ({ before: day, slots: day.slots }));
  return await charge(context, changes, options);
}

async function charge(
  context: ChargeContext,
  changes: readonly DayChange[],
  posting: { readonly cause: ChargeCause; readonly noticeVersionId: string | null },
): Promise<ChargeOutcome> {
  if (changes.length === 0) return { slots: 0, postings: 0, accountIds: [], amountMicros: 0 };
  const { transaction, announcements } = context;
  const spans = await loadSpans(transaction, [...new Set(changes.map(({ slots }) => slots.meteringPointId))]);
  const book = await loadPriceBook(
    transaction,
    [...spans.values()].flat().map((span) => span.priceSchemeId),
  );
  const plan = planCharges(changes, (meteringPointId) => spans.get(meteringPointId) ?? [], book);
  await writeSlotDays(transaction, plan.slotDays);
  await writeChargeDays(transaction, plan.chargeDays);
  for (const day of plan.chargeDays) announcements.chargeDays.push(chargeDayRecord(day));
  const outcome = await postCharges(context, plan, posting);
  await addProjectDays(transaction, plan.projectDays);
  return outcome;
}

const amountOf = (lines: readonly { readonly amountMicros: number }[]): number =>
  lines.reduce((sum, line) => sum + line.amountMicros, 0);

/** One posting per account: its lines, and the entries that move the money. */
async function postCharges(
  context: ChargeContext,
  plan: ChargePlan,
  { cause, noticeVersionId }: { readonly cause: ChargeCause; readonly noticeVersionId: string | null },
): Promise<ChargeOutcome> {
  const charges = [...plan.charges.values()];
  if (charges.length === 0) return { slots: 0, postings: 0, accountIds: [], amountMicros: 0 };
  const { transaction, nowMs } = context;
  const postings: NewPosting[] = [];
  const entries: PostingEntries[] = [];
  const lines: PostedLine[] = [];
  const effectiveAt = effectiveInstants(plan, nowMs);
  for (const accountCharge of charges) {
    const effectiveAtMs = effectiveAt.get(accountCharge.accountId) ?? nowMs;
    const posting = chargePosting(accountCharge, { cause, noticeVersionId, nowMs, effectiveAtMs });
    postings.push(posting);
    entries.push({ postingId: posting.postingId, entries: chargeEntries(accountCharge) });
    accountCharge.lines.forEach((line, index) => {
      lines.push({
        ...line,
        postingId: posting.postingId,
        line: index + 1,
        accountId: accountCharge.accountId,
      });
    });
  }
  await insertPostings(transaction, postings);
  await writeChargeLines(transaction, lines);
  const tenants = charges.map((accountCharge) =>
    tenantBalance(accountCharge.projectId, accountCharge.accountId),
  );
  const shared = entries.flatMap((posting) => posting.entries.map((entry) => entry.key));
  const held = await holdLedgerAccounts(transaction, [...tenants, ...shared]);
  await addEntries(transaction, held, entries);
  await followBalances(
    transaction,
    tenants.map((key) => ({
      accountId: key.ownerId,
      balanceMicros: held.get(ledgerKeyText(key))?.balanceMicros as number,
    })),
    { cause: 'charge', supplyCause: 'charge', nowMs, announcements: context.announcements },
  );
  return {
    slots: 0,
    postings: postings.length,
    accountIds: charges.map((accountCharge) => accountCharge.accountId),
    amountMicros: amountOf(lines),
  };
}

/** By account: when the newest energy charged flowed, but not in the future of a slot still open. */
function effectiveInstants(plan: ChargePlan, nowMs: number): ReadonlyMap<string, number> {
  const newest = new Map<string, number>();
  for (const { slots, day } of plan.chargeDays) {
    const known = slots.consumption.findLastIndex((consumption) => consumption !== null) + 1;
    const endMs = Math.min(slots.firstSlotMs + known * slots.slotMinutes * 60_000, nowMs);
    newest.set(day.accountId, Math.max(newest.get(day.accountId) ?? 0, endMs));
  }
  return newest;
}

function chargePosting(
  { projectId, accountId, lines }: AccountCharge,
  facts: {
    readonly cause: ChargeCause;
    readonly noticeVersionId: string | null;
    readonly nowMs: number;
    readonly effectiveAtMs: number;
  },
): NewPosting {
  const postingId = newId('posting');
  const consumptionByMedium: Record<Medium, number> = { electricity: 0, water: 0, gas: 0 };
  const hash = createHash('sha256');
  let fromDay = '9999-12-31';
  let toDay = '0001-01-01';
  for (const line of lines) {
    consumptionByMedium[line.medium] += line.consumption;
    if (line.localDay < fromDay) fromDay = line.localDay;
    if (line.localDay > toDay) toDay = line.localDay;
    hash.update(
      `${line.meteringPointId}|${line.segmentId}|${line.localDay}|${line.period}|${line.priceVersionId}|${line.unpricedReason}|${line.consumption}|${line.amountMicros}\n`,
    );
  }
  return {
    postingId,
    projectId,
    kind: 'charge',
    // What makes a charge happen once is the slots' revisions; its own id serves for the caller's.
    requestId: postingId,
    contentHash: hash.digest('hex'),
    accountId,
    effectiveAtMs: facts.effectiveAtMs,
    recordedAtMs: facts.nowMs,
    recordedBy: chargingWho,
    reason: null,
    charge: {
      cause: facts.cause,
      noticeVersionId: facts.noticeVersionId,
      fromDay,
      toDay,
      lines: lines.length,
      consumptionByMedium,
    },
  };
}

/** Debits the tenant's balance once, credits the revenue of each medium. */
function chargeEntries({ projectId, accountId, lines }: AccountCharge): readonly NewEntry[] {
  const byMedium = new Map<Medium, number>();
  for (const line of lines) byMedium.set(line.medium, (byMedium.get(line.medium) ?? 0) + line.amountMicros);
  const entries: NewEntry[] = [
    { key: tenantBalance(projectId, accountId), amountMicros: 0 - amountOf(lines) },
  ];
  for (const [medium, amountMicros] of byMedium)
    entries.push({ key: revenueAccount(projectId, medium), amountMicros });
  return entries.filter((entry) => entry.amountMicros !== 0);
}
