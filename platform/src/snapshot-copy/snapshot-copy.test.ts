// SPDX-License-Identifier: Apache-2.0
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { topics, type RegistryEntity, type RegistrySnapshot } from '@wattledger/contracts';
import { openDatabase } from '../database/postgres-database.ts';
import type { Database } from '../database/port.ts';
import { openPostgresEventLog } from '../event-log/postgres-event-log.ts';
import type { EventLog } from '../event-log/port.ts';
import { startTestParts, type TestParts } from '../testing/index.ts';
import { createSnapshotCopy, type SnapshotCopy, type SnapshotCopyOptions } from './snapshot-copy.ts';

let parts: TestParts;
/** Another process of the same service. */
let other: { readonly database: Database; readonly eventLog: EventLog; readonly logger: TestParts['logger'] };
beforeAll(async () => {
  parts = await startTestParts({ name: 'copy', partitionCountOf: () => 2 });
  const database = await openDatabase(parts.databaseUrl);
  other = {
    database,
    eventLog: await openPostgresEventLog({ database, clock: parts.clock, logger: parts.logger }),
    logger: parts.logger,
  };
}, 60_000);
afterAll(async () => {
  await other.eventLog.close();
  await other.database.close();
  await parts.stop();
});

let schema: string;
let number = 0;
const running: SnapshotCopy<RegistryEntity>[] = [];
beforeEach(() => {
  number += 1;
  schema = `copy${number}`;
});
afterEach(async () => {
  for (const copy of running.splice(0)) await copy.stop();
});

const tenant = (
  id: string,
  name: string | null,
  projectId = 'prj_a',
): { key: string; value: RegistrySnapshot } => ({
  key: `tenant/${id}`,
  value: {
    entity: 'tenant',
    id,
    projectId,
    snapshot:
      name === null ? null : { id, projectId, code: id, name, tenantClass: 'shop', phone: null, email: null },
  },
});
const append = async (...records: { key: string; value: RegistrySnapshot }[]): Promise<void> =>
  await parts.eventLog.append(topics.registrySnapshots, records);

function copyIn(
  of: SnapshotCopyOptions<'tenant'>['parts'],
  more: Partial<SnapshotCopyOptions<'tenant'>> = {},
): SnapshotCopy<'tenant'> {
  const copy = createSnapshotCopy({
    parts: of,
    schema,
    group: `${schema}-registry`,
    entities: ['tenant'],
    ...more,
  });
  running.push(copy as unknown as SnapshotCopy<RegistryEntity>);
  return copy;
}
async function until(what: string, holds: () => boolean): Promise<void> {
  for (let waitedMs = 0; !holds(); waitedMs += 10) {
    if (waitedMs > 20_000) throw new Error(`waited in vain for: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

test('newest snapshot per entity; removals are gone; projects are told apart', async () => {
  const copy = copyIn(parts);
  await append(
    tenant('a', 'Anna'),
    tenant('b', 'Ben'),
    tenant('c', 'Cem', 'prj_b'),
    tenant('a', 'Anne'),
    tenant('b', null),
    {
      key: 'place/x',
      value: {
        entity: 'place',
        id: 'x',
        projectId: 'prj_a',
        snapshot: {
          id: 'x',
          projectId: 'prj_a',
          parentId: null,
          kind: 'area',
          code: 'X',
          name: 'X',
          use: null,
          areaM2: null,
          sortOrder: 0,
        },
      },
    },
  );
  await copy.start();
  await copy.whenCaughtUp();
  expect(
    copy
      .all('tenant')
      .map((found) => found.name)
      .sort(),
  ).toEqual(['Anne', 'Cem']);
  expect(copy.all('tenant', 'prj_a').map((found) => found.name)).toEqual(['Anne']);
  expect(copy.get('tenant', 'b')).toBeUndefined();
  await copy.stop();
  // A later version of the service asks for more: it is there although the position has passed it.
  const later = createSnapshotCopy({ parts, schema, group: `${schema}-registry`, entities: ['place'] });
  await later.start();
  expect(later.get('place', 'x')?.name).toBe('X');
  await later.stop();
});

test('every process of a service has everything in memory and hears of it, whoever of them writes the table', async () => {
  const heard = { here: [] as string[], there: [] as string[] };
  const here = copyIn(parts, {
    onChange: (changes) =>
      void heard.here.push(
        ...changes.map(
          (change) =>
            `${change.id}:${change.snapshot === null ? '-' : (change.snapshot as { name: string }).name}`,
        ),
      ),
  });
  const there = copyIn(other, {
    onChange: (changes) =>
      void heard.there.push(
        ...changes.map(
          (change) =>
            `${change.id}:${change.snapshot === null ? '-' : (change.snapshot as { name: string }).name}`,
        ),
      ),
  });
  await here.start();
  await there.start();
  await here.whenCaughtUp();
  await there.whenCaughtUp();
  heard.here.length = 0;
  heard.there.length = 0;
  const ids = Array.from({ length: 12 }, (_, index) => `m${index}`);
  for (let round = 1; round <= 3; round += 1) {
    await append(...ids.map((id) => tenant(id, `${id}-${round}`)));
    await until(`round ${round} in both`, () =>
      [here, there].every((copy) => ids.every((id) => copy.get('tenant', id)?.name === `${id}-${round}`)),
    );
  }
  for (const list of [heard.here, heard.there]) {
    for (const id of ids)
      expect(list.filter((text) => text.startsWith(`${id}:`))).toEqual(
        [1, 2, 3].map((round) => `${id}:${id}-${round}`),
      );
  }
}, 60_000);

test('what was there at the start is in memory without being told, also without consuming', async () => {
  const first = copyIn(parts);
  await first.start();
  await append(tenant('kept', 'Kai'));
  await first.whenCaughtUp();
  await first.stop();
  let told = 0;
  const second = copyIn(parts, { onChange: () => void (told += 1) });
  await second.load();
  expect(second.get('tenant', 'kept')?.name).toBe('Kai');
  await second.start();
  await second.whenCaughtUp();
  expect(told).toBe(0);
});

test('effects in the same transaction: when they fail nothing is stored, then the change comes again', async () => {
  let attempts = 0;
  const copy = copyIn(parts, {
    inTransaction: async (transaction, changes) => {
      attempts += 1;
      await transaction.query(`CREATE TABLE IF NOT EXISTS ${schema}.effects (id text PRIMARY KEY)`);
      for (const change of changes)
        await transaction.query(`INSERT INTO ${schema}.effects VALUES ($1) ON CONFLICT DO NOTHING`, [
          change.id,
        ]);
      if (attempts < 3) throw new Error('not yet');
    },
  });
  await append(tenant('e', 'Eva'));
  await copy.start();
  await copy.whenCaughtUp();
  expect(attempts).toBeGreaterThanOrEqual(3);
  expect((await parts.database.query(`SELECT id FROM ${schema}.effects WHERE id = 'e'`)).rows).toEqual([
    { id: 'e' },
  ]);
}, 30_000);
