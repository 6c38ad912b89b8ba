// SPDX-License-Identifier: Apache-2.0
import { newId, type MeteringPointSnapshot } from '@wattledger/contracts';
import {
  meteringPointCreateBodyShape,
  meteringPointPatchBodyShape,
  type MeteringPointCreateBody,
  type MeteringPointDetail,
  type MeteringPointList,
  type MeteringPointPatchBody,
} from '@wattledger/contracts/http/registry';
import type { Clock, Database, Queryable } from '@wattledger/platform';
import type { Actor } from '../changes/actor.ts';
import { conflict, invalid, notFound, type FieldFault } from '../changes/faults.ts';
import { cutPage, pageOf, type PageRequest } from '../changes/page.ts';
import type { ProjectWrite, ProjectWriter } from '../changes/project-writer.ts';
import { withGiven } from '../changes/with-given.ts';
import { readMountingHistory } from '../mountings/mounting-history.ts';
import { loadSnapshot, loadSnapshots } from '../snapshots/snapshots-store.ts';
import {
  countReferences,
  deletePoint,
  listPointIds,
  putPoints,
  readLinks,
  readPlacePath,
  readRelatives,
  replaceLinks,
  type PointPage,
  type RelatedPoint,
} from './metering-points-store.ts';
import { faultsOfLinks, type ParentLink } from './parent-tree.ts';
import { textOfLinkFault } from './parent-tree-text.ts';

export type PointFilter = {
  readonly [K in 'medium' | 'role' | 'subItem' | 'placeId' | 'tenantId']?: PointPage[K] | undefined;
};

export interface MeteringPointsService {
  list(projectId: string, page: PageRequest & PointFilter): Promise<MeteringPointList>;
  get(projectId: string, pointId: string): Promise<MeteringPointDetail>;
  /** @throws RequestError duplicate-code, invalid (unknown place, tenant or parent; cycle; two parents at once) */
  create(actor: Actor, projectId: string, body: MeteringPointCreateBody): Promise<MeteringPointDetail>;
  patch(
    actor: Actor,
    projectId: string,
    pointId: string,
    body: MeteringPointPatchBody,
  ): Promise<MeteringPointDetail>;
  /** @throws RequestError point-in-use */
  remove(actor: Actor, projectId: string, pointId: string): Promise<void>;
}

export function createMeteringPointsService(parts: {
  readonly database: Database;
  readonly clock: Clock;
  readonly writer: ProjectWriter;
}): MeteringPointsService {
  const { database, clock, writer } = parts;

  return {
    async list(projectId, request) {
      const { medium, role, subItem, placeId, tenantId } = request;
      const filter = {
        medium: medium ?? null,
        role: role ?? null,
        subItem: subItem ?? null,
        placeId: placeId ?? null,
      };
      const ids = await listPointIds(database, projectId, {
        ...pageOf(request),
        ...filter,
        tenantId: tenantId ?? null,
      });
      const found = await loadSnapshots(database, 'metering-point', { projectId, ids });
      const { rows, next } = cutPage(found, request.limit, (point) => point.code);
      return { meteringPoints: rows, next };
    },
    get: async (projectId, pointId) => await detailOf(database, projectId, pointId, clock.nowMs()),
    async create(actor, projectId, body) {
      const { parentLinks, ...fields } = meteringPointCreateBodyShape.parse(body);
      const point = { id: newId('meteringPoint'), projectId, ...fields, parentLinks, mountings: [] };
      await writer.write(actor, projectId, async (write) => {
        await put(write, point, 'metering-point.create', true);
      });
      return await detailOf(database, projectId, point.id, clock.nowMs());
    },
    async patch(actor, projectId, pointId, body) {
      await writer.write(actor, projectId, async (write) => {
        const point = await loadSnapshot(write.transaction, 'metering-point', projectId, pointId);
        if (point === undefined) throw notFound('metering point');
        const patch = meteringPointPatchBodyShape.parse(body);
        await put(write, withGiven(point, patch), 'metering-point.update', patch.parentLinks !== undefined);
      });
      return await detailOf(database, projectId, pointId, clock.nowMs());
    },
    async remove(actor, projectId, pointId) {
      await writer.write(actor, projectId, async (write) => {
        if ((await loadSnapshot(write.transaction, 'metering-point', projectId, pointId)) === undefined) {
          throw notFound('metering point');
        }
        const { mountings, children } = await countReferences(write.transaction, pointId);
        if (mountings + children > 0) {
          throw conflict(
            'point-in-use',
            `The metering point has ${mountings} mountings (past ones included) and is named as parent by ${children} links.`,
            'What was measured or summed there stays part of the books. Unmount its meter and end the links instead.',
          );
        }
        await write.apply('metering-point', pointId, 'metering-point.delete', async () => {
          await deletePoint(write.transaction, projectId, pointId);
        });
      });
    },
  };
}

