// SPDX-License-Identifier: Apache-2.0
import type { ReadingSource } from '@wattledger/contracts';
import type { Verdict } from './verdict.ts';

/** A reading on a register's time line as the warehouse keeps it. */
export interface KeptReading {
  readonly instantMs: number;
  readonly value: number;
  readonly scaler: number;
  readonly quality: number;
  readonly source: ReadingSource;
  readonly receivedAt: number;
  /** Offset of the record that first brought it. */
  readonly logOffset: number;
  verdict: Verdict;
  /** Offset of the record that gave the verdict. */
  revision: number;
}
