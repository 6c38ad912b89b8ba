// SPDX-License-Identifier: Apache-2.0
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { registerMapsShape, registerMapSummaryShape } from '@wattledger/contracts/http/ingest';
import { serveRoutes, startTestParts, type TestHttp, type TestParts } from '@wattledger/platform/testing';
import { registerMaps } from './register-maps.ts';
import { registerMapsRoutes } from './register-maps-routes.ts';

let parts: TestParts;
let http: TestHttp;
beforeAll(async () => {
  parts = await startTestParts({ name: 'register-maps-routes' });
  http = await serveRoutes({ parts, routes: registerMapsRoutes() });
}, 60_000);
afterAll(async () => {
  await http.stop();
  await parts.stop();
}, 60_000);

test('all maps, with where each fact comes from and what is only inferred', async () => {
  const { status, body } = await http.send('GET', '/api/register-maps');
  expect(status).toBe(200);
  const { maps } = registerMapsShape.parse(body);
  expect(maps.map((map) => map.modelId)).toEqual([...registerMaps.keys()]);
  const inferred = maps.flatMap((map) =>
    map.registers.filter((row) => row.confidence === 'inferred').map((row) => `${map.modelId} ${row.name}`),
  );
  expect(inferred).toEqual(
    expect.arrayContaining(['acrel-ddsy1352 frequency', 'acrel-adl3000 energy.export.tip']),
  );
  for (const map of maps) for (const row of map.registers) expect(row.source.length).toBeGreaterThan(8);
});

test('one map, with its limits and circuits', async () => {
  const { status, body } = await http.send('GET', '/api/register-maps/acrel-adf400l-1ph');
  expect(status).toBe(200);
  expect(registerMapSummaryShape.parse(body)).toMatchObject({
    circuits: { max: 36, unitIdStep: 1, namedAs: 'circuit1.energy.active.total', confidence: 'vendor' },
    registersPerReadMax: 28,
    switchable: false,
  });
});

test('a model nobody has mapped', async () => {
  const { status, body } = await http.send('GET', '/api/register-maps/acme');
  expect(status).toBe(404);
  expect(body).toMatchObject({ code: 'model-unknown' });
});

test('whoever may read no meter anywhere sees no map', async () => {
  const stranger = await serveRoutes({
    parts,
    routes: registerMapsRoutes(),
    principal: { kind: 'staff', id: 'stf_x', name: 'x', rightsByProject: { prj_1: ['energy:read'] } },
  });
  try {
    expect((await stranger.send('GET', '/api/register-maps')).status).toBe(403);
    expect((await stranger.send('GET', '/api/register-maps/acrel-ddsy1352')).status).toBe(403);
  } finally {
    await stranger.stop();
  }
});
