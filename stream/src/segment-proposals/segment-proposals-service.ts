// SPDX-License-Identifier: Apache-2.0
/** Proposals worked out when they are asked for, from the held registers and the readings around each doubt. */
import { createHash } from 'node:crypto';
import type { Mounting, Segment } from '@wattledger/contracts';
import type { SegmentProposal, SegmentProposals } from '@wattledger/contracts/http/segment-proposals';
import { RequestError, type Parts } from '@wattledger/platform';
import type { KeptReading } from '../interval-energy/kept-reading.ts';
import { verdicts } from '../interval-energy/verdict.ts';
import { fetchReadingsAround } from '../meter-log/warehouse-rows.ts';
import { explain } from './explain.ts';
import { evidenceOf, type DeviceRatioChange } from './held-evidence.ts';
import { explainRatioChange, segmentsOfRatio } from './ratio-proposal.ts';
import {
  deleteRejection,
  insertRejection,
  readHeldRegisters,
  readMountings,
  readRatioChanges,
  readRejections,
  type HeldRow,
  type Rejection,
} from './segment-proposals-store.ts';

type ServiceParts = Pick<Parts, 'database' | 'warehouse' | 'clock'>;

export interface Decider {
  readonly id: string;
  readonly name: string;
}
export interface SegmentProposalsService {
  list(projectId: string): Promise<SegmentProposals>;
  /** @throws RequestError proposal-gone */
  reject(projectId: string, proposalId: string, reason: string, by: Decider): Promise<void>;
  /** Takes a rejection back. @throws RequestError proposal-gone */
  restore(projectId: string, proposalId: string): Promise<void>;
}

/** Each needs its readings and some folds: more than this are told when those before are decided. */
const proposalsMax = 100;
/** Readings looked at before and after the last one that counts: some days of quarter hours. */
const readingsBefore = 500;
const readingsAfter = 2_000;

export function createSegmentProposalsService(parts: ServiceParts): SegmentProposalsService {
  async function list(projectId: string): Promise<SegmentProposals> {
    const held = await readHeldRegisters(parts.database, projectId, proposalsMax);
    const changes = await readRatioChanges(parts.database, projectId);
    const meterIds = [...held.rows, ...changes.map(({ meterId }) => ({ meter_id: meterId }))].map(
      ({ meter_id: meterId }) => meterId,
    );
    const mountings = await readMountings(parts.database, projectId, [...new Set(meterIds)]);
    const changeOf = new Map(
      changes.map(({ meterId, thousandths, beforeThousandths, sinceMs }) => [
        meterId,
        { from: beforeThousandths / 1000, to: thousandths / 1000, sinceMs },
      ]),
    );
    const found: SegmentProposal[] = [];
    for (const row of held.rows) {
      const mounting = mountings.get(row.meter_id);
      if (mounting === undefined) continue;
      const proposal = await heldProposal(
        parts,
        projectId,
        row,
        mounting,
        changeOf.get(row.meter_id) ?? null,
      );
      if (proposal !== null) found.push(proposal);
    }
    const waiting = new Set(held.rows.map(({ segment_id: segmentId }) => segmentId));
    for (const [meterId, change] of changeOf) {
      const mounting = mountings.get(meterId);
      if (mounting === undefined) continue;
      for (const segment of segmentsOfRatio(mounting, change)) {
        if (found.length >= proposalsMax) break;
        if (!waiting.has(segment.segmentId))
          found.push(await ratioProposal(parts, projectId, mounting, segment, change));
      }
    }
    return { projectId, proposals: await withRejections(parts, projectId, found), waiting: held.total };
  }

  async function proposalOf(projectId: string, proposalId: string): Promise<SegmentProposal> {
    const { proposals } = await list(projectId);
    const proposal = proposals.find((candidate) => candidate.proposalId === proposalId);
    if (proposal === undefined) throw gone();
    return proposal;
  }

  return {
    list,
    async reject(projectId, proposalId, reason, by) {
      const { meterId, register } = await proposalOf(projectId, proposalId);
      const atMs = parts.clock.nowMs();
      const rejection = { proposalId, meterId, register, byId: by.id, byName: by.name, atMs, reason };
      await insertRejection(parts.database, projectId, rejection);
    },
    async restore(projectId, proposalId) {
      if (!(await deleteRejection(parts.database, projectId, proposalId))) throw gone();
    },
  };
}

const gone = (): RequestError =>
  new RequestError({
    status: 409,
    code: 'proposal-gone',
    message:
      'This proposal is not there any more: its register has been decided, or other readings have come.',
    hint: 'Look at the proposals again.',
  });

