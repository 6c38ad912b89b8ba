// SPDX-License-Identifier: Apache-2.0
/** What every part of the plaza is made with: its seed, its floors, and who is short of money. */
import { drawBelow, seedOf } from '@wattledger/ingest';
import type { Habit } from './site-plan.ts';

export const plazaCode = 'LTP';

export const seed = seedOf(75_000, plazaCode);

/** Whole number in [from, to], the same for the same unit at every start. */
export const between = (from: number, to: number, unit: string, what: number): number =>
  from + drawBelow(to - from + 1, seedOf(seed, unit), what, 0);

export const kWh = 1000;

/** Who is short of money: by code, so that everybody finds them again. */
// prettier-ignore
const habits: ReadonlyMap<string, Habit> = new Map<string, Habit>([
  ...['L1-07', 'L2-11', 'L2-24', 'L3-05', 'B1-09', 'R4-12', 'R5-21', 'R6-03', 'O09-02'].map((code) => [code, 'low-1'] as const),
  ...['L1-18', 'L2-30', 'L3-22', 'R4-27', 'R6-18', 'O14-05'].map((code) => [code, 'low-2'] as const),
  ...['L1-03', 'L2-05', 'L3-19', 'R5-08'].map((code) => [code, 'nearly-out'] as const),
  ...['L2-17', 'R6-30', 'O12-06'].map((code) => [code, 'cut-off'] as const),
]);

export const habitOf = (unit: string): Habit => habits.get(unit) ?? 'comfortable';

export const podiumFloors = ['B1', 'L1', 'L2', 'L3'] as const;

export const residenceFloors = ['R4', 'R5', 'R6'] as const;

export const two = (value: number): string => String(value).padStart(2, '0');

export const hotelFloors = Array.from({ length: 8 }, (_, index) => `H${two(7 + index)}`);

export const officeFloors = Array.from({ length: 12 }, (_, index) => `O${two(7 + index)}`);
