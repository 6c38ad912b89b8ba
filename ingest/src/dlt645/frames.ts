// SPDX-License-Identifier: Apache-2.0
/**
 * Frames of DL/T 645-2007: 68, address (six bytes BCD, least significant first), 68, control, length, contents (each
 * byte + 0x33), check sum, 16; up to four FE may come before. Pure: bytes in, frames out.
 */
import { Buffer } from 'node:buffer';
import type { AnswerFrame, Deframed, Verdict } from '../lines/exchange.ts';

/**
 * What is ever sent. Clearing a meter (1A) and setting all clocks at once (08) are not among it; of what can be written
 * (14) only one meter's date and time are.
 */
export const controls = { read: 0x11, readAddress: 0x13, write: 0x14, relay: 0x1c } as const;
export type Control = (typeof controls)[keyof typeof controls];

const start = 0x68;
const end = 0x16;
const mask = 0x33;
const preamble = Buffer.from([0xfe, 0xfe, 0xfe, 0xfe]);
/** Bytes of a frame besides its contents. */
const frameBytes = 12;
const contentsMax = 200;
const preambleMax = 4;
const controlAt = 8;

/** Date and time of a meter's clock. */
export const clockIds = { date: '04000101', time: '04000102' } as const;

/** Any meter answers: for a line with one meter on it. */
export const wildcardAddress = 'AAAAAAAAAAAA';
const addressPattern = /^(\d{12}|A{12})$/;

export function isLineAddress(text: string): boolean {
  return /^\d{12}$/.test(text) && text !== '999999999999';
}

/** @throws RangeError for an address that is none (a mistake of ours) */
function addressBytes(address: string): Buffer {
  if (!addressPattern.test(address)) throw new RangeError(`"${address}" is no address of DL/T 645`);
  return Buffer.from(address, 'hex').reverse();
}

/** The data identifier as it is sent: least significant byte first. */
export function dataIdBytes(dataId: string): Buffer {
  return Buffer.from(dataId, 'hex').reverse();
}

/** @throws RangeError when it cannot be said (a mistake of ours) */
export function encodeFrame(address: string, control: Control, contents: Buffer): Buffer {
  if (!Object.values(controls).includes(control)) throw new RangeError(`control ${control} is never sent`);
  if (control === controls.write && !isOfClock(contents))
    throw new RangeError('of what a meter lets itself be written only its clock is');
  if (contents.length > contentsMax) throw new RangeError(`${contents.length} bytes in one frame`);
  const body = Buffer.concat([
    Buffer.from([start]),
    addressBytes(address),
    Buffer.from([start, control, contents.length]),
    contents.map((byte) => (byte + mask) & 0xff),
  ]);
  return Buffer.concat([preamble, body, Buffer.from([sumOf(body), end])]);
}

function isOfClock(contents: Buffer): boolean {
  const asked = contents.subarray(0, 4);
  return Object.values(clockIds).some((dataId) => dataIdBytes(dataId).equals(asked));
}

function sumOf(bytes: Buffer): number {
  let sum = 0;
  for (const byte of bytes) sum = (sum + byte) & 0xff;
  return sum;
}

/** Takes the first frame from what has arrived: its body is address, control and the contents as they are meant. */
export function deframe645(bytes: Buffer): Deframed<AnswerFrame> {
  let from = 0;
  while (from < bytes.length && bytes[from] === 0xfe) from += 1;
  if (from > preambleMax) return { kind: 'garbled', reason: `${from} bytes FE before the frame` };
  const frame = bytes.subarray(from);
  if (frame.length === 0) return { kind: 'more' };
  if (frame[0] !== start) return { kind: 'garbled', reason: 'no frame of DL/T 645 begins so' };
  if (frame.length > 7 && frame[7] !== start)
    return { kind: 'garbled', reason: 'no second 68 behind the address' };
  if (frame.length < 10) return { kind: 'more' };
  const length = frame.readUInt8(9);
  if (length > contentsMax) return { kind: 'garbled', reason: `length ${length}` };
  const whole = frameBytes + length;
  if (frame.length < whole) return { kind: 'more' };
  const summed = frame.subarray(0, whole - 2);
  const sent = frame.readUInt8(whole - 2);
  if (sumOf(summed) !== sent)
    return { kind: 'garbled', reason: `check sum ${sent} where ${sumOf(summed)} belongs` };
  if (frame.readUInt8(whole - 1) !== end) return { kind: 'garbled', reason: 'no 16 at the end' };
  const body = Buffer.from([...summed.subarray(1, 7), frame.readUInt8(controlAt)]);
  const contents = summed.subarray(10).map((byte) => (byte - mask) & 0xff);
  return {
    kind: 'frame',
    frame: { transactionId: null, body: Buffer.concat([body, contents]) },
    rest: frame.subarray(whole),
  };
}

const errorTexts = [
  'other error',
  'no such data',
  'wrong password or not authorised',
  'baud rate cannot be changed',
  'too many time zones of the year',
  'too many day plans',
  'too many rates',
];

/**
 * Judges a frame. The contents of the answer are given without what must stand first in them.
 * @param leading what the contents begin with: the data identifier that was asked
 */
export function judge645(
  { body }: AnswerFrame,
  asked: { readonly address: string; readonly control: Control; readonly leading: Buffer },
): Verdict {
  const address = Buffer.from(body.subarray(0, 6)).reverse().toString('hex');
  if (asked.address !== wildcardAddress && address !== asked.address)
    return foreign(`meter ${address} answered, ${asked.address} was asked`);
  const control = body.readUInt8(6);
  const contents = body.subarray(7);
  if (control === (asked.control | 0xc0)) {
    const bits = contents[0] ?? 0;
    const texts = errorTexts.filter((_, bit) => (bits & (1 << bit)) !== 0);
    return { ok: false, fault: 'exception', reason: `refused (${texts.join(', ') || `error ${bits}`})` };
  }
  if (control === (asked.control | 0xa0))
    return {
      ok: false,
      fault: 'wrong-length',
      reason: 'the answer has more frames, which are not asked for',
    };
  if (control !== (asked.control | 0x80))
    return foreign(`control ${control.toString(16)} answered, ${asked.control.toString(16)} was asked`);
  if (!contents.subarray(0, asked.leading.length).equals(asked.leading))
    return foreign(
      `the answer speaks of ${contents.subarray(0, 4).toString('hex')}, asked was ${asked.leading.toString('hex')}`,
    );
  return { ok: true, words: Buffer.from(contents.subarray(asked.leading.length)) };
}

function foreign(reason: string): Verdict {
  return { ok: false, fault: 'foreign-answer', reason };
}
