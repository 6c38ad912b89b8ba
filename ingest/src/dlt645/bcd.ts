// SPDX-License-Identifier: Apache-2.0
/** Values as DL/T 645 sends them: decimal digits, least significant byte first, the sign in the highest bit. Pure. */
import { Buffer } from 'node:buffer';
import type { DecodedValue } from '../register-maps/index.ts';

const typePattern = /^(s?bcd|status)\[(\d{1,2})\]$/;

/** Bytes of a value of that type; null: no type of DL/T 645. */
export function bytesOfType(type: string): number | null {
  const match = typePattern.exec(type);
  return match === null ? null : Number(match[2]);
}

export function decodeBcd(type: string, bytes: Buffer): DecodedValue {
  const straight = Buffer.from(bytes).reverse();
  if (type.startsWith('status'))
    return {
      ok: true,
      value: straight.length === 0 ? 0 : straight.readUIntBE(0, Math.min(6, straight.length)),
    };
  if (straight.every((byte) => byte === 0xff))
    return { ok: false, reason: 'the meter marks that it has no value', absent: true };
  let negative = false;
  if (type.startsWith('s')) {
    negative = (straight.readUInt8(0) & 0x80) !== 0;
    straight.writeUInt8(straight.readUInt8(0) & 0x7f, 0);
  }
  const digits = straight.toString('hex');
  if (!/^\d+$/.test(digits)) return { ok: false, reason: `${digits} are no decimal digits`, absent: false };
  const value = Number(digits);
  return { ok: true, value: negative && value !== 0 ? -value : value };
}
