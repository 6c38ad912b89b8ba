// SPDX-License-Identifier: Apache-2.0
/** Dividing a pot by weights, exact to the last micro. Pure. */
import assert from 'node:assert/strict';

export interface WeightedLine {
  /** Decides ties: the smaller key gets the micro. */
  readonly key: string;
  readonly weight: bigint;
}

/**
 * Largest remainder: everyone gets the whole micros of the exact share, and the micros left go one each to the largest
 * remainders; of equal remainders the smaller key first. The sum is the pot; no share is negative; the order in which
 * lines are given changes nothing. With no weight at all nobody gets anything: the caller keeps the pot.
 */
export function allocatePot(potMicros: number, lines: readonly WeightedLine[]): ReadonlyMap<string, number> {
  assert.ok(
    Number.isSafeInteger(potMicros) && potMicros >= 0,
    'a pot is a whole number of micros, not negative',
  );
  const sum = lines.reduce((total, line) => total + line.weight, 0n);
  if (sum === 0n) return new Map(lines.map((line) => [line.key, 0]));
  const pot = BigInt(potMicros);
  const shares = lines.map(({ key, weight }) => {
    assert.ok(weight >= 0n, 'a weight is not negative');
    return { key, micros: (pot * weight) / sum, remainder: (pot * weight) % sum };
  });
  let left = pot - shares.reduce((total, share) => total + share.micros, 0n);
  const inOrder = [...shares].sort((a, b) =>
    a.remainder === b.remainder ? (a.key < b.key ? -1 : 1) : a.remainder > b.remainder ? -1 : 1,
  );
  const amounts = new Map<string, number>();
  for (const { key, micros } of inOrder) {
    const extra = left > 0n ? 1n : 0n;
    left -= extra;
    amounts.set(key, Number(micros + extra));
  }
  return amounts;
}
