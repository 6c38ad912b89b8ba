// SPDX-License-Identifier: Apache-2.0
/** Goal: the doctor finds what is wrong. Method: do the wrong thing behind the registry's back. */
import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import { systemPrincipal } from '../changes/actor.ts';
import { writeSiteTemplate } from '../site-files/site-template.ts';
import { startTestRegistry, type TestRegistry } from '../testing/index.ts';

// A busy machine is no fault of the code.
jest.setTimeout(60_000);

let kit: TestRegistry;
beforeAll(async () => {
  kit = await startTestRegistry('doctor');
  await kit.registry.importSite(await writeSiteTemplate('json'), {
    dryRun: false,
    principal: systemPrincipal,
  });
});
afterAll(async () => {
  await kit.stop();
});

async function failing(): Promise<Record<string, string>> {
  const found: Record<string, string> = {};
  for (const { name, check } of kit.registry.doctorChecks) {
    const { ok, detail } = await check();
    if (!ok) found[name] = detail;
  }
  return found;
}
const told = 'registry: what was told to the others equals the tables';

test('a sound registry is sound', async () => {
  expect(await failing()).toEqual({});
});

test('a change behind its back was not told', async () => {
  const { database } = kit.parts;
  await database.query(`update registry.tenants set name = 'Somebody else' where code = '101'`);
  expect(await failing()).toMatchObject({
    [told]: expect.stringMatching(/tenant\/tnt_\w+ was told otherwise/),
  });
  await kit.registry.retell('prj_example-tower');
  expect(await failing()).toEqual({});
});

test('a circle of parents', async () => {
  const { database } = kit.parts;
  await database.query(
    `insert into registry.parent_links (project_id, point_id, parent_id, from_ms)
     select p.project_id, p.id, c.id, 0 from registry.metering_points p, registry.metering_points c where p.code = 'MAIN' and c.code = 'E-101'`,
  );
  expect(await failing()).toMatchObject({
    'registry: parents exist, hold one at a time, and close no circle':
      expect.stringContaining('would be a circle'),
  });
  await database.query(
    `delete from registry.parent_links l using registry.metering_points p where p.id = l.point_id and p.code = 'MAIN'`,
  );
});

test('two mountings at an instant, once the constraint is gone', async () => {
  const { database } = kit.parts;
  await database.query(
    'alter table registry.mountings drop constraint mountings_register_once, drop constraint mountings_point_once',
  );
  await database.query(
    `insert into registry.mountings (segment_id, project_id, meter_id, register, point_id, quantity, from_ms, multiplier_numerator, multiplier_denominator)
     select 'seg_copy', s.project_id, s.meter_id, s.register, s.point_id, s.quantity, s.from_ms + 1, 1, 1 from registry.mountings s limit 1`,
  );
  expect(await failing()).toMatchObject({
    'registry: no register and no metering point has two mountings at an instant':
      expect.stringContaining('seg_copy'),
  });
});
