// SPDX-License-Identifier: Apache-2.0
/**
 * Credit tokens of class 0: sub-class, random number, identifier, amount and check sum make 64 bits, which are encrypted;
 * the two bits of the class take the places of bits 27 and 28, and those go in front: 66 bits, twenty digits.
 */
import { bitOf, withBit } from './bits.ts';
import { codeOfTenths } from './amount-code.ts';
import { encryptBlock } from './standard-transfer-algorithm.ts';

/** Sub-classes of class 0 that we sell. */
export const creditSubClasses = { electricity: 0, water: 1 } as const;
export type CreditMedium = keyof typeof creditSubClasses;

export interface CreditTokenParts {
  readonly medium: CreditMedium;
  /** Four bits, so that the same amount in the same minute looks different. */
  readonly random: number;
  /** Twenty-four bits. */
  readonly tokenIdentifier: number;
  /** Tenths of a kWh or of a cubic metre. */
  readonly tenths: number;
}

const tokenClass = 0n;

/** Twenty digits. */
export function creditToken(decoderKey: bigint, parts: CreditTokenParts): string {
  const encrypted = encryptBlock(decoderKey, dataBlock(parts));
  const freed = (BigInt(bitOf(encrypted, 28)) << 1n) | BigInt(bitOf(encrypted, 27));
  const low = withBit(withBit(encrypted, 27, Number(tokenClass & 1n)), 28, Number(tokenClass >> 1n));
  return ((freed << 64n) | low).toString().padStart(20, '0');
}

function dataBlock({ medium, random, tokenIdentifier, tenths }: CreditTokenParts): bigint {
  const upper =
    (BigInt(creditSubClasses[medium]) << 44n) |
    (BigInt(random) << 40n) |
    (BigInt(tokenIdentifier) << 16n) |
    BigInt(codeOfTenths(tenths));
  return (upper << 16n) | BigInt(checkSum((tokenClass << 48n) | upper));
}

const checkedBytes = 7;

/** CRC-16 (polynomial 8005 mirrored, from FFFF) over class and contents, the highest byte first, its two bytes swapped. */
function checkSum(word: bigint): number {
  let crc = 0xffff;
  for (let byte = checkedBytes - 1; byte >= 0; byte -= 1) {
    crc ^= Number((word >> BigInt(8 * byte)) & 0xffn);
    for (let bit = 0; bit < 8; bit += 1) crc = (crc & 1) === 1 ? (crc >> 1) ^ 0xa001 : crc >> 1;
  }
  return ((crc & 0xff) << 8) | (crc >> 8);
}
