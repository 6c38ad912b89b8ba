// SPDX-License-Identifier: Apache-2.0
/**
 * A serial server that passes RTU frames through its socket and does what bad ones do: answers late, twice, cut short,
 * with wrong check sums, foreign units, other lengths, the answer before. It remembers the one true answer to each
 * request. For tests only.
 */
import { createServer, type Server, type Socket } from 'node:net';
import { Buffer } from 'node:buffer';
import { crcOf, seededRandom } from './hostile-gateway.ts';

export const rtuMisbehaviours = [
  'good',
  'in-pieces',
  'late',
  'late-with-next',
  'twice',
  'twice-later',
  'cut-short',
  'cut-short-then-whole',
  'cut-short-then-closed',
  'wrong-crc',
  'crc-swapped',
  'bit-flipped',
  'foreign-unit',
  'wrong-function',
  'other-count',
  'byte-count-lies',
  'answer-before',
  'junk-before',
  'junk-after',
  'modbus-tcp',
  'exception',
  'target-silent',
  'silent',
  'closed',
  'noise',
  'unasked',
] as const;
export type RtuMisbehaviour = (typeof rtuMisbehaviours)[number];

export interface HostileRtuGateway {
  readonly port: number;
  readonly done: Record<RtuMisbehaviour, number>;
  /** The true answer to the newest request on the connection from that local port. */
  truthOf(clientPort: number): Buffer | undefined;
  close(): Promise<void>;
}

interface Asked {
  readonly unitId: number;
  readonly functionCode: number;
  readonly address: number;
  readonly count: number;
}
interface Line {
  readonly socket: Socket;
  /** An answer kept back, sent together with the next. */
  held: Buffer | null;
  /** The last good answer given, for one who repeats himself. */
  before: Buffer | null;
}

const requestBytes = 8;

