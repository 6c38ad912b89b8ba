// SPDX-License-Identifier: Apache-2.0
/** Orderly start and stop of a process: parts start in order and stop in the reverse order. */
import type { Logger } from 'pino';

export interface LifecycleOptions {
  readonly logger: Logger;
  /** After this the process ends without waiting for the rest; what was acknowledged is durable anyway. */
  readonly stopMsMax?: number;
  /** How the process ends; process.exit unless told. */
  readonly exit?: (code: number) => void;
}

interface Step {
  readonly name: string;
  readonly stop: () => Promise<void>;
}

const stopMsMaxDefault = 25_000;

export class Lifecycle {
  readonly #options: LifecycleOptions;
  readonly #steps: Step[] = [];
  #stopping: Promise<boolean> | null = null;

  constructor(options: LifecycleOptions) {
    this.#options = options;
  }

  /** Starts a part; when it fails, what has been started before is stopped and the error is thrown. */
  async start<T>(name: string, start: () => Promise<T>, stop: (part: T) => Promise<void>): Promise<T> {
    try {
      const part = await start();
      this.#steps.push({ name, stop: async () => await stop(part) });
      return part;
    } catch (error) {
      await this.stop();
      throw error;
    }
  }

  /** Something that is to be stopped before everything that was started earlier. */
  onStop(name: string, stop: () => Promise<void>): void {
    this.#steps.push({ name, stop });
  }

  /** Stops everything, the last started first. A part that fails to stop does not keep the others from it. True when all went well. */
  async stop(): Promise<boolean> {
    this.#stopping ??= this.#stopAll();
    return await this.#stopping;
  }

  async #stopAll(): Promise<boolean> {
    let allWell = true;
    for (let step = this.#steps.pop(); step !== undefined; step = this.#steps.pop()) {
      const began = performance.now();
      try {
        await step.stop();
        this.#options.logger.debug({ part: step.name, ms: Math.round(performance.now() - began) }, 'stopped');
      } catch (error) {
        allWell = false;
        this.#options.logger.error({ err: error, part: step.name }, 'a part could not be stopped in order');
      }
    }
    return allWell;
  }

  /**
   * SIGTERM and SIGINT stop in order and exit; a second signal exits at once. Returns how to take the handlers off.
   */
  handleSignals(): () => void {
    const exit = this.#options.exit ?? ((code: number) => process.exit(code));
    let signals = 0;
    const handle = (signal: NodeJS.Signals): void => {
      signals += 1;
      if (signals > 1) {
        exit(130);
        return;
      }
      this.#options.logger.info({ signal }, 'stopping; a second signal ends at once');
      const timer = setTimeout(() => {
        this.#options.logger.error(
          { stopMsMax: this.#options.stopMsMax ?? stopMsMaxDefault },
          'stopping took too long and was broken off',
        );
        exit(1);
      }, this.#options.stopMsMax ?? stopMsMaxDefault);
      void this.stop().then((allWell) => {
        clearTimeout(timer);
        exit(allWell ? 0 : 1);
      });
    };
    process.on('SIGTERM', handle);
    process.on('SIGINT', handle);
    return () => {
      process.off('SIGTERM', handle);
      process.off('SIGINT', handle);
    };
  }
}

export function createLifecycle(options: LifecycleOptions): Lifecycle {
  return new Lifecycle(options);
}
