// SPDX-License-Identifier: Apache-2.0
/**
 * Modbus TCP framing on the meter's side (MBAP header + PDU). Written apart from the collector's transport on
 * purpose: two independent readings of the standard test each other.
 */
import { Buffer } from 'node:buffer';

export interface RequestFrame {
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
