// SPDX-License-Identifier: Apache-2.0
/**
 * A gateway that does what bad ones do: answers late, twice, cut short, with wrong check sums, foreign units, the answer
 * before. It remembers the one true answer to each question, so that a test can ask whether a value was ever accepted
 * that is not it. What can go wrong in one protocol only stands in its framing. For tests only.
 */
import { createServer, type Server, type Socket } from 'node:net';
import { Buffer } from 'node:buffer';

/** In every protocol. */
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
  'answer-before',
  'junk-before',
  'junk-after',
  'silent',
  'closed',
  'noise',
  'unasked',
] as const;
type Misbehaviour = (typeof misbehaviours)[number];

/** One protocol as it is spoken on the meter's side. */
export interface HostileFraming {
  /** Bytes of the first question in what has arrived; null: it is not whole yet. @throws Error for a question that is none */
  questionIn(received: Buffer): number | null;
  /** What only this question's answer says. */
  truthFor(question: Buffer, sequence: number): Buffer;
  answerTo(question: Buffer, truth: Buffer): Buffer;
  /** Answers that come in time and must not be believed, by their names. */
  readonly wrongAnswers: Readonly<Record<string, (asked: Asked) => Buffer>>;
}
export interface Asked {
  readonly question: Buffer;
  readonly truth: Buffer;
  /** What another register would say. */
  readonly other: Buffer;
  /** The question before on the same connection. */
  readonly questionBefore: Buffer | null;
  readonly random: () => number;
}

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

export function noiseOf(random: () => number): Buffer {
  return Buffer.from(Array.from({ length: 1 + Math.floor(random() * 40) }, () => Math.floor(random() * 256)));
}

/** What is put into what the gateway sends: a heartbeat between, a registration before. */
export type Dress = (bytes: Buffer, random: () => number) => Buffer;

export interface HostileMeters {
  readonly done: Readonly<Record<string, number>>;
  readonly kinds: readonly string[];
  /** Answers on a line; `key` names it for `truthOf`. */
  attach(socket: Socket, key: string): void;
  /** The true answer to the newest question on that line. */
  truthOf(key: string): Buffer | undefined;
}

interface Line {
  readonly socket: Socket;
  /** An answer kept back, sent together with the next. */
  held: Buffer | null;
  before: Buffer | null;
  questionBefore: Buffer | null;
}

export interface HostileOptions {
  readonly framing: HostileFraming;
  readonly seed: number;
  /** Longer than the client waits. */
  readonly lateMs: number;
  readonly choose?: (random: () => number) => string;
  readonly dress?: Dress;
}

/** The meters behind a bad gateway, on whatever connections they are given. */
export function hostileMeters(options: HostileOptions): HostileMeters {
  const { framing, lateMs, dress = (bytes) => bytes } = options;
  const random = seededRandom(options.seed);
  const kinds = [...misbehaviours, ...Object.keys(framing.wrongAnswers)];
  const done = Object.fromEntries(kinds.map((kind) => [kind, 0])) as Record<string, number>;
  const truths = new Map<string, Buffer>();
  const choose =
    options.choose ??
    (() => (random() < 0.45 ? 'good' : (kinds[Math.floor(random() * kinds.length)] ?? 'good')));
  let sequence = 0;

  function answer(line: Line, question: Buffer, key: string): void {
    sequence += 1;
    const truth = framing.truthFor(question, sequence);
    truths.set(key, truth);
    const kind = choose(random);
    done[kind] = (done[kind] ?? 0) + 1;
    const other = framing.truthFor(question, Math.floor(random() * 1e6));
    const asked = { question, truth, other, questionBefore: line.questionBefore, random };
    const good = framing.answerTo(question, truth);
    const wrong = framing.wrongAnswers[kind];
    const send = (bytes: Buffer): void => {
      if (!line.socket.destroyed) line.socket.write(dress(bytes, random));
    };
    if (wrong === undefined) misbehave(kind as Misbehaviour, line, { good, random, lateMs, send });
    else {
      line.held = null;
      send(wrong(asked));
    }
    line.before = good;
    line.questionBefore = question;
  }

  return {
    done,
    kinds,
    truthOf: (key) => truths.get(key),
    attach: (socket, key) => {
      const line: Line = { socket, held: null, before: null, questionBefore: null };
      let received = Buffer.alloc(0);
      socket.setNoDelay(true);
      socket.on('error', () => undefined);
      socket.on('data', (chunk: Buffer) => {
        received = Buffer.concat([received, chunk]);
        for (;;) {
          const length = framing.questionIn(received);
          if (length === null) return;
          const question = received.subarray(0, length);
          received = received.subarray(length);
          answer(line, question, key);
        }
      });
    },
  };
}

interface Sending {
  readonly good: Buffer;
  readonly random: () => number;
  readonly lateMs: number;
  readonly send: (bytes: Buffer) => void;
}

function misbehave(kind: Misbehaviour, line: Line, { good, random, lateMs, send }: Sending): void {
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
    // Sent together with the answer to whatever is asked next.
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
    case 'answer-before':
      return send(line.before ?? noiseOf(random));
    case 'junk-before':
      return send(Buffer.concat([noiseOf(random), good]));
    case 'junk-after':
      return send(Buffer.concat([good, noiseOf(random)]));
    case 'silent':
      return;
    case 'closed':
      return void line.socket.destroy();
    case 'noise':
      return send(noiseOf(random));
    case 'unasked':
      return (send(good), later(random() * lateMs, noiseOf(random)));
  }
}

export interface HostileGateway extends Pick<HostileMeters, 'done' | 'kinds'> {
  readonly port: number;
  /** The true answer to the newest question on the connection from that local port. */
  truthOf(clientPort: number | null): Buffer | undefined;
  close(): Promise<void>;
}

/** One that is dialled. */
export async function startHostileGateway(options: HostileOptions): Promise<HostileGateway> {
  const meters = hostileMeters(options);
  const sockets = new Set<Socket>();
  const server: Server = createServer((socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    meters.attach(socket, String(socket.remotePort ?? 0));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  return {
    port: typeof address === 'object' && address !== null ? address.port : 0,
    done: meters.done,
    kinds: meters.kinds,
    truthOf: (clientPort) => meters.truthOf(String(clientPort)),
    close: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
