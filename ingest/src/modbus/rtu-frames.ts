// SPDX-License-Identifier: Apache-2.0
/**
 * Modbus RTU frames (unit id, PDU, CRC) as a serial server passes them through a socket, after MODBUS over Serial Line
 * V1.02. On a socket the silences that part frames on a wire are gone: a frame's end follows from its function code.
 * Pure: bytes in, frames and verdicts out.
 */
import { Buffer } from 'node:buffer';
import type { Deframed } from '../lines/exchange.ts';
import { answerLengthOf, encodePdu, type Frame, type ModbusRequest } from './frames.ts';

const crcBytes = 2;
/** Unit id, function code and byte count: what comes before the registers of an answer. */
const unitBytes = 1;

/** CRC-16 of Modbus: polynomial 0xA001 (reflected), start 0xFFFF. */
export function crc16(bytes: Buffer): number {
  let crc = 0xffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit += 1) crc = (crc & 1) === 0 ? crc >>> 1 : (crc >>> 1) ^ 0xa001;
  }
  return crc;
}

/** @throws RangeError when the request cannot be said in Modbus (a mistake of ours) */
export function encodeRtuRequest(request: ModbusRequest): Buffer {
  const pdu = encodePdu(request);
  const frame = Buffer.alloc(unitBytes + pdu.length + crcBytes);
  frame.writeUInt8(request.unitId, 0);
  pdu.copy(frame, unitBytes);
  frame.writeUInt16LE(crc16(frame.subarray(0, -crcBytes)), frame.length - crcBytes);
  return frame;
}

/** Takes the first answer from what has arrived. Only a frame whose check sum fits is one. */
export function deframeRtu(bytes: Buffer): Deframed<Frame> {
  if (bytes.length < unitBytes + 1) return { kind: 'more' };
  const pduLength = answerLengthOf(bytes.subarray(unitBytes));
  if (pduLength === 'more') return { kind: 'more' };
  if (pduLength === null) {
    return { kind: 'garbled', reason: `function code ${bytes.readUInt8(unitBytes)}, which was never asked` };
  }
  const end = unitBytes + pduLength + crcBytes;
  if (bytes.length < end) return { kind: 'more' };
  const summed = bytes.subarray(0, end - crcBytes);
  const crc = crc16(summed);
  const sent = bytes.readUInt16LE(end - crcBytes);
  if (crc !== sent) {
    return { kind: 'garbled', reason: `check sum ${hex(sent)} where ${hex(crc)} belongs` };
  }
  const frame = { transactionId: null, unitId: bytes.readUInt8(0), pdu: summed.subarray(unitBytes) };
  return { kind: 'frame', frame, rest: bytes.subarray(end) };
}

function hex(word: number): string {
  return `0x${word.toString(16).padStart(4, '0')}`;
}

/**
 * What an answer to this request looks like from outside. Two requests with the same shape have answers that nothing
 * tells apart: there is no transaction id.
 */
export function shapeOf(request: ModbusRequest): string {
  const { unitId, functionCode } = request;
  const told =
    request.kind === 'read'
      ? request.count
      : `${request.address}=${functionCode === 6 ? (request.values[0] ?? 0) : request.values.length}`;
  return `${unitId}/${functionCode}/${told}`;
}
