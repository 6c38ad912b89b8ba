// SPDX-License-Identifier: Apache-2.0
/**
 * Frames in which Acrel meters with a modem of their own upload: 7B7B | command | body | CRC | 7D7D. There is no length:
 * a frame ends at the first 7D7D before which the check sum fits. Pure: bytes in, frames out.
 */
import { Buffer } from 'node:buffer';
import { crc16 } from '../modbus/rtu-frames.ts';

export const uploadCommands = {
  transparent: 0x90,
  readings: 0x91,
  time: 0x93,
  heartbeat: 0x94,
  login: 0x84,
} as const;

export interface UploadFrame {
  readonly command: number;
  readonly body: Buffer;
}

/** Largest frame we wait for: a login has 65 bytes, a reading of the 8-rate meter some 200. */
export const frameBytesMax = 2_048;
const startMark = Buffer.from([0x7b, 0x7b]);
const endByte = 0x7d;
/** Marks, command, check sum. */
const frameBytesMin = 7;

export function encodeFrame(command: number, body: Buffer = Buffer.alloc(0)): Buffer {
  const summed = Buffer.concat([Buffer.from([command]), body]);
  const crc = crc16(summed);
  return Buffer.concat([startMark, summed, Buffer.from([crc & 0xff, crc >> 8, endByte, endByte])]);
}

export interface Deframing {
  readonly frames: readonly UploadFrame[];
  /** What may still become a frame. */
  readonly rest: Buffer;
  /** Bytes that belong to no frame. */
  readonly dropped: number;
}

/**
 * Takes every frame from what has arrived. A frame that was cut off is left behind as soon as a whole one follows it; a
 * heartbeat that the modem put into the middle of a frame is taken out of it.
 */
export function takeFrames(bytes: Buffer): Deframing {
  const frames: UploadFrame[] = [];
  let rest = bytes;
  let dropped = 0;
  for (;;) {
    const start = rest.indexOf(startMark);
    // The last byte may be the first half of a mark.
    const kept = start >= 0 ? start : Math.max(0, rest.length - (rest.at(-1) === startMark[0] ? 1 : 0));
    dropped += kept;
    rest = rest.subarray(kept);
    if (start < 0) return { frames, rest, dropped };
    const found = firstWhole(rest);
    if (found === null) {
      if (rest.length <= frameBytesMax) return { frames, rest, dropped };
      // So long nothing becomes a frame any more: the next mark gets its chance.
      rest = rest.subarray(1);
      dropped += 1;
      continue;
    }
    frames.push(found.frame);
    if (found.frame.command === uploadCommands.heartbeat && found.start > 0) {
      rest = Buffer.concat([rest.subarray(0, found.start), rest.subarray(found.end)]);
      continue;
    }
    dropped += found.start;
    rest = rest.subarray(found.end);
  }
}

interface Found {
  readonly frame: UploadFrame;
  readonly start: number;
  readonly end: number;
}

/** The first start mark from which a whole frame stands. */
function firstWhole(bytes: Buffer): Found | null {
  for (let start = 0; start >= 0; start = bytes.indexOf(startMark, start + 1)) {
    const end = endOf(bytes.subarray(start, start + frameBytesMax));
    if (end === null) continue;
    const frame = bytes.subarray(start, start + end);
    const command = frame.readUInt8(2);
    return { frame: { command, body: Buffer.from(frame.subarray(3, -4)) }, start, end: start + end };
  }
  return null;
}

/** Where the frame that begins here ends; null: not (yet). A body may hold the end mark: the check sum decides. */
function endOf(bytes: Buffer): number | null {
  let crc = 0xffff;
  for (let index = 2; index + 4 < bytes.length; index += 1) {
    crc = crcStep(crc, bytes.readUInt8(index));
    if (bytes[index + 3] !== endByte || bytes[index + 4] !== endByte) continue;
    if (bytes.readUInt16LE(index + 1) === crc && index + 5 >= frameBytesMin) return index + 5;
  }
  return null;
}

function crcStep(crc: number, byte: number): number {
  let next = crc ^ byte;
  for (let bit = 0; bit < 8; bit += 1) next = (next & 1) === 0 ? next >>> 1 : (next >>> 1) ^ 0xa001;
  return next;
}
