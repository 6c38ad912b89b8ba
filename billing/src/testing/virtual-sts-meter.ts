// SPDX-License-Identifier: Apache-2.0
/**
 * A payment meter for tests, written apart from the encoder and from the other end: it takes twenty digits, decrypts with
 * inverted tables on arrays of bits, checks the check sum by long division, refuses an identifier that it took before,
 * and adds credit.
 */

export type TokenVerdict = 'accepted' | 'used' | 'not-for-this-meter' | 'no-token';

export interface VirtualMeter {
  enter(token: string): TokenVerdict;
  readonly tenths: { readonly electricity: number; readonly water: number };
  readonly identifiers: readonly number[];
}

type Bits = readonly number[];

/** From the least bit to the highest. */
const bitsOf = (value: bigint, width: number): Bits =>
  Array.from({ length: width }, (_, at) => Number((value >> BigInt(at)) & 1n));
const valueOf = (bits: Bits): number => bits.reduceRight((value, bit) => value * 2 + bit, 0);
const rotated = (bits: Bits, up: number): Bits => bits.map((_, at) => bits[(at - up + 128) % 64] ?? 0);

/** What each nibble was before it was substituted, while the key's bit was 0 and while it was 1. */
const before = [
  [9, 11, 6, 5, 12, 7, 14, 2, 13, 3, 1, 15, 4, 8, 0, 10],
  [12, 6, 2, 7, 13, 9, 5, 4, 1, 10, 14, 8, 0, 3, 15, 11],
] as const;

/** Where each bit came from: the inverse of the places in the standard transfer algorithm. */
const cameFrom = [
  55, 54, 8, 25, 27, 47, 16, 26, 59, 14, 2, 51, 18, 46, 61, 52, 23, 53, 3, 37, 29, 5, 9, 42, 4, 31, 63, 12,
  45, 39, 43, 41, 28, 35, 57, 7, 17, 20, 21, 50, 48, 44, 1, 11, 6, 62, 38, 60, 40, 36, 15, 32, 33, 22, 34, 0,
  10, 56, 13, 58, 49, 19, 24, 30,
] as const;

function decrypted(decoderKey: bigint, encrypted: Bits): Bits {
  const first = rotated(
    bitsOf(decoderKey, 64).map((bit) => 1 - bit),
    -12,
  );
  let block = encrypted;
  for (let round = 15; round >= 0; round -= 1) {
    const key = rotated(first, round);
    const back: number[] = cameFrom.map(() => 0);
    for (const [to, from] of cameFrom.entries()) back[from] = block[to] ?? 0;
    block = Array.from({ length: 16 }, (_, nibble) => {
      const table = before[(key[4 * nibble + 3] ?? 0) as 0 | 1];
      return bitsOf(BigInt(table[valueOf(back.slice(4 * nibble, 4 * nibble + 4))] ?? 0), 4);
    }).flat();
  }
  return block;
}

/** Remainder by 1 + x² + x¹⁵ + x¹⁶ of the bytes, each with its least bit first, the register filled with ones. */
function remainderOf(bytes: readonly number[]): number {
  let register: Bits = Array.from({ length: 16 }, () => 1);
  for (const bit of bytes.flatMap((byte) => bitsOf(BigInt(byte), 8))) {
    const out = (register[15] ?? 0) ^ bit;
    const moved = [0, ...register.slice(0, 15)];
    register = moved.map((one, power) => (out === 1 && [0, 2, 15].includes(power) ? 1 - one : one));
  }
  // The highest power is the least bit of the number that is sent, low byte in front.
  const sent = valueOf([...register].reverse());
  return ((sent & 0xff) << 8) | (sent >> 8);
}

function tenthsOf(code: number): number {
  const ends = [0, 16_384, 180_224, 1_818_624];
  const exponent = code >> 14;
  return (ends[exponent] ?? 0) + (code & 0x3fff) * 10 ** exponent;
}

/** @param decoderKey as it was put into the meter in the factory */
export function virtualMeter(decoderKey: bigint): VirtualMeter {
  const taken: number[] = [];
  const tenths = { electricity: 0, water: 0 };
  return {
    tenths,
    identifiers: taken,
    enter(token) {
      if (!/^\d{20}$/.test(token) || BigInt(token) >= 1n << 66n) return 'no-token';
      const typed = bitsOf(BigInt(token), 66);
      const tokenClass = valueOf(typed.slice(27, 29));
      const encrypted = [...typed.slice(0, 27), ...typed.slice(64, 66), ...typed.slice(29, 64)];
      const block = decrypted(decoderKey, encrypted);
      const bytes = Array.from({ length: 6 }, (_, at) => valueOf(block.slice(16 + 8 * at, 24 + 8 * at)));
      if (remainderOf([...bytes, tokenClass].reverse()) !== valueOf(block.slice(0, 16)))
        return 'not-for-this-meter';
      const subClass = valueOf(block.slice(60));
      if (tokenClass !== 0 || subClass > 1) return 'not-for-this-meter';
      const identifier = valueOf(block.slice(32, 56));
      if (taken.includes(identifier)) return 'used';
      taken.push(identifier);
      tenths[subClass === 0 ? 'electricity' : 'water'] += tenthsOf(valueOf(block.slice(16, 32)));
      return 'accepted';
    },
  };
}
