// SPDX-License-Identifier: Apache-2.0
/**
 * History behind the first phase: appended newest first, in pieces of some dozens of meters, each with its position in one
 * transaction. It never runs far ahead of what reads it, so that live readings wait a second at most.
 */
import { setImmediate as yieldNow } from 'node:timers/promises';
import { chargingGroup } from '@wattledger/billing';
import { slotLengthMs, topics, type ReadingBatch } from '@wattledger/contracts';
import type { MeterHistory, SimulatedFleet } from '@wattledger/ingest';
import type { Parts } from '@wattledger/platform';
import { historyWindows, type DemoSpan, type HistoryWindow } from './demo-span.ts';
import { movePosition, positionOf } from './progress-store.ts';
import { idIn, type SeededProject } from './seeded-project.ts';

export interface BackFillProgress {
  /** Slots of history handed over to the pipeline, all of them, and when it will be done at the present pace. */
  readonly done: number;
  readonly total: number;
  readonly etaMs: number | null;
}

export interface BackFill {
  /** Appends what is left of window `index` (0: the newest). Returns false when it was told to stop meanwhile. */
  appendWindow(index: number, signal: AbortSignal): Promise<boolean>;
  /** Resolves when everything appended so far is counted and charged, or when told to stop (false). */
  whenProcessed(signal: AbortSignal): Promise<boolean>;
  readonly windows: readonly HistoryWindow[];
  /** Pieces that are done at the start. */
  load(): Promise<void>;
  progress(): BackFillProgress;
}

export interface BackFillParts {
  readonly parts: Pick<Parts, 'database' | 'eventLog' | 'clock'>;
  readonly fleet: Pick<SimulatedFleet, 'history'>;
  readonly projects: readonly SeededProject[];
  readonly zone: string;
  readonly span: DemoSpan;
}

/** Meters of one piece: with 14 days of half-hours some 800 kB of JSON. */
const metersPerPiece = 48;
const dayMs = 86_400_000;
/** Records of readings that may wait for the stream, and of interval energy for charging. */
const uncountedMax = 96;
const unchargedMax = 3_000;
const lookAgainMs = 100;

/** The meters of one piece. */
interface Piece {
  readonly project: SeededProject;
  readonly serials: readonly string[];
}

