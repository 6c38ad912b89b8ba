// SPDX-License-Identifier: Apache-2.0
/** Random numbers from a seed: a failure that prints its seed can be run again. */
export interface Random {
  /** Whole, 0 ≤ n < below. */
  below(below: number): number;
  shuffled<T>(items: readonly T[]): T[];
}

export function createRandom(seed: number): Random {
  let state = (seed ^ 0x9e3779b9) >>> 0;
  const next = (): number => {
    // xorshift32
    state ^= state << 13;
    state >>>= 0;
    state ^= state >>> 17;
    state ^= state << 5;
    state >>>= 0;
    return state / 2 ** 32;
  };
  const below = (limit: number): number => Math.floor(next() * limit);
  return {
    below,
    shuffled(items) {
      const result = [...items];
      for (let index = result.length - 1; index > 0; index -= 1) {
        const other = below(index + 1);
        [result[index], result[other]] = [
          result[other] as (typeof result)[number],
          result[index] as (typeof result)[number],
        ];
      }
      return result;
    },
  };
}
