// SPDX-License-Identifier: Apache-2.0
/**
 * The items of a month in charging: which accounts' months a change reaches, what their items come to now, and the
 * differences to what stood before. Absolute items stand as a charge day of the segment 'month-items'.
 */
import { isDeepStrictEqual } from 'node:util';
import { boundsOfLocalDay, localDayOf, type Medium } from '@wattledger/contracts';
import type { Transaction } from '@wattledger/platform';
import type { PriceVersionTerms } from '../prices/price-version.ts';
import { monthItems } from '../rating/month-items.ts';
import {
  accountAtPointText,
  loadEnergySums,
  loadItemMarks,
  loadItemPoints,
  loadSlotDaysOfMonths,
  loadStoredItems,
  writeItemMarks,
  type AccountAtPoint,
  type ItemMark,
  type ItemPoint,
  type StoredItems,
  type WantedMonth,
} from './month-items-store.ts';
import {
  daysOfMonth,
  firstDayHeld,
  hasItems,
  itemLine,
  monthInput,
  monthItemsSegment,
  monthOf,
  monthsHeld,
  type AccountMonth,
  type MonthFacts,
} from './month-plan.ts';
import { addCharge, addProjectDay, type ChargeDayWrite, type ChargePlan } from './plan-charges.ts';
import { differenceLines, type AccountSpan, type DayLine, type PriceBook } from './rate-slot-day.ts';
import type { ChargedSlotDay } from './slot-day.ts';

/** What of an account's items at a point a change reaches, besides the months since they were last rated. */
export interface ItemTouch extends AccountAtPoint {
  /** Months whose energy moved. */
  readonly months: Set<string>;
  /** All months from here on; Infinity: only those named. */
  fromMs: number;
}
export type ItemTouches = Map<string, ItemTouch>;

export function touch(touches: ItemTouches, { accountId, meteringPointId }: AccountAtPoint): ItemTouch {
  const key = accountAtPointText({ accountId, meteringPointId });
  let known = touches.get(key);
  if (known === undefined)
    touches.set(key, (known = { accountId, meteringPointId, months: new Set(), fromMs: Infinity }));
  return known;
}

export interface ItemPrices {
  readonly spansOf: (meteringPointId: string) => readonly AccountSpan[];
  readonly book: PriceBook;
}

/** One account at one point with everything that is asked about it. */
interface Work extends ItemPoint, AccountAtPoint {
  readonly spans: readonly AccountSpan[];
  readonly medium: Medium;
  readonly asOfMs: number;
  readonly months: ReadonlySet<string>;
  /** From here on nothing may be left standing that is not found again; null: only the months named are looked at. */
  readonly storedFromDay: string | null;
}

/**
 * Rates the items of the touched months and adds their differences to the plan. The caller holds the points and has
 * written the summed days.
 * @returns days of items to write
 */
export async function planMonthItems(
  { transaction, nowMs }: { readonly transaction: Transaction; readonly nowMs: number },
  touches: ItemTouches,
  prices: ItemPrices,
  plan: Pick<ChargePlan, 'charges' | 'projectDays'>,
): Promise<readonly ChargeDayWrite[]> {
  const points = [...new Set([...touches.values()].map((touched) => touched.meteringPointId))];
  if (points.length === 0) return [];
  const marks = await loadItemMarks(transaction, points);
  const concerned = [...touches.values()].filter((touched) => isConcerned(touched, marks, prices));
  if (concerned.length === 0) return [];
  const itemPoints = await loadItemPoints(transaction, points);
  const works = concerned.map((touched) => workOf(touched, { marks, itemPoints, prices, nowMs }));
  const stored = await loadStoredOf(transaction, works);
  const facts = await loadFacts(transaction, works, prices.book);
  const writes = works.flatMap((work) =>
    planWork(work, stored.get(accountAtPointText(work)) ?? [], facts, prices.book, plan),
  );
  await writeItemMarks(transaction, works.map(markOf));
  return writes;
}

const spansOfAccount = ({ spansOf }: ItemPrices, { accountId, meteringPointId }: AccountAtPoint) =>
  spansOf(meteringPointId).filter((span) => span.accountId === accountId);

function isConcerned(touched: ItemTouch, marks: ReadonlyMap<string, number>, prices: ItemPrices): boolean {
  if (marks.has(accountAtPointText(touched))) return true;
  return spansOfAccount(prices, touched).some((span) =>
    prices.book.inOrder(span.priceSchemeId).some(hasItems),
  );
}

function workOf(
  touched: ItemTouch,
  {
    marks,
    itemPoints,
    prices,
    nowMs,
  }: {
    readonly marks: ReadonlyMap<string, number>;
    readonly itemPoints: ReadonlyMap<string, ItemPoint>;
    readonly prices: ItemPrices;
    readonly nowMs: number;
  },
): Work {
  const { accountId, meteringPointId } = touched;
  const spans = spansOfAccount(prices, touched);
  const point = itemPoints.get(meteringPointId);
  const [first] = spans;
  if (point === undefined || first === undefined)
    throw new Error(
      `account ${accountId} has items of metering point ${meteringPointId}, which it never had`,
    );
  const mark = marks.get(accountAtPointText(touched));
  // A writer whose clock was read earlier may come later: what has counted goes on counting.
  const asOfMs = Math.max(nowMs, mark ?? 0);
  const fromMs = Math.min(touched.fromMs, mark ?? 0);
  return {
    accountId,
    meteringPointId,
    projectId: point.projectId,
    zone: point.zone,
    spans,
    medium: first.medium,
    asOfMs,
    months: new Set([...touched.months, ...monthsHeld(spans, point.zone, fromMs, asOfMs)]),
    storedFromDay: touched.fromMs === Infinity ? null : `${monthOf(point.zone, touched.fromMs)}-01`,
  };
}

