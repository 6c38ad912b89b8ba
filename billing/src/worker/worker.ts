// SPDX-License-Identifier: Apache-2.0
/**
 * Repeats a step until it finds nothing more to do, then sleeps until it is woken or its time comes. What there is to
 * do stands in the database; waking only saves waiting.
 */
import type { Logger } from 'pino';

export interface WorkerOptions {
  readonly name: string;
  /** True: there may be more to do at once. */
  readonly step: () => Promise<boolean>;
  readonly everyMs: number;
  readonly logger: Logger;
}

export interface Worker {
  start(): void;
  wake(): void;
  /** After the step in hand. */
  stop(): Promise<void>;
}

/** Pause after a failed step. */
const failurePauseMs = 2_000;

export function createWorker({ name, step, everyMs, logger }: WorkerOptions): Worker {
  let running: Promise<void> | null = null;
  let timer: NodeJS.Timeout | null = null;
  let woken = false;
  let started = false;

  async function run(): Promise<void> {
    let pauseMs = everyMs;
    try {
      do {
        woken = false;
        while (started && (await step())) {
          // Each step is a transaction of its own; the next begins where it ended.
        }
      } while (started && woken);
    } catch (error) {
      logger.warn({ err: error, worker: name }, `${name} failed; trying again in ${failurePauseMs} ms`);
      pauseMs = failurePauseMs;
    }
    running = null;
    if (started) timer = setTimeout(begin, pauseMs);
  }

  function begin(): void {
    if (timer !== null) clearTimeout(timer);
    timer = null;
    woken = true;
    if (!started) return;
    running ??= run();
  }

  return {
    start: () => {
      started = true;
      begin();
    },
    wake: begin,
    stop: async () => {
      started = false;
      if (timer !== null) clearTimeout(timer);
      timer = null;
      await running;
    },
  };
}
