// SPDX-License-Identifier: Apache-2.0
/** What a bad line can get wrong in DL/T 645. Written apart from the frames we send. For tests only. */
import { Buffer } from 'node:buffer';
import type { HostileFraming } from '../modbus/hostile-gateway.ts';

const preambleBytes = 4;
const questionBytes = preambleBytes + 16;

function meterFrame(question: Buffer, control: number, contents: readonly number[]): Buffer {
  const frame = [...question.subarray(preambleBytes, preambleBytes + 8), control, contents.length];
  for (const byte of contents) frame.push((byte + 0x33) % 256);
  const sum = frame.reduce((total, byte) => (total + byte) % 256, 0);
  return Buffer.from([0xfe, 0xfe, ...frame, sum, 0x16]);
}

/** The identifier, as it is meant. */
function idOf(question: Buffer): readonly number[] {
  return [...question.subarray(preambleBytes + 10, preambleBytes + 14)].map((byte) => (byte + 0xcd) % 256);
}

function bcdOf(number: number): Buffer {
  return Buffer.from(String(number).padStart(8, '0'), 'hex').reverse();
}

/** The frame once more after a change, with its sum made to fit. */
function changed(frame: Buffer, at: number, byte: number): Buffer {
  const copy = Buffer.from(frame);
  copy.writeUInt8(byte & 0xff, at);
  const sum = copy.subarray(2, -2).reduce((total, each) => (total + each) % 256, 0);
  copy.writeUInt8(sum, copy.length - 2);
  return copy;
}

const good = (question: Buffer, value: Buffer): Buffer =>
  meterFrame(question, 0x91, [...idOf(question), ...value]);

export const dlt645Framing: HostileFraming = {
  questionIn: (received) => {
    if (received.length < questionBytes) return null;
    if (received.readUInt8(questionBytes - 1) !== 0x16)
      throw new Error('a question that does not end with 16');
    return questionBytes;
  },
  truthFor: (question, sequence) =>
    bcdOf((question.readUInt8(preambleBytes + 1) * 7919 + sequence * 263) % 99_999_999),
  answerTo: good,
  wrongAnswers: {
    'wrong-sum': ({ question, other, random }) => {
      const wrong = good(question, other);
      const at = wrong.length - 2;
      wrong.writeUInt8((wrong.readUInt8(at) + 1 + Math.floor(random() * 255)) % 256, at);
      return wrong;
    },
    'bit-flipped': ({ question, truth, random }) => {
      const flipped = good(question, truth);
      const at = 2 + Math.floor(random() * (flipped.length - 2));
      flipped.writeUInt8(flipped.readUInt8(at) ^ (1 << Math.floor(random() * 8)), at);
      return flipped;
    },
    'foreign-address': ({ question, other, random }) =>
      changed(good(question, other), 3, 0x10 + Math.floor(random() * 0x60)),
    'foreign-id': ({ question, other }) =>
      meterFrame(question, 0x91, [1, ...idOf(question).slice(1), ...other]),
    'other-length': ({ question, other }) =>
      meterFrame(question, 0x91, [...idOf(question), ...other.subarray(0, 3)]),
    'no-end': ({ question, truth }) => {
      const frame = good(question, truth);
      frame.writeUInt8(0x17, frame.length - 1);
      return frame;
    },
    echo: ({ question }) => question,
    'following-frames': ({ question, other }) => meterFrame(question, 0xb1, [...idOf(question), ...other]),
    refused: ({ question }) => meterFrame(question, 0xd1, [0x02]),
  },
};
