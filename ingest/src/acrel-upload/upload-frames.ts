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
export const frameBytesMax = 1_024;
const commandMin = 0x80;
const commandMax = 0x9f;
const startMark = Buffer.from([0x7b, 0x7b]);
const endByte = 0x7d;
const endMark = Buffer.from([endByte, endByte]);
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
  const drop = (count: number): void => {
    dropped += count;
    rest = rest.subarray(count);
  };
  for (;;) {
    const { found, begins } = firstWhole(rest);
    if (found === null) {
      drop(begins);
      return { frames, rest, dropped };
    }
    frames.push(found.frame);
    if (found.frame.command === uploadCommands.heartbeat && begins < found.start) {
      rest = Buffer.concat([rest.subarray(begins, found.start), rest.subarray(found.end)]);
      dropped += begins;
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

/** The first start mark from which a whole frame stands, and the first that may still become one. Each is looked at once. */
function firstWhole(bytes: Buffer): { readonly found: Found | null; readonly begins: number } {
  let begins: number | null = null;
  for (let start = bytes.indexOf(startMark); start >= 0; start = bytes.indexOf(startMark, start + 1)) {
    const command = bytes[start + 2];
    if (command !== undefined && (command < commandMin || command > commandMax)) continue;
    const end = endOf(bytes.subarray(start, start + frameBytesMax));
    if (end === null) {
      if (bytes.length - start < frameBytesMax) begins ??= start;
      continue;
    }
    const body = Buffer.from(bytes.subarray(start + 3, start + end - 4));
    const found = { frame: { command: command ?? 0, body }, start, end: start + end };
    return { found, begins: begins ?? start };
  }
  // The last bytes may be the first of a mark.
  const half =
    bytes.at(-1) === startMark[0] ? bytes.length - (bytes.at(-2) === startMark[0] ? 2 : 1) : bytes.length;
  return { found: null, begins: Math.min(begins ?? half, half) };
}

/** Where the frame that begins here ends; null: not (yet). A body may hold the end mark: the check sum decides. */
function endOf(bytes: Buffer): number | null {
  if (bytes.indexOf(endMark, frameBytesMin - 2) < 0) return null;
  let crc = 0xffff;
  for (let index = 2; index + 4 < bytes.length; index += 1) {
    crc = crcStep(crc, bytes.readUInt8(index));
    if (bytes[index + 3] !== endByte || bytes[index + 4] !== endByte) continue;
    if (bytes.readUInt16LE(index + 1) === crc && index + 5 >= frameBytesMin) return index + 5;
  }
  return null;
}

const crcTable = Uint16Array.from({ length: 256 }, (_, byte) => {
  let crc = byte;
  for (let bit = 0; bit < 8; bit += 1) crc = (crc & 1) === 0 ? crc >>> 1 : (crc >>> 1) ^ 0xa001;
  return crc;
});
/** One byte of the Modbus check sum: here it is needed at every byte where a frame might end. */
function crcStep(crc: number, byte: number): number {
  return (crc >>> 8) ^ (crcTable[(crc ^ byte) & 0xff] ?? 0);
}
