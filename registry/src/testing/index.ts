// SPDX-License-Identifier: Apache-2.0
/** A running registry on real parts, served over a real socket, for tests of this package. */
import { topics, type MeterLogRecord, type RegistrySnapshot, type Topic } from '@wattledger/contracts';
import type { RoleGrant, Session } from '@wattledger/contracts/http/registry';
import {
  serveRoutes,
  startTestParts,
  type TestAnswer,
  type TestHttp,
  type TestParts,
} from '@wattledger/platform/testing';
import { createRegistryService, type RegistryOptions, type RegistryService } from '../registry-service.ts';

export interface TestRegistry {
  readonly parts: TestParts;
  readonly registry: RegistryService;
  readonly http: TestHttp;
  /** A person with these roles, signed in: sends with their cookie. */
  person(login: string, roles: readonly RoleGrant[]): Promise<TestPerson>;
  /** Everything on a topic since the beginning, in the log's order. */
  recorded<T>(topic: Topic<T>): Promise<readonly { readonly key: string; readonly value: T }[]>;
  /** Newest snapshot per key; removed ones are null. */
  snapshots(): Promise<ReadonlyMap<string, RegistrySnapshot['snapshot']>>;
  mountingsOf(meterId: string): Promise<readonly Extract<MeterLogRecord, { kind: 'mounting' }>[]>;
  stop(): Promise<void>;
}
export interface TestPerson {
  readonly id: string;
  readonly login: string;
  readonly password: string;
  readonly cookie: string;
  send(method: string, path: string, body?: unknown): Promise<TestAnswer>;
}

export async function startTestRegistry(name: string, options: RegistryOptions = {}): Promise<TestRegistry> {
  const parts = await startTestParts({ name });
  const registry = createRegistryService(parts, options);
  await registry.migrate();
  await registry.start();
  const http = await serveRoutes({
    parts: { ...parts, actionLog: registry.actionLog },
    routes: registry.routes,
    authenticator: registry.authenticator,
  });
  let readers = 0;

  async function recorded<T>(
    topic: Topic<T>,
  ): Promise<readonly { readonly key: string; readonly value: T }[]> {
    const found: { readonly key: string; readonly value: T }[] = [];
    readers += 1;
    const consumer = await parts.eventLog.consume({
      group: `test-reader-${readers}`,
      topic,
      recordsMax: 1000,
      async handle(batch) {
        await parts.database.transaction(async (transaction) => {
          await batch.commit(transaction);
        });
        found.push(...batch.records.map(({ key, value }) => ({ key, value })));
      },
    });
    await parts.drain();
    await consumer.stop();
    return found;
  }

  return {
    parts,
    registry,
    http,
    recorded,
    async person(login, roles) {
      const [made] = await registry.seedStaff([{ login, name: `Person ${login}`, roles }], {
        mustChangePassword: false,
      });
      const password = made?.password ?? '';
      const answer = await http.send('POST', '/api/session', { login, password });
      const cookie = cookieOf(answer);
      return {
        id: (answer.body as Session).principal.id,
        login,
        password,
        cookie,
        send: async (method, path, body) => await http.send(method, path, body, { cookie }),
      };
    },
    async snapshots() {
      return new Map(
        (await recorded(topics.registrySnapshots)).map(({ key, value }) => [key, value.snapshot]),
      );
    },
    async mountingsOf(meterId) {
      return (await recorded(topics.meterLog))
        .map(({ value }) => value)
        .filter((value) => value.kind === 'mounting')
        .filter((value) => value.meterId === meterId);
    },
    async stop() {
      await http.stop();
      await registry.stop();
      await parts.stop();
    },
  };
}

/** The pair a browser would send back. */
export function cookieOf(answer: TestAnswer): string {
  return (answer.headers.getSetCookie()[0] ?? '').split(';')[0] ?? '';
}

export {
  startMailServer,
  startReceiver,
  type MailServer,
  type Receiver,
} from '../notices/testing/receivers.ts';
