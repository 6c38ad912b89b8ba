// SPDX-License-Identifier: Apache-2.0
/** A meter in the course of its records: what the parts of the fold hand on to one another. */
import type { MeterLogRecord } from '@wattledger/contracts';
import type { KnownRegister, StoredReadings } from './known-register.ts';
import type { MeterEffects } from './meter-effects.ts';
import type { MeterState } from './meter-state.ts';

export interface MeterRecord {
  readonly offset: number;
  readonly recordedAtMs: number;
  readonly value: MeterLogRecord;
}

/** Stored readings wanted of a register: all within the span, by records before the position. */
export interface Wanted {
  readonly register: string;
  readonly fromMs: number;
  readonly toMs: number;
  /** Which side did not reach far enough the last time. */
  readonly side: 'both' | 'left' | 'right' | 'all';
}

/** Thrown inside the fold; becomes FoldNeeds. */
export class WantsStored extends Error {
  readonly wanted: Wanted;
  constructor(wanted: Wanted) {
    super(`stored readings of register ${wanted.register} are wanted`);
    this.name = 'WantsStored';
    this.wanted = wanted;
  }
}

/** A meter in the course of its records. */
export interface Course {
  readonly records: readonly MeterRecord[];
  readonly effects: MeterEffects;
  readonly stored: ReadonlyMap<string, StoredReadings>;
  readonly position: number;
  state: MeterState;
  /** Registers on the slow path. */
  readonly known: Map<string, KnownRegister>;
}
