// SPDX-License-Identifier: Apache-2.0
/** Computes marked days, and after them the marked losses, one window after the other, newest first. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Database, Parts, Transaction } from '@wattledger/platform';
import { computeLossDays } from '../loss/loss-worker.ts';
import { newestWindow, windowParameters } from './day-grid.ts';
import { computeDayRows } from './days-store.ts';
import { readGrid, readNewestMarks, settleMarks, type MarkedProject } from './touched-days-store.ts';

const marksMax = 50_000;
/** With more points than this the window is computed for the whole project: one scan instead of a long list. */
const pointsListedMax = 200;
/** Live readings touch the same day again and again: a pass that found little waits before the next. */
const passPauseMs = 1_000;
/** A pass that found more is in a backlog and goes on at once. */
const marksOfBacklog = 1_500;
const retryPauseMs = 5_000;
/** One worker at a time in the whole installation; the others wait for their turn. */
const workerLock = 7_501_001;

export interface RollupsWorker {
  start(): void;
  stop(): Promise<void>;
  /** Computes until nothing is marked. For commands and tests. */
  drain(): Promise<void>;
}

type WorkerParts = Pick<Parts, 'database' | 'warehouse' | 'logger'>;

export function createRollupsWorker(parts: WorkerParts): RollupsWorker {
  let running: Promise<void> | null = null;
  let stopping = new AbortController();
  const loop = async (signal: AbortSignal): Promise<void> => {
    while (!signal.aborted) {
      let pauseMs = passPauseMs;
      try {
        if ((await computePass(parts)) > marksOfBacklog) pauseMs = 0;
      } catch (error) {
        parts.logger.warn({ err: error }, 'daily rollups could not be computed; trying again');
        pauseMs = retryPauseMs;
      }
      await sleep(pauseMs, undefined, { signal }).catch(() => undefined);
    }
  };
  return {
    start() {
      stopping = new AbortController();
      running ??= loop(stopping.signal);
    },
    async stop() {
      stopping.abort();
      await running;
      running = null;
    },
    async drain() {
      while ((await computePass(parts)) > 0);
    },
  };
}

/** One window of days, one window of losses. @returns marks that were settled */
async function computePass(parts: WorkerParts): Promise<number> {
  return await withTurn(parts.database, async (transaction) => {
    const marked = await readNewestMarks(transaction, marksMax);
    const settled = marked === null ? 0 : await computeMarked(parts, transaction, marked);
    return settled + (await computeLossDays(parts, transaction));
  });
}

async function computeMarked({ warehouse }: WorkerParts, transaction: Transaction, marked: MarkedProject): Promise<number> {
  const grid = await readGrid(transaction, marked.gridKey);
  const days = newestWindow([...new Set(marked.marks.map((mark) => mark.localDay))]);
  const wanted = new Set(days);
  const marks = marked.marks.filter((mark) => wanted.has(mark.localDay));
  const points = [...new Set(marks.map((mark) => mark.meteringPointId))];
  const calendarRevision = marks.reduce((greatest, mark) => Math.max(greatest, mark.calendarRevision), 0);
  await computeDayRows(warehouse, {
    projectId: marked.projectId,
    // A changed calendar concerns only the points that were told of it.
    points: points.length > pointsListedMax && calendarRevision === 0 ? [] : points,
    window: windowParameters(grid, days),
    calendarRevision,
  });
  await settleMarks(transaction, marked, marks);
  return marks.length;
}

/** Runs `work` in a transaction while holding the workers' lock. */
async function withTurn<T>(database: Database, work: (transaction: Transaction) => Promise<T>): Promise<T> {
  return await database.transaction(async (transaction) => {
    await transaction.query('SELECT pg_advisory_xact_lock($1)', [workerLock]);
    return await work(transaction);
  });
}
