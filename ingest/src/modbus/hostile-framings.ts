// SPDX-License-Identifier: Apache-2.0
/** What a bad gateway can get wrong in Modbus TCP, and in RTU frames. For tests only. */
import { Buffer } from 'node:buffer';
import type { HostileFraming } from './hostile-gateway.ts';

/** CRC of Modbus RTU (polynomial 0xA001, start 0xFFFF), low byte first. */
export function crcOf(bytes: Buffer): Buffer {
  let crc = 0xffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit += 1) crc = (crc & 1) === 1 ? (crc >>> 1) ^ 0xa001 : crc >>> 1;
  }
  return Buffer.from([crc & 0xff, crc >>> 8]);
}

/** Words that no other question has: unit, address and sequence stand in them. */
function wordsFor(unitId: number, address: number, count: number, sequence: number): Buffer {
  const words = Buffer.alloc(2 * count);
  for (let index = 0; index < count; index += 1)
    words.writeUInt16BE((unitId * 7919 + (address + index) * 31 + sequence * 263) & 0xffff, 2 * index);
  return words;
}

interface TcpChange {
  readonly transactionId?: number;
  readonly unitId?: number;
  readonly functionCode?: number;
  readonly length?: number;
  readonly protocol?: number;
}

function tcpAnswer(question: Buffer, words: Buffer, change: TcpChange = {}): Buffer {
  const frame = Buffer.alloc(9 + words.length);
  frame.writeUInt16BE((change.transactionId ?? question.readUInt16BE(0)) & 0xffff, 0);
  frame.writeUInt16BE(change.protocol ?? 0, 2);
  frame.writeUInt16BE((change.length ?? 3 + words.length) & 0xffff, 4);
  frame.writeUInt8((change.unitId ?? question.readUInt8(6)) & 0xff, 6);
  frame.writeUInt8(change.functionCode ?? question.readUInt8(7), 7);
  frame.writeUInt8(words.length & 0xff, 8);
  words.copy(frame, 9);
  return frame;
}

function tcpException(question: Buffer, code: number): Buffer {
  const frame = Buffer.alloc(9);
  question.copy(frame, 0, 0, 4);
  frame.writeUInt16BE(3, 4);
  frame.writeUInt8(question.readUInt8(6), 6);
  frame.writeUInt8(question.readUInt8(7) | 0x80, 7);
  frame.writeUInt8(code, 8);
  return frame;
}

const tcpQuestionBytes = 12;
export const tcpFraming: HostileFraming = {
  questionIn: (received) => (received.length < tcpQuestionBytes ? null : tcpQuestionBytes),
  truthFor: (question, sequence) =>
    wordsFor(question.readUInt8(6), question.readUInt16BE(8), question.readUInt16BE(10), sequence),
  answerTo: tcpAnswer,
  wrongAnswers: {
    'length-too-long': ({ question, truth, random }) =>
      tcpAnswer(question, truth, { length: 3 + truth.length + 1 + Math.floor(random() * 12) }),
    'length-too-short': ({ question, truth, random }) =>
      tcpAnswer(question, truth, { length: Math.max(0, 2 + truth.length - Math.floor(random() * 8)) }),
    'length-absurd': ({ question, truth, random }) =>
      tcpAnswer(question, truth, { length: random() < 0.5 ? 0 : 65_535 }),
    'crc-appended': ({ question, truth }) => {
      const rtu = tcpAnswer(question, truth).subarray(6);
      return Buffer.concat([tcpAnswer(question, truth, { length: 5 + truth.length }), crcOf(rtu)]);
    },
    'raw-rtu': ({ question, truth }) => {
      const rtu = tcpAnswer(question, truth).subarray(6);
      return Buffer.concat([rtu, crcOf(rtu)]);
    },
    'raw-rtu-wrong-crc': ({ question, truth, random }) =>
      Buffer.concat([tcpAnswer(question, truth).subarray(6), Buffer.from([random() * 256, random() * 256])]),
    'foreign-unit': ({ question, other, random }) =>
      tcpAnswer(question, other, { unitId: question.readUInt8(6) + 1 + Math.floor(random() * 200) }),
    'transaction-next': ({ question, other }) =>
      tcpAnswer(question, other, { transactionId: question.readUInt16BE(0) + 1 }),
    'transaction-before': ({ question, other, questionBefore }) =>
      tcpAnswer(question, other, {
        transactionId: questionBefore?.readUInt16BE(0) ?? question.readUInt16BE(0) - 1,
      }),
    'transaction-random': ({ question, other, random }) => {
      const wrong = Math.floor(random() * 65_536);
      const transactionId = question.readUInt16BE(0);
      return tcpAnswer(question, other, { transactionId: wrong === transactionId ? wrong + 1 : wrong });
    },
    // An answer to what was asked long ago has an id of ours.
    'unasked-frame': ({ question, truth, other }) =>
      Buffer.concat([
        tcpAnswer(question, truth),
        tcpAnswer(question, other, { transactionId: question.readUInt16BE(0) + 40_503 }),
      ]),
    'wrong-function': ({ question, other, random }) =>
      tcpAnswer(question, other, { functionCode: random() < 0.5 ? 4 : 2 }),
    'wrong-byte-count': ({ question, truth }) => tcpAnswer(question, truth.subarray(0, truth.length - 2)),
    'wrong-protocol': ({ question, truth }) => tcpAnswer(question, truth, { protocol: 1 }),
    exception: ({ question, random }) => tcpException(question, 1 + Math.floor(random() * 6)),
    'target-silent': ({ question }) => tcpException(question, 11),
  },
};