async function withRejections(
  { database }: Pick<Parts, 'database'>,
  projectId: string,
  proposals: readonly SegmentProposal[],
): Promise<SegmentProposal[]> {
  const rejections = await readRejections(
    database,
    projectId,
    proposals.map(({ proposalId }) => proposalId),
  );
  const told = (rejection: Rejection | undefined): SegmentProposal['rejected'] =>
    rejection === undefined ? null : { by: rejection.byName, atMs: rejection.atMs, reason: rejection.reason };
  const all = proposals.map((one) => ({ ...one, rejected: told(rejections.get(one.proposalId)) }));
  return [
    ...all.filter(({ rejected }) => rejected === null),
    ...all.filter(({ rejected }) => rejected !== null),
  ];
}

/** Null while the tables are on their way from one state to the next. */
async function heldProposal(
  { warehouse }: ServiceParts,
  projectId: string,
  row: HeldRow,
  mounting: Mounting,
  ratioChange: DeviceRatioChange | null,
): Promise<SegmentProposal | null> {
  const {
    meter_id: meterId,
    register,
    segment_id: segmentId,
    last_ms: lastMs,
    held_from_ms: heldFromMs,
  } = row;
  const readings = await readingsAround(warehouse, projectId, meterId, register, lastMs);
  const reason = row.held_reason === 'impossible-value' ? 'impossible-value' : 'register-fell';
  const evidence = evidenceOf({
    projectId,
    meterId,
    mounting,
    segmentId,
    reason,
    lastMs,
    heldFromMs,
    readings,
    ratioChange,
  });
  if (evidence === null) return null;
  const { segment, segments, last, first, held, spanFromMs } = evidence;
  const proposalId = idOf([
    projectId,
    meterId,
    segments,
    last.instantMs,
    last.value,
    first.instantMs,
    first.value,
  ]);
  const { consumptionNow, explanations } = explain(evidence, proposalId);
  return {
    ...headOf(proposalId, meterId, segment),
    reason,
    spanFromMs,
    spanToMs: held.at(-1)?.instantMs ?? lastMs,
    consumptionNow,
    readingsHeld: held.length,
    readings: chartOf(readings, lastMs),
    explanations: [...explanations],
    rejected: null,
  };
}

async function ratioProposal(
  { warehouse }: ServiceParts,
  projectId: string,
  mounting: Mounting,
  segment: Segment,
  change: DeviceRatioChange,
): Promise<SegmentProposal> {
  const { meterId } = mounting;
  const segments = mounting.segments.filter(({ register }) => register === segment.register);
  const readings = await readingsAround(warehouse, projectId, meterId, segment.register, change.sinceMs);
  const proposalId = idOf([projectId, meterId, segments, change]);
  const evidence = { meterId, mounting, segment, segments, readings, change };
  return {
    ...headOf(proposalId, meterId, segment),
    reason: 'ratio-changed',
    spanFromMs: change.sinceMs,
    spanToMs: readings.at(-1)?.instantMs ?? change.sinceMs,
    readingsHeld: 0,
    readings: chartOf(readings, change.sinceMs),
    ...mutable(explainRatioChange(evidence, proposalId)),
    rejected: null,
  };
}

const mutable = ({
  consumptionNow,
  explanations,
}: ReturnType<typeof explain>): Pick<SegmentProposal, 'consumptionNow' | 'explanations'> => ({
  consumptionNow,
  explanations: [...explanations],
});

const headOf = (
  proposalId: string,
  meterId: string,
  { register, segmentId, meteringPointId, quantity }: Segment,
): Pick<
  SegmentProposal,
  'proposalId' | 'meterId' | 'register' | 'segmentId' | 'meteringPointId' | 'quantity'
> => ({ proposalId, meterId, register, segmentId, meteringPointId, quantity });

/** The first that counts, and all after it: what came before that is settled. */
async function readingsAround(
  warehouse: Parts['warehouse'],
  projectId: string,
  meterId: string,
  register: string,
  atMs: number,
): Promise<readonly KeptReading[]> {
  const of = { projectId, meterId, register, atMs, before: readingsBefore, after: readingsAfter };
  const readings = await fetchReadingsAround(warehouse, of);
  const from = readings.findIndex(({ verdict }) => verdict === verdicts.accepted);
  return from < 0 ? [] : readings.slice(from);
}

const idOf = (evidence: unknown): string =>
  createHash('sha256').update(JSON.stringify(evidence)).digest('hex').slice(0, 32);

/** Points of a small chart on either side. */
const pointsBefore = 24;
const pointsAfter = 48;

/** The nearest before, and some of all after, the newest always among them. */
function chartOf(readings: readonly KeptReading[], atMs: number): SegmentProposal['readings'] {
  const before = readings.filter(({ instantMs }) => instantMs <= atMs).slice(-pointsBefore);
  const after = readings.filter(({ instantMs }) => instantMs > atMs);
  const every = Math.ceil(after.length / pointsAfter);
  const some = after.filter((_, index) => index === 0 || (after.length - 1 - index) % every === 0);
  return [...before, ...some].map(({ instantMs, value, scaler, verdict }) => ({
    instantMs,
    value,
    scaler,
    counts: verdict === verdicts.accepted,
  }));
}
