// SPDX-License-Identifier: Apache-2.0
/** Between the bytes of registers and values: decode what a meter answers, encode what a simulated one holds. */
import { Buffer } from 'node:buffer';
import {
  isFloat,
  registersOfType,
  type RegisterMap,
  type RegisterRow,
  type WordOrder,
} from './register-map.ts';

export type DecodedValue =
  | { readonly ok: true; readonly value: number }
  /**
   * No register shows that: not a number, below zero where it counts, beyond ±2^53.
   * `absent`: the meter says by a mark of its model that it has no such value.
   */
  | { readonly ok: false; readonly reason: string; readonly absent: boolean };

/** Bytes of one value in the order ABCD…, whatever order the meter sends. */
function straighten(bytes: Buffer, order: WordOrder): Buffer {
  const straight = Buffer.from(bytes);
  // One register is one 16-bit number, high byte first, whatever order a map has for values of several registers.
  if (bytes.length === 2) return straight;
  if (order === 'dcba') return straight.reverse();
  if (order === 'badc') return straight.swap16();
  // CDAB: words back to front, bytes within a word as they are.
  if (order === 'little') return straight.reverse().swap16();
  return straight;
}

function numberIn(bytes: Buffer, type: string): number | bigint {
  switch (type) {
    case 'u16':
      return bytes.readUInt16BE(0);
    case 'i16':
      return bytes.readInt16BE(0);
    case 'u32':
      return bytes.readUInt32BE(0);
    case 'i32':
      return bytes.readInt32BE(0);
    case 'u64':
      return bytes.readBigUInt64BE(0);
    case 'i64':
      return bytes.readBigInt64BE(0);
    case 'f32':
      return bytes.readFloatBE(0);
    case 'f64':
      return bytes.readDoubleBE(0);
    default:
      throw new RangeError(`${type} is no number`);
  }
}

/** raw × 10^scaler without the noise of multiplying by 0.1: 2301 × 10⁻¹ is 230.1. */
export function scaled(raw: number, scaler: number): number {
  return scaler < 0 ? raw / 10 ** -scaler : raw * 10 ** scaler;
}

/** Half away from zero, for floats that are counted. */
function nearest(value: number): number {
  return Math.sign(value) * Math.round(Math.abs(value));
}

function isMarkOfAbsence(straight: Buffer, type: string): boolean {
  if (isFloat(type)) return Number.isNaN(numberIn(straight, type));
  const first = straight[0];
  const rest = straight.subarray(1).every((byte) => byte === 0xff);
  return rest && first === (type.startsWith('i') ? 0x7f : 0xff);
}

/** Registers by which a meter of this model says that it has no such value; null: the model has no such mark. */
export function markOfAbsence(
  map: Pick<RegisterMap, 'wordOrder' | 'marksAbsent'>,
  row: Pick<RegisterRow, 'type'>,
): Buffer | null {
  if (isFloat(row.type)) return encodeRaw(map, row, Number.NaN);
  if (map.marksAbsent !== true) return null;
  const bytes = Buffer.alloc(2 * registersOfType(row.type), 0xff);
  if (row.type.startsWith('i')) bytes.writeUInt8(0x7f, 0);
  return straighten(bytes, map.wordOrder);
}

/**
 * Value of a row from its registers as they came over the wire (two bytes each).
 * Counted rows give whole counts (value × 10^scaler base units); other rows give the value in the row's unit.
 * @throws RangeError when the number of bytes is not the row's (a mistake of ours: lengths are checked before)
 */
export function decodeRow(
  map: Pick<RegisterMap, 'wordOrder' | 'marksAbsent'>,
  row: RegisterRow,
  bytes: Buffer,
): DecodedValue {
  if (bytes.length !== 2 * registersOfType(row.type)) {
    throw new RangeError(`${row.name} takes ${2 * registersOfType(row.type)} bytes, got ${bytes.length}`);
  }
  const straight = straighten(bytes, map.wordOrder);
  const no = (what: string, absent = false): DecodedValue => ({
    ok: false,
    reason: `${row.name} is ${what} (${bytes.toString('hex')})`,
    absent,
  });
  if (map.marksAbsent === true && isMarkOfAbsence(straight, row.type)) return no('not there', true);
  const raw = Number(numberIn(straight, row.type));
  if (!Number.isFinite(raw)) return no('not a number');
  if (row.kind !== 'counted') return { ok: true, value: scaled(raw, row.scaler) };
  const count = nearest(row.countsPerUnit === undefined ? raw : raw * row.countsPerUnit);
  if (count < 0) return no('below zero');
  if (!Number.isSafeInteger(count)) return no('beyond 2^53');
  return { ok: true, value: count === 0 ? 0 : count };
}

/**
 * Registers that hold a raw number (integer types: as it is; floats: the float), the inverse of what `decodeRow` reads.
 * @throws RangeError when the number does not fit the type
 */
export function encodeRaw(
  map: Pick<RegisterMap, 'wordOrder'>,
  row: Pick<RegisterRow, 'type'>,
  raw: number,
): Buffer {
  const bytes = Buffer.alloc(2 * registersOfType(row.type));
  switch (row.type) {
    case 'u16':
      bytes.writeUInt16BE(raw);
      break;
    case 'i16':
      bytes.writeInt16BE(raw);
      break;
    case 'u32':
      bytes.writeUInt32BE(raw);
      break;
    case 'i32':
      bytes.writeInt32BE(raw);
      break;
    case 'u64':
      bytes.writeBigUInt64BE(BigInt(raw));
      break;
    case 'i64':
      bytes.writeBigInt64BE(BigInt(raw));
      break;
    case 'f32':
      bytes.writeFloatBE(raw);
      break;
    case 'f64':
      bytes.writeDoubleBE(raw);
      break;
    default:
      throw new RangeError(`${row.type} is no number`);
  }
  // Every order is its own inverse.
  return straighten(bytes, map.wordOrder);
}

/** Raw number of a counted row that shows `count`: the inverse of the counting rule. */
export function rawOfCount(row: RegisterRow, count: number): number {
  return row.countsPerUnit === undefined ? count : count / row.countsPerUnit;
}
