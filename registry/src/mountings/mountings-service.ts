// SPDX-License-Identifier: Apache-2.0
/** Mounting, exchanging, unmounting, correcting and undoing: every change of a segment goes through here. */
import { newId, type MeteringPointSnapshot, type Segment } from '@wattledger/contracts';
import {
  mountingBodyShape,
  type MountingAnswer,
  type MountingBody,
} from '@wattledger/contracts/http/registry';
import type { Database } from '@wattledger/platform';
import type { z } from 'zod';
import type { Actor } from '../changes/actor.ts';
import { canonicalText } from '../changes/canonical-text.ts';
import { conflict, invalid, notFound } from '../changes/faults.ts';
import type { ProjectWrite, ProjectWriter } from '../changes/project-writer.ts';
import { withGiven } from '../changes/with-given.ts';
import { holdsAt } from '../metering-points/parent-tree.ts';
import { loadSnapshot, loadSnapshots } from '../snapshots/snapshots-store.ts';
import { standsAsLeft, tellChange, touchedIds, withSerials } from './mounting-history.ts';
import {
  insertChanges,
  markUndone,
  readChange,
  readSegments,
  writeSegments,
  type MountingChangeKind,
  type MountingChangeRecord,
} from './mountings-store.ts';
import {
  faultsOfSegment,
  overlapsOf,
  segmentOf,
  usualQuantityOf,
  type MountedSegment,
  type SegmentOverlap,
} from './segment.ts';

type Body = z.output<typeof mountingBodyShape>;
type BodyOf<Action extends Body['action']> = Extract<Body, { action: Action }>;

export interface MountingsService {
  /** @throws RequestError invalid, point-occupied, register-mounted-twice, nothing-mounted, proposal-stale, changed-since, already-undone */
  change(actor: Actor, projectId: string, body: MountingBody): Promise<MountingAnswer>;
}

/** What a change does to segments: their state before (absent: it did not exist) and after (absent: it goes). */
interface SegmentChange {
  readonly kind: MountingChangeKind;
  readonly reason: string;
  readonly before: readonly MountedSegment[];
  readonly after: readonly MountedSegment[];
  /** The proposal that a person confirmed with it. */
  readonly proposalId?: string | undefined;
}

export function createMountingsService(parts: {
  readonly database: Database;
  readonly writer: ProjectWriter;
}): MountingsService {
  return {
    async change(actor, projectId, given) {
      const body = mountingBodyShape.parse(given);
      return await parts.writer.write(actor, projectId, async (write) => {
        if (body.action === 'undo') return await undo(write, body);
        const madeFrom = 'madeFrom' in body ? body.madeFrom : undefined;
        if (madeFrom !== undefined) await refuseStale(write, madeFrom);
        const change = { ...(await planChange(write, body)), proposalId: madeFrom?.proposalId };
        await judge(write, change);
        return await carryOut(write, change);
      });
    },
  };
}

async function planChange(
  write: ProjectWrite,
  body: Exclude<Body, { action: 'undo' }>,
): Promise<SegmentChange> {
  switch (body.action) {
    case 'mount':
      return await planMount(write, body);
    case 'exchange':
      return await planExchange(write, body);
    case 'unmount':
      return await planUnmount(write, body);
    case 'correct':
      return await planCorrection(write, body);
  }
}

async function planMount(write: ProjectWrite, body: BodyOf<'mount'>): Promise<SegmentChange> {
  const { action: _action, reason, quantity, meteringPointId, ...mounted } = body;
  const point = await pointOf(write, meteringPointId);
  const [other] = await segmentsAt(write, meteringPointId);
  const segment: MountedSegment = {
    segmentId: newId('segment'),
    meteringPointId,
    ...mounted,
    quantity: quantity ?? other?.quantity ?? usualQuantityOf(point.medium),
    toMs: null,
    closingReading: null,
  };
  return { kind: 'mount', reason, before: [], after: [segment] };
}

async function planExchange(write: ProjectWrite, body: BodyOf<'exchange'>): Promise<SegmentChange> {
  const closing = await closingAt(write, body.meteringPointId, body.atMs);
  const closed = { ...closing, toMs: body.atMs, closingReading: body.closingReading };
  const opened: MountedSegment = {
    segmentId: newId('segment'),
    meteringPointId: body.meteringPointId,
    quantity: closing.quantity,
    ...body.next,
    fromMs: body.atMs,
    // Exchanged afterwards, within a segment that has already ended: the new one ends where the old one did.
    toMs: closing.toMs,
    closingReading: null,
  };
  return { kind: 'exchange', reason: body.reason, before: [closing], after: [closed, opened] };
}

