// SPDX-License-Identifier: Apache-2.0
/**
 * The tables of one meter in memory, with the rule of the warehouse (greatest revision of a key counts) and of the
 * consumer (rows before state): for laws of the fold on thousands of histories.
 */
import type { MeterLogRecord } from '@wattledger/contracts';
import type { MeterRecord } from '../interval-energy/course.ts';
import type { KeptReading } from '../interval-energy/kept-reading.ts';
import type { StoredReadings } from '../interval-energy/known-register.ts';
import { foldMeter, type Folded } from '../interval-energy/meter-fold.ts';
import type { SetAside, SlotContent } from '../interval-energy/meter-effects.ts';
import { unknownMeter, type MeterState } from '../interval-energy/meter-state.ts';
import { spanToLoad } from '../interval-energy/stored-span.ts';
import { wordOfVerdict } from '../interval-energy/verdict.ts';

export class MemoryTables {
  state: MeterState = unknownMeter('prj_1', 'mtr_1');
  /** `register instant` → row. */
  readonly readings = new Map<string, KeptReading & { register: string }>();
  /** `point quantity segment start` → row. */
  readonly slots = new Map<string, SlotContent>();
  readonly setAside = new Map<string, SetAside>();
  readonly held = new Map<string, number>();
  /** How often stored readings had to be looked up. */
  lookUps = 0;
  readonly #marginMs: number;

  /** @param marginMs how far beyond the readings of a batch stored ones are looked up: small, so that every edge is met */
  constructor(marginMs: number) {
    this.#marginMs = marginMs;
  }

  /** Folds a batch and keeps everything, or crashes between rows and state. */
  apply(records: readonly MeterRecord[], crash = false): void {
    const folded = this.#fold(records);
    this.#writeRows(folded);
    if (crash) return;
    this.state = folded.state;
    for (const aside of folded.effects.setAside) {
      const key = `${aside.reason} ${aside.register} ${aside.instantMs} ${aside.value} ${aside.scaler}`;
      if (!this.setAside.has(key)) this.setAside.set(key, aside);
    }
    for (const [register, counts] of folded.effects.heldChange) {
      for (const [verdict, difference] of counts) {
        const key = `${register} ${wordOfVerdict(verdict)}`;
        this.held.set(key, (this.held.get(key) ?? 0) + difference);
      }
    }
  }

  #fold(records: readonly MeterRecord[]): Folded {
    const position = records[0]?.offset ?? 0;
    const stored = new Map<string, StoredReadings>();
    for (;;) {
      const folded = foldMeter(this.state, records, stored, position);
      if (folded.wanted === null) return folded;
      const { wanted } = folded;
      const tried = stored.get(wanted.register);
      const span = spanToLoad(wanted, tried, this.#marginMs);
      if (tried !== undefined && span.fromMs === tried.fromMs && span.toMs === tried.toMs)
        throw new Error('the fold wants what it has');
      this.lookUps += 1;
      stored.set(wanted.register, {
        ...span,
        readings: this.#stored(wanted.register, span.fromMs, span.toMs, position),
      });
    }
  }

  #stored(register: string, fromMs: number, toMs: number, position: number): KeptReading[] {
    return [...this.readings.values()]
      .filter(
        (row) =>
          row.register === register &&
          row.instantMs >= fromMs &&
          row.instantMs <= toMs &&
          row.logOffset < position,
      )
      .sort((a, b) => a.instantMs - b.instantMs)
      .map(({ register: _register, ...reading }) => ({ ...reading }));
  }

  #writeRows(folded: Folded): void {
    for (const [register, rows] of folded.effects.readings) {
      for (const row of rows.values()) {
        const key = `${register} ${row.instantMs}`;
        const stored = this.readings.get(key);
        if (stored === undefined || stored.revision <= row.revision)
          this.readings.set(key, { ...row, register });
      }
    }
    for (const [segment, { slots }] of folded.effects.slots) {
      for (const [start, content] of slots) {
        const key = `${segment} ${start}`;
        const stored = this.slots.get(key);
        if (stored === undefined || stored.revision <= content.revision) this.slots.set(key, content);
      }
    }
  }

  /** What a reader sees: no revisions, nothing that vanished. */
  contents(): Record<string, unknown> {
    const slots = [...this.slots]
      .filter(([, slot]) => !slot.deleted)
      .map(([key, slot]) => [key, slot.consumption, slot.quality]);
    const readings = [...this.readings].map(([key, row]) => [
      key,
      row.value,
      row.scaler,
      row.quality,
      wordOfVerdict(row.verdict),
    ]);
    return { slots: sorted(slots), readings: sorted(readings) };
  }

  /** Everything, revisions included. */
  rows(): Record<string, unknown> {
    return {
      slots: sorted([...this.slots].map(([key, slot]) => [key, slot])),
      readings: sorted([...this.readings].map(([key, row]) => [key, row])),
      setAside: sorted([...this.setAside]),
      held: sorted([...this.held].filter(([, count]) => count !== 0)),
    };
  }
}

function sorted<T extends readonly unknown[]>(rows: T[]): T[] {
  return rows.sort((a, b) => (String(a[0]) < String(b[0]) ? -1 : 1));
}

export function recordsOf(values: readonly MeterLogRecord[]): MeterRecord[] {
  return values.map((value, offset) => ({ offset: offset + 1, recordedAtMs: 0, value }));
}
