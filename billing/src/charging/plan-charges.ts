// SPDX-License-Identifier: Apache-2.0
/** From changed days to what has to be written: one pure step between reading and writing. */
import type { ChargeDay, Medium } from '@wattledger/contracts';
import {
  accountDays,
  differenceLines,
  rateSlotDay,
  type AccountDay,
  type AccountSpan,
  type DayLine,
  type PriceBook,
} from './rate-slot-day.ts';
import {
  emptyCharge,
  type ChargedSlotDay,
  type SlotDay,
  type SlotDayCharge,
  type SlotDayKey,
} from './slot-day.ts';
import { addUsed, positionsBefore, type Used } from './tier-cascade.ts';

/** A day to charge: as it is stored, and the slots as they are now known (the same object when only prices or accounts moved). */
export interface DayChange {
  readonly before: ChargedSlotDay | null;
  readonly slots: SlotDay;
}

/** Absolute charge of an account for a segment's day, or for the items of a month, as stored and as announced. */
export interface ChargeDayWrite extends SlotDayKey {
  readonly projectId: string;
  readonly medium: Medium;
  readonly chargeRevision: number;
  readonly day: AccountDay;
  /** Where the newest known slot ends; null for items. */
  readonly knownUntilMs: number | null;
}

/** A difference to post. */
export interface ChargeLineWrite extends DayLine {
  readonly meteringPointId: string;
  readonly segmentId: string;
  readonly localDay: string;
  readonly medium: Medium;
}

export interface AccountCharge {
  readonly projectId: string;
  readonly accountId: string;
  readonly lines: ChargeLineWrite[];
}

/** What a day of a project changes by, over all its accounts. */
export interface ProjectDayChange {
  readonly projectId: string;
  readonly localDay: string;
  readonly medium: Medium;
  consumption: number;
  amountMicros: number;
  unpricedConsumption: number;
  /** By quality code. */
  readonly slotsByQuality: number[];
}

export interface ChargePlan {
  readonly slotDays: ChargedSlotDay[];
  readonly chargeDays: ChargeDayWrite[];
  /** By project, day and medium. */
  readonly projectDays: Map<string, ProjectDayChange>;
  /** By account id; only accounts with lines. */
  readonly charges: Map<string, AccountCharge>;
}

/** Where tiers count: which points, and what was used before the first of their days. */
export interface TierPositions {
  counts(meteringPointId: string): boolean;
  /** Moved along by the plan. */
  readonly used: Used;
}
export const noTiers: TierPositions = { counts: () => false, used: new Map() };

/**
 * Rates every changed day and compares with how it was charged before.
 * @param changes of points whose tiers count: every day the change reaches, in the order of rating
 * @param spansOfPoint the accounts of a metering point, of all times
 */
export function planCharges(
  changes: readonly DayChange[],
  spansOfPoint: (meteringPointId: string) => readonly AccountSpan[],
  book: PriceBook,
  tiers: TierPositions = noTiers,
): ChargePlan {
  const plan = noPlan();
  for (const { before, slots } of changes) {
    const spans = spansOfPoint(slots.meteringPointId);
    const counts = tiers.counts(slots.meteringPointId);
    const charge = rateSlotDay(slots, spans, book, counts ? positionsBefore(tiers.used, slots) : undefined);
    if (counts) addUsed(tiers.used, slots, charge);
    planDay(
      plan,
      before,
      { slots, charge, chargeRevision: (before?.chargeRevision ?? 0) + 1 },
      { spans, book },
    );
  }
  return plan;
}

const noPlan = (): ChargePlan => ({
  slotDays: [],
  chargeDays: [],
  charges: new Map(),
  projectDays: new Map(),
});

function planDay(
  plan: ChargePlan,
  before: ChargedSlotDay | null,
  after: ChargedSlotDay,
  { spans, book }: { readonly spans: readonly AccountSpan[]; readonly book: PriceBook },
): void {
  const { slots, charge, chargeRevision } = after;
  const chargeBefore = before?.charge ?? emptyCharge(slots.consumption.length);
  if (before?.slots === slots && sameCharge(chargeBefore, charge)) return;
  plan.slotDays.push(after);
  if (chargeBefore.accountIds.length === 0 && charge.accountIds.length === 0) return;
  const daysBefore = before === null ? [] : accountDays(before.slots, chargeBefore, book);
  const daysAfter = accountDays(slots, charge, book);
  const { projectId, meteringPointId, segmentId, localDay } = slots;
  for (const accountId of new Set([...chargeBefore.accountIds, ...charge.accountIds])) {
    const medium = mediumOf(spans, accountId);
    const day = daysAfter.find((candidate) => candidate.accountId === accountId) ?? nothing(accountId);
    const dayBefore = daysBefore.find((candidate) => candidate.accountId === accountId) ?? nothing(accountId);
    const lines = differenceLines(dayBefore.lines, day.lines);
    // Only where it stands in its month moved: the charge is the same.
    if (
      before?.slots === slots &&
      lines.length === 0 &&
      sameList(dayBefore.slotsByQuality, day.slotsByQuality)
    )
      continue;
    const key = { projectId, meteringPointId, segmentId, localDay };
    plan.chargeDays.push({ ...key, medium, chargeRevision, day, knownUntilMs: knownUntilMs(slots) });
    if (lines.length > 0) addCharge(plan.charges, key, { accountId, medium, lines });
    addProjectDay(plan.projectDays, key, medium, {
      lines,
      before: dayBefore.slotsByQuality,
      after: day.slotsByQuality,
    });
  }
}