async function planUnmount(write: ProjectWrite, body: BodyOf<'unmount'>): Promise<SegmentChange> {
  const closing = await closingAt(write, body.meteringPointId, body.atMs);
  const closed = { ...closing, toMs: body.atMs, closingReading: body.closingReading };
  return { kind: 'unmount', reason: body.reason, before: [closing], after: [closed] };
}

async function planCorrection(write: ProjectWrite, body: BodyOf<'correct'>): Promise<SegmentChange> {
  const { action: _action, madeFrom: _madeFrom, segmentId, reason, ...corrections } = body;
  const [segment] = await readSegments(write.transaction, write.project.id, { segmentIds: [segmentId] });
  if (segment === undefined) throw notFound('mounting');
  return { kind: 'correct', reason, before: [segment], after: [withGiven(segment, corrections)] };
}

async function pointOf(write: ProjectWrite, pointId: string): Promise<MeteringPointSnapshot> {
  const point = await loadSnapshot(write.transaction, 'metering-point', write.project.id, pointId);
  if (point === undefined) throw notFound('metering point');
  return point;
}

async function segmentsAt(write: ProjectWrite, pointId: string): Promise<readonly MountedSegment[]> {
  return await readSegments(write.transaction, write.project.id, { pointIds: [pointId] });
}

/** The segment that a change at an instant ends. */
async function closingAt(write: ProjectWrite, pointId: string, atMs: number): Promise<MountedSegment> {
  const point = await pointOf(write, pointId);
  const found = (await segmentsAt(write, pointId)).find(
    (segment) => segment.fromMs < atMs && holdsAt(segment, atMs),
  );
  if (found === undefined) {
    throw conflict(
      'nothing-mounted',
      `No meter is mounted at ${point.code} at ${new Date(atMs).toISOString()}.`,
      'Check the instant, or mount a meter there.',
    );
  }
  if (found.closingReading !== null) {
    throw conflict(
      'already-closed',
      `The mounting at ${point.code} at that instant already has a closing reading.`,
      'Undo the later change first, or correct the segment.',
    );
  }
  return found;
}

/** A proposal was worked out from segments that must still be so: on others the same change would mean something else. */
async function refuseStale(
  write: ProjectWrite,
  { segments }: NonNullable<BodyOf<'correct'>['madeFrom']>,
): Promise<void> {
  const { transaction, project } = write;
  const segmentIds = segments.map((segment) => segment.segmentId);
  const [known] = await readSegments(transaction, project.id, { segmentIds });
  const present =
    known === undefined
      ? []
      : (await readSegments(transaction, project.id, { meterIds: [known.meterId] }))
          .filter((segment) => segment.register === known.register)
          .map(segmentOf);
  if (textOfSet(present) === textOfSet(segments)) return;
  throw conflict(
    'proposal-stale',
    'The mounting has changed since this was proposed.',
    'Look at the proposals again: they are worked out anew from the mounting as it is now.',
  );
}

const textOfSet = (segments: readonly Segment[]): string => segments.map(canonicalText).sort().join('\n');

/** The rules that need the neighbours: meters exist, segments are sound, nothing overlaps, one quantity per point. */
async function judge(write: ProjectWrite, change: SegmentChange): Promise<void> {
  const { transaction, project } = write;
  const meterIds = [...new Set(change.after.map((segment) => segment.meterId))];
  const pointIds = [...new Set(change.after.map((segment) => segment.meteringPointId))];
  const [meters, points] = await Promise.all([
    loadSnapshots(transaction, 'meter', { projectId: project.id, ids: meterIds }),
    loadSnapshots(transaction, 'metering-point', { projectId: project.id, ids: pointIds }),
  ]);
  if (meters.length < meterIds.length) {
    throw invalid(
      [{ path: 'meterId', message: 'there is no such meter in this project' }],
      'Make the meter first, by its serial.',
    );
  }
  const pointById = new Map(points.map((point) => [point.id, point]));
  const faults = change.after.flatMap((segment) => {
    const point = pointById.get(segment.meteringPointId);
    return point === undefined ? [] : faultsOfSegment(segment, point.medium);
  });
  if (faults.length > 0) throw invalid(faults);

  const changed = new Set([...change.before, ...change.after].map((segment) => segment.segmentId));
  const neighbours = [
    ...(await readSegments(transaction, project.id, { meterIds })),
    ...(await readSegments(transaction, project.id, { pointIds })),
  ].filter((segment) => !changed.has(segment.segmentId));
  const others = new Map(neighbours.map((segment) => [segment.segmentId, segment]));
  const [overlap] = overlapsOf([...others.values(), ...change.after]);
  if (overlap !== undefined) await refuseOverlap(write, overlap);
}

