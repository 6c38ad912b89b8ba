// SPDX-License-Identifier: Apache-2.0
/**
 * One line to a gateway, used so that no wrong value is ever taken for an answer: one question in flight; a time-out
 * always; the line is closed, or silenced, whenever its bytes can no longer be told apart. Where answers carry ids a
 * late one is known for what it is. Where they do not, any time-out ends what is known of the line, and no question is
 * asked whose answer could be an earlier one's. A lost answer costs a poll; a wrong one would cost money.
 */
import { Buffer } from 'node:buffer';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Clock } from '@wattledger/platform';
import type { Answer, AnswerFrame, Deframed, Exchange } from './exchange.ts';
import type { ByteLine, LineEnd } from './line-end.ts';
import { deframeMarked, withoutLeadingMarks, type Unmarked } from './marks.ts';

export interface LineConnectionOptions {
  readonly end: LineEnd;
  /** Where answers carry ids: takes the first frame also when nothing is in flight. null: they carry none. */
  readonly deframeIds: ((bytes: Buffer) => Deframed<AnswerFrame>) | null;
  /** From sending to the whole answer, and for opening the line. */
  readonly timeoutMs: number;
  /** Rest between an answer and the next question. */
  readonly minGapMs: number;
  /** Without ids: silence after a doubt. */
  readonly quietMs: number;
  readonly reconnectMinMs: number;
  readonly reconnectMaxMs: number;
  readonly clock: Clock;
}

export interface ConnectionCounters {
  connects: number;
  /** Of the connects those by choice: before a question whose answer an earlier one's could be taken for. */
  renewals: number;
  connectFailures: number;
  /** Frames of no question in flight: late or repeated answers, wrong transaction ids. Never taken for an answer. */
  strays: number;
  /** Times that the line was given up because its bytes could not be told apart. */
  closedGarbled: number;
}

/** Odd, so that it walks through all 65,536 ids; near 65,536/φ, so that neighbouring questions have far-apart ids. */
const transactionStride = 40_503;
/** An answer that came in pieces is believed only when nothing follows it for so long. */
const settleMsMin = 20;
/** The silence that parts frames on a wire, in characters. */
const silentCharacters = 3.5;
/** A line that is never silent for so many silences in a row is closed. */
const drainsMax = 20;

interface InFlight {
  readonly transactionId: number;
  readonly exchange: Exchange;
  readonly finish: (answer: Answer) => void;
}

export class LineConnection {
  readonly counters: ConnectionCounters = {
    connects: 0,
    renewals: 0,
    connectFailures: 0,
    strays: 0,
    closedGarbled: 0,
  };
  readonly #options: LineConnectionOptions;
  readonly #settleMs: number;
  #line: ByteLine | null = null;
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
  #lastBytesMs = 0;
  #answersOnLine = 0;
  /** Without ids: looks of the answers that this line has carried, with the end of the newest of each. */
  #shapes = new Map<string, number>();
  /** null: nothing since the line was new, or in doubt. */
  #lastAnswered: string | null = null;
  #quietUntilMs = 0;
  #draining = false;

  constructor(options: LineConnectionOptions) {
    this.#options = options;
    this.#settleMs = Math.max(settleMsMin, Math.ceil(silentCharacters * options.end.byteMs));
    this.#transactionId = globalThis.crypto.getRandomValues(new Uint16Array(1))[0] ?? 0;
  }

  /** Whether answers carry the ids of their questions. */
  get hasIds(): boolean {
    return this.#options.deframeIds !== null;
  }

  get connected(): boolean {
    return this.#line !== null;
  }

  /** Our end of the open connection; null when there is none. */
  get localPort(): number | null {
    return this.#line?.localPort ?? null;
  }

