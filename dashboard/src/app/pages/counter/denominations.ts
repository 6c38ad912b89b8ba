// SPDX-License-Identifier: Apache-2.0
/** Notes and coins in use, largest first, in micros. Currencies that are not here are counted as a sum. */
const units: Readonly<Record<string, readonly number[]>> = {
  CNY: [100, 50, 20, 10, 5, 1, 0.5, 0.1],
  EUR: [200, 100, 50, 20, 10, 5, 2, 1, 0.5, 0.2, 0.1, 0.05, 0.02, 0.01],
  USD: [100, 50, 20, 10, 5, 2, 1, 0.5, 0.25, 0.1, 0.05, 0.01],
  GBP: [50, 20, 10, 5, 2, 1, 0.5, 0.2, 0.1, 0.05, 0.02, 0.01],
  JPY: [10_000, 5_000, 2_000, 1_000, 500, 100, 50, 10, 5, 1],
  INR: [500, 200, 100, 50, 20, 10, 5, 2, 1],
  HKD: [1_000, 500, 100, 50, 20, 10, 5, 2, 1, 0.5, 0.2, 0.1],
};

export const denominationsOf = (currency: string): readonly number[] =>
  (units[currency] ?? []).map((value) => Math.round(value * 1_000_000));
