// SPDX-License-Identifier: Apache-2.0
/**
 * Charging: interval energy into charges, ledger entries and announcements, in one transaction. The same path serves
 * news of slots, accounts opened or closed for the past, and retroactive price notices: what differs is only which
 * days are looked at.
 */
import type { IntervalEnergy } from '@wattledger/contracts';
import type { Transaction } from '@wattledger/platform';
import { loadPriceBook } from '../prices/price-book.ts';
import {
  addProjectDays,
  writeChargeDays,
  writeLastReadings,
  writeSegmentGrids,
  writeSlotDays,
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
import type { AccountAtPoint } from './month-items-store.ts';
import { planMonthItems, touch, type ItemTouches } from './month-items.ts';
import {
  chargeDayRecord,
  noTiers,
  planCharges,
  type ChargePlan,
  type DayChange,
  type TierPositions,
} from './plan-charges.ts';
import { postCharges, type ChargeContext, type ChargeOutcome, type PostingReason } from './post-charges.ts';
import type { AccountSpan, PriceBook } from './rate-slot-day.ts';
import { layDays, segmentKeyText, settleGrids, type SettledGrids } from './segment-grids.ts';
import { mergeSlots, slotDayKeyText, type SlotDayKey } from './slot-day.ts';
import { cascadeRanges, inRatingOrder, tierSpanOf } from './tier-cascade.ts';
import { loadDaysOfRanges, loadUsed } from './tier-store.ts';

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
  // Where the zone moved, so did the months.
  const moved = new Set([...settled.left.values()].map((grid) => grid.meteringPointId));
  const reach = { meteringPointIds: [...moved], fromMs: 0 };
  const outcome = await charge(context, [...changes.values()], reach, {
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
  options: PostingReason & { readonly fromMs: number; readonly toMs: number },
): Promise<ChargeOutcome> {
  const days = await loadSlotDaysOfPoints(
    context.transaction,
    meteringPointIds,
    options.fromMs,
    options.toMs,
  );
  const changes = days.map((day) => ({ before: day, slots: day.slots }));
  return await charge(context, changes, { meteringPointIds, fromMs: options.fromMs }, options);
}

/** Rates the items of accounts at points that the clock has moved: a local day or a month has ended. */
export async function chargeItems(
  context: ChargeContext,
  accounts: readonly AccountAtPoint[],
): Promise<ChargeOutcome> {
  const meteringPointIds = [...new Set(accounts.map((account) => account.meteringPointId))];
  const prices = await loadPrices(context.transaction, meteringPointIds, []);
  const touches: ItemTouches = new Map();
  for (const account of accounts) touch(touches, account);
  const plan = planCharges([], prices.spansOf, prices.book);
  return await writePlan(context, plan, touches, prices, { cause: 'month-items', noticeVersionId: null });
}

/** Points whose accounts or prices changed from an instant on. */
interface Reach {
  readonly meteringPointIds: readonly string[];
  readonly fromMs: number;
}

async function charge(
  context: ChargeContext,
  changes: readonly DayChange[],
  reach: Reach,
  reason: PostingReason,
): Promise<ChargeOutcome> {
  const points = new Set([...changes.map(({ slots }) => slots.meteringPointId), ...reach.meteringPointIds]);
  const prices = await loadPrices(context.transaction, [...points], changes);
  const followed = await followTiers(context.transaction, changes, prices);
  const plan = planCharges(followed.changes, prices.spansOf, prices.book, followed.tiers);
  const touches = touchesOf(plan, reach, prices);
  return await writePlan(context, plan, touches, prices, reason);
}

interface Prices {
  readonly spansOf: (meteringPointId: string) => readonly AccountSpan[];
  readonly book: PriceBook;
}

/** Versions a day was charged by belong to the book even when no account of the point has their scheme any more. */
async function loadPrices(
  transaction: Transaction,
  meteringPointIds: readonly string[],
  changes: readonly DayChange[],
): Promise<Prices> {
  const spans = await loadSpans(transaction, meteringPointIds);
  const schemes = [...spans.values()].flat().map((span) => span.priceSchemeId);
  const versions = new Set(changes.flatMap(({ before }) => before?.charge.priceVersionIds ?? []));
  const book = await loadPriceBook(transaction, schemes, [...versions], slotsSpan(changes));
  return { spansOf: (meteringPointId) => spans.get(meteringPointId) ?? [], book };
}

/** When the changed slots begin, and those of later days that tiers reach. */
function slotsSpan(changes: readonly DayChange[]): { readonly fromMs: number; readonly toMs: number } {
  let fromMs = Number.MAX_SAFE_INTEGER;
  for (const { slots } of changes) fromMs = Math.min(fromMs, slots.firstSlotMs);
  return { fromMs, toMs: Number.MAX_SAFE_INTEGER };
}

/** Where prices have tiers: the later days a change reaches too, in order, and where their accounts stand before. */
async function followTiers(
  transaction: Transaction,
  changes: readonly DayChange[],
  { spansOf, book }: Prices,
): Promise<{ readonly changes: readonly DayChange[]; readonly tiers: TierPositions }> {
  const points = new Set(changes.map(({ slots }) => slots.meteringPointId));
  const tierSpans = new Map([...points].map((id) => [id, tierSpanOf(spansOf(id), book)]));
  const counts = (meteringPointId: string): boolean => (tierSpans.get(meteringPointId) ?? null) !== null;
  const counted = changes.filter(({ slots }) => counts(slots.meteringPointId));
  if (counted.length === 0) return { changes, tiers: noTiers };
  const ranges = cascadeRanges(counted, (id) => tierSpans.get(id) ?? null);
  const later = await loadDaysOfRanges(
    transaction,
    ranges,
    counted.map(({ slots }) => slots),
  );
  const used = await loadUsed(transaction, ranges, {
    accountsOf: (id) => [...new Set(spansOf(id).map((span) => span.accountId))],
    tierSpanOf: (id) => tierSpans.get(id) ?? null,
  });
  const reached = later.map((day) => ({ before: day, slots: day.slots }));
  const plain = changes.filter(({ slots }) => !counts(slots.meteringPointId));
  return { changes: [...plain, ...inRatingOrder([...counted, ...reached])], tiers: { counts, used } };
}

/** Items depend on the energy of their month, and on their account's time and prices. */
function touchesOf(plan: ChargePlan, reach: Reach, { spansOf }: Prices): ItemTouches {
  const touches: ItemTouches = new Map();
  for (const { day, meteringPointId, localDay } of plan.chargeDays)
    touch(touches, { accountId: day.accountId, meteringPointId }).months.add(localDay.slice(0, 7));
  for (const meteringPointId of reach.meteringPointIds) {
    for (const { accountId, closedAtMs } of spansOf(meteringPointId)) {
      if (closedAtMs !== null && closedAtMs < reach.fromMs) continue;
      touch(touches, { accountId, meteringPointId }).fromMs = reach.fromMs;
    }
  }
  return touches;
}

async function writePlan(
  context: ChargeContext,
  plan: ChargePlan,
  touches: ItemTouches,
  prices: Prices,
  reason: PostingReason,
): Promise<ChargeOutcome> {
  const { transaction, announcements } = context;
  await writeSlotDays(transaction, plan.slotDays);
  await writeChargeDays(transaction, plan.chargeDays);
  const items = await planMonthItems(context, touches, prices, plan);
  await writeChargeDays(transaction, items);
  for (const day of [...plan.chargeDays, ...items]) announcements.chargeDays.push(chargeDayRecord(day));
  const outcome = await postCharges(context, plan, reason);
  await addProjectDays(transaction, plan.projectDays);
  return outcome;
}
