// SPDX-License-Identifier: Apache-2.0
/** The analytics service over real parts, asked over HTTP. */
import { topics, type Principal, type RegistrySnapshot } from '@wattledger/contracts';
import { serveRoutes, startTestParts, type TestParts } from '@wattledger/platform/testing';
import { createAnalyticsService, type AnalyticsService } from '../index.ts';
import { fillWorld, makeStreamTables } from './fill-warehouse.ts';
import { snapshotsOf, type World } from './world.ts';

export interface Questions {
  readonly parts: TestParts;
  readonly service: AnalyticsService;
  /** Tells snapshots and waits until they are known. */
  tell(snapshots: readonly RegistrySnapshot[]): Promise<void>;
  /** Tells and fills a world and sets the clock to its now. */
  add(world: World): Promise<void>;
  /** Asks and expects 200. */
  ask<T>(path: string, query?: Readonly<Record<string, string>>): Promise<T>;
  /** Asks as somebody (null = nobody) and gives status and body. */
  askAs(
    principal: Principal | null | undefined,
    path: string,
    query?: Readonly<Record<string, string>>,
  ): Promise<{ readonly status: number; readonly headers: Headers; readonly body: unknown }>;
  /** Where the routes are served, for streams. */
  readonly url: string;
  stop(): Promise<void>;
}

export async function startQuestions(name: string): Promise<Questions> {
  const parts = await startTestParts({ name });
  await makeStreamTables(parts.warehouse);
  const service = createAnalyticsService(parts);
  await service.migrate();
  await service.start();
  let principal: Principal | null | undefined;
  const administrator: Principal = {
    kind: 'staff',
    id: 'stf_test',
    name: 'Test',
    rightsByProject: { '*': ['project:read', 'energy:read', 'meter:read', 'account:read', 'alarm:read'] },
  };
  const http = await serveRoutes({
    parts,
    routes: service.routes,
    authenticator: { authenticate: async () => (principal === undefined ? administrator : principal) },
  });
  const tell = async (snapshots: readonly RegistrySnapshot[]): Promise<void> => {
    await parts.eventLog.append(
      topics.registrySnapshots,
      snapshots.map((value) => ({ key: `${value.entity}/${value.id}`, value })),
    );
    await parts.drain();
    await service.whenCaughtUp();
  };
  const pathOf = (path: string, query: Readonly<Record<string, string>>): string => {
    const text = new URLSearchParams(query).toString();
    return text === '' ? path : `${path}?${text}`;
  };
  return {
    parts,
    service,
    url: http.url,
    tell,
    add: async (world) => {
      parts.clock.set(world.nowMs);
      await tell(snapshotsOf(world));
      await fillWorld(parts, world);
    },
    ask: async <T>(path: string, query: Readonly<Record<string, string>> = {}) => {
      principal = undefined;
      const answer = await http.send('GET', pathOf(path, query));
      if (answer.status !== 200)
        throw new Error(`GET ${pathOf(path, query)}: ${answer.status} ${JSON.stringify(answer.body)}`);
      return answer.body as T;
    },
    askAs: async (who, path, query = {}) => {
      principal = who;
      const answer = await http.send('GET', pathOf(path, query));
      principal = undefined;
      return answer;
    },
    stop: async () => {
      await http.stop();
      await service.stop();
      await parts.stop();
    },
  };
}
