// SPDX-License-Identifier: Apache-2.0
/** The end of a line that a gateway opens by calling in: whoever called last is the one that is there. */
import type { Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Buffer } from 'node:buffer';
import type { Clock } from '@wattledger/platform';
import type { LineEnd } from './line-end.ts';

export interface CalledEndOptions {
  readonly name: string;
  readonly marks: readonly Buffer[];
  /** So long a gateway that was there a moment ago is waited for. */
  readonly redialMs: number;
  readonly clock: Clock;
  readonly released: () => void;
}

export class CalledEnd implements LineEnd {
  readonly name: string;
  readonly marks: readonly Buffer[];
  /** Every new connection costs the gateway a call: questions are parted on the one that is there. */
  readonly parting = 'fence';
  readonly afterDoubt = 'close';
  readonly backsOff = false;
  readonly byteMs = 0;
  readonly #options: CalledEndOptions;
  /** Called in and not yet taken. */
  #waiting: Socket | null = null;
  #taken: Socket | null = null;
  #goneMs: number;
  #patience = new AbortController();
  #tell: () => void = () => undefined;

  constructor(options: CalledEndOptions) {
    this.#options = options;
    this.name = options.name;
    this.marks = options.marks;
    this.#goneMs = options.clock.nowMs();
  }

  /** Takes a caller; the one before is hung up on: of two lines to one gateway the older is dead. */
  arrive(socket: Socket): void {
    this.#waiting?.destroy();
    this.#waiting = socket;
    // Nothing has been asked on it: whatever comes is a heartbeat, or late.
    socket.on('data', () => undefined);
    socket.once('close', () => {
      if (this.#waiting === socket) this.#waiting = null;
      if (this.#taken === socket) this.#taken = null;
      this.#goneMs = this.#options.clock.nowMs();
    });
    this.#taken?.destroy();
    this.#patience.abort();
    this.#tell();
  }

  async open(): Promise<Socket | string> {
    const { redialMs, clock } = this.#options;
    if (this.#waiting === null) {
      const patienceMs = this.#goneMs + redialMs - clock.nowMs();
      if (patienceMs > 0) await this.#beCalled(Math.min(patienceMs, redialMs));
    }
    const socket = this.#waiting;
    if (socket === null) return 'the gateway has not called in';
    this.#waiting = null;
    this.#taken = socket;
    socket.removeAllListeners('data');
    return socket;
  }

  /** Ends when somebody has called, at the latest after so long. */
  async #beCalled(patienceMs: number): Promise<void> {
    this.#patience = new AbortController();
    await sleep(patienceMs, undefined, { signal: this.#patience.signal }).catch(() => undefined);
  }

  whenCalled(tell: () => void): void {
    this.#tell = tell;
  }

  hurry(): void {
    this.#goneMs = 0;
    this.#patience.abort();
  }

  release(): void {
    this.hurry();
    this.#waiting?.destroy();
    this.#waiting = null;
    this.#options.released();
  }
}
