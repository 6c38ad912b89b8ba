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
import { emptyCharge, type ChargedSlotDay, type SlotDay, type SlotDayCharge } from './slot-day.ts';

/** A day to charge: as it is stored, and the slots as they are now known (the same object when only prices or accounts moved). */
export interface DayChange {
  readonly before: ChargedSlotDay | null;
  readonly slots: SlotDay;
}

/** Absolute charge of an account for a segment's day, as stored and as announced. */
export interface ChargeDayWrite {
  readonly slots: SlotDay;
  readonly medium: Medium;
  readonly chargeRevision: number;
  readonly day: AccountDay;
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
  readonly slotDays: readonly ChargedSlotDay[];
  readonly chargeDays: readonly ChargeDayWrite[];
  /** By project, day and medium, in key order: rows that all writers share are taken in one order. */
  readonly projectDays: readonly ProjectDayChange[];
  /** By account id; only accounts with lines. */
  readonly charges: ReadonlyMap<string, AccountCharge>;
}

/**
 * Rates every changed day and compares with how it was charged before.
 * @param spansOfPoint the accounts of a metering point, of all times
 */
export function planCharges(
  changes: readonly DayChange[],
  spansOfPoint: (meteringPointId: string) => readonly AccountSpan[],
  book: PriceBook,
): ChargePlan {
  const slotDays: ChargedSlotDay[] = [];
  const chargeDays: ChargeDayWrite[] = [];
  const charges = new Map<string, AccountCharge>();
  const projectDays = new Map<string, ProjectDayChange>();
  for (const { before, slots } of changes) {
    const spans = spansOfPoint(slots.meteringPointId);
    const charge = rateSlotDay(slots, spans, book);
    const chargeBefore = before?.charge ?? emptyCharge(slots.consumption.length);
    if (before?.slots === slots && sameCharge(chargeBefore, charge)) continue;
    const chargeRevision = (before?.chargeRevision ?? 0) + 1;
    slotDays.push({ slots, charge, chargeRevision });
    if (chargeBefore.accountIds.length === 0 && charge.accountIds.length === 0) continue;
    const daysBefore = before === null ? [] : accountDays(before.slots, chargeBefore, book);
    const daysAfter = accountDays(slots, charge, book);
    for (const accountId of new Set([...chargeBefore.accountIds, ...charge.accountIds])) {
      const medium = mediumOf(spans, accountId);
      const day = daysAfter.find((candidate) => candidate.accountId === accountId) ?? nothing(accountId);
      const dayBefore =
        daysBefore.find((candidate) => candidate.accountId === accountId) ?? nothing(accountId);
      chargeDays.push({ slots, medium, chargeRevision, day });
      const lines = differenceLines(dayBefore.lines, day.lines);
      if (lines.length > 0) addCharge(charges, slots, accountId, medium, lines);
      addProjectDay(projectDays, slots, medium, {
        lines,
        before: dayBefore.slotsByQuality,
        after: day.slotsByQuality,
      });
    }
  }
  const inOrder = [...projectDays].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, change]) => change);
  return { slotDays, chargeDays, projectDays: inOrder, charges };
}

function addProjectDay(
  days: Map<string, ProjectDayChange>,
  { projectId, localDay }: SlotDay,
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

const nothing = (accountId: string): AccountDay => ({ accountId, lines: [], slotsByQuality: [0, 0, 0, 0] });

function mediumOf(spans: readonly AccountSpan[], accountId: string): Medium {
  const span = spans.find((candidate) => candidate.accountId === accountId);
  if (span === undefined)
    throw new Error(`account ${accountId} was charged for a metering point that it never had`);
  return span.medium;
}

function addCharge(
  charges: Map<string, AccountCharge>,
  slots: SlotDay,
  accountId: string,
  medium: Medium,
  lines: readonly DayLine[],
): void {
  let charge = charges.get(accountId);
  if (charge === undefined)
    charges.set(accountId, (charge = { projectId: slots.projectId, accountId, lines: [] }));
  const { meteringPointId, segmentId, localDay } = slots;
  for (const line of lines) charge.lines.push({ ...line, meteringPointId, segmentId, localDay, medium });
}

const sameCharge = (a: SlotDayCharge, b: SlotDayCharge): boolean =>
  sameList(a.accountIds, b.accountIds) &&
  sameList(a.priceVersionIds, b.priceVersionIds) &&
  sameList(a.accountIndex, b.accountIndex) &&
  sameList(a.versionIndex, b.versionIndex) &&
  sameList(a.amountMicros, b.amountMicros);

const sameList = (a: readonly unknown[], b: readonly unknown[]): boolean =>
  a.length === b.length && a.every((item, index) => item === b[index]);

/** The record other packages read. */
export function chargeDayRecord({ slots, day, chargeRevision }: ChargeDayWrite): ChargeDay {
  const lines: ChargeDay['lines'] = [];
  let unpricedConsumption = 0;
  for (const { period, priceVersionId, consumption, amountMicros } of day.lines) {
    if (period === null || priceVersionId === null) unpricedConsumption += consumption;
    else lines.push({ period, priceVersionId, consumption, amountMicros });
  }
  return {
    projectId: slots.projectId,
    accountId: day.accountId,
    meteringPointId: slots.meteringPointId,
    segmentId: slots.segmentId,
    localDay: slots.localDay,
    revision: chargeRevision,
    lines,
    unpricedConsumption,
  };
}
