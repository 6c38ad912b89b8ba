// SPDX-License-Identifier: Apache-2.0
/** Which span of real time a row of an interval file speaks of. Pure. */
import type { IntervalFile } from '@wattledger/contracts/http/ingest';
import { readTime } from './time-text.ts';
import { zoneClock, type LocalMs, type ZoneClock } from './zone-clock.ts';

export interface Span {
  readonly startMs: number;
  /** Exclusive. Equal to the start in the spring gap. */
  readonly endMs: number;
  /** Begins at midnight of the file's clock: a later file may begin here. */
  readonly midnight: boolean;
}
export type LabelRead =
  | {
      readonly kind: 'span';
      readonly span: Span;
      /** The same label's second time in the hour that the clock repeats; only where the file writes both. */
      readonly second: Span | null;
    }
  | { readonly kind: 'fault'; readonly message: string };

export type LabelOptions = Pick<IntervalFile, 'zone' | 'slotMinutes' | 'label' | 'dayFirst' | 'autumnHour'>;

const dayMs = 86_400_000;
/** Files name a time once per meter: what was worked out is kept. Ten years of half-hours. */
const cacheMax = 200_000;

/** @throws RangeError when there is no such zone */
export function labelReader(options: LabelOptions): (text: string) => LabelRead {
  const clock = zoneClock(options.zone);
  const cache = new Map<string, LabelRead>();
  return (text) => {
    const known = cache.get(text);
    if (known !== undefined) return known;
    const read = readLabel(text.trim(), options, clock);
    if (cache.size >= cacheMax) cache.clear();
    cache.set(text, read);
    return read;
  };
}

function readLabel(text: string, options: LabelOptions, clock: ZoneClock): LabelRead {
  const time = readTime(text, options.dayFirst);
  if (time.kind === 'fault') return time;
  const lengthMs = options.slotMinutes * 60_000;
  const backMs = options.label === 'end' ? lengthMs : 0;
  if (time.kind === 'instant')
    return { kind: 'span', span: spanOf(clock, time.instantMs - backMs, lengthMs), second: null };
  const localStart: LocalMs = time.localMs - backMs;
  const instants = options.autumnHour === 'two-rows' ? clock.instantsOf(localStart) : [];
  const [first, second] = instants;
  if (first !== undefined && second !== undefined && lengthMs <= second - first) {
    return { kind: 'span', span: spanOf(clock, first, lengthMs), second: spanOf(clock, second, lengthMs) };
  }
  const span = {
    startMs: clock.boundaryMs(localStart),
    endMs: clock.boundaryMs(localStart + lengthMs),
    midnight: localStart % dayMs === 0,
  };
  return { kind: 'span', span, second: null };
}

function spanOf(clock: ZoneClock, startMs: number, lengthMs: number): Span {
  return { startMs, endMs: startMs + lengthMs, midnight: clock.localMsOf(startMs) % dayMs === 0 };
}
