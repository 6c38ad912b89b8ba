// SPDX-License-Identifier: Apache-2.0
/**
 * A Modbus TCP server that does what bad gateways do: answers late, twice, cut short, with wrong lengths, foreign
 * units and wrong transaction ids. It remembers the one true answer to each request, so that a test can ask whether a
 * value was ever accepted that is not it. For tests only.
 */
import { createServer, type Server, type Socket } from 'node:net';
import { Buffer } from 'node:buffer';

export const misbehaviours = [
  'good',
  'in-pieces',
  'late',
  'late-with-next',
  'twice',
  'twice-later',
  'cut-short',
  'cut-short-then-whole',
  'cut-short-then-closed',
  'length-too-long',
  'length-too-short',
  'length-absurd',
  'crc-appended',
  'raw-rtu',
  'raw-rtu-wrong-crc',
  'foreign-unit',
  'transaction-next',
  'transaction-before',
  'transaction-random',
  'wrong-function',
  'wrong-byte-count',
  'wrong-protocol',
  'exception',
  'target-silent',
  'silent',
  'closed',
  'noise',
  'unasked',
] as const;
export type Misbehaviour = (typeof misbehaviours)[number];
type WrongAnswer = Exclude<
  Misbehaviour,
  | 'good'
  | 'in-pieces'
  | 'late'
  | 'late-with-next'
  | 'twice'
  | 'twice-later'
  | 'cut-short'
  | 'cut-short-then-whole'
  | 'cut-short-then-closed'
  | 'silent'
  | 'closed'
  | 'unasked'
>;

/** Seeded pseudo-random numbers (mulberry32), so that a failure can be run again. */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

export interface HostileGateway {
  readonly port: number;
  readonly done: Record<Misbehaviour, number>;
  /** The true answer to the newest request on the connection from that local port. */
  truthOf(clientPort: number): Buffer | undefined;
  close(): Promise<void>;
}

interface Line {
  readonly socket: Socket;
  before: Buffer | null;
  lastTransactionId: number;
}

