// SPDX-License-Identifier: Apache-2.0
/** Registers to which something happens, as their meters would show it, and what each state of deciding must have counted. Pure. */
import { readAtMs, readEveryMs, type Span } from './naive-charge.ts';
import { createRandom } from './random.ts';

/** In this order each can follow the one before on one register of five digits. */
export const eventKinds = ['ratio-change', 'exchange', 'rollover', 'restart'] as const;
export type EventKind = (typeof eventKinds)[number];

export interface PointHistory {
  readonly code: string;
  readonly powerMax: number;
  readonly readings: readonly { readonly atMs: number; readonly value: number }[];
  /** Spans that count while so many of the events, from the first on, are decided. */
  readonly spansAfter: readonly (readonly Span[])[];
}

/** Secondary counts of 10 Wh behind transformers of 20. */
const countWh = 10;
const ratio = 20;
const width = 100_000;
const readingsBetween = 24;
const powerMax = 60_000;

interface Position {
  readonly atMs: number;
  readonly value: number;
}

/** Where a register begins, so that the rule can tell the event; before a rollover it is led to its very end. */
const startOf: Readonly<Record<EventKind, number>> = {
  'ratio-change': 2_345,
  exchange: 45_000,
  rollover: 0,
  restart: 60_000,
};
/** Where the new meter of an exchange stands. */
const exchangedAt = 91_234;

/** @param events in turn, with half a day of readings before each and after the last */
export function makeHistory(code: string, events: readonly EventKind[], beginMs: number): PointHistory {
  const random = createRandom(code.length * 7 + events.length);
  const readings: Position[] = [];
  const spans: Span[] = [];
  const spansAfter: Span[][] = [];
  // The register shows secondary counts, or from the change of ratio on as many times more.
  let factor = 1;
  let multiplier = ratio;
  let segment = 0;
  let atMs = beginMs + readAtMs;
  const pushReading = (value: number): void => {
    readings.push({ atMs, value });
    atMs += readEveryMs;
  };
  const drawSteps = (): number[] => Array.from({ length: readingsBetween }, () => 2 + random.below(6));
  const run = (value: number, steps: readonly number[]): number => {
    let shown = value;
    for (const step of steps) {
      shown += step * factor;
      const energyWh = step * factor * countWh * multiplier;
      spans.push({ segment, fromMs: atMs - readEveryMs, toMs: atMs, energyWh });
      pushReading(shown);
    }
    return shown;
  };
  const startBefore = (next: EventKind | undefined, steps: readonly number[], otherwise: number): number =>
    next === 'rollover' ? width - 1 - factor * steps.reduce((sum, step) => sum + step, 0) : otherwise;
  let steps = drawSteps();
  const start = startBefore(events[0], steps, startOf[events[0] ?? 'restart']);
  pushReading(start);
  let value = run(start, steps);
  for (const [index, kind] of events.entries()) {
    spansAfter.push([...spans]);
    const last = value;
    const fromMs = atMs - readEveryMs;
    const middleMs = Math.floor((fromMs + atMs) / 2);
    const step = (2 + random.below(6)) * factor;
    steps = drawSteps();
    switch (kind) {
      case 'ratio-change': {
        // From here on the meter multiplies by itself; the same energy in twenty times the counts.
        [factor, multiplier, segment] = [ratio, 1, segment + 1];
        const passed = step * ratio;
        value = last * ratio + passed;
        spans.push({ segment, fromMs: middleMs, toMs: atMs, energyWh: passed * countWh });
        break;
      }
      case 'exchange':
        // The new one stands at what it counted elsewhere; what passed since the last reading is known to nobody.
        segment += 1;
        value = startBefore(events[index + 1], steps, exchangedAt);
        break;
      case 'rollover':
        value = last + step - width;
        spans.push({ segment, fromMs, toMs: atMs, energyWh: step * countWh * multiplier });
        break;
      case 'restart':
        segment += 1;
        value = step;
        spans.push({ segment, fromMs: middleMs, toMs: atMs, energyWh: step * countWh * multiplier });
        break;
    }
    pushReading(value);
    value = run(value, steps);
  }
  spansAfter.push([...spans]);
  return { code, powerMax, readings, spansAfter };
}