async function refuseOverlap(write: ProjectWrite, { kind, earlier, later }: SegmentOverlap): Promise<never> {
  const [meter, point] = await Promise.all([
    loadSnapshot(write.transaction, 'meter', write.project.id, earlier.meterId),
    loadSnapshot(write.transaction, 'metering-point', write.project.id, earlier.meteringPointId),
  ]);
  const serial = meter?.serial ?? earlier.meterId;
  const code = point?.code ?? earlier.meteringPointId;
  const since = new Date(earlier.fromMs).toISOString();
  const until = earlier.toMs === null ? 'now on' : new Date(earlier.toMs).toISOString();
  switch (kind) {
    case 'register-mounted-twice':
      throw conflict(
        kind,
        `Register ${earlier.register} of meter ${serial} counts at ${code} from ${since} to ${until}.`,
        'End that mounting first, or choose another meter or register.',
      );
    case 'point-occupied':
      throw conflict(
        kind,
        `Meter ${serial} is mounted at ${code} from ${since} to ${until}.`,
        'Use an exchange, or end that mounting first.',
      );
    case 'quantity-changed':
      throw conflict(
        kind,
        `${code} counts ${earlier.quantity}; it cannot also count ${later.quantity}.`,
        'Make another metering point for the other quantity.',
      );
  }
}

async function carryOut(write: ProjectWrite, change: SegmentChange): Promise<MountingAnswer> {
  const { transaction, project, actor } = write;
  const { proposalId, ...recorded } = change;
  const record: MountingChangeRecord = {
    id: newId('mountingChange'),
    ...recorded,
    atMs: write.atMs,
    byId: actor.principal?.id ?? '',
    byName: actor.principal?.name ?? '',
    undoneBy: null,
  };
  const touched = [...change.before, ...change.after];
  const kept = new Set(change.after.map((segment) => segment.segmentId));
  const removed = change.before
    .filter((segment) => !kept.has(segment.segmentId))
    .map((segment) => segment.segmentId);
  await writeSegments(transaction, project.id, change.after, removed);
  await insertChanges(transaction, project.id, [record]);
  const pointIds = [...new Set(touched.map((segment) => segment.meteringPointId))];
  write.touch('metering-point', pointIds);
  write.touchMountings([...new Set(touched.map((segment) => segment.meterId))]);
  write.note(`mounting.${change.kind}`, `mounting-change/${record.id}`, change.before, {
    reason: change.reason,
    segments: change.after,
    ...(proposalId === undefined ? {} : { proposalId }),
  });
  const current = await readSegments(transaction, project.id, { segmentIds: touchedIds(record) });
  return {
    change: tellChange(record, current),
    segments: await withSerials(transaction, project.id, current),
  };
}

async function undo(write: ProjectWrite, body: BodyOf<'undo'>): Promise<MountingAnswer> {
  const { transaction, project } = write;
  const undone = await readChange(transaction, project.id, body.changeId);
  if (undone === undefined) throw notFound('mounting change');
  if (undone.undoneBy !== null) {
    throw conflict(
      'already-undone',
      'This change has been undone.',
      'Undo the undoing if it should hold again.',
    );
  }
  const current = await readSegments(transaction, project.id, { segmentIds: touchedIds(undone) });
  if (!standsAsLeft(undone, current)) {
    throw conflict(
      'changed-since',
      'A later change touched the same mounting.',
      'Undo the later changes first, newest first; they are listed at the metering point.',
    );
  }
  const change: SegmentChange = {
    kind: 'undo',
    reason: body.reason,
    before: undone.after,
    after: undone.before,
  };
  await judge(write, change);
  const answer = await carryOut(write, change);
  await markUndone(transaction, undone.id, answer.change.id);
  return answer;
}
