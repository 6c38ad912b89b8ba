// SPDX-License-Identifier: Apache-2.0
/**
 * Draws that depend on nothing but their arguments: the same seed and counters give the same number on every
 * machine, at any time, in any order. History made backwards and a register read live therefore agree.
 */

/** A 32-bit unsigned number from a seed and two counters (finaliser of MurmurHash3 over a multiplied sum). */
export function draw(seed: number, first: number, second: number): number {
  let bits = (seed ^ Math.imul(first, 0x9e3779b1) ^ Math.imul(second, 0x85ebca77)) | 0;
  bits = Math.imul(bits ^ (bits >>> 16), 0x85ebca6b);
  bits = Math.imul(bits ^ (bits >>> 13), 0xc2b2ae35);
  return (bits ^ (bits >>> 16)) >>> 0;
}

/** A whole number in [0, limit). `limit` at most 65,536. */
export function drawBelow(limit: number, seed: number, first: number, second: number): number {
  return Math.floor(((draw(seed, first, second) >>> 16) * limit) / 65_536);
}

/** A factor in permille around 1000: triangular between 1000 − spread and 1000 + spread. One draw, two halves. */
export function drawPermille(spread: number, seed: number, first: number, second: number): number {
  const bits = draw(seed, first, second);
  return 1000 - spread + Math.floor((spread * ((bits >>> 16) + (bits & 0xffff))) / 65_535);
}

/** A seed for a named thing under a general seed (FNV-1a over the name's code units). */
export function seedOf(seed: number, name: string): number {
  let bits = (0x811c9dc5 ^ seed) | 0;
  for (let index = 0; index < name.length; index += 1)
    bits = Math.imul(bits ^ name.charCodeAt(index), 0x01000193);
  return draw(bits, 1, 1);
}