export async function startHostileRtuGateway(options: {
  readonly seed: number;
  /** Longer than the client waits. */
  readonly lateMs: number;
}): Promise<HostileRtuGateway> {
  const random = seededRandom(options.seed);
  const done = Object.fromEntries(rtuMisbehaviours.map((kind) => [kind, 0])) as Record<
    RtuMisbehaviour,
    number
  >;
  const truths = new Map<number, Buffer>();
  const sockets = new Set<Socket>();
  let sequence = 0;
  const server: Server = createServer((socket) => {
    sockets.add(socket);
    socket.setNoDelay(true);
    const clientPort = socket.remotePort ?? 0;
    const line: Line = { socket, held: null, before: null };
    let received = Buffer.alloc(0);
    socket.on('error', () => undefined);
    socket.on('close', () => sockets.delete(socket));
    socket.on('data', (chunk: Buffer) => {
      received = Buffer.concat([received, chunk]);
      while (received.length >= requestBytes) {
        const asked = askedIn(received.subarray(0, requestBytes));
        received = received.subarray(requestBytes);
        sequence += 1;
        const words = truthFor(asked, sequence);
        truths.set(clientPort, words);
        const kind =
          random() < 0.45
            ? 'good'
            : (rtuMisbehaviours[Math.floor(random() * rtuMisbehaviours.length)] ?? 'good');
        done[kind] += 1;
        misbehave(kind, line, asked, words, random, options.lateMs);
        line.before = answerTo(asked, words);
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

/** @throws Error when the client's own check sum does not fit: then the test is worth nothing */
function askedIn(request: Buffer): Asked {
  if (!crcOf(request.subarray(0, 6)).equals(request.subarray(6)))
    throw new Error('a request with a wrong CRC');
  return {
    unitId: request.readUInt8(0),
    functionCode: request.readUInt8(1),
    address: request.readUInt16BE(2),
    count: request.readUInt16BE(4),
  };
}

/** Words that no other request has: unit, address and sequence stand in them. */
function truthFor({ unitId, address, count }: Asked, sequence: number): Buffer {
  const words = Buffer.alloc(2 * count);
  for (let index = 0; index < count; index += 1)
    words.writeUInt16BE((unitId * 7919 + (address + index) * 31 + sequence * 263) & 0xffff, 2 * index);
  return words;
}

function summed(body: Buffer): Buffer {
  return Buffer.concat([body, crcOf(body)]);
}

function answerTo(
  asked: Asked,
  words: Buffer,
  change: { unitId?: number; functionCode?: number; byteCount?: number } = {},
): Buffer {
  return summed(
    Buffer.concat([
      Buffer.from([
        (change.unitId ?? asked.unitId) & 0xff,
        change.functionCode ?? asked.functionCode,
        (change.byteCount ?? words.length) & 0xff,
      ]),
      words,
    ]),
  );
}

function misbehave(
  kind: RtuMisbehaviour,
  line: Line,
  asked: Asked,
  truth: Buffer,
  random: () => number,
  lateMs: number,
): void {
  const good = answerTo(asked, truth);
  const send = (bytes: Buffer): void => {
    if (!line.socket.destroyed) line.socket.write(bytes);
  };
  const later = (ms: number, bytes: Buffer): void => void setTimeout(() => send(bytes), ms);
  const cut = 1 + Math.floor(random() * (good.length - 1));
  const { held } = line;
  line.held = null;
  switch (kind) {
    case 'good':
      return send(held === null ? good : Buffer.concat([held, good]));
    case 'in-pieces':
      return (send(good.subarray(0, cut)), later(2, good.subarray(cut)));
    case 'late':
      return later(lateMs * (0.9 + random()), good);
    case 'late-with-next':
      return void (line.held = good);
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
      return (send(good), later(random() * lateMs, noiseOf(random)));
    default:
      return send(wrongAnswer(kind, line, asked, truth, random));
  }
}

function noiseOf(random: () => number): Buffer {
  return Buffer.from(Array.from({ length: 1 + Math.floor(random() * 40) }, () => Math.floor(random() * 256)));
}

type WrongAnswer = Exclude<
  RtuMisbehaviour,
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

/** An answer that comes in time and must not be believed. */
function wrongAnswer(
  kind: WrongAnswer,
  line: Line,
  asked: Asked,
  truth: Buffer,
  random: () => number,
): Buffer {
  const good = answerTo(asked, truth);
  const other = truthFor(asked, Math.floor(random() * 1e6));
  const body = good.subarray(0, -2);
  switch (kind) {
    case 'wrong-crc':
      // Other registers under the true answer's check sum.
      return Buffer.concat([answerTo(asked, other).subarray(0, -2), good.subarray(-2)]);
    case 'crc-swapped':
      return Buffer.concat([body, Buffer.from(good.subarray(-2)).reverse()]);
    case 'bit-flipped': {
      const flipped = Buffer.from(good);
      const at = 3 + Math.floor(random() * truth.length);
      flipped.writeUInt8(flipped.readUInt8(at) ^ (1 << Math.floor(random() * 8)), at);
      return flipped;
    }
    case 'foreign-unit':
      return answerTo(asked, other, { unitId: asked.unitId + 1 + Math.floor(random() * 200) });
    case 'wrong-function':
      return answerTo(asked, other, { functionCode: asked.functionCode === 3 ? 4 : 3 });
    case 'other-count':
      return answerTo(asked, Buffer.concat([other, other.subarray(0, 2)]));
    case 'byte-count-lies':
      return answerTo(asked, other, { byteCount: truth.length + 2 * (1 + Math.floor(random() * 4)) });
    case 'answer-before':
      return line.before ?? noiseOf(random);
    case 'junk-before':
      return Buffer.concat([noiseOf(random), good]);
    case 'junk-after':
      return Buffer.concat([good, noiseOf(random)]);
    case 'modbus-tcp':
      return Buffer.concat([Buffer.from([0, 1, 0, 0, 0, body.length]), body]);
    case 'exception':
      return summed(Buffer.from([asked.unitId, asked.functionCode | 0x80, 1 + Math.floor(random() * 6)]));
    case 'target-silent':
      return summed(Buffer.from([asked.unitId, asked.functionCode | 0x80, 11]));
    case 'noise':
      return noiseOf(random);
  }
}