/** Items as they stand in the months at hand, and beyond them where the account's time changed. */
async function loadStoredOf(
  transaction: Transaction,
  works: readonly Work[],
): Promise<ReadonlyMap<string, readonly StoredItems[]>> {
  const wanted = works.flatMap((work) => {
    const first = [...work.months].sort()[0];
    const fromDay = [first === undefined ? null : `${first}-01`, work.storedFromDay]
      .filter((day) => day !== null)
      .sort()[0];
    return fromDay === undefined ? [] : [{ ...work, fromDay }];
  });
  const found = new Map<string, StoredItems[]>();
  for (const items of await loadStoredItems(transaction, wanted)) {
    const key = accountAtPointText(items);
    const list = found.get(key);
    if (list === undefined) found.set(key, [items]);
    else list.push(items);
  }
  return found;
}

/** What the months are made of, by account, point and month. */
interface LoadedFacts {
  of(work: Work, month: string): MonthFacts;
}

async function loadFacts(
  transaction: Transaction,
  works: readonly Work[],
  book: PriceBook,
): Promise<LoadedFacts> {
  const months = works.flatMap((work) => [...work.months].map((month) => wantedMonth(work, month)));
  const energy = new Map<string, Map<string, { consumption: number; amountMicros: number }>>();
  for (const sum of await loadEnergySums(transaction, months)) {
    const key = `${accountAtPointText(sum)}/${sum.month}`;
    let byVersion = energy.get(key);
    if (byVersion === undefined) energy.set(key, (byVersion = new Map()));
    byVersion.set(sum.priceVersionId, sum);
  }
  const withDemand = works
    .filter(({ spans }) => spans.some((span) => book.inOrder(span.priceSchemeId).some(hasDemand)))
    .flatMap((work) => [...work.months].map((month) => wantedMonth(work, month)));
  const distinct = new Map(withDemand.map((month) => [`${month.meteringPointId}/${month.fromDay}`, month]));
  const slotDays = new Map<string, ChargedSlotDay[]>();
  for (const day of await loadSlotDaysOfMonths(transaction, [...distinct.values()])) {
    const key = `${day.slots.meteringPointId}/${day.slots.localDay.slice(0, 7)}`;
    const list = slotDays.get(key);
    if (list === undefined) slotDays.set(key, [day]);
    else list.push(day);
  }
  return {
    of: (work, month) => ({
      energy: energy.get(`${accountAtPointText(work)}/${month}`) ?? new Map(),
      slotDays: slotDays.get(`${work.meteringPointId}/${month}`) ?? [],
    }),
  };
}

const hasDemand = ({ terms }: PriceVersionTerms): boolean => terms.demand.length > 0;

function wantedMonth({ accountId, meteringPointId }: AccountAtPoint, month: string): WantedMonth {
  const days = daysOfMonth(month);
  return { accountId, meteringPointId, fromDay: days[0] as string, toDay: days.at(-1) as string };
}

function planWork(
  work: Work,
  stored: readonly StoredItems[],
  facts: LoadedFacts,
  book: PriceBook,
  plan: Pick<ChargePlan, 'charges' | 'projectDays'>,
): readonly ChargeDayWrite[] {
  const after = new Map<string, readonly DayLine[]>();
  for (const month of work.months) {
    const of: AccountMonth = { month, zone: work.zone, asOfMs: work.asOfMs, spans: work.spans };
    const input = monthInput(of, work.medium, facts.of(work, month), book);
    if (input !== null) after.set(firstDayHeld(of), monthItems(input).map(itemLine));
  }
  const before = new Map(
    stored
      .filter(({ localDay }) => {
        const reached = work.storedFromDay !== null && localDay >= work.storedFromDay;
        return reached || work.months.has(localDay.slice(0, 7));
      })
      .map((items) => [items.localDay, items]),
  );
  return [...new Set([...before.keys(), ...after.keys()])].flatMap((localDay) =>
    planItems(work, localDay, before.get(localDay), after.get(localDay) ?? [], plan),
  );
}

/** The items of one month against those that stood before; nothing to write where they are the same. */
function planItems(
  { projectId, accountId, meteringPointId, medium }: Work,
  localDay: string,
  stored: StoredItems | undefined,
  after: readonly DayLine[],
  { charges, projectDays }: Pick<ChargePlan, 'charges' | 'projectDays'>,
): readonly ChargeDayWrite[] {
  const before = stored?.lines ?? [];
  if (isDeepStrictEqual(before, after)) return [];
  const key = { projectId, meteringPointId, segmentId: monthItemsSegment, localDay };
  const lines = differenceLines(before, after).map(({ working: _working, ...line }) => line);
  if (lines.length > 0) {
    addCharge(charges, key, { accountId, medium, lines });
    addProjectDay(projectDays, key, medium, { lines, before: noSlots, after: noSlots });
  }
  const chargeRevision = (stored?.chargeRevision ?? 0) + 1;
  const day = { accountId, lines: after, slotsByQuality: noSlots };
  return [{ ...key, medium, chargeRevision, day, knownUntilMs: null }];
}

const noSlots: readonly number[] = [0, 0, 0, 0];

/** Items move again when the local day ends; never when the account's time is over. */
function markOf({ accountId, meteringPointId, zone, spans, asOfMs }: Work): ItemMark {
  const closedAtMs = spans.at(-1)?.closedAtMs ?? null;
  const over = closedAtMs !== null && closedAtMs <= asOfMs;
  return {
    accountId,
    meteringPointId,
    asOfMs,
    dueAtMs: over ? null : boundsOfLocalDay(zone, localDayOf(zone, asOfMs)).endMs,
  };
}
