// SPDX-License-Identifier: Apache-2.0
/** One measured figure and what it should reach. */
export interface Figure {
  readonly work: string;
  /** As printed, with unit: "2.4 M readings/s". */
  readonly measured: string;
  /** What design asks for; null where it asks for nothing. */
  readonly reach: string | null;
  readonly reached: boolean | null;
  /** Sizes, method, ratio to the raw work of the same run. */
  readonly note: string;
}

export interface Benchmark {
  readonly name: string;
  /** One line: what is measured and how. */
  readonly about: string;
  run(): Promise<readonly Figure[]>;
}

export const perSecond = (count: number, elapsedMs: number): number => (count * 1000) / elapsedMs;

/** 1234567 → "1.23 M", 61234 → "61,200". */
export function rounded(value: number): string {
  if (value >= 1e6) return `${(value / 1e6).toPrecision(3)} M`;
  const digits = value >= 100 ? 3 : 2;
  return Number(value.toPrecision(digits)).toLocaleString('en');
}

/** p in [0, 1] of unsorted samples, nearest rank. */
export function percentile(samples: readonly number[], p: number): number {
  const sorted = [...samples].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.max(0, Math.ceil(p * sorted.length) - 1))] ?? Number.NaN;
}

export async function timed<T>(
  work: () => Promise<T> | T,
): Promise<{ readonly result: T; readonly elapsedMs: number }> {
  const began = performance.now();
  const result = await work();
  return { result, elapsedMs: performance.now() - began };
}