function summed(body: Buffer): Buffer {
  return Buffer.concat([body, crcOf(body)]);
}

function rtuAnswer(
  question: Buffer,
  words: Buffer,
  change: { readonly unitId?: number; readonly functionCode?: number; readonly byteCount?: number } = {},
): Buffer {
  const head = [
    (change.unitId ?? question.readUInt8(0)) & 0xff,
    change.functionCode ?? question.readUInt8(1),
    (change.byteCount ?? words.length) & 0xff,
  ];
  return summed(Buffer.concat([Buffer.from(head), words]));
}

const rtuQuestionBytes = 8;
export const rtuFraming: HostileFraming = {
  questionIn: (received) => {
    if (received.length < rtuQuestionBytes) return null;
    // Without it the test is worth nothing.
    if (!crcOf(received.subarray(0, 6)).equals(received.subarray(6, 8)))
      throw new Error('a question with a wrong CRC');
    return rtuQuestionBytes;
  },
  truthFor: (question, sequence) =>
    wordsFor(question.readUInt8(0), question.readUInt16BE(2), question.readUInt16BE(4), sequence),
  answerTo: rtuAnswer,
  wrongAnswers: {
    // Other registers under the true answer's check sum.
    'wrong-crc': ({ question, truth, other }) =>
      Buffer.concat([rtuAnswer(question, other).subarray(0, -2), rtuAnswer(question, truth).subarray(-2)]),
    'crc-swapped': ({ question, truth }) => {
      const good = rtuAnswer(question, truth);
      return Buffer.concat([good.subarray(0, -2), Buffer.from(good.subarray(-2)).reverse()]);
    },
    'bit-flipped': ({ question, truth, random }) => {
      const flipped = rtuAnswer(question, truth);
      const at = 3 + Math.floor(random() * truth.length);
      flipped.writeUInt8(flipped.readUInt8(at) ^ (1 << Math.floor(random() * 8)), at);
      return flipped;
    },
    'foreign-unit': ({ question, other, random }) =>
      rtuAnswer(question, other, { unitId: question.readUInt8(0) + 1 + Math.floor(random() * 200) }),
    'wrong-function': ({ question, other }) =>
      rtuAnswer(question, other, { functionCode: question.readUInt8(1) === 3 ? 4 : 3 }),
    'other-count': ({ question, other }) => rtuAnswer(question, Buffer.concat([other, other.subarray(0, 2)])),
    'byte-count-lies': ({ question, truth, other, random }) =>
      rtuAnswer(question, other, { byteCount: truth.length + 2 * (1 + Math.floor(random() * 4)) }),
    'modbus-tcp': ({ question, truth }) => {
      const body = rtuAnswer(question, truth).subarray(0, -2);
      return Buffer.concat([Buffer.from([0, 1, 0, 0, 0, body.length]), body]);
    },
    exception: ({ question, random }) =>
      summed(
        Buffer.from([question.readUInt8(0), question.readUInt8(1) | 0x80, 1 + Math.floor(random() * 6)]),
      ),
    'target-silent': ({ question }) =>
      summed(Buffer.from([question.readUInt8(0), question.readUInt8(1) | 0x80, 11])),
  },
};
