// SPDX-License-Identifier: Apache-2.0
/** Sites built from the copy of the registry's snapshots, rebuilt when the registry tells a change. */
import type { RegistrySnapshot } from '@wattledger/contracts';
import { createSnapshotCopy, RequestError, type Parts } from '@wattledger/platform';
import type { Site } from './site.ts';

export const siteEntities = ['project', 'place', 'gateway', 'meter', 'metering-point', 'tenant'] as const;

export interface Sites {
  /** Fills memory without consuming: for doctor. */
  load(): Promise<void>;
  start(): Promise<void>;
  stop(): Promise<void>;
  /** @throws RequestError no-such-project */
  get(projectId: string): Site;
  projectIds(): readonly string[];
  whenCaughtUp(): Promise<void>;
}

const byText = (a: string, b: string): number => a.localeCompare(b, 'en', { numeric: true });
const inOrder = <T>(items: readonly T[], order: (a: T, b: T) => number): readonly T[] =>
  [...items].sort(order);
const byId = <T extends { readonly id: string }>(items: readonly T[]): ReadonlyMap<string, T> =>
  new Map(items.map((item) => [item.id, item]));

export function createSites(parts: Pick<Parts, 'database' | 'eventLog' | 'logger'>): Sites {
  const built = new Map<string, Site>();
  const copy = createSnapshotCopy({
    parts,
    schema: 'analytics',
    group: 'analytics-registry',
    entities: siteEntities,
    onChange: (changes: readonly RegistrySnapshot[]) => {
      for (const change of changes) built.delete(change.projectId);
    },
  });

  const build = (projectId: string): Site => {
    const project = copy.get('project', projectId);
    if (project === undefined) {
      throw new RequestError({
        status: 404,
        code: 'no-such-project',
        message: 'There is no such project.',
        hint: 'A project just made appears here within seconds.',
      });
    }
    return {
      project,
      places: byId(
        inOrder(
          copy.all('place', projectId),
          (a, b) => a.sortOrder - b.sortOrder || byText(a.code, b.code) || byText(a.id, b.id),
        ),
      ),
      points: byId(
        inOrder(
          copy.all('metering-point', projectId),
          (a, b) => byText(a.code, b.code) || byText(a.id, b.id),
        ),
      ),
      tenants: byId(
        inOrder(copy.all('tenant', projectId), (a, b) => byText(a.code, b.code) || byText(a.id, b.id)),
      ),
      meters: byId(copy.all('meter', projectId)),
      gateways: byId(copy.all('gateway', projectId)),
    };
  };

  return {
    load: async () => {
      await copy.load();
      built.clear();
    },
    start: async () => await copy.start(),
    stop: async () => await copy.stop(),
    get: (projectId) => {
      let site = built.get(projectId);
      if (site === undefined) built.set(projectId, (site = build(projectId)));
      return site;
    },
    projectIds: () =>
      inOrder(copy.all('project'), (a, b) => byText(a.code, b.code) || byText(a.id, b.id)).map(
        (project) => project.id,
      ),
    whenCaughtUp: async () => await copy.whenCaughtUp(),
  };
}
