// SPDX-License-Identifier: Apache-2.0
/** Bodies of the upload frames: who is calling, the time, sections of readings. Pure. */
import { Buffer } from 'node:buffer';
import { zoneClock, type LocalMs } from '../import-readings/zone-clock.ts';
import { crc16 } from '../modbus/rtu-frames.ts';

const serialBytes = 20;
const simIdBytes = 30;
const loginBytes = 58;

export interface UploadLogin {
  readonly serial: string;
  readonly simId: string | null;
  readonly signalDbm: number | null;
  readonly firmware: string;
  readonly uploadIntervalMinutes: number | null;
}

/** @returns null when it is no login: a caller without a name is nobody */
export function readLogin(body: Buffer): UploadLogin | null {
  if (body.length !== loginBytes) return null;
  const serial = textIn(body.subarray(0, serialBytes));
  if (!isSerial(serial)) return null;
  const simId = textIn(body.subarray(serialBytes, serialBytes + simIdBytes));
  const versions = [51, 53, 55].map((at) => body.toString('hex', at, at + 2));
  const minutes = body.readUInt8(57);
  return {
    serial,
    simId: simId === '' ? null : simId,
    signalDbm: signalOf(body.readUInt8(50)),
    firmware: versions.join(' '),
    uploadIntervalMinutes: minutes === 0 ? null : minutes,
  };
}

/** A serial is what a label can carry; control bytes would come from a line that is out of step. */
export function isSerial(text: string): boolean {
  return /^[\w.:-]{1,64}$/.test(text);
}

function textIn(bytes: Buffer): string {
  const end = bytes.indexOf(0);
  return bytes.toString('latin1', 0, end < 0 ? bytes.length : end).trim();
}

/** Modems tell 0 to 31 for −113 to −51 dBm; 99 means unknown. Inferred: the vendor's page names no unit. */
function signalOf(told: number): number | null {
  return told <= 31 ? -113 + 2 * told : null;
}

/** yy mm dd weekday (0 = Sunday) hh mm ss, as the clocks of the zone show it. */
export function timeBody(nowMs: number, zone: string): Buffer {
  const local = new Date(zoneClock(zone).localMsOf(nowMs));
  return Buffer.from([
    local.getUTCFullYear() % 100,
    local.getUTCMonth() + 1,
    local.getUTCDate(),
    local.getUTCDay(),
    local.getUTCHours(),
    local.getUTCMinutes(),
    local.getUTCSeconds(),
  ]);
}

/** The same seven bytes the other way. @returns null when they are no time */
export function readTime(bytes: Buffer): LocalMs | null {
  const [year = 0, month = 0, day = 0, , hour = 0, minute = 0, second = 0] = bytes;
  const local = Date.UTC(2000 + year, month - 1, day, hour, minute, second);
  const back = new Date(local);
  const same =
    back.getUTCMonth() === month - 1 && back.getUTCDate() === day && hour < 24 && minute < 60 && second < 60;
  return same && year < 100 ? local : null;
}

/** One meter's answer within an upload: what its Modbus registers said. */
export interface UploadSection {
  readonly address: string;
  readonly unitId: number;
  readonly words: Buffer;
}
export interface UploadedReadings {
  /** null: the frame names nobody, the connection has. */
  readonly serial: string | null;
  readonly sections: readonly UploadSection[];
  /** What could not be understood; the rest of the frame stands. */
  readonly faults: readonly string[];
}

const open = Buffer.from('[[');
const openAnswer = Buffer.from('((');
const close = Buffer.from('))]]');

/** SN, then [[address((Modbus answer))]] once or more. The answer's own byte count says where it ends: it may hold any byte. */
export function readReadings(body: Buffer): UploadedReadings {
  const named = !body.subarray(0, 2).equals(open);
  const serial = named ? textIn(body.subarray(0, serialBytes)) : null;
  const sections: UploadSection[] = [];
  const faults: string[] = [];
  let at = body.indexOf(open, named ? serialBytes : 0);
  if (at < 0) faults.push('no section');
  while (at >= 0) {
    const begin = body.indexOf(openAnswer, at);
    const address = begin < 0 ? '' : body.toString('latin1', at + 2, begin).trim();
    const read = begin < 0 ? 'a section without an answer' : readAnswer(body, begin + 2);
    if (typeof read === 'string') {
      faults.push(read);
      at = body.indexOf(open, at + 2);
      continue;
    }
    sections.push({ address, unitId: read.unitId, words: read.words });
    at = body.indexOf(open, read.end);
  }
  return { serial, sections, faults };
}

function readAnswer(body: Buffer, at: number): { unitId: number; words: Buffer; end: number } | string {
  if (body.length < at + 3) return 'an answer that is cut off';
  if (body[at + 1] !== 3) return `function ${body[at + 1] ?? 0} where 3 belongs`;
  const end = at + 3 + body.readUInt8(at + 2);
  // With its check sum, or without: both are told of.
  const summed = body.subarray(end + 2, end + 6).equals(close);
  if (!summed && !body.subarray(end, end + 4).equals(close)) return 'an answer whose length does not fit';
  if (summed && crc16(body.subarray(at, end)) !== body.readUInt16LE(end))
    return 'an answer with a wrong check sum';
  return {
    unitId: body.readUInt8(at),
    words: Buffer.from(body.subarray(at + 3, end)),
    end: end + (summed ? 2 : 0) + close.length,
  };
}
