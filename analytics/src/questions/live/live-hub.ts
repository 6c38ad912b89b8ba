// SPDX-License-Identifier: Apache-2.0
/**
 * One tail per topic for all screens of this process; once a second each project's news goes to its screens. A screen
 * that does not read fast enough misses news and is told so. Streams end with the session, or after a while when
 * nobody can be asked about it: the browser then comes back by itself and is let in anew.
 */
import { mayDo, topics, type Principal } from '@wattledger/contracts';
import { RequestError, type Consumer, type Parts } from '@wattledger/platform';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { LiveBatch, newsNames, rightOfEvent } from './live-batch.ts';

export interface LiveOptions {
  /** Most open streams of this process; each costs about 25 kB. */
  readonly streamsMax: number;
  readonly streamsPerCallerMax: number;
  /** Says who holds the request's session now; null = nobody any more. */
  readonly authenticate:
    | ((request: IncomingMessage, cookies: Readonly<Record<string, string>>) => Promise<Principal | null>)
    | null;
}

const flushMs = 1_000;
const pingMs = 15_000;
/** Without `authenticate` a stream ends after this and the browser signs in anew. */
const lifeMsMax = 600_000;
/** Bytes waiting for a screen; above it the screen misses news. */
const backlogBytesMax = 256_000;
/** Tails go on for a while after the last screen: a page that is reloaded finds them running. */
const idleMs = 30_000;

interface Stream {
  readonly projectId: string;
  principal: Principal;
  readonly request: IncomingMessage;
  readonly cookies: Readonly<Record<string, string>>;
  readonly response: ServerResponse;
  readonly openedAt: number;
  missed: boolean;
}

export interface LiveHub {
  /** Takes over the response. @throws RequestError 429 too-many-streams, 503 shutting-down */
  open(stream: {
    readonly projectId: string;
    readonly principal: Principal;
    readonly request: IncomingMessage;
    readonly cookies: Readonly<Record<string, string>>;
    readonly response: ServerResponse;
  }): Promise<void>;
  stop(): Promise<void>;
  readonly streams: number;
}

class Hub implements LiveHub {
  readonly #parts: Pick<Parts, 'eventLog' | 'clock' | 'logger'>;
  readonly #options: LiveOptions;
  readonly #streams = new Set<Stream>();
  readonly #batches = new Map<string, LiveBatch>();
  readonly #timers: NodeJS.Timeout[] = [];
  #tails: Promise<readonly Consumer[]> | null = null;
  #idle: NodeJS.Timeout | null = null;
  #stopped = false;

  constructor(parts: Pick<Parts, 'eventLog' | 'clock' | 'logger'>, options: LiveOptions) {
    this.#parts = parts;
    this.#options = options;
  }

  get streams(): number {
    return this.#streams.size;
  }