export async function startHostileGateway(options: {
  readonly seed: number;
  /** Longer than the client waits. */
  readonly lateMs: number;
  readonly choose?: (random: () => number) => Misbehaviour;
}): Promise<HostileGateway> {
  const random = seededRandom(options.seed);
  const done = Object.fromEntries(misbehaviours.map((kind) => [kind, 0])) as Record<Misbehaviour, number>;
  const truths = new Map<number, Buffer>();
  const sockets = new Set<Socket>();
  let sequence = 0;
  const choose =
    options.choose ??
    (() =>
      random() < 0.45 ? 'good' : (misbehaviours[Math.floor(random() * misbehaviours.length)] ?? 'good'));
  const server: Server = createServer((socket) => {
    sockets.add(socket);
    socket.setNoDelay(true);
    const clientPort = socket.remotePort ?? 0;
    const line: Line = { socket, before: null, lastTransactionId: 0 };
    let received = Buffer.alloc(0);
    socket.on('error', () => undefined);
    socket.on('close', () => sockets.delete(socket));
    socket.on('data', (chunk: Buffer) => {
      received = Buffer.concat([received, chunk]);
      while (received.length >= 12) {
        const request = received.subarray(0, 12);
        received = received.subarray(12);
        sequence += 1;
        const words = truthFor(request, sequence);
        truths.set(clientPort, words);
        const kind = choose(random);
        done[kind] += 1;
        misbehave(kind, line, request, words, random, options.lateMs);
        line.lastTransactionId = request.readUInt16BE(0);
      }
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  return {
    port: typeof address === 'object' && address !== null ? address.port : 0,
    done,
    truthOf: (clientPort) => truths.get(clientPort),
    close: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** Words that no other request has: unit, address and sequence stand in them. */
function truthFor(request: Buffer, sequence: number): Buffer {
  const count = request.readUInt16BE(10);
  const words = Buffer.alloc(2 * count);
  for (let index = 0; index < count; index += 1) {
    words.writeUInt16BE(
      (request.readUInt8(6) * 7919 + (request.readUInt16BE(8) + index) * 31 + sequence * 263) & 0xffff,
      2 * index,
    );
  }
  return words;
}

function answerTo(
  request: Buffer,
  words: Buffer,
  change: {
    transactionId?: number;
    unitId?: number;
    functionCode?: number;
    byteCount?: number;
    length?: number;
    protocol?: number;
  } = {},
): Buffer {
  const frame = Buffer.alloc(9 + words.length);
  frame.writeUInt16BE((change.transactionId ?? request.readUInt16BE(0)) & 0xffff, 0);
  frame.writeUInt16BE(change.protocol ?? 0, 2);
  frame.writeUInt16BE((change.length ?? 3 + words.length) & 0xffff, 4);
  frame.writeUInt8((change.unitId ?? request.readUInt8(6)) & 0xff, 6);
  frame.writeUInt8(change.functionCode ?? request.readUInt8(7), 7);
  frame.writeUInt8((change.byteCount ?? words.length) & 0xff, 8);
  words.copy(frame, 9);
  return frame;
}

function exceptionTo(request: Buffer, code: number): Buffer {
  const frame = Buffer.alloc(9);
  request.copy(frame, 0, 0, 4);
  frame.writeUInt16BE(3, 4);
  frame.writeUInt8(request.readUInt8(6), 6);
  frame.writeUInt8(request.readUInt8(7) | 0x80, 7);
  frame.writeUInt8(code, 8);
  return frame;
}

/** CRC of Modbus RTU (polynomial 0xA001, start 0xFFFF), low byte first. */
export function crcOf(bytes: Buffer): Buffer {
  let crc = 0xffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit += 1) crc = (crc & 1) === 1 ? (crc >>> 1) ^ 0xa001 : crc >>> 1;
  }
  return Buffer.from([crc & 0xff, crc >>> 8]);
}

function misbehave(
  kind: Misbehaviour,
  line: Line,
  request: Buffer,
  truth: Buffer,
  random: () => number,
  lateMs: number,
): void {
  const good = answerTo(request, truth);
  const other = truthFor(request, Math.floor(random() * 1e6));
  const transactionId = request.readUInt16BE(0);
  const send = (bytes: Buffer): void => {
    if (!line.socket.destroyed) line.socket.write(bytes);
  };
  const later = (ms: number, bytes: Buffer): void => void setTimeout(() => send(bytes), ms);
  const cut = 1 + Math.floor(random() * (good.length - 1));
  const held = line.before;
  line.before = null;
  switch (kind) {
    case 'good':
      return send(held === null ? good : Buffer.concat([held, good]));
    case 'in-pieces':
      return (send(good.subarray(0, cut)), later(2, good.subarray(cut)));
    case 'late':
      return later(lateMs * (0.9 + random()), good);
    // Sent together with the answer to whatever is asked next.
    case 'late-with-next':
      return void (line.before = good);
    case 'twice':
      return send(Buffer.concat([good, good]));
    case 'twice-later':
      return (send(good), later(random() * lateMs, good));
    case 'cut-short':
      return send(good.subarray(0, cut));
    case 'cut-short-then-whole':
      return (send(good.subarray(0, cut)), later(random() * lateMs, good));
    case 'cut-short-then-closed':
      return (send(good.subarray(0, cut)), void setTimeout(() => line.socket.destroy(), 3));
    case 'silent':
      return;
    case 'closed':
      return void line.socket.destroy();
    case 'unasked':
      return (
        send(good),
        later(
          random() * lateMs,
          answerTo(request, other, { transactionId: transactionId + 40_503 }).subarray(0, cut),
        )
      );
    default:
      return send(wrongAnswer(kind, { line, request, truth, other, random }));
  }
}

interface Asked {
  readonly line: Line;
  readonly request: Buffer;
  readonly truth: Buffer;
  /** What another register would say. */
  readonly other: Buffer;
  readonly random: () => number;
}

/** An answer that comes in time and must not be believed (or, with a wrong CRC appended, not be misread). */
function wrongAnswer(kind: WrongAnswer, { line, request, truth, other, random }: Asked): Buffer {
  const transactionId = request.readUInt16BE(0);
  const rtu = answerTo(request, truth).subarray(6);
  switch (kind) {
    case 'length-too-long':
      return answerTo(request, truth, { length: 3 + truth.length + 1 + Math.floor(random() * 12) });
    case 'length-too-short':
      return answerTo(request, truth, { length: Math.max(0, 2 + truth.length - Math.floor(random() * 8)) });
    case 'length-absurd':
      return answerTo(request, truth, { length: random() < 0.5 ? 0 : 65_535 });
    case 'crc-appended':
      return Buffer.concat([answerTo(request, truth, { length: 5 + truth.length }), crcOf(rtu)]);
    case 'raw-rtu':
      return Buffer.concat([rtu, crcOf(rtu)]);
    case 'raw-rtu-wrong-crc':
      return Buffer.concat([rtu, Buffer.from([random() * 256, random() * 256])]);
    case 'foreign-unit':
      return answerTo(request, other, { unitId: request.readUInt8(6) + 1 + Math.floor(random() * 200) });
    case 'transaction-next':
      return answerTo(request, other, { transactionId: transactionId + 1 });
    case 'transaction-before':
      return answerTo(request, other, {
        transactionId: random() < 0.5 ? line.lastTransactionId : transactionId - 1,
      });
    case 'transaction-random': {
      const wrong = Math.floor(random() * 65_536);
      return answerTo(request, other, { transactionId: wrong === transactionId ? wrong + 1 : wrong });
    }
    case 'wrong-function':
      return answerTo(request, other, { functionCode: random() < 0.5 ? 4 : 2 });
    case 'wrong-byte-count':
      return answerTo(request, truth.subarray(0, truth.length - 2));
    case 'wrong-protocol':
      return answerTo(request, truth, { protocol: 1 });
    case 'exception':
      return exceptionTo(request, 1 + Math.floor(random() * 6));
    case 'target-silent':
      return exceptionTo(request, 11);
    case 'noise':
      return Buffer.from(
        Array.from({ length: 1 + Math.floor(random() * 40) }, () => Math.floor(random() * 256)),
      );
  }
}
