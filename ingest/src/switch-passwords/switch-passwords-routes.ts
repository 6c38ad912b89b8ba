// SPDX-License-Identifier: Apache-2.0
import { z } from 'zod';
import { switchPasswordShape, switchPasswordStateShape } from '@wattledger/contracts/http/ingest';
import { defineRoute, RequestError, type Parts, type Route } from '@wattledger/platform';
import type { IngestSnapshots } from '../readings-intake/readings-intake-service.ts';
import { forgetPassword, passwordStoredAt, storePassword } from './switch-passwords-store.ts';

type RouteParts = Pick<Parts, 'database' | 'clock' | 'actionLog'>;
type Snapshots = Pick<IngestSnapshots, 'get'>;
type Subject = 'meter' | 'gateway';

export function switchPasswordRoutes(parts: RouteParts, snapshots: Snapshots): readonly Route[] {
  return [...routesOf(parts, snapshots, 'meter'), ...routesOf(parts, snapshots, 'gateway')];
}

function routesOf(parts: RouteParts, snapshots: Snapshots, kind: Subject): readonly Route[] {
  const { database, clock, actionLog } = parts;
  const params = z.object({ projectId: z.string(), subjectId: z.string() });
  const path = `/api/projects/{projectId}/${kind}s/{subjectId}/switch-password`;
  const mustExist = (projectId: string, subjectId: string): void => {
    if (snapshots.get(kind, subjectId)?.projectId === projectId) return;
    throw new RequestError({
      status: 404,
      code: `${kind}-unknown`,
      message: `This project has no ${kind} "${subjectId}".`,
    });
  };
  const access = { right: 'project:write' } as const;
  return [
    defineRoute({
      method: 'get',
      path,
      summary: `Whether a password of a ${kind} is stored`,
      tag: 'Meters',
      access,
      params,
      response: switchPasswordStateShape,
      handle: async ({ params: { projectId, subjectId } }) => {
        mustExist(projectId, subjectId);
        return { storedAtMs: await passwordStoredAt(database, subjectId) };
      },
    }),
    defineRoute({
      method: 'put',
      path,
      summary: `Store the password with which ${kind === 'meter' ? 'a meter' : 'the meters of a gateway'} can be switched; it is never given out`,
      tag: 'Meters',
      access,
      params,
      body: switchPasswordShape,
      response: null,
      successStatus: 204,
      handle: async ({ params: { projectId, subjectId }, body, principal, remoteAddress }) => {
        mustExist(projectId, subjectId);
        const atMs = clock.nowMs();
        await storePassword(database, { subjectId, projectId, nowMs: atMs }, body);
        const action = `${kind}.store-switch-password`;
        await actionLog.record({ principal, projectId, action, subject: subjectId, remoteAddress, atMs });
      },
    }),
    defineRoute({
      method: 'delete',
      path,
      summary: `Forget the password of a ${kind}`,
      tag: 'Meters',
      access,
      params,
      response: null,
      successStatus: 204,
      handle: async ({ params: { projectId, subjectId }, principal, remoteAddress }) => {
        mustExist(projectId, subjectId);
        const atMs = clock.nowMs();
        await forgetPassword(database, subjectId);
        const action = `${kind}.forget-switch-password`;
        await actionLog.record({ principal, projectId, action, subject: subjectId, remoteAddress, atMs });
      },
    }),
  ];
}
