// SPDX-License-Identifier: Apache-2.0
/** Modbus questions as a line takes them, in its two framings. */
import { Buffer } from 'node:buffer';
import type { AnswerFrame, Deframed, Exchange, Verdict } from '../lines/exchange.ts';
import { deframe, encodeRequest, headerBytes, judge, type Frame, type ModbusRequest } from './frames.ts';
import { deframeRtu, encodeRtuRequest, shapeOf } from './rtu-frames.ts';

/** Of the longest answer: unit id, PDU of 253 bytes, check sum. */
const answerBytesMax = 256;

/** As lines take frames: the unit id before the PDU. */
function asAnswer(next: Deframed<Frame>): Deframed<AnswerFrame> {
  if (next.kind !== 'frame') return next;
  const { transactionId, unitId, pdu } = next.frame;
  return { ...next, frame: { transactionId, body: Buffer.concat([Buffer.from([unitId]), pdu]) } };
}

function judgeAnswer(request: ModbusRequest, { transactionId, body }: AnswerFrame): Verdict {
  return judge(request, { transactionId, unitId: body.readUInt8(0), pdu: body.subarray(1) });
}

/** Frames of whatever question. */
export function deframeTcp(bytes: Buffer): Deframed<AnswerFrame> {
  return asAnswer(deframe(bytes));
}

/** @throws RangeError when the request cannot be said in Modbus */
export function tcpExchange(request: ModbusRequest): Exchange {
  return {
    encode: (transactionId) => encodeRequest(transactionId, request),
    deframe: deframeTcp,
    judge: (frame) => judgeAnswer(request, frame),
    shape: null,
    isWrite: request.kind === 'write',
    loneBytes: headerBytes,
    answerBytes: answerBytesMax,
    fence: () => null,
  };
}

export function rtuExchange(request: ModbusRequest): Exchange {
  return {
    encode: () => encodeRtuRequest(request),
    deframe: (bytes) => asAnswer(deframeRtu(bytes)),
    judge: (frame) => judgeAnswer(request, frame),
    shape: shapeOf(request),
    isWrite: request.kind === 'write',
    // The check sum covers the whole frame: pieces that do not belong together give themselves away.
    loneBytes: Infinity,
    answerBytes: request.kind === 'read' ? 5 + 2 * request.count : 8,
    fence: () => rtuExchange(fenceOf(request)),
  };
}

/** A read of another length. That the meter may refuse it is an answer too. */
function fenceOf({ unitId, address, ...request }: ModbusRequest): ModbusRequest {
  const reads = request.kind === 'read' ? request : { functionCode: 3 as const, count: 0 };
  // Some models know even counts only.
  const count = reads.count > 2 ? reads.count - 2 : reads.count + 2;
  return { kind: 'read', unitId, functionCode: reads.functionCode, address, count };
}
