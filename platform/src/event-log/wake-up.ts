// SPDX-License-Identifier: Apache-2.0
/** Wakes sleeping readers of a topic: at once within the process, by NOTIFY between processes, by polling if both are lost. */
import type { Database } from '../database/port.ts';

/** The longest a record can lie unseen when a notification was lost. */
export const pollMs = 1_000;
const notifyPauseMs = 25;

export const channelOf = (topicName: string): string => `event_log_${topicName}`;

/** One sleeper's bell. */
export class Bell {
  #ring: (() => void) | null = null;
  #rung = false;

  ring(): void {
    this.#rung = true;
    this.#ring?.();
  }

  /** Resolves when rung since the last wait, or after `ms`. */
  async wait(ms: number): Promise<void> {
    if (!this.#rung) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, ms);
        this.#ring = () => {
          clearTimeout(timer);
          resolve();
        };
      });
      this.#ring = null;
    }
    this.#rung = false;
  }
}

export class WakeUp {
  readonly #database: Database;
  readonly #onError: (error: unknown) => void;
  readonly #bells = new Map<string, Set<Bell>>();
  readonly #unlisten = new Map<string, Promise<() => Promise<void>>>();
  readonly #notifying = new Map<string, 'sent' | 'again'>();
  readonly #timers = new Set<NodeJS.Timeout>();
  #closed = false;

  constructor(database: Database, onError: (error: unknown) => void) {
    this.#database = database;
    this.#onError = onError;
  }

  /** A bell that rings whenever the topic grows. */
  async subscribe(topicName: string): Promise<{ readonly bell: Bell; readonly end: () => void }> {
    const bell = new Bell();
    const bells = this.#bells.get(topicName) ?? new Set();
    bells.add(bell);
    this.#bells.set(topicName, bells);
    let listening = this.#unlisten.get(topicName);
    if (listening === undefined) {
      listening = this.#database.listen(channelOf(topicName), () => this.#ringLocal(topicName));
      this.#unlisten.set(topicName, listening);
    }
    await listening;
    return { bell, end: () => void bells.delete(bell) };
  }

  #ringLocal(topicName: string): void {
    for (const bell of this.#bells.get(topicName) ?? []) bell.ring();
  }

  /** The topic has grown (its transaction has committed). NOTIFY goes after the commit: inside, it would serialize all commits. */
  grown(topicName: string): void {
    this.#ringLocal(topicName);
    if (this.#closed) return;
    if (this.#notifying.has(topicName)) {
      this.#notifying.set(topicName, 'again');
      return;
    }
    this.#notifying.set(topicName, 'sent');
    this.#database.query('SELECT pg_notify($1, $2)', [channelOf(topicName), '']).catch(this.#onError);
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      const state = this.#notifying.get(topicName);
      this.#notifying.delete(topicName);
      if (state === 'again') this.grown(topicName);
    }, notifyPauseMs);
    timer.unref();
    this.#timers.add(timer);
  }

  async close(): Promise<void> {
    this.#closed = true;
    for (const timer of this.#timers) clearTimeout(timer);
    for (const listening of this.#unlisten.values())
      await listening.then(async (end) => await end()).catch(this.#onError);
    for (const bells of this.#bells.values()) for (const bell of bells) bell.ring();
  }
}
