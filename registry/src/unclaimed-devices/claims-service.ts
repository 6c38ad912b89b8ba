// SPDX-License-Identifier: Apache-2.0
/** The claim: a device that called in, or is expected to, becomes a gateway of a project with all that hangs on it. */
import { newId } from '@wattledger/contracts';
import {
  claimBodyShape,
  type Claim,
  type ClaimAnswer,
  type ClaimBody,
} from '@wattledger/contracts/http/claims';
import type { Actor } from '../changes/actor.ts';
import { conflict, invalid } from '../changes/faults.ts';
import type { ProjectWrite, ProjectWriter } from '../changes/project-writer.ts';
import { putGateways } from '../gateways/gateways-store.ts';
import { putPoints, readLinks, replaceLinks } from '../metering-points/metering-points-store.ts';
import { putMeters } from '../meters/meters-store.ts';
import { withSerials } from '../mountings/mounting-history.ts';
import { insertChanges, readSegments, writeSegments } from '../mountings/mountings-store.ts';
import type { MountedSegment } from '../mountings/segment.ts';
import { loadSnapshots } from '../snapshots/snapshots-store.ts';
import { planClaim, type ClaimContext, type ClaimPlan } from './claim-plan.ts';
import { findCall, findClaimed, findIds, gatewayCodeTaken, lockSerial } from './device-calls-store.ts';
import type { MeterModels } from './meter-models.ts';

export interface ClaimsService {
  /** @throws RequestError already-claimed, invalid (faults by row) */
  claim(actor: Actor, projectId: string, body: ClaimBody): Promise<ClaimAnswer>;
}

export function createClaimsService(parts: {
  readonly writer: ProjectWriter;
  readonly modelOf: MeterModels | null;
}): ClaimsService {
  return {
    async claim(actor, projectId, body) {
      const claim = claimBodyShape.parse(body);
      return await parts.writer.write(actor, projectId, async (write) => {
        await lockSerial(write.transaction, claim.serial);
        await refuseClaimed(write, claim.serial);
        const context = await readContext(write, claim, parts.modelOf);
        const plan = planClaim(claim, context);
        if (!claim.dryRun) {
          if (plan.faults.length > 0) throw invalid(plan.faults);
          await carryOut(write, claim, plan);
        }
        return await answerOf(write, claim, plan, context.call !== null);
      });
    },
  };
}

async function refuseClaimed({ transaction, project }: ProjectWrite, serial: string): Promise<void> {
  const claimed = await findClaimed(transaction, serial);
  if (claimed === null) return;
  throw conflict(
    'already-claimed',
    claimed.projectId === project.id
      ? `Gateway ${claimed.gatewayCode} has claimed ${claimed.serial}.`
      : `${claimed.serial} belongs to another project.`,
    'Remove that gateway first if the device has moved here.',
  );
}

async function readContext(
  { transaction, project, atMs }: ProjectWrite,
  claim: Claim,
  modelOf: MeterModels | null,
): Promise<ClaimContext> {
  const given = claim.meters.flatMap(({ mountings }) => mountings.map(({ meteringPoint }) => meteringPoint));
  const made = given.flatMap((point) => ('meteringPointId' in point ? [] : [point]));
  const named = given.flatMap((point) =>
    'meteringPointId' in point ? [point.meteringPointId] : point.parentId === null ? [] : [point.parentId],
  );
  const serials = claim.meters.map(({ serial }) => serial);
  const found = await findIds(transaction, project.id, { serials, codes: made.map(({ code }) => code) });
  const pointIds = [...new Set([...named, ...found.pointIds])];
  const ofProject = { projectId: project.id };
  const idsOf = (ids: readonly (string | null)[]): readonly string[] => [
    ...new Set(ids.filter((id) => id !== null)),
  ];
  const meters = await loadSnapshots(transaction, 'meter', { ...ofProject, ids: found.meterIds });
  const gateways = await loadSnapshots(transaction, 'gateway', {
    ...ofProject,
    ids: idsOf(meters.map(({ gatewayId }) => gatewayId)),
  });
  const places = await loadSnapshots(transaction, 'place', {
    ...ofProject,
    ids: idsOf(made.map(({ placeId }) => placeId)),
  });
  const tenants = await loadSnapshots(transaction, 'tenant', {
    ...ofProject,
    ids: idsOf(made.map(({ tenantId }) => tenantId)),
  });
  const ofMeters = await readSegments(transaction, project.id, { meterIds: found.meterIds });
  const ofPoints = await readSegments(transaction, project.id, { pointIds });
  const segments = new Map([...ofMeters, ...ofPoints].map((segment) => [segment.segmentId, segment]));
  return {
    project,
    nowMs: atMs,
    call: await findCall(transaction, claim.serial),
    gatewayCodeTaken: await gatewayCodeTaken(transaction, project.id, claim.gateway.code),
    gatewayCodes: new Map(gateways.map(({ id, code }) => [id, code])),
    meters,
    points: await loadSnapshots(transaction, 'metering-point', { ...ofProject, ids: pointIds }),
    placeIds: new Set(places.map(({ id }) => id)),
    tenantIds: new Set(tenants.map(({ id }) => id)),
    links: await readLinks(transaction, project.id),
    segments: [...segments.values()],
    modelOf,
  };
}

async function carryOut(write: ProjectWrite, claim: Claim, plan: ClaimPlan): Promise<void> {
  const { transaction, project, actor } = write;
  const { gateway, meters, points, links, segments } = plan;
  const pointIds = points.map(({ id }) => id);
  await putGateways(transaction, project.id, [gateway]);
  await putMeters(transaction, project.id, meters);
  await putPoints(transaction, project.id, points);
  await replaceLinks(transaction, project.id, pointIds, links);
  await writeSegments(transaction, project.id, segments, []);
  if (segments.length > 0) {
    await insertChanges(transaction, project.id, [
      {
        id: newId('mountingChange'),
        kind: 'mount',
        atMs: write.atMs,
        byId: actor.principal?.id ?? '',
        byName: actor.principal?.name ?? '',
        reason: `claim of ${claim.serial}`,
        before: [],
        after: segments,
        undoneBy: null,
      },
    ]);
  }
  write.touch('gateway', [gateway.id]);
  write.touch(
    'meter',
    meters.map(({ id }) => id),
  );
  write.touch('metering-point', [...new Set([...pointIds, ...segments.map(pointIdOf)])]);
  write.touchMountings([...new Set(segments.map(({ meterId }) => meterId))]);
  // Whatever a claim makes is one act of one person: one entry, whole.
  const after = { serial: claim.serial, gateway, meters, points, links, segments };
  write.note('gateway.claim', `gateway/${gateway.id}`, undefined, after);
}

const pointIdOf = (segment: MountedSegment): string => segment.meteringPointId;

async function answerOf(
  { transaction, project }: ProjectWrite,
  { dryRun, meters: rows }: Claim,
  plan: ClaimPlan,
  called: boolean,
): Promise<ClaimAnswer> {
  const serialOf = new Map(plan.meters.map((meter, index) => [meter.id, rows[index]?.serial ?? '']));
  const mountings = await withSerials(transaction, project.id, plan.segments);
  return {
    dryRun,
    gateway: plan.gateway,
    meters: [...plan.meters],
    meteringPointIds: plan.points.map(({ id }) => id),
    mountings: mountings.map((mounting) => ({
      ...mounting,
      meterSerial: serialOf.get(mounting.meterId) ?? mounting.meterSerial,
    })),
    fromMs: plan.fromMs,
    called,
    faults: [...plan.faults],
  };
}
