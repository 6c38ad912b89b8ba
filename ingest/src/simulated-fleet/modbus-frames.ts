// SPDX-License-Identifier: Apache-2.0
/**
 * Framing on the meter's side: Modbus TCP (MBAP header + PDU) and RTU (unit id, PDU, CRC). Written apart from the collector's transport on
 * purpose: two independent readings of the standard test each other.
 */
import { Buffer } from 'node:buffer';

export interface RequestFrame {
  /** 0 on RTU, which has none. */
  readonly transactionId: number;
  readonly unitId: number;
  /** Function code and what follows. */
  readonly pdu: Buffer;
}

const headerBytes = 7;
/** Unit id and the longest PDU of the standard. */
const lengthMax = 254;

export type FrameRead =
  | { readonly kind: 'frame'; readonly frame: RequestFrame; readonly rest: Buffer }
  | { readonly kind: 'more' }
  /** Not Modbus: the connection can only be closed. */
  | { readonly kind: 'garbled' };

export function readFrame(bytes: Buffer): FrameRead {
  if (bytes.length < headerBytes + 1) return { kind: 'more' };
  const length = bytes.readUInt16BE(4);
  if (bytes.readUInt16BE(2) !== 0 || length < 2 || length > lengthMax) return { kind: 'garbled' };
  const end = 6 + length;
  if (bytes.length < end) return { kind: 'more' };
  const frame = {
    transactionId: bytes.readUInt16BE(0),
    unitId: bytes.readUInt8(6),
    pdu: bytes.subarray(headerBytes, end),
  };
  return { kind: 'frame', frame, rest: bytes.subarray(end) };
}

export function frameOf(transactionId: number, unitId: number, pdu: Buffer): Buffer {
  const frame = Buffer.alloc(headerBytes + pdu.length);
  frame.writeUInt16BE(transactionId, 0);
  frame.writeUInt16BE(pdu.length + 1, 4);
  frame.writeUInt8(unitId, 6);
  pdu.copy(frame, headerBytes);
  return frame;
}

const crcTable = Uint16Array.from({ length: 256 }, (_, byte) => {
  let word = byte;
  for (let bit = 0; bit < 8; bit += 1) word = word % 2 === 1 ? (word >> 1) ^ 0xa001 : word >> 1;
  return word;
});

function withCrc(body: Buffer): Buffer {
  const crc = body.reduce((sum, byte) => (sum >> 8) ^ (crcTable[(sum ^ byte) & 0xff] ?? 0), 0xffff);
  return Buffer.concat([body, Buffer.from([crc & 0xff, crc >> 8])]);
}

/** Bytes of a request by its function code; null: more must come to tell. Unknown functions are taken as the shortest. */
function rtuRequestBytes(bytes: Buffer): number | null {
  if (bytes.length < 2) return null;
  const functionCode = bytes.readUInt8(1);
  if (functionCode !== 16) return 8;
  return bytes.length < 7 ? null : 9 + bytes.readUInt8(6);
}

/** A request as it comes down a serial line. One whose check sum does not fit was heard by no meter. */
export function readRtuFrame(bytes: Buffer): FrameRead {
  const length = rtuRequestBytes(bytes);
  if (length === null || bytes.length < length) return { kind: 'more' };
  const body = bytes.subarray(0, length - 2);
  if (!withCrc(body).equals(bytes.subarray(0, length))) return { kind: 'garbled' };
  const frame = { transactionId: 0, unitId: bytes.readUInt8(0), pdu: body.subarray(1) };
  return { kind: 'frame', frame, rest: bytes.subarray(length) };
}

export function rtuFrameOf(unitId: number, pdu: Buffer): Buffer {
  return withCrc(Buffer.concat([Buffer.from([unitId]), pdu]));
}

export const exceptions = {
  illegalFunction: 1,
  illegalAddress: 2,
  illegalValue: 3,
  deviceFailure: 4,
  busy: 6,
  targetSilent: 0x0b,
} as const;

export function exceptionPdu(functionCode: number, code: number): Buffer {
  return Buffer.from([(functionCode & 0x7f) | 0x80, code]);
}
