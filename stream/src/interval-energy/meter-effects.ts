// SPDX-License-Identifier: Apache-2.0
/** What the records of one meter do to the tables: the newest content of each row, with the record that caused it. */
import type { ReadingSource } from '@wattledger/contracts';
import type { KeptReading } from './kept-reading.ts';
import type { SegmentInForce } from './segment-plan.ts';
import { qualityOfMask, type SlotRun } from './slot-span.ts';
import { verdicts, type Verdict } from './verdict.ts';

/** A reading that cannot stand on a time line. */
export interface SetAside {
  readonly reason: 'conflict' | 'impossible-instant';
  readonly register: string;
  readonly instantMs: number;
  readonly value: number;
  readonly scaler: number;
  readonly quality: number;
  readonly source: ReadingSource;
  readonly receivedAt: number;
  readonly logOffset: number;
}

export interface SlotContent {
  readonly consumption: number;
  readonly quality: number;
  readonly revision: number;
  /** Nothing is known of the slot any more. */
  readonly deleted: boolean;
}

/** Slots of one segment at one metering point that changed. */
export interface SegmentSlots {
  readonly segmentId: string;
  readonly meteringPointId: string;
  readonly quantity: string;
  readonly register: string;
  readonly slots: Map<number, SlotContent>;
  /** When the collector had the newest reading that caused a change. */
  receivedAt: number;
}

export class MeterEffects {
  /** register → instant → row to write. */
  readonly readings = new Map<string, Map<number, KeptReading>>();
  readonly setAside: SetAside[] = [];
  readonly slots = new Map<string, SegmentSlots>();
  /** Change in the number of held readings: register → verdict → difference. */
  readonly heldChange = new Map<string, Map<Verdict, number>>();
  /** Readings that came, that were new, that were there already. */
  received = 0;
  kept = 0;
  repeated = 0;

  /** A reading that cannot stand on the time line. */
  putAside(
    reason: SetAside['reason'],
    register: string,
    reading: Omit<SetAside, 'reason' | 'register'>,
  ): void {
    const { instantMs, value, scaler, quality, source, receivedAt, logOffset } = reading;
    this.setAside.push({
      reason,
      register,
      instantMs,
      value,
      scaler,
      quality,
      source,
      receivedAt,
      logOffset,
    });
  }

  /** A reading enters the time line. */
  keep(register: string, reading: KeptReading): void {
    this.kept += 1;
    this.#countHeld(register, reading.verdict, 1);
    this.#write(register, reading);
  }

  /** A stored reading is judged anew. */
  judgeAgain(register: string, reading: KeptReading, verdict: Verdict, revision: number): void {
    this.#countHeld(register, reading.verdict, -1);
    this.#countHeld(register, verdict, 1);
    reading.verdict = verdict;
    reading.revision = revision;
    this.#write(register, reading);
  }

  #write(register: string, reading: KeptReading): void {
    let rows = this.readings.get(register);
    if (rows === undefined) this.readings.set(register, (rows = new Map()));
    rows.set(reading.instantMs, reading);
  }

  #countHeld(register: string, verdict: Verdict, difference: number): void {
    if (verdict === verdicts.accepted) return;
    let counts = this.heldChange.get(register);
    if (counts === undefined) this.heldChange.set(register, (counts = new Map()));
    counts.set(verdict, (counts.get(verdict) ?? 0) + difference);
  }

  segmentSlots(inForce: SegmentInForce, receivedAt: number): SegmentSlots {
    const { segmentId, meteringPointId, quantity, register } = inForce.segment;
    const key = `${meteringPointId} ${quantity} ${segmentId}`;
    let found = this.slots.get(key);
    if (found === undefined)
      this.slots.set(
        key,
        (found = { segmentId, meteringPointId, quantity, register, slots: new Map(), receivedAt }),
      );
    found.receivedAt = Math.max(found.receivedAt, receivedAt);
    return found;
  }

  /** Slots laid anew; where the mask is 0 nothing is known. */
  layRun(inForce: SegmentInForce, run: SlotRun, revision: number, receivedAt: number): void {
    const { slots } = this.segmentSlots(inForce, receivedAt);
    const { consumption, mask, firstSlotMs, slotMs } = run;
    for (let index = 0; index < consumption.length; index += 1) {
      const bits = mask[index] as number;
      slots.set(
        firstSlotMs + index * slotMs,
        bits === 0
          ? { consumption: 0, quality: 3, revision, deleted: true }
          : {
              consumption: consumption[index] as number,
              quality: qualityOfMask(bits),
              revision,
              deleted: false,
            },
      );
    }
  }
}