function knownUntilMs(slots: SlotDay): number {
  const known = slots.consumption.findLastIndex((consumption) => consumption !== null) + 1;
  return slots.firstSlotMs + known * slots.slotMinutes * 60_000;
}

/** What a line belongs to. */
export interface ChargedKey extends SlotDayKey {
  readonly projectId: string;
}

export function addProjectDay(
  days: Map<string, ProjectDayChange>,
  { projectId, localDay }: ChargedKey,
  medium: Medium,
  change: {
    readonly lines: readonly DayLine[];
    readonly before: readonly number[];
    readonly after: readonly number[];
  },
): void {
  const key = `${projectId}/${localDay}/${medium}`;
  let day = days.get(key);
  if (day === undefined) {
    day = {
      projectId,
      localDay,
      medium,
      consumption: 0,
      amountMicros: 0,
      unpricedConsumption: 0,
      slotsByQuality: [0, 0, 0, 0],
    };
    days.set(key, day);
  }
  for (const line of change.lines) {
    day.amountMicros += line.amountMicros;
    if (line.priceVersionId === null) day.unpricedConsumption += line.consumption;
    else day.consumption += line.consumption;
  }
  for (const quality of [0, 1, 2, 3]) {
    const more = (change.after[quality] ?? 0) - (change.before[quality] ?? 0);
    day.slotsByQuality[quality] = (day.slotsByQuality[quality] ?? 0) + more;
  }
}

export const nothing = (accountId: string): AccountDay => ({
  accountId,
  lines: [],
  slotsByQuality: [0, 0, 0, 0],
});

function mediumOf(spans: readonly AccountSpan[], accountId: string): Medium {
  const span = spans.find((candidate) => candidate.accountId === accountId);
  if (span === undefined)
    throw new Error(`account ${accountId} was charged for a metering point that it never had`);
  return span.medium;
}

/** Adds lines to what is posted to an account. */
export function addCharge(
  charges: Map<string, AccountCharge>,
  { projectId, meteringPointId, segmentId, localDay }: ChargedKey,
  {
    accountId,
    medium,
    lines,
  }: { readonly accountId: string; readonly medium: Medium; readonly lines: readonly DayLine[] },
): void {
  let charge = charges.get(accountId);
  if (charge === undefined) charges.set(accountId, (charge = { projectId, accountId, lines: [] }));
  for (const line of lines) charge.lines.push({ ...line, meteringPointId, segmentId, localDay, medium });
}

const sameCharge = (a: SlotDayCharge, b: SlotDayCharge): boolean =>
  sameList(a.accountIds, b.accountIds) &&
  sameList(a.priceVersionIds, b.priceVersionIds) &&
  sameList(a.accountIndex, b.accountIndex) &&
  sameList(a.versionIndex, b.versionIndex) &&
  sameList(a.amountMicros, b.amountMicros) &&
  sameList(a.monthPositions, b.monthPositions) &&
  sameList(a.yearPositions, b.yearPositions);

const sameList = (a: readonly unknown[], b: readonly unknown[]): boolean =>
  a.length === b.length && a.every((item, index) => item === b[index]);

/** The record other packages read. */
export function chargeDayRecord(write: ChargeDayWrite): ChargeDay {
  const { projectId, meteringPointId, segmentId, localDay, day, chargeRevision } = write;
  const lines: ChargeDay['lines'] = [];
  let unpricedConsumption = 0;
  for (const { component, period, priceVersionId, consumption, amountMicros } of day.lines) {
    if (priceVersionId === null) unpricedConsumption += consumption;
    else {
      const line = { period, priceVersionId, consumption, amountMicros };
      lines.push(component === 'energy' ? line : { ...line, component });
    }
  }
  return {
    projectId,
    accountId: day.accountId,
    meteringPointId,
    segmentId,
    localDay,
    revision: chargeRevision,
    lines,
    unpricedConsumption,
  };
}
