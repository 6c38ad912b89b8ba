// SPDX-License-Identifier: Apache-2.0
/** The readings of one record, by register, in order of time, each instant once. */
import type { ReadingBatch } from '@wattledger/contracts';
import type { KeptReading } from './kept-reading.ts';
import type { MeterEffects } from './meter-effects.ts';
import { sameValue } from './unit-reading.ts';
import { verdicts } from './verdict.ts';

/** Before this no meter of ours counted: an instant before it is a broken clock. */
const instantMsMin = Date.UTC(2000, 0, 1);
/** How far a meter's clock may run ahead of the collector's. */
const aheadMsMax = 3_600_000;

export interface RegisterReadings {
  readonly register: string;
  readonly readings: readonly KeptReading[];
}

/** Impossible instants and second values for an instant are set aside; repetitions are counted. */
export function readingsByRegister(
  batch: ReadingBatch,
  offset: number,
  effects: MeterEffects,
): RegisterReadings[] {
  const byRegister = new Map<string, KeptReading[]>();
  for (const series of batch.series) {
    let list = byRegister.get(series.register);
    if (list === undefined) byRegister.set(series.register, (list = []));
    collect(batch, series, offset, list, effects);
  }
  return [...byRegister].map(([register, readings]) => ({
    register,
    readings: inOrder(register, readings, effects),
  }));
}

function collect(
  batch: ReadingBatch,
  series: ReadingBatch['series'][number],
  offset: number,
  into: KeptReading[],
  effects: MeterEffects,
): void {
  const { instants, values, scaler, quality, register } = series;
  const { source, receivedAt } = batch;
  const instantMsMax = receivedAt + aheadMsMax;
  effects.received += instants.length;
  for (let index = 0; index < instants.length; index += 1) {
    const instantMs = instants[index] as number;
    const value = values[index] as number;
    if (instantMs < instantMsMin || instantMs > instantMsMax) {
      effects.putAside('impossible-instant', register, {
        instantMs,
        value,
        scaler,
        quality,
        source,
        receivedAt,
        logOffset: offset,
      });
      continue;
    }
    into.push({
      instantMs,
      value,
      scaler,
      quality,
      source,
      receivedAt,
      logOffset: offset,
      verdict: verdicts.accepted,
      revision: offset,
    });
  }
}

function inOrder(register: string, readings: KeptReading[], effects: MeterEffects): readonly KeptReading[] {
  if (isAscending(readings)) return readings;
  // Stable: of several values for an instant the first in the record stands.
  readings.sort((a, b) => a.instantMs - b.instantMs);
  const kept: KeptReading[] = [];
  for (const reading of readings) {
    const before = kept.at(-1);
    if (before === undefined || before.instantMs !== reading.instantMs) kept.push(reading);
    else if (sameValue(before, reading)) effects.repeated += 1;
    else effects.putAside('conflict', register, reading);
  }
  return kept;
}

function isAscending(readings: readonly KeptReading[]): boolean {
  for (let index = 1; index < readings.length; index += 1) {
    if ((readings[index] as KeptReading).instantMs <= (readings[index - 1] as KeptReading).instantMs)
      return false;
  }
  return true;
}
