// SPDX-License-Identifier: Apache-2.0
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import readXlsx from 'read-excel-file/node';
import { idOf, projectId, startField, until, type IngestField } from '../collector/ingest-fixture.ts';
import { readingsSheet } from './readings-sheet.ts';
import { writeSheet } from './write-sheet.ts';

let field: IngestField;
beforeAll(async () => {
  field = await startField({
    name: 'readings-sheet',
    gateways: ['G1'],
    pollIntervalSeconds: 1800,
    meters: [
      {
        serial: '=0012',
        gateway: 'G1',
        unitId: 1,
        modelId: 'acrel-ddsy1352',
        parent: null,
        registerAtStart: 1_000_000,
        load: { kind: 'shop', dayConsumption: 90_000, seed: 1 },
      },
    ],
  });
  await field.tell([
    ...field.snapshots,
    {
      entity: 'metering-point',
      id: 'pnt_1',
      projectId,
      snapshot: {
        id: 'pnt_1',
        projectId,
        code: 'P1',
        name: 'Shop 1',
        medium: 'electricity',
        role: 'sub',
        subItem: 'tenant',
        placeId: 'plc_f1',
        tenantId: null,
        areaM2: null,
        headcount: null,
        parentLinks: [],
        mountings: [
          {
            segmentId: 'seg_1',
            meterId: idOf('=0012'),
            register: 'energy.active.total',
            fromMs: 0,
            toMs: null,
          },
        ],
      },
    },
    ...(['a', 'f1'] as const).map((code) => ({
      entity: 'place' as const,
      id: `plc_${code}`,
      projectId,
      snapshot: {
        id: `plc_${code}`,
        projectId,
        parentId: code === 'a' ? null : 'plc_a',
        kind: code === 'a' ? ('area' as const) : ('floor' as const),
        code,
        name: code === 'a' ? 'East' : '1F',
        use: null,
        areaM2: null,
        sortOrder: 0,
      },
    })),
  ]);
  await field.service.start();
  await until('the reading', async () => (await field.states()).meters[0]?.online === true);
}, 60_000);
afterAll(async () => {
  await field.stop();
}, 60_000);

test('the sheet carries numbers as numbers, text as text and the time of the place', async () => {
  const answer = await fetch(`${field.http.url}/api/projects/${projectId}/present-readings.xlsx?language=en`);
  expect(answer.headers.get('content-type')).toMatch(/spreadsheetml/);
  const [sheet] = await readXlsx(Buffer.from(await answer.arrayBuffer()));
  const [titles, row] = (sheet?.data ?? []) as unknown as [string[], unknown[]];
  const cell = (title: string): unknown => row[titles.indexOf(title)];
  const state = (await field.states()).meters[0];
  const total = state?.registers.find(({ register }) => register === 'energy.active.total');
  expect(cell('Place')).toBe('East / 1F');
  expect(cell('Meter')).toBe('=0012');
  expect(cell('Reading')).toBeCloseTo(((total?.value ?? 0) * 10 ** (total?.scaler ?? 0)) / 1000, 6);
  expect(cell('Unit')).toBe('kWh');
  expect(cell('Relay reported')).toBe('connected');
  expect(typeof cell('U1 V')).toBe('number');
  // Shanghai, eight hours ahead; the cell has no zone.
  expect(Math.round((cell('Read at (local time)') as Date).getTime() / 1000)).toBe(
    Math.round(((total?.instantMs ?? 0) + 8 * 3_600_000) / 1000),
  );
}, 60_000);

test('ten thousand meters are written', async () => {
  const reading = {
    point: { code: 'P', name: 'Shop', medium: 'electricity' as const },
    places: [{ name: 'East' }],
    tenantName: null,
    gatewayCode: 'G1',
    register: 'energy.active.total',
    state: null,
  };
  const bytes = await writeSheet(
    readingsSheet(
      Array.from({ length: 10_000 }, () => reading),
      { zone: 'Asia/Shanghai', language: 'zh' },
    ),
  );
  const [sheet] = await readXlsx(bytes);
  expect([sheet?.sheet, sheet?.data.length]).toEqual(['当前读数', 10_001]);
}, 60_000);
