// SPDX-License-Identifier: Apache-2.0
/** Blocks of 64 bits as the standard counts them: bit 0 is the least. */

const width = 64n;
const allOnes = (1n << width) - 1n;

export const rotatedLeft = (word: bigint, by: number): bigint =>
  ((word << BigInt(by)) | (word >> (width - BigInt(by)))) & allOnes;

export const complementOf = (word: bigint): bigint => ~word & allOnes;

export const bitOf = (word: bigint, bit: number): number => Number((word >> BigInt(bit)) & 1n);

export const withBit = (word: bigint, bit: number, value: number): bigint =>
  (word & ~(1n << BigInt(bit))) | (BigInt(value) << BigInt(bit));

export const nibbleOf = (word: bigint, nibble: number): number => Number((word >> BigInt(4 * nibble)) & 0xfn);
