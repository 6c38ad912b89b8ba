// SPDX-License-Identifier: Apache-2.0
/**
 * One connection to a gateway, made so that no wrong value is ever taken for an answer: one request in flight; a
 * time-out always; unit, function and lengths checked; the connection is closed whenever its bytes can no longer be
 * told apart with certainty. Modbus TCP has transaction ids, which do not come again for 65,536 requests and are no
 * neighbours of each other. RTU frames have none: any time-out closes, and no connection is asked twice for answers
 * that look the same. A lost answer costs a poll; a wrong one would cost money.
 */
import { Socket } from 'node:net';
import { Buffer } from 'node:buffer';
import { setTimeout as sleep } from 'node:timers/promises';
import type { GatewayTransport } from '@wattledger/contracts';
import type { Clock } from '@wattledger/platform';
import type { PollFaultKind } from '@wattledger/contracts/http/ingest';
import { judge, type Frame, type ModbusRequest } from './frames.ts';
import { framings, type Framing } from './framings.ts';
import { shapeOf } from './rtu-frames.ts';

export type ModbusAnswer =
  | {
      readonly ok: true;
      readonly words: Buffer;
      readonly atMs: number;
      /** The registers themselves came in several pieces: a cut answer and a stray piece can look like that. */
      readonly inPieces: boolean;
    }
  | { readonly ok: false; readonly fault: PollFaultKind; readonly reason: string };

/** Gateways that we dial. */
export type DialledTransport = Extract<GatewayTransport, { readonly host: string }>;

export interface ModbusConnectionOptions {
  readonly transport: DialledTransport;
  /** From sending to the whole answer, and for opening the connection. */
  readonly timeoutMs: number;
  /** Rest between an answer and the next request. */
  readonly minGapMs?: number;
  /** RTU: silence after a connection given up, since a serial server gives a late answer to whoever is connected. */
  readonly quietMs?: number;
  readonly reconnectMinMs?: number;
  readonly reconnectMaxMs?: number;
  readonly clock: Clock;
}

export interface ConnectionCounters {
  connects: number;
  /** Of the connects those by choice: RTU, before a question whose answer an earlier one's could be taken for. */
  renewals: number;
  connectFailures: number;
  /** Frames of no request in flight: late or repeated answers, wrong transaction ids. Never taken for an answer. */
  strays: number;
  /** Connections given up because their bytes could not be told apart. */
  closedGarbled: number;
}

/** Odd, so that it walks through all 65,536 ids; near 65,536/φ, so that neighbouring requests have far-apart ids. */
const transactionStride = 40_503;
/** Longest silence after a connection given up on RTU. */
const quietMsMax = 1_000;
/** An answer that came in pieces is believed only when nothing follows it for so long. */
const settleMs = 20;

interface InFlight {
  readonly transactionId: number;
  readonly request: ModbusRequest;
  readonly finish: (answer: ModbusAnswer) => void;
}

export class ModbusConnection {
  readonly counters: ConnectionCounters = {
    connects: 0,
    renewals: 0,
    connectFailures: 0,
    strays: 0,
    closedGarbled: 0,
  };
  readonly #options: Required<ModbusConnectionOptions>;
  readonly #framing: Framing;
  #socket: Socket | null = null;
  #received: Buffer = Buffer.alloc(0);
  /** Bytes of the frame in hand that came before its last piece; 0: it came in one. */
  #bytesBefore = 0;
  #transactionId: number;
  #inFlight: InFlight | null = null;
  #settling: NodeJS.Timeout | null = null;
  #busy = false;
  #closed = false;
  #backOffMs = 0;
  #notBeforeMs = 0;
  #lastEndMs = 0;
  #answersOnSocket = 0;
  /** RTU: shapes of the requests this connection has carried. */
  #shapesOnSocket = new Set<string>();
  #quietUntilMs = 0;

