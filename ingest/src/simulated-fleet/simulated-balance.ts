// SPDX-License-Identifier: Apache-2.0
/**
 * The balance of a simulated meter that keeps one, as its map's registers show it: a purchase is taken when its number is
 * the next of the meter's count, and added once. Nothing is deducted: the meter's own prices are not simulated. Forgotten
 * when the fleet stops.
 */
import { Buffer } from 'node:buffer';
import { encodeRaw, registersOfType, ownRowOf, type RegisterMap } from '../register-maps/index.ts';

export interface SimulatedBalance {
  /** Puts what the meter holds into registers that were read. */
  show(bytes: Buffer, address: number): void;
  /** Takes words that were written there, when they are a whole purchase. */
  take(address: number, words: readonly number[]): void;
}

const countsUntilAgain = 65_536;

export function simulatedBalance(map: RegisterMap): SimulatedBalance | null {
  const facts = map.meterBalance;
  if (facts === undefined) return null;
  const [amountRow, numberRow] = facts.newPurchase.map((name) => ownRowOf(map, name));
  if (amountRow === undefined || numberRow === undefined) return null;
  const held = { [facts.balance]: 0, [facts.purchased]: 0, [facts.purchaseCount]: 0 };
  const add = (name: string, steps: number): void => void (held[name] = (held[name] ?? 0) + steps);
  const words = registersOfType(amountRow.type) + registersOfType(numberRow.type);
  return {
    show(bytes, address) {
      for (const [name, raw] of Object.entries(held)) {
        const row = ownRowOf(map, name);
        const at = 2 * (row.address - address);
        for (const [index, byte] of encodeRaw(map, row, raw).entries())
          if (at + index >= 0 && at + index < bytes.length) bytes[at + index] = byte;
      }
    },
    take(address, written) {
      if (address !== amountRow.address || written.length !== words) return;
      const bytes = Buffer.from(written.flatMap((word) => [word >> 8, word & 0xff]));
      const next = ((held[facts.purchaseCount] ?? 0) + 1) % countsUntilAgain;
      if (bytes.readUInt16BE(bytes.length - 2) !== next) return;
      held[facts.purchaseCount] = next;
      add(facts.balance, bytes.readUInt32BE(0));
      add(facts.purchased, bytes.readUInt32BE(0));
    },
  };
}
