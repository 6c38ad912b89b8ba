// SPDX-License-Identifier: Apache-2.0
/**
 * Partition of a key: FNV-1a (32 bit) of its UTF-8 bytes, reduced by the partition count. Part of the stored format:
 * both adapters use it, and changing it would break the order of keys that are already in a log.
 */
const encoder = new TextEncoder();

export function partitionOf(key: string, partitionCount: number): number {
  if (partitionCount === 1) return 0;
  let hash = 0x811c9dc5;
  for (const byte of encoder.encode(key)) hash = Math.imul(hash ^ byte, 0x01000193);
  return (hash >>> 0) % partitionCount;
}
