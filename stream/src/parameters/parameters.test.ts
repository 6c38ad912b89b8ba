// SPDX-License-Identifier: Apache-2.0
/** Goal: every value a poll saw is kept once, also over repetition and replay. Method: real parts; the table against what was told. */
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import fc from 'fast-check';
import { topics, type Telemetry } from '@wattledger/contracts';
import { startTestStream, type TestStream } from '../testing/test-stream.ts';
import { parametersGroup } from './keep-parameters.ts';
import { parameterRows, thousandthsOf } from './parameter-rows.ts';

jest.setTimeout(120_000);
const nowMs = Date.parse('2026-12-01T00:00:00Z');
const telemetryOf = (more: Partial<Telemetry> = {}): Telemetry => ({
  ...{ projectId: 'prj_1', meterId: 'mtr_1', gatewayId: null, at: nowMs, online: true, relay: 'closed' },
  parameters: { 'voltage.l1': 231.4, 'pf.total': -0.9985 },
  ...more,
});
const told = (value: Telemetry, recordedAtMs = nowMs) => ({
  key: value.meterId,
  value,
  offset: 0,
  recordedAtMs,
});

describe('rows', () => {
  test('a value becomes whole thousandths, half away from zero', () => {
    expect([0.0005, -0.0005, 231.4, -2.0004, 0, -0].map(thousandthsOf)).toEqual([
      1, -1, 231_400, -2000, 0, 0,
    ]);
    expect([NaN, Infinity, 1e16].map(thousandthsOf)).toEqual([null, null, null]);
    fc.assert(
      fc.property(fc.integer({ min: -1e12, max: 1e12 }), (whole) => {
        expect(thousandthsOf(whole / 1000)).toBe(whole);
      }),
    );
  });

  test('a miss and an instant of a wrong clock make none', () => {
    const dayMs = 86_400_000;
    const rows = parameterRows([
      told(telemetryOf({ online: false })),
      told(telemetryOf({ at: nowMs + 2 * dayMs })),
      told(telemetryOf({ at: nowMs - 400 * dayMs })),
      told(telemetryOf()),
    ]);
    expect(rows).toEqual([
      ['prj_1', 'mtr_1', 'voltage.l1', nowMs, 231_400],
      ['prj_1', 'mtr_1', 'pf.total', nowMs, -999],
    ]);
  });
});

describe('the table', () => {
  let kit: TestStream;
  beforeAll(async () => {
    kit = await startTestStream('parameters');
  });
  afterAll(async () => {
    await kit.stop();
  });
  const table = async () =>
    await kit.parts.warehouse.query(
      `SELECT p.project_id AS project, p.meter_id AS meter, p.parameter AS parameter, toUnixTimestamp64Milli(p.instant) AS at,
         p.value_thousandths AS value
       FROM parameters AS p FINAL ORDER BY project, meter, parameter, at`,
    );
  const tell = async (records: readonly Telemetry[]): Promise<void> => {
    await kit.parts.eventLog.append(
      topics.telemetry,
      records.map((value) => ({ key: value.meterId, value })),
    );
    await kit.parts.drain();
  };

  test('holds every value once, and a replay of the topic changes nothing', async () => {
    const records = Array.from({ length: 50 }, (_, index) =>
      telemetryOf({
        meterId: `mtr_${index % 3}`,
        projectId: `prj_${index % 3}`,
        at: nowMs - (50 - index) * 1_000,
        parameters: { 'current.l1': index / 8, frequency: 50 + index / 100 },
      }),
    );
    await tell(records);
    // A line that was cut tells its last polls again.
    await tell(records.slice(-5));
    const kept = await table();
    expect(kept).toEqual(
      records
        .flatMap(({ projectId, meterId, at, parameters }) =>
          Object.entries(parameters).map(([parameter, value]) => ({
            ...{ project: projectId, meter: meterId, parameter, at },
            value: Math.round(value * 1000),
          })),
        )
        .sort(
          (a, b) => a.meter.localeCompare(b.meter) || a.parameter.localeCompare(b.parameter) || a.at - b.at,
        ),
    );
    await kit.stream.stop();
    await kit.parts.eventLog.rewind(parametersGroup, topics.telemetry);
    await kit.stream.start();
    await kit.parts.drain();
    expect(await table()).toEqual(kept);
    expect(await kit.faults()).toEqual({});
  });
});
