// SPDX-License-Identifier: Apache-2.0
import type { Tree } from '@wattledger/contracts/http/registry';
import type { Clock, Database } from '@wattledger/platform';
import { notFound } from '../changes/faults.ts';
import { loadSnapshot, loadSnapshots } from '../snapshots/snapshots-store.ts';
import { readTreePoints } from './tree-store.ts';

export interface TreeService {
  /** Everything that exists in a project, with links and mountings in force at an instant (default: now). */
  get(projectId: string, atMs?: number): Promise<Tree>;
}

export function createTreeService(parts: {
  readonly database: Database;
  readonly clock: Clock;
}): TreeService {
  return {
    async get(projectId, atMs = parts.clock.nowMs()) {
      // One snapshot of the database: no point names a tenant that the same answer does not hold.
      return await parts.database.transaction(
        async (transaction) => {
          const project = await loadSnapshot(transaction, 'project', projectId, projectId);
          if (project === undefined) throw notFound('project');
          const all = { projectId, ids: null };
          return {
            project,
            atMs,
            places: [...(await loadSnapshots(transaction, 'place', all))],
            points: [...(await readTreePoints(transaction, projectId, atMs))],
            meters: [...(await loadSnapshots(transaction, 'meter', all))],
            gateways: [...(await loadSnapshots(transaction, 'gateway', all))],
            tenants: [...(await loadSnapshots(transaction, 'tenant', all))],
          };
        },
        { isolation: 'repeatable read' },
      );
    },
  };
}
