// SPDX-License-Identifier: Apache-2.0
/**
 * EA07, the standard transfer algorithm of IEC 62055-41: sixteen rounds on a block of 64 bits. A bit of the turning key
 * chooses one of two substitutions for each nibble; then the bits change places.
 *
 * The printed standard shows sample tables. These are the ones with which the published conformance tokens of the STS
 * Association come out (see sts-vectors.test.ts); where they are from: docs/decisions/0024-meter-side-prepayment.md.
 */
import { bitOf, complementOf, nibbleOf, rotatedLeft } from './bits.ts';

const rounds = 16;
const nibbles = 16;

/** The substitution while the key's bit is 0, and while it is 1. */
const substitutions: readonly (readonly number[])[] = [
  [14, 10, 7, 9, 12, 3, 2, 5, 13, 0, 15, 1, 4, 8, 6, 11],
  [12, 8, 2, 13, 7, 6, 1, 3, 11, 5, 9, 15, 0, 4, 10, 14],
];

/** Bit n goes to place permutation[n]. */
const permutation: readonly number[] = [
  55, 42, 10, 18, 24, 21, 44, 35, 2, 22, 56, 43, 27, 58, 9, 50, 6, 36, 12, 61, 37, 38, 53, 16, 62, 3, 7, 4,
  32, 20, 63, 25, 51, 52, 54, 33, 49, 19, 46, 29, 48, 31, 23, 30, 41, 28, 13, 5, 40, 60, 39, 11, 15, 17, 1, 0,
  57, 34, 59, 8, 47, 14, 45, 26,
];

/** @param decoderKey 64 bits, the byte that is printed first being the least */
export function encryptBlock(decoderKey: bigint, block: bigint): bigint {
  let key = rotatedLeft(complementOf(decoderKey), 64 - 12);
  let word = block;
  for (let round = 0; round < rounds; round += 1) {
    word = permuted(substituted(key, word));
    key = rotatedLeft(key, 1);
  }
  return word;
}

function substituted(key: bigint, word: bigint): bigint {
  let result = 0n;
  for (let nibble = 0; nibble < nibbles; nibble += 1) {
    const table = substitutions[bitOf(key, 4 * nibble + 3)] as readonly number[];
    result |= BigInt(table[nibbleOf(word, nibble)] as number) << BigInt(4 * nibble);
  }
  return result;
}

function permuted(word: bigint): bigint {
  let result = 0n;
  for (const [from, to] of permutation.entries()) result |= BigInt(bitOf(word, from)) << BigInt(to);
  return result;
}
