// SPDX-License-Identifier: Apache-2.0
/** What a screen shows of a metering point's mountings: the segments and how they came about. */
import type { MountingChange, MountingDetail } from '@wattledger/contracts/http/registry';
import type { Queryable } from '@wattledger/platform';
import { canonicalText } from '../changes/canonical-text.ts';
import { loadSnapshots } from '../snapshots/snapshots-store.ts';
import { readChangesOfPoint, readSegments, type MountingChangeRecord } from './mountings-store.ts';
import { segmentOf, type MountedSegment } from './segment.ts';

const changesShown = 100;

export interface MountingHistory {
  /** Oldest first. */
  readonly mountings: MountingDetail[];
  /** Newest first. */
  readonly mountingChanges: MountingChange[];
}

export async function readMountingHistory(
  queryable: Queryable,
  projectId: string,
  pointId: string,
): Promise<MountingHistory> {
  const [segments, changes] = await Promise.all([
    readSegments(queryable, projectId, { pointIds: [pointId] }),
    readChangesOfPoint(queryable, projectId, pointId, changesShown),
  ]);
  const touched = [...new Set(changes.flatMap((change) => touchedIds(change)))];
  const current = await readSegments(queryable, projectId, { segmentIds: touched });
  return {
    mountings: await withSerials(queryable, projectId, segments),
    mountingChanges: changes.map((change) => tellChange(change, current)),
  };
}

/** Segments with the serials of their meters. */
export async function withSerials(
  queryable: Queryable,
  projectId: string,
  segments: readonly MountedSegment[],
): Promise<MountingDetail[]> {
  const ids = [...new Set(segments.map((segment) => segment.meterId))];
  const meters = await loadSnapshots(queryable, 'meter', { projectId, ids });
  const serialOf = new Map(meters.map((meter) => [meter.id, meter.serial]));
  return segments.map((segment) => ({
    ...segmentOf(segment),
    meterId: segment.meterId,
    meterSerial: serialOf.get(segment.meterId) ?? '',
  }));
}

export function touchedIds(change: Pick<MountingChangeRecord, 'before' | 'after'>): readonly string[] {
  return [...new Set([...change.before, ...change.after].map((segment) => segment.segmentId))];
}

/**
 * A change can be undone while the segments it touched are as it left them. `current` holds the present segments;
 * one that is not among them does not exist.
 */
export function standsAsLeft(change: MountingChangeRecord, current: readonly MountedSegment[]): boolean {
  const now = new Map(current.map((segment) => [segment.segmentId, canonicalText(segment)]));
  const left = new Map(change.after.map((segment) => [segment.segmentId, canonicalText(segment)]));
  return touchedIds(change).every((id) => now.get(id) === left.get(id));
}

export function tellChange(change: MountingChangeRecord, current: readonly MountedSegment[]): MountingChange {
  return {
    id: change.id,
    kind: change.kind,
    atMs: change.atMs,
    by: change.byName,
    reason: change.reason,
    undoneBy: change.undoneBy,
    undoable: change.undoneBy === null && standsAsLeft(change, current),
    segmentIds: [...touchedIds(change)],
  };
}
