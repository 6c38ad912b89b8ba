// SPDX-License-Identifier: Apache-2.0
/**
 * Modbus TCP frames (MBAP header + PDU), after MODBUS Application Protocol V1.1b3 and Messaging on TCP/IP V1.0b.
 * Pure: bytes in, frames and verdicts out.
 */
import { Buffer } from 'node:buffer';
import type { Deframed, Verdict } from '../lines/exchange.ts';

export type ModbusRequest =
  | {
      readonly kind: 'read';
      readonly unitId: number;
      readonly functionCode: 3 | 4;
      readonly address: number;
      readonly count: number;
    }
  | {
      readonly kind: 'write';
      readonly unitId: number;
      readonly functionCode: 6 | 16;
      readonly address: number;
      readonly values: readonly number[];
    };

export const registersPerReadMax = 125;
export const registersPerWriteMax = 123;
export const headerBytes = 7;
/** Unit id + PDU of at most 253 bytes. */
const mbapLengthMax = 254;
const mbapLengthMin = 3;

/** @throws RangeError when the request cannot be said in Modbus (a mistake of ours) */
export function encodeRequest(transactionId: number, request: ModbusRequest): Buffer {
  const pdu = encodePdu(request);
  const frame = Buffer.alloc(headerBytes + pdu.length);
  frame.writeUInt16BE(transactionId, 0);
  frame.writeUInt16BE(1 + pdu.length, 4);
  frame.writeUInt8(request.unitId, 6);
  pdu.copy(frame, headerBytes);
  return frame;
}

/** @throws RangeError when the request cannot be said in Modbus */
export function encodePdu(request: ModbusRequest): Buffer {
  if (request.kind === 'read') {
    if (request.count < 1 || request.count > registersPerReadMax)
      throw new RangeError(`a read of ${request.count} registers`);
    const pdu = Buffer.alloc(5);
    pdu.writeUInt8(request.functionCode, 0);
    pdu.writeUInt16BE(request.address, 1);
    pdu.writeUInt16BE(request.count, 3);
    return pdu;
  }
  const count = request.values.length;
  if (count < 1 || count > registersPerWriteMax) throw new RangeError(`a write of ${count} registers`);
  if (request.functionCode === 6) {
    if (count !== 1) throw new RangeError(`FC06 writes one register, not ${count}`);
    const pdu = Buffer.alloc(5);
    pdu.writeUInt8(6, 0);
    pdu.writeUInt16BE(request.address, 1);
    pdu.writeUInt16BE(request.values[0] ?? 0, 3);
    return pdu;
  }
  const pdu = Buffer.alloc(6 + 2 * count);
  pdu.writeUInt8(16, 0);
  pdu.writeUInt16BE(request.address, 1);
  pdu.writeUInt16BE(count, 3);
  pdu.writeUInt8(2 * count, 5);
  for (const [index, value] of request.values.entries()) pdu.writeUInt16BE(value, 6 + 2 * index);
  return pdu;
}

export interface Frame {
  /** null: the framing has none (RTU). */
  readonly transactionId: number | null;
  readonly unitId: number;
  readonly pdu: Buffer;
}

/** Takes the first frame from what has arrived. */
export function deframe(bytes: Buffer): Deframed<Frame> {
  // Judge the header as soon as its parts are there: a stream out of step is found without waiting for more.
  if (bytes.length >= 4 && bytes.readUInt16BE(2) !== 0) {
    return { kind: 'garbled', reason: `protocol id ${bytes.readUInt16BE(2)} where 0 belongs` };
  }
  if (bytes.length < 6) return { kind: 'more' };
  const length = bytes.readUInt16BE(4);
  if (length < mbapLengthMin || length > mbapLengthMax)
    return { kind: 'garbled', reason: `MBAP length ${length}` };
  if (bytes.length < 6 + length) return { kind: 'more' };
  const frame = {
    transactionId: bytes.readUInt16BE(0),
    unitId: bytes.readUInt8(6),
    pdu: bytes.subarray(7, 6 + length),
  };
  const fault = inconsistencyOf(frame.pdu);
  if (fault !== null) return { kind: 'garbled', reason: fault };
  return { kind: 'frame', frame, rest: bytes.subarray(6 + length) };
}

/** Each answer's length follows from its own first bytes; where the MBAP length says otherwise, one of them lies. */
function inconsistencyOf(pdu: Buffer): string | null {
  const functionCode = pdu.readUInt8(0);
  const expected = answerLengthOf(pdu);
  if (expected === null || expected === 'more') return `function code ${functionCode}, which was never asked`;
  return pdu.length === expected
    ? null
    : `${pdu.length} bytes of answer where ${expected} belong (function ${functionCode})`;
}

/** Bytes of an answer's PDU by its own first bytes; null: no answer to anything we ask begins like that. */
export function answerLengthOf(pdu: Buffer): number | 'more' | null {
  const functionCode = pdu.readUInt8(0);
  if (functionCode === 3 || functionCode === 4) return pdu.length < 2 ? 'more' : 2 + pdu.readUInt8(1);
  if (functionCode === 6 || functionCode === 16) return 5;
  if (functionCode > 0x80 && [3, 4, 6, 16].includes(functionCode - 0x80)) return 2;
  return null;
}

const exceptionTexts: Readonly<Record<number, string>> = {
  1: 'illegal function',
  2: 'illegal data address',
  3: 'illegal data value',
  4: 'device failure',
  5: 'acknowledged, not done',
  6: 'device busy',
  8: 'memory parity error',
  10: 'gateway path unavailable',
  11: 'target device failed to respond',
};

/** Judges a frame that carries the transaction id of the request. Everything the protocol can tell is checked. */
export function judge(request: ModbusRequest, frame: Frame): Verdict {
  const { pdu } = frame;
  if (frame.unitId !== request.unitId)
    return foreign(`unit ${frame.unitId} answered, unit ${request.unitId} was asked`);
  const functionCode = pdu.readUInt8(0);
  if (functionCode === (request.functionCode | 0x80)) {
    const code = pdu.readUInt8(1);
    const reason = `exception ${code} (${exceptionTexts[code] ?? 'unknown'})`;
    return { ok: false, fault: code === 10 || code === 11 ? 'target-silent' : 'exception', reason };
  }
  if (functionCode !== request.functionCode)
    return foreign(`function ${functionCode} answered, ${request.functionCode} was asked`);
  if (request.kind === 'read') {
    const expected = 2 * request.count;
    if (pdu.length - 2 !== expected) {
      return {
        ok: false,
        fault: 'wrong-length',
        reason: `${pdu.length - 2} bytes of registers, ${expected} were asked`,
      };
    }
    return { ok: true, words: Buffer.from(pdu.subarray(2)) };
  }
  const echoed = request.functionCode === 6 ? (request.values[0] ?? 0) : request.values.length;
  if (pdu.readUInt16BE(1) !== request.address || pdu.readUInt16BE(3) !== echoed) {
    return foreign(
      `the answer speaks of ${pdu.readUInt16BE(1)}/${pdu.readUInt16BE(3)}, asked was ${request.address}/${echoed}`,
    );
  }
  return { ok: true, words: Buffer.alloc(0) };
}

function foreign(reason: string): Verdict {
  return { ok: false, fault: 'foreign-answer', reason };
}