  constructor(options: ModbusConnectionOptions) {
    this.#framing = framings[options.transport.kind];
    this.#options = {
      minGapMs: this.#framing.restMs,
      quietMs: Math.min(options.timeoutMs, quietMsMax),
      reconnectMinMs: 250,
      reconnectMaxMs: 20_000,
      ...options,
    };
    this.#transactionId = globalThis.crypto.getRandomValues(new Uint16Array(1))[0] ?? 0;
  }

  get connected(): boolean {
    return this.#socket !== null;
  }

  /** Our end of the open connection; null when there is none. */
  get localPort(): number | null {
    return this.#socket?.localPort ?? null;
  }

  /**
   * Sends one request and waits for its answer. Never throws for what the other side does.
   * @throws Error when a request is already in flight (a mistake of ours), RangeError when it cannot be said in Modbus
   */
  async ask(request: ModbusRequest): Promise<ModbusAnswer> {
    if (this.#busy) throw new Error('a request is already in flight on this connection');
    this.#framing.encode(0, request);
    this.#busy = true;
    try {
      const reused = this.#socket !== null && this.#answersOnSocket > 0;
      const first = await this.#askOnce(request);
      if (!first.ok) {
        // A gateway may drop an idle connection just as we use it: that says nothing about the meter. Once more, afresh.
        return reused && first.fault === 'no-connection' && !this.#closed
          ? await this.#askOnce(request)
          : first;
      }
      if (!first.inPieces || request.kind === 'write') return first;
      return await this.#askAgain(request, first.words);
    } finally {
      this.#busy = false;
      this.#lastEndMs = this.#options.clock.nowMs();
    }
  }

  /** Ends the request in hand with `no-connection` and opens nothing any more. */
  close(): void {
    this.#closed = true;
    this.#drop('the connection was closed');
  }

  /** An answer in pieces is believed when the next one comes whole, or says the very same. */
  async #askAgain(request: ModbusRequest, words: Buffer): Promise<ModbusAnswer> {
    const second = await this.#askOnce(request);
    if (!second.ok || !second.inPieces || second.words.equals(words)) return second;
    this.#drop('two answers in pieces that do not agree');
    return { ok: false, fault: 'garbled', reason: 'two answers came in pieces and do not agree' };
  }

  async #askOnce(request: ModbusRequest): Promise<ModbusAnswer> {
    // A repeated answer to the earlier request would be believed: such a question gets a connection of its own.
    const shape = this.#framing.hasIds ? null : shapeOf(request);
    if (shape !== null && this.#shapesOnSocket.has(shape)) {
      this.counters.renewals += 1;
      this.#drop('answers would look the same');
    }
    const socket = this.#socket ?? (await this.#connect());
    if (!(socket instanceof Socket)) return socket;
    const rest = this.#lastEndMs + this.#options.minGapMs - this.#options.clock.nowMs();
    if (rest > 0) await sleep(Math.min(rest, this.#options.minGapMs));
    if (this.#socket !== socket)
      return { ok: false, fault: 'no-connection', reason: 'the gateway closed the connection' };
    // Whatever came unasked belongs to no request; a piece of a frame would be taken for the beginning of the answer.
    if (this.#received.length > 0) {
      this.#dropGarbled('bytes before the request');
      return { ok: false, fault: 'garbled', reason: 'bytes came that nobody had asked for' };
    }
    if (shape !== null) this.#shapesOnSocket.add(shape);
    this.#transactionId = (this.#transactionId + transactionStride) & 0xffff;
    const transactionId = this.#transactionId;
    return await new Promise<ModbusAnswer>((resolve) => {
      const timer = setTimeout(() => this.#timeOut(), this.#options.timeoutMs);
      this.#inFlight = {
        transactionId,
        request,
        finish: (answer) => {
          clearTimeout(timer);
          if (this.#settling !== null) clearTimeout(this.#settling);
          this.#settling = null;
          this.#inFlight = null;
          resolve(answer);
        },
      };
      socket.write(this.#framing.encode(transactionId, request));
    });
  }

  async #connect(): Promise<Socket | ModbusAnswer> {
    const { timeoutMs, clock } = this.#options;
    const { host, port } = this.#options.transport;
    if (this.#closed) return { ok: false, fault: 'no-connection', reason: 'the connection was closed' };
    const waitMs = this.#notBeforeMs - clock.nowMs();
    if (waitMs > 0) {
      return {
        ok: false,
        fault: 'no-connection',
        reason: `${host}:${port} did not connect; tried again in ${Math.ceil(waitMs / 1000)} s`,
      };
    }
    const quietMs = this.#quietUntilMs - clock.nowMs();
    if (quietMs > 0) await sleep(Math.min(quietMs, this.#options.quietMs));
    if (this.#closed) return { ok: false, fault: 'no-connection', reason: 'the connection was closed' };
    const socket = new Socket();
    // A socket without an error listener takes the process down with it.
    socket.on('error', () => undefined);
    socket.setNoDelay(true);
    socket.setKeepAlive(true, 30_000);
    const failure = await new Promise<string | null>((resolve) => {
      const timer = setTimeout(() => resolve(`no connection within ${timeoutMs} ms`), timeoutMs);
      socket.once('error', (error) => resolve(error.message));
      socket.once('connect', () => resolve(null));
      socket.once('close', () => clearTimeout(timer));
      socket.once('connect', () => clearTimeout(timer));
      socket.connect({ host, port });
    });
    if (failure !== null || this.#closed) {
      socket.destroy();
      this.counters.connectFailures += 1;
      this.#slowDown();
      return {
        ok: false,
        fault: 'no-connection',
        reason: `${host}:${port}: ${failure ?? 'the connection was closed'}`,
      };
    }
    this.counters.connects += 1;
    this.#adopt(socket);
    return socket;
  }

  #adopt(socket: Socket): void {
    this.#socket = socket;
    this.#received = Buffer.alloc(0);
    this.#answersOnSocket = 0;
    this.#shapesOnSocket = new Set();
    socket.on('data', (chunk: Buffer) => {
      if (this.#socket === socket) this.#take(chunk);
    });
    socket.on('error', (error) => {
      if (this.#socket === socket) this.#drop(error.message);
    });
    socket.on('close', () => {
      if (this.#socket !== socket) return;
      // A gateway that accepts and hangs up without one answer is no better than one that does not accept.
      if (this.#answersOnSocket === 0) this.#slowDown();
      this.#drop('the gateway closed the connection');
    });
  }

  #take(chunk: Buffer): void {
    if (this.#inFlight === null && !this.#framing.hasIds) {
      this.counters.strays += 1;
      return this.#dropGarbled('bytes came that nobody had asked for');
    }
    if (this.#settling !== null) return this.#dropGarbled('bytes followed an answer that had come in pieces');
    this.#bytesBefore = this.#received.length;
    this.#received = this.#bytesBefore === 0 ? chunk : Buffer.concat([this.#received, chunk]);
    for (;;) {
      const next = this.#framing.deframe(this.#received);
      if (next.kind === 'garbled') return this.#dropGarbled(next.reason);
      if (next.kind === 'more') return;
      this.#received = next.rest;
      if (!this.#takeFrame(next.frame)) return;
      this.#bytesBefore = 0;
    }
  }

  /** @returns whether the bytes after the frame may still be looked at */
  #takeFrame(frame: Frame): boolean {
    const inFlight = this.#inFlight;
    const isStray = this.#framing.hasIds && frame.transactionId !== inFlight?.transactionId;
    if (inFlight === null || isStray) {
      this.counters.strays += 1;
      return true;
    }
    if (this.#received.length > 0) {
      // The end of this answer may be the beginning of another frame, if this one was cut short on the way.
      this.#dropGarbled('bytes followed the answer at once');
      return false;
    }
    const verdict = judge(inFlight.request, frame);
    if (!verdict.ok) {
      if (verdict.fault === 'exception' || verdict.fault === 'target-silent') this.#succeeded();
      inFlight.finish({ ok: false, fault: verdict.fault, reason: verdict.reason });
      if (verdict.fault === 'foreign-answer' || verdict.fault === 'wrong-length')
        this.#dropDoubtful(verdict.reason);
      return false;
    }
    const atMs = this.#options.clock.nowMs();
    // Some devices send header and body apart. As long as function, byte count and registers are of one piece, no
    // stray piece can have taken their place without its first bytes giving it away.
    const inPieces = this.#bytesBefore > this.#framing.loneBytes;
    const answer: ModbusAnswer = { ok: true, words: verdict.words, atMs, inPieces };
    if (this.#bytesBefore === 0) {
      this.#succeeded();
      inFlight.finish(answer);
      return true;
    }
    this.#settling = setTimeout(() => {
      this.#succeeded();
      inFlight.finish(answer);
    }, settleMs);
    return true;
  }

  #succeeded(): void {
    this.#answersOnSocket += 1;
    this.#backOffMs = 0;
    this.#notBeforeMs = 0;
  }

  #timeOut(): void {
    const inFlight = this.#inFlight;
    if (inFlight === null) return;
    const cutShort = this.#received.length > 0;
    const reason = cutShort
      ? `the answer was cut short: ${this.#received.length} bytes within ${this.#options.timeoutMs} ms`
      : `no answer within ${this.#options.timeoutMs} ms`;
    inFlight.finish({ ok: false, fault: 'no-answer', reason });
    // What comes later would be joined to the piece that is here, or, without ids, be taken for the next answer.
    if (!cutShort && this.#framing.hasIds) return;
    this.#dropDoubtful(reason);
  }

  #dropGarbled(reason: string): void {
    this.counters.closedGarbled += 1;
    this.#inFlight?.finish({ ok: false, fault: 'garbled', reason });
    this.#dropDoubtful(reason);
  }

  /** What is still on the way must meet no new request. Without ids only time parts them, where the server keeps it. */
  #dropDoubtful(reason: string): void {
    this.#drop(reason);
    if (!this.#framing.hasIds) this.#quietUntilMs = this.#options.clock.nowMs() + this.#options.quietMs;
  }

  #drop(reason: string): void {
    const socket = this.#socket;
    this.#socket = null;
    this.#received = Buffer.alloc(0);
    socket?.destroy();
    this.#inFlight?.finish({ ok: false, fault: 'no-connection', reason });
  }

  #slowDown(): void {
    const { reconnectMinMs, reconnectMaxMs, clock } = this.#options;
    this.#backOffMs = Math.min(reconnectMaxMs, this.#backOffMs === 0 ? reconnectMinMs : 2 * this.#backOffMs);
    this.#notBeforeMs = clock.nowMs() + this.#backOffMs;
  }
}
