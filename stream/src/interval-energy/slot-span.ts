// SPDX-License-Identifier: Apache-2.0
/**
 * Energy between two neighbouring readings, laid on the slot grid in proportion to time. What has flowed up to an
 * instant is rounded, not each part, so the parts of a span add up to the whole exactly.
 */
import { divideRounded, qualityCodes } from '@wattledger/contracts';
import { roundedQuotient } from './base-units.ts';

/** Which qualities contributed to a slot: bit n stands for quality code n. */
export type QualityMask = number;
export const maskOf = (qualityCode: number): QualityMask => 1 << qualityCode;
const measured = maskOf(qualityCodes.measured);
const estimated = maskOf(qualityCodes.estimated);
const edited = maskOf(qualityCodes.edited);
const missing = maskOf(qualityCodes.missing);

/** One quality for a slot that several spans touch: only missing parts → missing; otherwise the least trustworthy of estimated, edited, measured, where a missing part counts as estimated. */
export function qualityOfMask(mask: QualityMask): number {
  if (mask === measured) return qualityCodes.measured;
  if (mask === missing) return qualityCodes.missing;
  if ((mask & (estimated | missing)) !== 0) return qualityCodes.estimated;
  return (mask & edited) !== 0 ? qualityCodes.edited : qualityCodes.measured;
}

/** What passed between two neighbouring accepted readings: base units over [fromMs, toMs). */
export interface EnergySpan {
  readonly fromMs: number;
  readonly toMs: number;
  readonly consumption: number;
  readonly mask: QualityMask;
}

/** Longer than this many slots between two readings is a gap: the total is measured, the shape is not. */
const gapSlots = 1.5;
export const isGap = (lengthMs: number, slotMs: number): boolean => lengthMs > gapSlots * slotMs;

/**
 * Quality of the span that ends at a reading of `qualityCode`. A missing span that moved nevertheless is estimated:
 * its total is known from the registers.
 */
export function maskOfSpan(
  lengthMs: number,
  slotMs: number,
  consumption: number,
  qualityCode: number,
): QualityMask {
  if (qualityCode === qualityCodes.missing) return consumption === 0 ? missing : estimated;
  return isGap(lengthMs, slotMs) ? estimated : maskOf(qualityCode);
}

/** What has flowed of a span by an instant inside it, in whole base units. */
export function flowedBy(span: EnergySpan, instantMs: number): number {
  if (instantMs <= span.fromMs) return 0;
  if (instantMs >= span.toMs) return span.consumption;
  const elapsed = instantMs - span.fromMs;
  const length = span.toMs - span.fromMs;
  const product = span.consumption * elapsed;
  if (Number.isSafeInteger(product)) return roundedQuotient(product, length);
  return Number(divideRounded(BigInt(span.consumption) * BigInt(elapsed), BigInt(length)));
}

/** Slots without a hole: slot i begins at firstSlotMs + i × slotMs. */
export interface SlotRun {
  readonly firstSlotMs: number;
  readonly slotMs: number;
  readonly consumption: number[];
  readonly mask: QualityMask[];
}

export const slotStart = (instantMs: number, slotMs: number): number =>
  Math.floor(instantMs / slotMs) * slotMs;
export const slotEnd = (instantMs: number, slotMs: number): number => Math.ceil(instantMs / slotMs) * slotMs;

/** An empty run over every slot that [fromMs, toMs) touches. */
export function emptyRun(fromMs: number, toMs: number, slotMs: number): SlotRun {
  const firstSlotMs = slotStart(fromMs, slotMs);
  const count = Math.max(0, slotEnd(toMs, slotMs) - firstSlotMs) / slotMs;
  return {
    firstSlotMs,
    slotMs,
    consumption: new Array<number>(count).fill(0),
    mask: new Array<number>(count).fill(0),
  };
}

/** Adds to one slot of a run; nothing when the slot is not part of it. */
export function addToRun(run: SlotRun, slotStartMs: number, part: SlotPart): void {
  const index = (slotStartMs - run.firstSlotMs) / run.slotMs;
  const consumption = run.consumption[index];
  if (consumption === undefined) return;
  run.consumption[index] = consumption + part.consumption;
  run.mask[index] = (run.mask[index] ?? 0) | part.mask;
}

/** Adds the span's parts to the slots of the run that it touches; parts outside the run are left out. */
export function layOnRun(run: SlotRun, span: EnergySpan): void {
  const { firstSlotMs, slotMs, consumption, mask } = run;
  let index = Math.max(0, Math.floor((span.fromMs - firstSlotMs) / slotMs));
  const end = Math.min(consumption.length, Math.ceil((span.toMs - firstSlotMs) / slotMs));
  let flowed = flowedBy(span, firstSlotMs + index * slotMs);
  for (; index < end; index += 1) {
    const flowedThen = flowedBy(span, firstSlotMs + (index + 1) * slotMs);
    consumption[index] = (consumption[index] as number) + flowedThen - flowed;
    mask[index] = (mask[index] as number) | span.mask;
    flowed = flowedThen;
  }
}

/** What is known of one slot so far. */
export interface SlotPart {
  readonly consumption: number;
  readonly mask: QualityMask;
}
export const nothing: SlotPart = { consumption: 0, mask: 0 };
export const joined = (a: SlotPart, b: SlotPart): SlotPart => ({
  consumption: a.consumption + b.consumption,
  mask: a.mask | b.mask,
});

/** The part of a span that falls into one slot. */
export function partInSlot(span: EnergySpan, slotStartMs: number, slotMs: number): SlotPart {
  if (span.toMs <= slotStartMs || span.fromMs >= slotStartMs + slotMs) return nothing;
  return { consumption: flowedBy(span, slotStartMs + slotMs) - flowedBy(span, slotStartMs), mask: span.mask };
}
