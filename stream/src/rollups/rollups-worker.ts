// SPDX-License-Identifier: Apache-2.0
/** Computes marked days, and after them the marked losses, one window after the other, newest first. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Database, Parts, Transaction } from '@wattledger/platform';
import { computeMarkedLosses, forgetLossesWithoutTree, type LossesComputed } from '../loss/loss-worker.ts';
import { windowParameters } from './day-grid.ts';
import { computeDayRows } from './days-store.ts';
import {
  readGrid,
  readMarkedDays,
  readMarkedLosses,
  readMarks,
  settleMarks,
  type Mark,
  type MarkedDays,
} from './touched-days-store.ts';

/** Marks of one turn: what is left over comes in the next pass. */
const marksMax = 50_000;
/** Segments of one statement: their ids travel in the address of a request, which a server bounds to a megabyte. */
const segmentsMax = 2_000;
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

export interface WorkerParts extends Pick<Parts, 'database' | 'warehouse' | 'logger'> {
  /** More effects of computed losses, in the transaction that settles their marks. */
  readonly onLosses?: LossesComputed;
}

export function createRollupsWorker(parts: WorkerParts): RollupsWorker {
  let running: Promise<void> | null = null;
  let stopping = new AbortController();
  const loop = async (signal: AbortSignal): Promise<void> => {
    while (!signal.aborted) {
      let pauseMs = passPauseMs;
      try {
        if ((await computePass(parts, signal)) > marksOfBacklog) pauseMs = 0;
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
      while ((await computePass(parts, null)) > 0);
    },
  };
}

/**
 * The windows that are marked when the pass begins: all of the days; of the losses all, or in a backlog of days only the
 * newest. @returns marks that were settled
 */
async function computePass(parts: WorkerParts, signal: AbortSignal | null): Promise<number> {
  let settled = 0;
  for (const window of await readMarkedDays(parts.database)) {
    if (signal?.aborted === true) return settled;
    settled += await withTurn(
      parts.database,
      async (transaction) => await computeMarkedDays(parts, transaction, window),
    );
  }
  await forgetLossesWithoutTree(parts);
  const losses = await readMarkedLosses(parts.database);
  for (const window of settled > marksOfBacklog ? losses.slice(0, 1) : losses) {
    if (signal?.aborted === true) return settled;
    settled += await withTurn(
      parts.database,
      async (transaction) => await computeMarkedLosses(parts, transaction, window),
    );
  }
  return settled;
}

async function computeMarkedDays(
  { warehouse }: WorkerParts,
  transaction: Transaction,
  marked: MarkedDays,
): Promise<number> {
  const marks = await readMarks(transaction, marked, marksMax);
  if (marks.length === 0) return 0;
  const { projectId, gridKey, calendarNumber } = marked;
  const grid = await readGrid(transaction, gridKey);
  for (const part of bySegments(marks)) {
    await computeDayRows(warehouse, {
      projectId,
      segments: [...new Set(part.map((mark) => mark.segmentId))],
      points: [...new Set(part.map((mark) => mark.meteringPointId))],
      window: windowParameters(grid, [...new Set(part.map((mark) => mark.localDay))]),
      calendarNumber,
    });
  }
  await settleMarks(transaction, projectId, marks);
  return marks.length;
}

/** Marks in parts of so many segments; they come segment by segment. */
function bySegments(marks: readonly Mark[]): readonly (readonly Mark[])[] {
  const segments = new Map<string, number>();
  for (const { segmentId } of marks)
    if (!segments.has(segmentId)) segments.set(segmentId, Math.floor(segments.size / segmentsMax));
  return [...Map.groupBy(marks, ({ segmentId }) => segments.get(segmentId)).values()];
}

/** Runs `work` in a transaction while holding the workers' lock. */
async function withTurn<T>(database: Database, work: (transaction: Transaction) => Promise<T>): Promise<T> {
  return await database.transaction(async (transaction) => {
    await transaction.query('SELECT pg_advisory_xact_lock($1)', [workerLock]);
    return await work(transaction);
  });
}
