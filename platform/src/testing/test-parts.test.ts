// SPDX-License-Identifier: Apache-2.0
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { topics, type RegistrySnapshot } from '@wattledger/contracts';
import { createSnapshotCopy } from '../index.ts';
import { startTestParts, type TestParts } from './index.ts';

let parts: TestParts;
beforeAll(async () => {
  parts = await startTestParts({ name: 'kit' });
}, 60_000);
afterAll(async () => {
  await parts.stop();
});

test('all parts answer', async () => {
  expect((await parts.database.query('SELECT 1 AS one')).rows).toEqual([{ one: 1 }]);
  await parts.warehouse.command("CREATE TABLE t (at DateTime('UTC'), n Int64) ENGINE = MergeTree ORDER BY at");
  await parts.warehouse.insert('t', ['at', 'n'], [[1_700_000_000, 5], ['2026-01-01 00:00:00', 7]]);
  expect(await parts.warehouse.query('SELECT sum(n) AS total FROM t WHERE n IN {wanted:Array(Int64)}', { wanted: [5, 7] })).toEqual([{ total: 12 }]);
});

const tenant = (id: string, name: string | null): RegistrySnapshot => ({
  entity: 'tenant', id, projectId: 'prj_a',
  snapshot: name === null ? null : { id, projectId: 'prj_a', code: id, name, tenantClass: 'shop', phone: null, email: null },
});

test('a snapshot copy follows the registry, survives a restart and hears only of new changes', async () => {
  const heard: string[][] = [];
  const make = () => createSnapshotCopy({ parts, schema: 'kit', group: 'kit-registry', entities: ['tenant'], onChange: (changes) => void heard.push(changes.map((change) => change.id)) });
  const first = make();
  await first.start();
  await parts.eventLog.append(topics.registrySnapshots, [{ key: 'tenant/a', value: tenant('a', 'Anna') }, { key: 'tenant/b', value: tenant('b', 'Ben') }]);
  await first.whenCaughtUp();
  expect(first.get('tenant', 'a')?.name).toBe('Anna');
  await parts.eventLog.append(topics.registrySnapshots, [{ key: 'tenant/a', value: tenant('a', 'Anne') }, { key: 'tenant/b', value: tenant('b', null) }]);
  await parts.drain();
  await first.whenCaughtUp();
  expect(first.all('tenant', 'prj_a').map((found) => found.name)).toEqual(['Anne']);
  await first.stop();
  heard.length = 0;
  const second = make();
  await second.start();
  expect(second.get('tenant', 'a')?.name).toBe('Anne');
  expect(heard).toEqual([]);
  await second.stop();
});
