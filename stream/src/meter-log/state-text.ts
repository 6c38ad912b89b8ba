// SPDX-License-Identifier: Apache-2.0
/** Text form of a segment's state: arrays, because there is one per register and batch. */
import type { Doubt } from '../interval-energy/register-judge.ts';
import type { Extent, SegmentState, Tail } from '../interval-energy/segment-state.ts';
import type { SlotPart } from '../interval-energy/slot-span.ts';
import type { UnitReading } from '../interval-energy/unit-reading.ts';
import type { Verdict } from '../interval-energy/verdict.ts';

type ReadingText = [instantMs: number, value: number, scaler: number, quality: number, baseUnits: number];
type PartText = [consumption: number, mask: number];
type ExtentText = [
  fromMs: number,
  first: ReadingText,
  last: ReadingText,
  firstPart: PartText,
  lastPart: PartText,
];
type DoubtText = [sinceMs: number, newest: ReadingText, confirmed: 0 | 1, verdict: Verdict];
type TailText = [fromMs: number, toMs: number, doubt: DoubtText | null];
interface StateText {
  readonly extents: readonly ExtentText[];
  readonly tail: TailText | null;
  readonly endRefused: boolean;
}

const readingText = (reading: UnitReading): ReadingText => [
  reading.instantMs,
  reading.value,
  reading.scaler,
  reading.quality,
  reading.baseUnits,
];
const partText = (part: SlotPart): PartText => [part.consumption, part.mask];
const extentText = (extent: Extent): ExtentText => [
  extent.fromMs,
  readingText(extent.first),
  readingText(extent.last),
  partText(extent.firstPart),
  partText(extent.lastPart),
];
const doubtText = (doubt: Doubt): DoubtText => [
  doubt.sinceMs,
  readingText(doubt.newest),
  doubt.confirmed ? 1 : 0,
  doubt.verdict,
];
const tailText = (tail: Tail): TailText => [
  tail.fromMs,
  tail.toMs,
  tail.doubt === null ? null : doubtText(tail.doubt),
];

export function textOfState(state: SegmentState): string {
  const text: StateText = {
    extents: state.extents.map(extentText),
    tail: state.tail === null ? null : tailText(state.tail),
    endRefused: state.endRefused,
  };
  return JSON.stringify(text);
}

const readingOf = ([instantMs, value, scaler, quality, baseUnits]: ReadingText): UnitReading => ({
  instantMs,
  value,
  scaler,
  quality,
  baseUnits,
});
const partOf = ([consumption, mask]: PartText): SlotPart => ({ consumption, mask });
const extentOf = ([fromMs, first, last, firstPart, lastPart]: ExtentText): Extent => ({
  fromMs,
  first: readingOf(first),
  last: readingOf(last),
  firstPart: partOf(firstPart),
  lastPart: partOf(lastPart),
});
const doubtOf = ([sinceMs, newest, confirmed, verdict]: DoubtText): Doubt => ({
  sinceMs,
  newest: readingOf(newest),
  confirmed: confirmed === 1,
  verdict,
});
const tailOf = ([fromMs, toMs, doubt]: TailText): Tail => ({
  fromMs,
  toMs,
  doubt: doubt === null ? null : doubtOf(doubt),
});

/** The columns that are kept beside the text. */
export type StateCounts = Pick<SegmentState, 'rollovers' | 'rolloverConsumption' | 'readings'>;

export function stateOfText(text: string, counts: StateCounts): SegmentState {
  const { extents, tail, endRefused } = JSON.parse(text) as StateText;
  return { extents: extents.map(extentOf), tail: tail === null ? null : tailOf(tail), endRefused, ...counts };
}
