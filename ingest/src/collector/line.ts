// SPDX-License-Identifier: Apache-2.0
/** What the collector needs of a gateway's line, whoever opens it: we, or the gateway that calls in. */
import type { Logger } from 'pino';
import type { Clock } from '@wattledger/platform';
import type { MeterAnswer, MeterDriver, PollOutcome } from './meter-driver.ts';
import type { PollResults } from './poll-results.ts';
import type { GatewayTarget, MeterTarget } from './poll-targets.ts';
import type { GatewayStateRow, MeterStateRow } from './states-store.ts';

/** What a task may do besides asking its meter. */
export interface LineView {
  /** Polls a meter out of turn. Its turn in the cycle stays. `durable` resolves when the answer is stored. */
  poll(meterId: string): Promise<{ readonly outcome: PollOutcome; readonly durable: Promise<void> }>;
  /** Records what a task saw of a meter, as a poll would. Resolves when durable. */
  record(meterId: string, answer: MeterAnswer): Promise<void>;
}

/** Work that goes before the next poll: a command to one meter. */
export interface LineTask {
  readonly meterId: string;
  /** Its clock is looked at again when it has run. */
  readonly setsClock?: boolean;
  /**
   * Runs alone on the line. Must not throw.
   * @param driver null: the meter cannot be asked, its target says why
   */
  run(meter: MeterTarget, driver: MeterDriver | null, line: LineView): Promise<void>;
  /** The line ended, or no longer has the meter, before the task's turn came. */
  abandon(): void;
}

export interface Line {
  readonly meterIds: Iterable<string>;
  /** What the registry says now. */
  update(target: GatewayTarget, meterStates: ReadonlyMap<string, MeterStateRow>): void;
  /** Queues a task; it runs before the next poll. */
  enqueue(task: LineTask): void;
  start(): void;
  /** Ends after what is in hand; queued tasks are abandoned. */
  stop(): Promise<void>;
}

export interface LineOptions {
  readonly target: GatewayTarget;
  readonly state: GatewayStateRow | undefined;
  readonly meterStates: ReadonlyMap<string, MeterStateRow>;
  readonly results: PollResults;
  readonly clock: Clock;
  readonly logger: Logger;
}
export type OpenLine = (options: LineOptions) => Line;
