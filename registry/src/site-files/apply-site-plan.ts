// SPDX-License-Identifier: Apache-2.0
/** Writes a plan in bulk, within the caller's transaction. What is published follows from what is touched. */
import { newId } from '@wattledger/contracts';
import type { ProjectWrite } from '../changes/project-writer.ts';
import { putGateways } from '../gateways/gateways-store.ts';
import { putPoints, replaceLinks } from '../metering-points/metering-points-store.ts';
import { putMeters } from '../meters/meters-store.ts';
import { insertChanges, writeSegments, type MountingChangeRecord } from '../mountings/mountings-store.ts';
import { putPlaces } from '../places/places-store.ts';
import { changesSlots } from '../projects/projects-service.ts';
import { updateProject } from '../projects/projects-store.ts';
import { putTenants } from '../tenants/tenants-store.ts';
import type { SitePlan } from './site-plan.ts';

/** Rows of one statement: some megabytes of JSON. */
const rowsPerStatement = 5000;

export async function applySitePlan(write: ProjectWrite, plan: SitePlan): Promise<void> {
  const { transaction, project } = write;
  if (plan.counts.projects.updated > 0) {
    await updateProject(transaction, plan.project);
    if (changesSlots(project, plan.project)) write.touchMountings('all');
  }
  if (plan.counts.projects.unchanged === 0) write.touch('project', [project.id]);
  // Two gateways may swap their addresses, two meters their unit ids.
  const addresses = 'registry.gateways_address_once, registry.meters_address_once';
  await transaction.query(`set constraints ${addresses} deferred`);
  await inParts(plan.places, async (places) => {
    await putPlaces(transaction, project.id, places);
    touchThings(write, 'place', places);
  });
  await inParts(plan.tenants, async (tenants) => {
    await putTenants(transaction, project.id, tenants);
    touchThings(write, 'tenant', tenants);
  });
  await inParts(plan.gateways, async (gateways) => {
    await putGateways(transaction, project.id, gateways);
    touchThings(write, 'gateway', gateways);
  });
  await inParts(plan.meters, async (meters) => {
    await putMeters(transaction, project.id, meters);
    touchThings(write, 'meter', meters);
  });
  await transaction.query(`set constraints ${addresses} immediate`);
  await inParts(plan.points, async (points) => {
    await putPoints(transaction, project.id, points);
    touchThings(write, 'metering-point', points);
  });
  if (plan.links.pointIds.length > 0) {
    await replaceLinks(transaction, project.id, plan.links.pointIds, plan.links.links);
    write.touch('metering-point', plan.links.pointIds);
  }
  await applySegments(write, plan.segments);
  await refreshStatistics(write, plan);
}

/** From here on the database would plan with the statistics of a small site. */
const refreshRowsMin = 1000;

async function refreshStatistics({ transaction }: ProjectWrite, plan: SitePlan): Promise<void> {
  if (plan.points.length + plan.meters.length + plan.places.length < refreshRowsMin) return;
  await transaction.query(`analyze registry.places, registry.tenants, registry.gateways, registry.meters,
    registry.metering_points, registry.parent_links, registry.mountings, registry.mounting_changes`);
}

async function applySegments(write: ProjectWrite, segments: SitePlan['segments']): Promise<void> {
  const { transaction, project, actor, atMs } = write;
  // All at once: segments that make room for one another must be judged together.
  if (segments.length > 0) {
    await writeSegments(
      transaction,
      project.id,
      segments.map(({ after }) => after),
      [],
    );
  }
  await inParts(segments, async (part) => {
    const changes = part.map(({ before, after }): MountingChangeRecord => ({
      id: newId('mountingChange'),
      kind: 'import',
      atMs,
      byId: actor.principal?.id ?? '',
      byName: actor.principal?.name ?? '',
      reason: 'site file',
      before: before === undefined ? [] : [before],
      after: [after],
      undoneBy: null,
    }));
    await insertChanges(transaction, project.id, changes);
    write.touch(
      'metering-point',
      part.map(({ after }) => after.meteringPointId),
    );
    write.touchMountings(
      part.flatMap(({ before, after }) => [after.meterId, ...(before === undefined ? [] : [before.meterId])]),
    );
  });
}

function touchThings(
  write: ProjectWrite,
  entity: Parameters<ProjectWrite['touch']>[0],
  things: readonly { readonly id: string }[],
): void {
  write.touch(
    entity,
    things.map((thing) => thing.id),
  );
}

async function inParts<T>(items: readonly T[], work: (part: readonly T[]) => Promise<void>): Promise<void> {
  for (let start = 0; start < items.length; start += rowsPerStatement)
    await work(items.slice(start, start + rowsPerStatement));
}
