// SPDX-License-Identifier: Apache-2.0
/** The clock registers of a simulated meter: they run, a fault makes them wrong, and whoever writes them sets them. */
import { Buffer } from 'node:buffer';
import { DateTime } from 'luxon';
import { rowOf, type RegisterMap } from '../register-maps/index.ts';

export interface SimulatedClock {
  /** Puts what the clock shows into registers that were read. */
  show(bytes: Buffer, address: number, instantMs: number): void;
  /** Takes words that were written there, when they are the whole clock. */
  set(address: number, words: readonly number[], instantMs: number): void;
}

/** @param driftMs how far it is ahead of the true time */
export function simulatedClock(map: RegisterMap, zone: string, driftMs: () => number): SimulatedClock | null {
  const facts = map.settings?.clock;
  const [first] = facts?.rows ?? [];
  if (facts === undefined || first === undefined) return null;
  const { address: from } = rowOf(map, first);
  let setMs = 0;
  return {
    show(bytes, address, instantMs) {
      const shown = DateTime.fromMillis(instantMs + driftMs() + setMs, { zone });
      const parts: Record<string, number> = { ...shown.toObject(), year: shown.year % 100 };
      for (const [at, part] of facts.bytes.entries()) {
        const index = 2 * (from - address) + at;
        if (index >= 0 && index < bytes.length) bytes.writeUInt8(parts[part] ?? 0, index);
      }
    },
    set(address, words, instantMs) {
      if (address !== from || words.length !== facts.bytes.length / 2) return;
      const written = Buffer.from(words.flatMap((word) => [word >> 8, word & 0xff]));
      const parts = Object.fromEntries(facts.bytes.map((part, at) => [part, written[at]]));
      const at = DateTime.fromObject({ ...parts, year: 2000 + (parts['year'] ?? 0) }, { zone });
      if (at.isValid) setMs = at.toMillis() - instantMs - driftMs();
    },
  };
}