  /**
   * Asks one question and waits for its answer. Never throws for what the other side does.
   * @throws Error when a question is already in flight (a mistake of ours), RangeError when it cannot be said
   */
  async ask(exchange: Exchange): Promise<Answer> {
    if (this.#busy) throw new Error('a request is already in flight on this connection');
    exchange.encode(0);
    this.#busy = true;
    try {
      const reused = this.#line !== null && this.#answersOnLine > 0;
      const first = await this.#askApart(exchange);
      if (!first.ok) {
        // A gateway may drop an idle connection just as we use it: that says nothing about the meter. Once more, afresh.
        return reused && first.fault === 'no-connection' && !this.#closed
          ? await this.#askApart(exchange)
          : first;
      }
      if (!first.inPieces || exchange.isWrite) return first;
      return await this.#askAgain(exchange, first.words);
    } finally {
      this.#busy = false;
      this.#lastEndMs = this.#options.clock.nowMs();
    }
  }

  /** Ends the question in hand with `no-connection` and opens nothing any more. */
  close(): void {
    this.#closed = true;
    this.#drop('the connection was closed');
    this.#options.end.release?.();
  }

  /** Tells when a gateway has called in. */
  whenCalled(tell: () => void): void {
    this.#options.end.whenCalled?.(tell);
  }

  /** Ends waiting for a gateway that is to call in. */
  hurry(): void {
    this.#options.end.hurry?.();
  }

  /** An answer in pieces is believed when the next one comes whole, or says the very same. */
  async #askAgain(exchange: Exchange, words: Buffer): Promise<Answer> {
    const second = await this.#askApart(exchange);
    if (!second.ok || !second.inPieces || second.words.equals(words)) return second;
    this.#drop('two answers in pieces that do not agree');
    return { ok: false, fault: 'garbled', reason: 'two answers came in pieces and do not agree' };
  }

  /** A repeated answer to an earlier question would be believed where nothing tells them apart: the two are parted. */
  async #askApart(exchange: Exchange): Promise<Answer> {
    const { shape } = exchange;
    const { end, quietMs, clock } = this.#options;
    const endedMs = shape === null ? undefined : this.#shapes.get(shape);
    if (endedMs === undefined) return await this.#askOnce(exchange);
    if (end.parting === 'renewal') {
      this.counters.renewals += 1;
      this.#drop('answers would look the same');
      return await this.#askOnce(exchange);
    }
    const silenceMs = Math.max(endedMs, this.#lastBytesMs) + quietMs - clock.nowMs();
    if (silenceMs > 0) await sleep(Math.min(silenceMs, quietMs));
    const fence = this.#lastAnswered === null || this.#lastAnswered === shape ? exchange.fence() : null;
    if (fence !== null) {
      // Any answer shows that nothing older is on the way. None: it would be the second time-out for one meter.
      const fenced = await this.#askOnce(fence);
      if (!fenced.ok && fenced.fault === 'no-answer') return fenced;
    }
    return await this.#askOnce(exchange);
  }

