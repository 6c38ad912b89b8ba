// SPDX-License-Identifier: Apache-2.0
/**
 * Serial servers send more than answers: a registration before each packet, a heartbeat now and then, also in the
 * middle of an answer. Here they are taken out. What is left is an answer only if its check sum says so and no other
 * way of taking them out gives another one. Pure.
 */
import { Buffer } from 'node:buffer';
import type { Deframed } from './exchange.ts';

/**
 * Marks that are shorter stand by chance within the registers of an answer: they are taken out before and after
 * answers only.
 */
const insideBytesMin = 4;
/** Marks within one answer; more of them are no heartbeat. */
const marksMax = 6;

/** "hex:00ff" or text. */
export function markOf(text: string): Buffer {
  return text.startsWith('hex:') ? Buffer.from(text.slice('hex:'.length), 'hex') : Buffer.from(text, 'utf8');
}

/** Bytes as they are entered: plain text, or hexadecimal. */
export function textOfMark(bytes: Buffer): string {
  const text = bytes.toString('latin1');
  return /^[\x20-\x7e]+$/.test(text) && !text.startsWith('hex:') ? text : `hex:${bytes.toString('hex')}`;
}

/** What remains when marks are taken away from the front, and whether it may be the beginning of one. */
export function withoutLeadingMarks(
  bytes: Buffer,
  marks: readonly Buffer[],
): { readonly rest: Buffer; readonly maybeMark: boolean } {
  let rest = bytes;
  for (;;) {
    const found = marks.find((mark) => rest.subarray(0, mark.length).equals(mark));
    if (found === undefined) break;
    rest = rest.subarray(found.length);
  }
  return { rest, maybeMark: isBeginning(rest, marks) };
}

function isBeginning(bytes: Buffer, marks: readonly Buffer[]): boolean {
  return marks.some((mark) => bytes.length < mark.length && mark.subarray(0, bytes.length).equals(bytes));
}

interface Place {
  readonly at: number;
  readonly length: number;
}

/** Where marks stand in an answer, none across another. */
function placesOf(bytes: Buffer, marks: readonly Buffer[]): readonly Place[] {
  const places: Place[] = [];
  for (let at = 0; at < bytes.length;) {
    const mark = marks.find((candidate) => bytes.subarray(at, at + candidate.length).equals(candidate));
    if (mark === undefined || mark.length < insideBytesMin) at += 1;
    else {
      places.push({ at, length: mark.length });
      at += mark.length;
    }
  }
  return places;
}

/** The bytes that are left when the chosen marks are gone; bit n of `choice` is place n. */
function without(bytes: Buffer, places: readonly Place[], choice: number): Buffer {
  const pieces: Buffer[] = [];
  let from = 0;
  for (const [index, { at, length }] of places.entries()) {
    if ((choice & (1 << index)) === 0) continue;
    pieces.push(bytes.subarray(from, at));
    from = at + length;
  }
  return Buffer.concat([...pieces, bytes.subarray(from)]);
}

/** The ends that may be the beginning of a mark whose rest has not come yet. */
function withoutTornMark(bytes: Buffer, marks: readonly Buffer[]): readonly Buffer[] {
  const longest = Math.max(0, ...marks.map((mark) => mark.length)) - 1;
  const shorter: Buffer[] = [];
  for (let length = 1; length <= Math.min(longest, bytes.length); length += 1) {
    if (isBeginning(bytes.subarray(bytes.length - length), marks))
      shorter.push(bytes.subarray(0, bytes.length - length));
  }
  return shorter;
}

export type Unmarked<Frame> =
  | Exclude<Deframed<Frame>, { kind: 'frame' }>
  /** `doubtful`: a mark was taken out, or stands in it: it is believed only when nothing follows. */
  | {
      readonly kind: 'frame';
      readonly frame: Frame;
      readonly rest: Buffer;
      readonly doubtful: boolean;
    };

/** Takes the one answer from what has arrived, marks or not. */
export function deframeMarked<Frame>(
  received: Buffer,
  marks: readonly Buffer[],
  deframe: (bytes: Buffer) => Deframed<Frame>,
): Unmarked<Frame> {
  if (marks.length === 0) {
    const plain = deframe(received);
    return plain.kind === 'frame' ? { ...plain, doubtful: false } : plain;
  }
  const found = new Map<string, Frame>();
  const tried = { more: isBeginning(received, marks), reason: 'nothing but heartbeats', doubtful: false };
  for (const bytes of startsOf(received, marks)) {
    const places = placesOf(bytes, marks);
    if (places.length > marksMax)
      return { kind: 'garbled', reason: `${places.length} heartbeats within one answer` };
    if (places.length > 0) tried.doubtful = true;
    for (let choice = 0; choice < 1 << places.length; choice += 1)
      tryOne(without(bytes, places, choice), marks, deframe, found, tried);
  }
  const [frame] = found.values();
  if (found.size === 1 && frame !== undefined)
    return { kind: 'frame', frame, rest: Buffer.alloc(0), doubtful: tried.doubtful };
  if (found.size > 1) return { kind: 'garbled', reason: 'heartbeats leave more than one answer' };
  return tried.more ? { kind: 'more' } : { kind: 'garbled', reason: tried.reason };
}

/** What arrived, and what is left of it when one mark after another is taken from its front. */
function startsOf(received: Buffer, marks: readonly Buffer[]): readonly Buffer[] {
  const starts = [received];
  for (let bytes = received; starts.length <= marksMax;) {
    const mark = marks.find((candidate) => bytes.subarray(0, candidate.length).equals(candidate));
    if (mark === undefined) break;
    bytes = bytes.subarray(mark.length);
    starts.push(bytes);
  }
  return starts;
}

function tryOne<Frame>(
  bytes: Buffer,
  marks: readonly Buffer[],
  deframe: (bytes: Buffer) => Deframed<Frame>,
  found: Map<string, Frame>,
  tried: { more: boolean; reason: string },
): void {
  const next = deframe(bytes);
  if (next.kind === 'more') tried.more = true;
  else if (next.kind === 'garbled') {
    tried.reason = next.reason;
    tried.more ||= withoutTornMark(bytes, marks).some(
      (torn) => torn.length === 0 || deframe(torn).kind === 'more',
    );
  } else {
    const after = withoutLeadingMarks(next.rest, marks);
    if (after.rest.length === 0)
      found.set(bytes.subarray(0, bytes.length - next.rest.length).toString('hex'), next.frame);
    else if (after.maybeMark) tried.more = true;
    else tried.reason = 'bytes followed the answer at once';
  }
}
