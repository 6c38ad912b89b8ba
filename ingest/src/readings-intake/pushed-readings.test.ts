// SPDX-License-Identifier: Apache-2.0
import fc from 'fast-check';
import { describe, expect, test } from '@jest/globals';
import type { MeterSnapshot } from '@wattledger/contracts';
import type { PushedReading } from '@wattledger/contracts/http/ingest';
import { registerMaps } from '../register-maps/index.ts';
import { judgePushedReadings, type KnownMeters } from './pushed-readings.ts';
import { present } from '../testing/present.ts';

const nowMs = Date.parse('2026-03-01T12:00:00Z');
const meter = (id: string, modelId: string | null): MeterSnapshot => ({
  id,
  projectId: 'prj_a',
  serial: `S-${id}`,
  modelId,
  gatewayId: null,
  unitId: null,
  lineAddress: null,
  pollIntervalSeconds: null,
  switchable: false,
  enabled: true,
});
const meters = [meter('mtr_a', 'acrel-dtsy1352'), meter('mtr_b', null)];
const known: KnownMeters = {
  byId: (id) => meters.find((candidate) => candidate.id === id),
  bySerial: (serial) => meters.find((candidate) => candidate.serial === serial),
  mountedRegisters: (id) => new Set(id === 'mtr_a' ? ['energy.active.total'] : ['volume']),
};
const good: PushedReading = {
  serial: 'S-mtr_a',
  register: 'energy.active.total',
  instant: '2026-03-01T19:30:00+08:00',
  value: 123456,
};
const judge = (...readings: PushedReading[]): ReturnType<typeof judgePushedReadings> =>
  judgePushedReadings(readings, known, registerMaps, nowMs);

describe('pushed readings', () => {
  test('a good reading takes the scaler of its register map and its instant in UTC', () => {
    expect(judge(good)).toEqual({
      ok: true,
      readings: 1,
      batches: [
        {
          kind: 'readings',
          meterId: 'mtr_a',
          projectId: 'prj_a',
          source: 'push',
          receivedAt: nowMs,
          series: [
            {
              register: 'energy.active.total',
              scaler: 1,
              quality: 0,
              instants: [Date.parse('2026-03-01T11:30:00Z')],
              values: [123456],
            },
          ],
        },
      ],
    });
  });

  test.each<[string, Partial<Record<keyof PushedReading, unknown>>, string, RegExp]>([
    ['an unknown serial', { serial: 'X' }, 'serial', /no meter with serial "X"/],
    ["another project's meter", { serial: undefined, meterId: 'mtr_z' }, 'meterId', /no meter "mtr_z"/],
    ['serial and id at once', { meterId: 'mtr_a' }, 'serial', /either the serial or the meterId/],
    [
      'a register that is not mounted',
      { register: 'energy.active.peak' },
      'register',
      /not mounted; mounted are: energy\.active\.total/,
    ],
    ['SQL instead of a register', { register: "'; DROP TABLE x; --" }, 'register', /not mounted/],
    ['no zone', { instant: '2026-03-01T11:30:00' }, 'instant', /has no zone/],
    ['a zone the sender made up', { instant: '2026-03-01T11:30:00+99:00' }, 'instant', /is no instant/],
    ['30 February', { instant: '2026-02-30T11:30:00Z' }, 'instant', /is no instant/],
    ['the future', { instant: '2026-03-01T13:30:00Z' }, 'instant', /lies in the future/],
    ['the far past', { instant: '1999-12-31T23:59:59Z' }, 'instant', /before 2000-01-01/],
    ['seconds', { instant: 1_772_000_000 }, 'instant', /looks like seconds/],
    ['half a millisecond', { instant: nowMs - 0.5 }, 'instant', /whole number/],
    ['a fraction', { value: 12.5 }, 'value', /no whole number/],
    ['below zero', { value: -1 }, 'value', /below zero/],
    ['too large to be exact', { value: 2 ** 53 }, 'value', /beyond/],
    [
      'no scaler and no map',
      { serial: 'S-mtr_b', register: 'volume' },
      'scaler',
      /no register map tells the scaler/,
    ],
  ])('%s is a fault named by its index', (_name, change, field, text) => {
    const result = judge(good, { ...good, ...change } as PushedReading);
    expect(result).toMatchObject({
      ok: false,
      faults: [{ path: `readings.1.${field}`, message: expect.stringMatching(text) }],
    });
  });

  test('one bad reading refuses the whole batch, and every fault is told', () => {
    const result = judge({ ...good, value: -1 }, good, { ...good, serial: 'X' });
    expect(result.ok ? [] : result.faults.map((fault) => fault.path)).toEqual([
      'readings.0.value',
      'readings.2.serial',
    ]);
  });

  test('the same reading twice counts once, also when written with another scaler; another value is a contradiction', () => {
    expect(judge(good, good, { ...good, scaler: 0, value: 1_234_560 })).toMatchObject({
      ok: true,
      readings: 1,
    });
    expect(judge(good, { ...good, value: 123457 })).toMatchObject({
      ok: false,
      faults: [{ path: 'readings.1.value' }],
    });
  });

  test('the edges of the allowed time are allowed', () => {
    expect(judge({ ...good, instant: nowMs + 600_000 }).ok).toBe(true);
    expect(judge({ ...good, instant: nowMs + 600_001 }).ok).toBe(false);
    expect(judge({ ...good, instant: '2000-01-01T00:00:00Z' }).ok).toBe(true);
  });

  test('every reading handed in comes out once, under its meter, in its order', () => {
    const anyReading = fc.record({
      serial: fc.constantFrom('S-mtr_a', 'S-mtr_b'),
      instant: fc
        .uniqueArray(fc.integer({ min: nowMs - 1e9, max: nowMs }), { minLength: 1, maxLength: 1 })
        .map(([at]) => present(at)),
      value: fc.nat(),
      scaler: fc.integer({ min: -3, max: 3 }),
      quality: fc.constantFrom('measured' as const, 'estimated' as const, 'missing' as const),
    });
    fc.assert(
      fc.property(
        fc.uniqueArray(anyReading, { selector: (r) => `${r.serial}|${r.instant}`, maxLength: 40 }),
        (readings) => {
          const pushed = readings.map((r) => ({
            ...r,
            register: r.serial === 'S-mtr_a' ? 'energy.active.total' : 'volume',
          }));
          const result = judge(...pushed);
          if (!result.ok) throw new Error(JSON.stringify(result.faults));
          const out = result.batches.flatMap((batch) =>
            batch.series.flatMap((series) =>
              series.instants.map(
                (instant, i) =>
                  `S-${batch.meterId}|${instant}|${series.values[i]}|${series.scaler}|${series.quality}`,
              ),
            ),
          );
          const code = { measured: 0, estimated: 1, missing: 3 };
          expect(out.sort()).toEqual(
            pushed.map((r) => `${r.serial}|${r.instant}|${r.value}|${r.scaler}|${code[r.quality]}`).sort(),
          );
        },
      ),
    );
  });
});