export function createBackFill({ parts, fleet, projects, zone, span }: BackFillParts): BackFill {
  const { database, eventLog, clock } = parts;
  const windows = historyWindows(zone, span);
  const pieces = projects.flatMap((project) => piecesOf(project));
  const meters = projects.reduce((sum, project) => sum + project.plan.points.length, 0);
  const slotMs = slotLengthMs(projects[0]?.plan.project.slotMinutes ?? 30);
  const slotsOf = (window: HistoryWindow): number =>
    Math.floor((window.toMs - window.fromMs) / slotMs) * meters;
  const total = windows.reduce((sum, window) => sum + slotsOf(window), 0);
  let done = 0;
  let waitingRecords = 0;
  let began: { readonly atMs: number; readonly slots: number } | null = null;

  const slotsDone = (): number => {
    const whole = Math.floor(done / pieces.length);
    const before = windows.slice(0, whole).reduce((sum, window) => sum + slotsOf(window), 0);
    const current = windows[whole];
    return (
      before +
      (current === undefined ? 0 : Math.floor((slotsOf(current) * (done % pieces.length)) / pieces.length))
    );
  };

  const waitForRoom = async (signal: AbortSignal, uncounted: number, uncharged: number): Promise<boolean> => {
    for (;;) {
      if (signal.aborted) return false;
      const [counting, charging] = await Promise.all([
        eventLog.lag('stream', topics.meterLog),
        eventLog.lag(chargingGroup, topics.intervalEnergy),
      ]);
      waitingRecords = counting.records;
      if (counting.records <= uncounted && charging.records <= uncharged) return true;
      await pause(lookAgainMs, signal);
    }
  };

  const appendPiece = async (piece: Piece, histories: ReadonlyMap<string, MeterHistory>): Promise<void> => {
    const receivedAt = clock.nowMs();
    const records = piece.serials.flatMap((serial) => {
      const history = histories.get(serial);
      if (history === undefined || history.instants.length === 0) return [];
      const meterId = idIn(piece.project.meterIds, serial);
      const { register, scaler, instants, values } = history;
      const value: ReadingBatch = {
        kind: 'readings',
        meterId,
        projectId: piece.project.projectId,
        source: 'back-fill',
        receivedAt,
        series: [{ register, scaler, quality: 0, instants: [...instants], values: [...values] }],
      };
      return [{ key: meterId, value }];
    });
    await database.transaction(async (transaction) => {
      await eventLog.append(topics.meterLog, records, transaction);
      await movePosition(transaction, 'back-fill', done + 1, receivedAt);
    });
    done += 1;
  };

  return {
    windows,
    async load() {
      done = await positionOf(database, 'back-fill');
    },
    async appendWindow(index, signal) {
      const window = windows[index];
      if (window === undefined) throw new RangeError(`there is no history window ${index}`);
      const first = done - index * pieces.length;
      if (first >= pieces.length) return true;
      began ??= { atMs: clock.nowMs(), slots: slotsDone() };
      const histories = await historyOfWindow(fleet, projects, window, slotMs);
      for (const piece of pieces.slice(first)) {
        // The first phase does not wait: nobody else writes yet, and a page is wanted soon.
        if (index > 0 && !(await waitForRoom(signal, uncountedMax, unchargedMax))) return false;
        if (signal.aborted) return false;
        await appendPiece(
          piece,
          histories.get(piece.project.plan.project.code) as ReadonlyMap<string, MeterHistory>,
        );
      }
      return true;
    },
    whenProcessed: (signal) => waitForRoom(signal, 0, 0),
    progress() {
      const slots = slotsDone();
      // What waits in the log is not there yet for anybody to see.
      const waiting = Math.min(slots, waitingRecords * Math.round((14 * dayMs) / slotMs));
      const seen = slots - (done === 0 ? 0 : waiting);
      if (began === null || slots <= began.slots) return { done: seen, total, etaMs: null };
      const elapsedMs = clock.nowMs() - began.atMs;
      const etaMs = clock.nowMs() + Math.round((elapsedMs / (slots - began.slots)) * (total - seen));
      return { done: seen, total, etaMs };
    },
  };
}

function piecesOf(project: SeededProject): readonly Piece[] {
  const serials = project.plan.points.map((point) => point.serial);
  const pieces: Piece[] = [];
  for (let from = 0; from < serials.length; from += metersPerPiece) {
    pieces.push({ project, serials: serials.slice(from, from + metersPerPiece) });
  }
  return pieces;
}

/** Made a day at a time, with a breath between days: the process also serves pages. Parents find their children's day. */
async function historyOfWindow(
  fleet: Pick<SimulatedFleet, 'history'>,
  projects: readonly SeededProject[],
  window: HistoryWindow,
  slotMs: number,
): Promise<ReadonlyMap<string, ReadonlyMap<string, MeterHistory>>> {
  const bySite = new Map<string, ReadonlyMap<string, MeterHistory>>();
  for (const { plan } of projects) {
    const days: (readonly MeterHistory[])[] = [];
    for (let fromMs = window.fromMs; fromMs < window.toMs; fromMs += dayMs) {
      days.push(fleet.history(plan.project.code, fromMs, Math.min(fromMs + dayMs, window.toMs), slotMs));
      await yieldNow();
    }
    const instants = days.flatMap(([first]) => first?.instants ?? []);
    // Every day lists the same meters in the same order.
    const whole = (days[0] ?? []).map((first, index): MeterHistory => ({
      ...first,
      instants,
      values: days.flatMap((day) => day[index]?.values ?? []),
    }));
    bySite.set(plan.project.code, new Map(whole.map((history) => [history.serial, history])));
  }
  return bySite;
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(finish, ms);
    function finish(): void {
      clearTimeout(timer);
      signal.removeEventListener('abort', finish);
      resolve();
    }
    signal.addEventListener('abort', finish, { once: true });
  });
}
