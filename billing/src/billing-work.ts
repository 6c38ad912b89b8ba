// SPDX-License-Identifier: Apache-2.0
/** What billing does by itself: one worker for each kind of work, woken where something has just come to be done. */
import type { Logger } from 'pino';
import { createWorker, type Worker } from './worker/worker.ts';

const kinds = ['replays', 'notices', 'supply', 'control', 'payments', 'credits'] as const;
export type WorkKind = (typeof kinds)[number];

/** True: there may be more to do at once. */
export type WorkSteps = Readonly<Record<WorkKind, () => Promise<boolean>>>;

export interface BillingWork {
  /** Wakes the workers of these kinds; nothing before they are started. */
  wake(...woken: readonly WorkKind[]): void;
  start(steps: WorkSteps): void;
  stop(): Promise<void>;
}

const names: Readonly<Record<WorkKind, string>> = {
  replays: 'price replays',
  notices: 'price notices and month items',
  supply: 'supply',
  control: 'control',
  payments: 'payments',
  credits: 'meter credits',
};

const noticesEveryMs = 5_000;
const paymentsEveryMs = 10_000;

/** @param supplyEveryMs how often switching and what hangs on it are looked at without being woken */
export function createBillingWork(logger: Logger, supplyEveryMs: number): BillingWork {
  const workers = new Map<WorkKind, Worker>();
  const everyMs: Readonly<Record<WorkKind, number>> = {
    replays: noticesEveryMs,
    notices: noticesEveryMs,
    supply: supplyEveryMs,
    control: supplyEveryMs,
    payments: paymentsEveryMs,
    credits: supplyEveryMs,
  };
  return {
    wake(...woken) {
      for (const kind of woken) workers.get(kind)?.wake();
    },
    start(steps) {
      for (const kind of kinds) {
        const worker = createWorker({ name: names[kind], step: steps[kind], everyMs: everyMs[kind], logger });
        workers.set(kind, worker);
        worker.start();
      }
    },
    async stop() {
      await Promise.all([...workers.values()].map(async (worker) => await worker.stop()));
      workers.clear();
    },
  };
}

/** Carries out everything that is due, in the order in which one kind of work makes more of the next. */
export async function settleWork(steps: WorkSteps): Promise<void> {
  for (let kind = 0; kind < kinds.length;) kind = (await steps[kinds[kind] as WorkKind]()) ? 0 : kind + 1;
}