async function put(
  write: ProjectWrite,
  point: MeteringPointSnapshot,
  action: string,
  linksToo: boolean,
): Promise<void> {
  const { transaction, project } = write;
  const links = point.parentLinks.map((link): ParentLink => ({ pointId: point.id, ...link }));
  const faults = [
    ...(await faultsOfReferences(transaction, point)),
    ...(linksToo ? await faultsOfParents(transaction, point, links) : []),
  ];
  if (faults.length > 0) throw invalid(faults);
  await write.apply('metering-point', point.id, action, async () => {
    await putPoints(transaction, project.id, [point]);
    if (linksToo) await replaceLinks(transaction, project.id, [point.id], links);
  });
}

async function faultsOfReferences(
  queryable: Queryable,
  point: MeteringPointSnapshot,
): Promise<readonly FieldFault[]> {
  const { projectId, placeId, tenantId } = point;
  const faults: FieldFault[] = [];
  if (placeId !== null && (await loadSnapshot(queryable, 'place', projectId, placeId)) === undefined) {
    faults.push({ path: 'placeId', message: 'there is no such place in this project' });
  }
  if (tenantId !== null && (await loadSnapshot(queryable, 'tenant', projectId, tenantId)) === undefined) {
    faults.push({ path: 'tenantId', message: 'there is no such tenant in this project' });
  }
  return faults;
}

/** Parents exist, count the same medium, hold one at a time, and close no circle. */
async function faultsOfParents(
  queryable: Queryable,
  point: MeteringPointSnapshot,
  links: readonly ParentLink[],
): Promise<readonly FieldFault[]> {
  const ids = [...new Set(links.map((link) => link.parentId))].filter((id) => id !== point.id);
  const parents = await loadSnapshots(queryable, 'metering-point', { projectId: point.projectId, ids });
  const byId = new Map([...parents, point].map((known) => [known.id, known]));
  const faults: FieldFault[] = [];
  for (const [index, link] of links.entries()) {
    const parent = byId.get(link.parentId);
    const path = `parentLinks.${index}.parentId`;
    if (parent === undefined)
      faults.push({ path, message: 'there is no such metering point in this project' });
    else if (parent.medium !== point.medium) {
      faults.push({
        path,
        message: `a ${point.medium} point cannot be summed under ${parent.code}, which counts ${parent.medium}`,
      });
    }
  }
  if (faults.length > 0) return faults;
  const others = (await readLinks(queryable, point.projectId)).filter((link) => link.pointId !== point.id);
  const found = faultsOfLinks([...others, ...links], new Set([point.id]));
  if (found.length === 0) return [];
  const named = [...new Set(found.flatMap((fault) => [...fault.path, fault.link.parentId]))];
  const codes = await loadSnapshots(queryable, 'metering-point', { projectId: point.projectId, ids: named });
  const codeOf = new Map([...codes, point].map((known) => [known.id, known.code]));
  return found.map((fault) => ({
    path: 'parentLinks',
    message: textOfLinkFault(fault, (id) => codeOf.get(id) ?? id),
  }));
}

async function detailOf(
  database: Database,
  projectId: string,
  pointId: string,
  nowMs: number,
): Promise<MeteringPointDetail> {
  const point = await loadSnapshot(database, 'metering-point', projectId, pointId);
  if (point === undefined) throw notFound('metering point');
  const { placeId, tenantId, mountings: _mountings, ...fields } = point;
  const [place, path, tenant, relatives, history] = await Promise.all([
    placeId === null ? undefined : loadSnapshot(database, 'place', projectId, placeId),
    placeId === null ? [] : readPlacePath(database, projectId, placeId),
    tenantId === null ? undefined : loadSnapshot(database, 'tenant', projectId, tenantId),
    readRelatives(database, projectId, pointId, nowMs),
    readMountingHistory(database, projectId, pointId),
  ]);
  const related = (relation: RelatedPoint['relation']): MeteringPointDetail['children'] =>
    relatives
      .filter((found) => found.relation === relation)
      .map(({ id, code, name, role }) => ({ id, code, name, role }));
  return {
    ...fields,
    placeId,
    tenantId,
    place: place === undefined ? null : { id: place.id, code: place.code, name: place.name, path: [...path] },
    tenant: tenant ?? null,
    parent: related('parent')[0] ?? null,
    children: related('child'),
    ...history,
  };
}
