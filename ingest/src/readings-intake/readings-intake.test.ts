// SPDX-License-Identifier: Apache-2.0
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Principal } from '@wattledger/contracts';
import type { MeterStates, PushReadings } from '@wattledger/contracts/http/ingest';
import { serveRoutes, type TestHttp } from '@wattledger/platform/testing';
import {
  importProjectId as projectId,
  meterIdOf,
  startImportBench,
  type ImportBench,
} from '../import-readings/import-fixture.ts';

let bench: ImportBench;
let http: TestHttp;
const body = (...readings: PushReadings['readings']): PushReadings => ({ projectId, readings });
const good: PushReadings['readings'][number] = {
  serial: 'A',
  register: 'energy.import.total',
  instant: '2026-11-19T10:00:00Z',
  value: 500,
  scaler: 1,
};

beforeAll(async () => {
  bench = await startImportBench('push');
  await bench.know(['A', 'B']);
  await bench.service.start();
  await bench.parts.drain();
  http = await serveRoutes({ parts: bench.parts, routes: bench.service.routes });
}, 60_000);
afterAll(async () => {
  await http.stop();
  await bench.stop();
}, 60_000);

describe('POST /api/readings', () => {
  test('answers after the readings are in the log, and shows the newest on the wall', async () => {
    const answer = await http.send(
      'POST',
      '/api/readings',
      body(
        good,
        { ...good, serial: 'B', value: 7 },
        { ...good, instant: '2026-11-19T09:00:00Z', value: 400 },
      ),
    );
    expect(answer).toMatchObject({ status: 202, body: { accepted: 3, meters: 2 } });
    expect((await bench.pointsOf('A')).map(({ value }) => value)).toEqual([400, 500]);
    const { meters } = (await http.send('GET', `/api/projects/${projectId}/meter-states`))
      .body as MeterStates;
    expect(meters.find(({ meterId }) => meterId === meterIdOf('A'))).toMatchObject({
      online: null,
      lastReadingMs: Date.parse('2026-11-19T10:00:00Z'),
      registers: [{ register: 'energy.import.total', value: 500, scaler: 1, unit: 'Wh' }],
    });
  });

  test('an older reading does not replace a newer one on the wall', async () => {
    await http.send('POST', '/api/readings', body({ ...good, instant: '2026-11-18T10:00:00Z', value: 300 }));
    const { meters } = (await http.send('GET', `/api/projects/${projectId}/meter-states`))
      .body as MeterStates;
    expect(meters[0]?.registers[0]?.value).toBe(500);
  });

  test('one fault refuses all, and nothing of the batch is in the log', async () => {
    const before = (await bench.pointsOf('B')).length;
    const answer = await http.send(
      'POST',
      '/api/readings',
      body({ ...good, serial: 'B', instant: '2026-11-19T11:00:00Z' }, { ...good, serial: 'C' }),
    );
    expect(answer).toMatchObject({
      status: 422,
      body: {
        code: 'readings-refused',
        faults: [{ path: 'readings.1.serial', message: 'this project has no meter with serial "C"' }],
      },
    });
    expect(await bench.pointsOf('B')).toHaveLength(before);
  });

  test('of another project one learns nothing: the same answer whether or not it exists', async () => {
    const principal: Principal = {
      kind: 'api-key',
      id: 'key_1',
      name: 'K',
      rightsByProject: { prj_own: ['readings:write'] },
    };
    const stranger = await serveRoutes({ parts: bench.parts, routes: bench.service.routes, principal });
    try {
      const [there, nowhere] = await Promise.all([
        stranger.send('POST', '/api/readings', body(good)),
        stranger.send('POST', '/api/readings', { ...body(good), projectId: 'prj_nowhere' }),
      ]);
      expect([there.status, nowhere.status]).toEqual([403, 403]);
      expect((there.body as { message: string }).message).toBe((nowhere.body as { message: string }).message);
    } finally {
      await stranger.stop();
    }
  });

  test('nobody signed in, a batch too long, a value that is text', async () => {
    const nobody = await serveRoutes({ parts: bench.parts, routes: bench.service.routes, principal: null });
    try {
      expect((await nobody.send('POST', '/api/readings', body(good))).status).toBe(401);
    } finally {
      await nobody.stop();
    }
    const long = body(...Array.from({ length: 10_001 }, () => good));
    expect((await http.send('POST', '/api/readings', long)).status).toBeGreaterThanOrEqual(400);
    const text = await http.send('POST', '/api/readings', {
      projectId,
      readings: [{ ...good, value: '12' }],
    });
    expect([text.status, JSON.stringify(text.body)]).toEqual([
      expect.any(Number),
      expect.stringContaining('readings.0.value'),
    ]);
    expect(text.status).toBeLessThan(500);
  });
});
