// SPDX-License-Identifier: Apache-2.0
/**
 * The port on which serial servers call in. What a caller says first tells which gateway it is; a name that nobody
 * expects is told, and the caller is kept for a moment in case somebody claims it.
 */
import { Buffer } from 'node:buffer';
import { createServer, type Server, type Socket } from 'node:net';
import type { GatewayTransport } from '@wattledger/contracts';
import type { Clock } from '@wattledger/platform';
import { CalledEnd } from './called-end.ts';
import type { LineEnd } from './line-end.ts';
import { markOf, textOfMark } from './marks.ts';

export type DialInTransport = Extract<GatewayTransport, { readonly kind: 'rtu-dial-in' }>;

export interface UnknownCall {
  /** What it said first, as it is entered. */
  readonly registration: string;
  readonly remoteAddress: string | null;
}
export interface DialInOptions {
  readonly clock: Clock;
  readonly onUnknownCaller: (call: UnknownCall) => void;
  /** So long a gateway that was there a moment ago is waited for. */
  readonly redialMs?: number;
  /** Calls of one name per second, after the first ten. */
  readonly callsPerSecondMax?: number;
}
export interface DialIn {
  listen(address: { readonly host: string; readonly port: number }): Promise<void>;
  /** null: not listening. */
  readonly port: number | null;
  /** Our end of the line of a gateway that is to call in. */
  endOf(transport: DialInTransport): LineEnd;
  stop(): Promise<void>;
}

/** Serial servers send at most 40 bytes; more is no registration. */
const registrationBytesMax = 40;
/** A caller that says nothing for so long is hung up on. */
const registrationMs = 10_000;
/** Bytes of one packet come within this of each other. */
const packetMs = 300;
/** So long an unknown caller is kept. */
const strangerMs = 60_000;
const strangersMax = 200;
const connectionsMax = 5_000;
const keepAliveMs = 30_000;
const callsAtOnce = 10;

interface Caller {
  readonly socket: Socket;
  said: Buffer;
  timer: NodeJS.Timeout;
  /** Its name is known to nobody. */
  told: boolean;
}
interface Expected {
  readonly name: Buffer;
  readonly end: CalledEnd;
  /** Calls that it may still make at once, and since when that is true. */
  calls: number;
  callsAtMs: number;
}

class DialInDesk implements DialIn {
  readonly #options: Required<DialInOptions>;
  readonly #expected = new Map<string, Expected>();
  /** Those that are not yet, or not at all, known. */
  readonly #callers = new Set<Caller>();
  readonly #sockets = new Set<Socket>();
  #server: Server | null = null;

  constructor(options: DialInOptions) {
    this.#options = { redialMs: 20_000, callsPerSecondMax: 1, ...options };
  }

  get port(): number | null {
    const address = this.#server?.address();
    return typeof address === 'object' && address !== null ? address.port : null;
  }

  async listen({ host, port }: { readonly host: string; readonly port: number }): Promise<void> {
    const server = createServer((socket) => this.#answer(socket));
    server.maxConnections = connectionsMax;
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(port, host, resolve);
    });
    this.#server = server;
  }

  endOf({ registration, registrationOn, heartbeat }: DialInTransport): LineEnd {
    const name = markOf(registration);
    const key = name.toString('hex');
    const marks = [
      ...(registrationOn === 'every-packet' ? [name] : []),
      ...(heartbeat === null ? [] : [markOf(heartbeat)]),
    ];
    const { redialMs, clock } = this.#options;
    const end = new CalledEnd({
      name: registration,
      marks,
      redialMs,
      clock,
      released: () => {
        if (this.#expected.get(key)?.end === end) this.#expected.delete(key);
      },
    });
    this.#expected.set(key, { name, end, calls: callsAtOnce, callsAtMs: clock.nowMs() });
    // Somebody who was unknown until now may be the one.
    for (const caller of [...this.#callers]) if (caller.told) this.#recognise(caller, true);
    return end;
  }

  async stop(): Promise<void> {
    const server = this.#server;
    this.#server = null;
    const closed = new Promise<void>((resolve) => {
      if (server === null) resolve();
      else server.close(() => resolve());
    });
    for (const socket of this.#sockets) socket.destroy();
    await closed;
  }

  #answer(socket: Socket): void {
    this.#sockets.add(socket);
    socket.setNoDelay(true);
    socket.setKeepAlive(true, keepAliveMs);
    socket.on('error', () => undefined);
    const caller: Caller = {
      socket,
      said: Buffer.alloc(0),
      timer: setTimeout(() => socket.destroy(), registrationMs),
      told: false,
    };
    this.#callers.add(caller);
    socket.on('data', (chunk: Buffer) => this.#hear(caller, chunk));
    socket.once('close', () => {
      clearTimeout(caller.timer);
      this.#callers.delete(caller);
      this.#sockets.delete(socket);
    });
  }

  #hear(caller: Caller, chunk: Buffer): void {
    if (caller.told || !this.#callers.has(caller)) return;
    caller.said = Buffer.concat([caller.said, chunk]);
    if (this.#recognise(caller, false)) return;
    // The rest of its first packet may be on the way.
    clearTimeout(caller.timer);
    caller.timer = setTimeout(() => {
      if (!this.#recognise(caller, true)) this.#tellUnknown(caller);
    }, packetMs);
  }

  /** @param whole nothing more of its first packet will come */
  #recognise(caller: Caller, whole: boolean): boolean {
    const { said } = caller;
    const names = [...this.#expected.values()];
    const [found] = names
      .filter(({ name }) => said.subarray(0, name.length).equals(name))
      .sort((a, b) => b.name.length - a.name.length);
    if (found === undefined) return false;
    // The name of another gateway may begin like this one's.
    const couldBeLonger = names.some(
      ({ name }) => name.length > said.length && name.subarray(0, said.length).equals(said),
    );
    if (couldBeLonger && !whole) return false;
    this.#callers.delete(caller);
    clearTimeout(caller.timer);
    caller.socket.removeAllListeners('data');
    if (this.#mayCall(found)) found.end.arrive(caller.socket);
    else caller.socket.destroy();
    return true;
  }

  /** A gateway that calls again and again is slowed down; the line that it has stays. */
  #mayCall(expected: Expected): boolean {
    const { clock, callsPerSecondMax } = this.#options;
    const nowMs = clock.nowMs();
    const gained = Math.max(0, ((nowMs - expected.callsAtMs) / 1000) * callsPerSecondMax);
    expected.calls = Math.min(callsAtOnce, expected.calls + gained);
    expected.callsAtMs = nowMs;
    if (expected.calls < 1) return false;
    expected.calls -= 1;
    return true;
  }

  #tellUnknown(caller: Caller): void {
    caller.told = true;
    caller.timer = setTimeout(() => caller.socket.destroy(), strangerMs);
    const strangers = [...this.#callers].filter(({ told }) => told);
    if (strangers.length > strangersMax) strangers[0]?.socket.destroy();
    this.#options.onUnknownCaller({
      registration: textOfMark(caller.said.subarray(0, registrationBytesMax)),
      remoteAddress: caller.socket.remoteAddress ?? null,
    });
  }
}

export function createDialIn(options: DialInOptions): DialIn {
  return new DialInDesk(options);
}