  async #askOnce(exchange: Exchange): Promise<Answer> {
    const line = await this.#readyLine();
    if ('ok' in line) return line;
    const { shape } = exchange;
    if (shape !== null) this.#shapes.set(shape, this.#options.clock.nowMs());
    const transactionId = (this.#transactionId + transactionStride) & 0xffff;
    this.#transactionId = transactionId;
    const question = exchange.encode(transactionId);
    const wireMs = (question.length + exchange.answerBytes) * this.#options.end.byteMs;
    const answer = await new Promise<Answer>((resolve) => {
      const timer = setTimeout(() => this.#timeOut(), this.#options.timeoutMs + wireMs);
      this.#inFlight = {
        transactionId,
        exchange,
        finish: (finished) => {
          clearTimeout(timer);
          if (this.#settling !== null) clearTimeout(this.#settling);
          this.#settling = null;
          this.#inFlight = null;
          resolve(finished);
        },
      };
      line.write(question);
    });
    if (shape !== null && this.#line === line) {
      this.#shapes.set(shape, this.#options.clock.nowMs());
      if (answer.ok || answer.fault === 'exception' || answer.fault === 'target-silent')
        this.#lastAnswered = shape;
    }
    return answer;
  }

  /** An open line with nothing on it. */
  async #readyLine(): Promise<ByteLine | Extract<Answer, { ok: false }>> {
    const line = this.#line ?? (await this.#open());
    if (!('write' in line)) return line;
    const rest = this.#lastEndMs + this.#options.minGapMs - this.#options.clock.nowMs();
    if (rest > 0) await sleep(Math.min(rest, this.#options.minGapMs));
    if (this.#draining) await this.#drain();
    if (this.#line !== line)
      return { ok: false, fault: 'no-connection', reason: 'the gateway closed the connection' };
    // Whatever came unasked belongs to no question; a piece of a frame would be taken for the beginning of the answer.
    if (
      this.#received.length > 0 &&
      !withoutLeadingMarks(this.#received, this.#options.end.marks).maybeMark
    ) {
      this.#dropGarbled('bytes before the request');
      return { ok: false, fault: 'garbled', reason: 'bytes came that nobody had asked for' };
    }
    return line;
  }

  /** Waits until the line has been silent for long enough. */
  async #drain(): Promise<void> {
    const { clock, quietMs } = this.#options;
    for (let silences = 0; silences < drainsMax && this.#line !== null; silences += 1) {
      const waitMs = Math.max(this.#lastBytesMs, this.#quietUntilMs - quietMs) + quietMs - clock.nowMs();
      if (waitMs <= 0) {
        this.#draining = false;
        return;
      }
      await sleep(Math.min(waitMs, quietMs));
    }
    this.#drop('the line is never silent');
    this.#slowDown();
  }

  async #open(): Promise<ByteLine | Extract<Answer, { ok: false }>> {
    const { end, timeoutMs, quietMs, clock } = this.#options;
    const closed = { ok: false, fault: 'no-connection', reason: 'the connection was closed' } as const;
    if (this.#closed) return closed;
    const waitMs = this.#notBeforeMs - clock.nowMs();
    if (waitMs > 0) {
      return {
        ok: false,
        fault: 'no-connection',
        reason: `${end.name} did not connect; tried again in ${Math.ceil(waitMs / 1000)} s`,
      };
    }
    const silenceMs = this.#quietUntilMs - clock.nowMs();
    if (silenceMs > 0) await sleep(Math.min(silenceMs, quietMs));
    if (this.#closed) return closed;
    const line = await end.open(timeoutMs);
    if (typeof line === 'string' || this.#closed) {
      if (typeof line !== 'string') line.destroy();
      this.counters.connectFailures += 1;
      this.#slowDown();
      const reason = typeof line === 'string' ? line : 'the connection was closed';
      return { ok: false, fault: 'no-connection', reason: `${end.name}: ${reason}` };
    }
    this.counters.connects += 1;
    this.#adopt(line);
    return line;
  }

  #adopt(line: ByteLine): void {
    this.#line = line;
    this.#received = Buffer.alloc(0);
    this.#answersOnLine = 0;
    this.#shapes = new Map();
    this.#lastAnswered = null;
    this.#draining = false;
    line.on('data', (chunk) => {
      if (this.#line === line) this.#take(chunk);
    });
    line.on('error', (error) => {
      if (this.#line === line) this.#drop(error.message);
    });
    line.on('close', () => {
      if (this.#line !== line) return;
      // A gateway that accepts and hangs up without one answer is no better than one that does not accept.
      if (this.#answersOnLine === 0) this.#slowDown();
      this.#drop('the gateway closed the connection');
    });
  }

  #take(chunk: Buffer): void {
    this.#lastBytesMs = this.#options.clock.nowMs();
    if (this.#draining) return void (this.counters.strays += 1);
    const { end, deframeIds } = this.#options;
    if (this.#settling !== null) return this.#dropGarbled('bytes followed an answer that had come in pieces');
    this.#bytesBefore = this.#received.length;
    this.#received = this.#bytesBefore === 0 ? chunk : Buffer.concat([this.#received, chunk]);
    if (this.#inFlight === null && deframeIds === null) {
      const { rest, maybeMark } = withoutLeadingMarks(this.#received, end.marks);
      this.#received = rest;
      if (rest.length === 0 || maybeMark) return;
      this.counters.strays += 1;
      return this.#dropGarbled('bytes came that nobody had asked for');
    }
    for (;;) {
      const next = this.#deframe();
      if (next.kind === 'garbled') return this.#dropGarbled(next.reason);
      if (next.kind === 'more') return;
      this.#received = next.rest;
      if (!this.#takeFrame(next.frame, next.doubtful)) return;
      this.#bytesBefore = 0;
    }
  }

  #deframe(): Unmarked<AnswerFrame> {
    const { end, deframeIds } = this.#options;
    const exchange = this.#inFlight?.exchange;
    const deframe = deframeIds ?? ((bytes) => exchange?.deframe(bytes) ?? { kind: 'more' });
    return deframeMarked(this.#received, end.marks, deframe);
  }

  /** @returns whether the bytes after the frame may still be looked at */
  #takeFrame(frame: AnswerFrame, doubtful: boolean): boolean {
    const inFlight = this.#inFlight;
    const hasIds = this.#options.deframeIds !== null;
    if (inFlight === null || (hasIds && frame.transactionId !== inFlight.transactionId)) {
      this.counters.strays += 1;
      return true;
    }
    if (this.#received.length > 0) {
      // The end of this answer may be the beginning of another frame, if this one was cut short on the way.
      this.#dropGarbled('bytes followed the answer at once');
      return false;
    }
    const verdict = inFlight.exchange.judge(frame);
    if (!verdict.ok) {
      if (verdict.fault === 'exception' || verdict.fault === 'target-silent') this.#succeeded();
      inFlight.finish({ ok: false, fault: verdict.fault, reason: verdict.reason });
      if (verdict.fault === 'foreign-answer' || verdict.fault === 'wrong-length')
        this.#endDoubtful(verdict.reason);
      return false;
    }
    const atMs = this.#options.clock.nowMs();
    // Some devices send header and body apart. As long as function, byte count and registers are of one piece, no
    // stray piece can have taken their place without its first bytes giving it away.
    const inPieces = this.#bytesBefore > inFlight.exchange.loneBytes;
    const answer: Answer = { ok: true, words: verdict.words, atMs, inPieces };
    // On a wire only silence ends a frame.
    if (this.#bytesBefore === 0 && !doubtful && this.#options.end.byteMs === 0) {
      this.#succeeded();
      inFlight.finish(answer);
      return true;
    }
    this.#settling = setTimeout(() => {
      this.#succeeded();
      inFlight.finish(answer);
    }, this.#settleMs);
    return true;
  }

  #succeeded(): void {
    this.#answersOnLine += 1;
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
    if (!cutShort && this.#options.deframeIds !== null) return;
    this.#endDoubtful(reason);
  }

  #dropGarbled(reason: string): void {
    this.counters.closedGarbled += 1;
    this.#inFlight?.finish({ ok: false, fault: 'garbled', reason });
    this.#endDoubtful(reason);
  }

  /** What is still on the way must meet no new question. Without ids only time parts them, where the server keeps it. */
  #endDoubtful(reason: string): void {
    const { end, deframeIds, clock, quietMs } = this.#options;
    if (deframeIds === null) this.#quietUntilMs = clock.nowMs() + quietMs;
    if (end.afterDoubt === 'close') return this.#drop(reason);
    this.#draining = true;
    this.#received = Buffer.alloc(0);
    this.#lastAnswered = null;
  }

  #drop(reason: string): void {
    const line = this.#line;
    this.#line = null;
    this.#received = Buffer.alloc(0);
    this.#shapes = new Map();
    this.#lastAnswered = null;
    line?.destroy();
    this.#inFlight?.finish({ ok: false, fault: 'no-connection', reason });
  }

  #slowDown(): void {
    const { end, reconnectMinMs, reconnectMaxMs, clock } = this.#options;
    if (!end.backsOff) return;
    this.#backOffMs = Math.min(reconnectMaxMs, this.#backOffMs === 0 ? reconnectMinMs : 2 * this.#backOffMs);
    this.#notBeforeMs = clock.nowMs() + this.#backOffMs;
  }
}