  async open(wanted: Parameters<LiveHub['open']>[0]): Promise<void> {
    this.#refuseTooMany(wanted.principal);
    const stream: Stream = { ...wanted, openedAt: performance.now(), missed: false };
    this.#streams.add(stream);
    wanted.response.once('close', () => this.#forget(stream));
    try {
      await this.#startTails();
    } catch (error) {
      this.#forget(stream);
      throw error;
    }
    if (wanted.response.destroyed || this.#stopped) return;
    wanted.response.writeHead(200, {
      'Content-Type': 'text/event-stream; charset=utf-8',
      'Cache-Control': 'no-store',
      Connection: 'keep-alive',
      // A proxy before us must not gather events.
      'X-Accel-Buffering': 'no',
    });
    const events = newsNames.filter((name) => mayDo(stream.principal, rightOfEvent[name], stream.projectId));
    send(stream, 'hello', { projectId: stream.projectId, nowMs: this.#parts.clock.nowMs(), events });
  }

  #refuseTooMany(principal: Principal): void {
    if (this.#stopped)
      throw new RequestError({
        status: 503,
        code: 'shutting-down',
        message: 'the service is stopping',
        hint: 'The browser tries again by itself.',
      });
    const own = [...this.#streams].filter((stream) => stream.principal.id === principal.id).length;
    if (this.#streams.size < this.#options.streamsMax && own < this.#options.streamsPerCallerMax) return;
    throw new RequestError({
      status: 429,
      code: 'too-many-streams',
      message:
        own >= this.#options.streamsPerCallerMax
          ? `you have ${own} live screens open`
          : 'too many live screens are open',
      hint: 'Close some pages; the others show what is known when they are reloaded.',
    });
  }

  #forget(stream: Stream): void {
    this.#streams.delete(stream);
    if (this.#streams.size > 0 || this.#idle !== null || this.#stopped) return;
    this.#idle = setTimeout(() => {
      this.#idle = null;
      if (this.#streams.size === 0) void this.#stopTails();
    }, idleMs);
    this.#idle.unref();
  }

  async #startTails(): Promise<void> {
    if (this.#idle !== null) clearTimeout(this.#idle);
    this.#idle = null;
    this.#tails ??= this.#tailAll().catch((error: unknown) => {
      this.#tails = null;
      throw error;
    });
    await this.#tails;
  }

  async #tailAll(): Promise<readonly Consumer[]> {
    const { eventLog, clock } = this.#parts;
    const batch = (projectId: string): LiveBatch => {
      let known = this.#batches.get(projectId);
      if (known === undefined) this.#batches.set(projectId, (known = new LiveBatch()));
      return known;
    };
    const watched = (projectId: string): boolean =>
      [...this.#streams].some((stream) => stream.projectId === projectId);
    const take =
      <T extends { readonly projectId: string }>(add: (to: LiveBatch, value: T) => void) =>
      (records: readonly { readonly value: T }[]): void => {
        for (const { value } of records) if (watched(value.projectId)) add(batch(value.projectId), value);
      };
    const tails = await Promise.all([
      eventLog.tail(
        topics.intervalEnergy,
        take((to, value) => to.addEnergy(value, clock.nowMs())),
      ),
      eventLog.tail(
        topics.telemetry,
        take((to, value) => to.addTelemetry(value)),
      ),
      eventLog.tail(
        topics.accountEvents,
        take((to, value) => to.addAccount(value)),
      ),
      eventLog.tail(
        topics.alarmSignals,
        take((to, value) => to.addAlarm(value)),
      ),
      eventLog.tail(
        topics.commandOutcomes,
        take((to, value) => to.addCommand(value)),
      ),
    ]);
    this.#timers.push(
      setInterval(() => this.#flush(), flushMs),
      setInterval(() => void this.#ping(), pingMs),
    );
    for (const timer of this.#timers) timer.unref();
    return tails;
  }

  #flush(): void {
    for (const [projectId, batch] of this.#batches) {
      const events = batch
        .events()
        .map(({ name, data }) => ({ right: rightOfEvent[name], text: eventText(name, data) }));
      for (const stream of this.#streams) {
        if (stream.projectId !== projectId) continue;
        if (batch.overflowed) stream.missed = true;
        for (const event of events)
          if (mayDo(stream.principal, event.right, projectId)) this.#write(stream, event.text);
      }
    }
    this.#batches.clear();
  }

  #write(stream: Stream, text: string): void {
    if (stream.response.writableLength > backlogBytesMax) {
      stream.missed = true;
      return;
    }
    if (stream.missed) send(stream, 'resync', { nowMs: this.#parts.clock.nowMs() });
    stream.missed = false;
    stream.response.write(text);
  }

  /** Keeps the way open and asks whether the caller may still listen. */
  async #ping(): Promise<void> {
    for (const stream of [...this.#streams]) {
      if (stream.response.writableLength <= backlogBytesMax) stream.response.write(': ping\n\n');
      if (!(await this.#mayStay(stream))) end(stream, 'session-ended');
    }
  }

  async #mayStay(stream: Stream): Promise<boolean> {
    const { authenticate } = this.#options;
    if (authenticate === null) return performance.now() - stream.openedAt < lifeMsMax;
    try {
      const principal = await authenticate(stream.request, stream.cookies);
      if (principal === null || principal.id !== stream.principal.id) return false;
      stream.principal = principal;
      return mayDo(principal, 'project:read', stream.projectId);
    } catch (error) {
      if (error instanceof RequestError) return false;
      // Not knowing is no reason to cut everybody off; the next round asks again.
      this.#parts.logger.warn({ err: error }, 'a live stream could not be asked whether its session goes on');
      return true;
    }
  }

  async #stopTails(): Promise<void> {
    const tails = this.#tails;
    this.#tails = null;
    for (const timer of this.#timers.splice(0)) clearInterval(timer);
    this.#batches.clear();
    for (const tail of (await tails?.catch(() => [])) ?? []) await tail.stop();
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    if (this.#idle !== null) clearTimeout(this.#idle);
    for (const stream of [...this.#streams]) end(stream, 'shutting-down');
    await this.#stopTails();
  }
}

function eventText(name: string, data: unknown): string {
  return `event: ${name}\ndata: ${JSON.stringify(data)}\n\n`;
}

function send(stream: Stream, name: string, data: unknown): void {
  stream.response.write(eventText(name, data));
}

function end(stream: Stream, reason: 'session-ended' | 'shutting-down'): void {
  if (!stream.response.headersSent) stream.response.writeHead(503);
  else send(stream, 'bye', { reason });
  stream.response.end();
}

export function createLiveHub(
  parts: Pick<Parts, 'eventLog' | 'clock' | 'logger'>,
  options: LiveOptions,
): LiveHub {
  return new Hub(parts, options);
}
