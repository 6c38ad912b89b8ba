// SPDX-License-Identifier: Apache-2.0
/**
 * Folds the kept readings of every meter again and compares, or replaces, what is derived from them — while the
 * product runs. A meter that changes meanwhile is done again; a replacement is refused by the same version check that
 * guards the consumer, so neither can undo the other.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { topics } from '@wattledger/contracts';
import type { Parts, Transaction, WarehouseValue } from '@wattledger/platform';
import type { KeptReading } from '../interval-energy/kept-reading.ts';
import type { MeterState } from '../interval-energy/meter-state.ts';
import { InternedMountings } from '../meter-log/interned-mountings.ts';
import {
  isHeld,
  loadMeters,
  MeterMovedError,
  saveMeters,
  textOfKey,
  type MeterKey,
  type StoredMeter,
} from '../meter-log/meters-store.ts';
import { outputOf, wholeDays, type StepOutput } from '../meter-log/step-output.ts';
import { countHeld, loadCursor } from '../meter-log/step-store.ts';
import {
  fetchReadings,
  insertReadings,
  insertSlots,
  mergeMonths,
  readingRows,
  slotRows,
} from '../meter-log/warehouse-rows.ts';
import { markTouchedDays } from '../rollups/touched-days-store.ts';
import { compareMeter, noDifferences, type Differences, type MeterComparison } from './meter-comparison.ts';
import { heldByReason, heldDifferences, metersToRebuild } from './rebuild-store.ts';
import { standingSlots } from './standing-slots-store.ts';

export interface RebuildOptions {
  readonly projectId?: string;
  /** Only these meters. */
  readonly meterIds?: readonly string[];
  /** Slots before this instant are left as they are. */
  readonly fromMs?: number;
  readonly compareOnly?: boolean;
  readonly onProgress?: (progress: { readonly done: number; readonly total: number }) => void;
  readonly signal?: AbortSignal;
}

export interface RebuildResult {
  readonly meters: number;
  readonly slotsCompared: number;
  readonly slotsDifferent: number;
  readonly verdictsDifferent: number;
  readonly statesDifferent: number;
  /** Meters whose rows stand ahead of the committed position (after a crash, until the consumer runs again): not compared. */
  readonly metersAhead: number;
}

type RebuildParts = Pick<Parts, 'database' | 'warehouse' | 'eventLog' | 'logger'>;

const attemptsMax = 5;
const lookAgainMs = 300;

export async function rebuild(parts: RebuildParts, options: RebuildOptions = {}): Promise<RebuildResult> {
  const keys = await metersToRebuild(parts.database, options.projectId ?? null, options.meterIds ?? null);
  const interned = new InternedMountings();
  const sum = {
    meters: 0,
    slotsCompared: 0,
    slotsDifferent: 0,
    verdictsDifferent: 0,
    statesDifferent: 0,
    metersAhead: 0,
  };
  for (const key of keys) {
    options.signal?.throwIfAborted();
    const compared = await rebuildMeter(parts, key, interned, options);
    sum.meters += 1;
    if (compared === 'ahead') sum.metersAhead += 1;
    else {
      sum.slotsCompared += compared.slotsCompared;
      sum.slotsDifferent += compared.slotsDifferent;
      sum.verdictsDifferent += compared.verdictsDifferent;
      sum.statesDifferent += compared.statesDifferent;
    }
    options.onProgress?.({ done: sum.meters, total: keys.length });
  }
  return sum;
}

/** One meter; again while it is changing. */
async function rebuildMeter(
  parts: RebuildParts,
  key: MeterKey,
  interned: InternedMountings,
  options: RebuildOptions,
): Promise<Differences | 'ahead'> {
  for (let attempt = 1; attempt <= attemptsMax; attempt += 1) {
    const seen = await seeMeter(parts, key, interned, options.fromMs ?? 0);
    if (seen === null) return noDifferences;
    if (seen !== 'unsettled') {
      const { slotsDifferent, verdictsDifferent, statesDifferent } = seen.comparison;
      if (options.compareOnly === true || slotsDifferent + verdictsDifferent + statesDifferent === 0)
        return seen.comparison;
      if (await replaceMeter(parts, seen)) return seen.comparison;
    }
    await sleep(lookAgainMs * attempt);
  }
  return 'ahead';
}

interface SeenMeter {
  readonly stored: StoredMeter;
  /** The newest record of the partition touched this meter: rows that put it right have the revision of those that stand. */
  readonly hasTies: boolean;
  readonly partition: number;
  readonly comparison: MeterComparison;
}

/** Everything of a meter at one position; `unsettled` when it moved meanwhile or rows of an uncommitted step are among it. */
async function seeMeter(
  { database, warehouse }: RebuildParts,
  key: MeterKey,
  interned: InternedMountings,
  fromMs: number,
): Promise<SeenMeter | 'unsettled' | null> {
  const where = await database.query<{ partition: number }>(
    'SELECT partition FROM stream.meters WHERE project_id = $1 AND meter_id = $2',
    [key.projectId, key.meterId],
  );
  const partition = where.rows[0]?.partition;
  if (partition === undefined) return null;
  const position = await loadCursor(database, partition);
  const stored = (await loadMeters(database, [key], interned)).get(textOfKey(key));
  if (stored === undefined) return null;
  const { state } = stored;
  const registers = [...new Set([...state.registers.keys(), ...(state.inForce?.plans.keys() ?? [])])];
  const answers = await fetchReadings(
    warehouse,
    registers.map((register) => ({ ...key, register, position, fromMs: -Infinity, toMs: Infinity })),
  );
  const segments = state.inForce?.mounting.segments ?? [];
  const standing = await standingSlots(warehouse, {
    projectId: key.projectId,
    points: [...new Set(segments.map((segment) => segment.meteringPointId))],
    segments: segments.map((segment) => segment.segmentId),
    fromMs,
  });
  const again = (await loadMeters(database, [key], interned)).get(textOfKey(key));
  if (again?.version !== stored.version) return 'unsettled';
  const readings = new Map(
    registers.map((register, index): [string, readonly KeptReading[]] => [register, answers[index] ?? []]),
  );
  const newestVerdict = answers.flat().reduce((newest, reading) => Math.max(newest, reading.revision), -1);
  const newestRevision = Math.max(standing.newestRevision, newestVerdict);
  if (newestRevision >= position) return 'unsettled';
  const revision = Math.max(0, position - 1);
  const comparison = compareMeter({ state, readings, standing: standing.slots, fromMs, revision });
  return { stored, partition, comparison, hasTies: newestRevision === revision };
}

/** Rows first, then state, counts and interval energy, as the consumer does. @returns false when the consumer was quicker */
async function replaceMeter(
  { database, warehouse, eventLog, logger }: RebuildParts,
  { stored, partition, comparison, hasTies }: SeenMeter,
): Promise<boolean> {
  const { state, effects } = comparison;
  const { projectId, meterId } = state;
  const readings: (readonly WarehouseValue[])[] = [];
  const slots: (readonly WarehouseValue[])[] = [];
  readingRows(state, effects, readings);
  slotRows(state, effects, slots);
  await insertReadings(warehouse, readings);
  await insertSlots(warehouse, slots);
  if (hasTies) await mergeMonths(warehouse, slots);
  const output = outputOf([{ state, effects, wanted: null, before: stored.state }]);
  const held = await heldByReason(warehouse, projectId, meterId);
  try {
    await database.transaction(async (transaction) => {
      await saveMeters(transaction, partition, [{ before: stored, after: state, isHeld: isHeld(state) }]);
      await countHeld(transaction, await heldDifferences(transaction, projectId, meterId, held));
      await markDays(transaction, output, state);
      await eventLog.append(topics.intervalEnergy, output.energy, transaction);
    });
  } catch (error) {
    if (error instanceof MeterMovedError) return false;
    throw error;
  }
  const { slotsDifferent, verdictsDifferent } = comparison;
  logger.warn(
    { projectId, meterId, slotsDifferent, verdictsDifferent },
    'a rebuild replaced what was derived from the readings of a meter',
  );
  return true;
}

/** All days of the meter are summed up again: a rebuild trusts nothing that is derived. */
async function markDays(transaction: Transaction, output: StepOutput, state: MeterState): Promise<void> {
  for (const touched of output.touched) await markTouchedDays(transaction, touched);
  if (state.inForce === null) return;
  const { zone, slotMinutes, calendar } = state.inForce.mounting;
  await markTouchedDays(transaction, {
    projectId: state.projectId,
    grid: { zone, slotMinutes, calendar },
    days: wholeDays(state),
    isNew: false,
    newestReadingMs: null,
  });
}
