// SPDX-License-Identifier: Apache-2.0
import { describe, expect, test } from '@jest/globals';
import {
  flatCalendar,
  type GatewaySnapshot,
  type MeterSnapshot,
  type MeteringPointSnapshot,
  type ProjectSnapshot,
} from '@wattledger/contracts';
import { registerMapOf, registerMaps } from '../register-maps/index.ts';
import { intervalSecondsOf, mountedRegisters, pollTargets, reportedRows } from './poll-targets.ts';

const project: ProjectSnapshot = {
  id: 'prj_a',
  code: 'a',
  name: 'A',
  zone: 'UTC',
  currency: 'EUR',
  slotMinutes: 30,
  pollIntervalSeconds: 900,
  calendar: flatCalendar,
  areaM2: null,
  address: null,
  latitude: null,
  longitude: null,
};
const gateway = (id: string, changes: Partial<GatewaySnapshot> = {}): GatewaySnapshot => ({
  id,
  projectId: 'prj_a',
  code: id,
  name: id,
  transport: { kind: 'modbus-tcp', host: 'h', port: 502 },
  timeoutMs: 500,
  pollIntervalSeconds: null,
  enabled: true,
  ...changes,
});
const meter = (id: string, changes: Partial<MeterSnapshot> = {}): MeterSnapshot => ({
  id,
  projectId: 'prj_a',
  serial: id,
  modelId: 'acrel-dtsy1352',
  gatewayId: 'gtw_1',
  unitId: 1,
  lineAddress: null,
  pollIntervalSeconds: null,
  switchable: true,
  enabled: true,
  ...changes,
});
const point = (mountings: readonly (readonly [string, string])[]): MeteringPointSnapshot => ({
  id: 'pnt_1',
  projectId: 'prj_a',
  code: 'p',
  name: 'p',
  medium: 'electricity',
  role: 'sub',
  subItem: 'other',
  placeId: null,
  tenantId: null,
  areaM2: null,
  headcount: null,
  parentLinks: [],
  mountings: mountings.map(([meterId, register], index) => ({
    segmentId: `seg_${index}`,
    meterId,
    register,
    fromMs: 0,
    toMs: null,
  })),
});
const targetsOf = (
  gateways: readonly GatewaySnapshot[],
  meters: readonly MeterSnapshot[],
  points: readonly MeteringPointSnapshot[] = [],
) => pollTargets({ projects: [project], gateways, meters, points }, registerMaps);

describe('what is to be asked', () => {
  test("the interval is the meter's own, else its gateway's, else its project's", () => {
    expect(intervalSecondsOf({ pollIntervalSeconds: 5 }, { pollIntervalSeconds: 6 }, project)).toBe(5);
    expect(intervalSecondsOf({ pollIntervalSeconds: null }, { pollIntervalSeconds: 6 }, project)).toBe(6);
    expect(intervalSecondsOf({ pollIntervalSeconds: null }, { pollIntervalSeconds: null }, project)).toBe(
      900,
    );
    expect(intervalSecondsOf({ pollIntervalSeconds: null }, undefined, undefined)).toBe(1800);
  });

  test('only what is enabled, in the order of unit ids', () => {
    const [only, ...others] = targetsOf(
      [gateway('gtw_1'), gateway('gtw_2', { enabled: false })],
      [
        meter('mtr_c', { unitId: 12 }),
        meter('mtr_a', { unitId: 3 }),
        meter('mtr_off', { enabled: false }),
        meter('mtr_push', { gatewayId: null }),
        meter('mtr_else', { gatewayId: 'gtw_2' }),
      ],
    );
    expect(others).toEqual([]);
    expect(only?.meters.map(({ meterId }) => meterId)).toEqual(['mtr_a', 'mtr_c']);
  });

  test('a meter that cannot be asked is there with the reason', () => {
    const [target] = targetsOf(
      [gateway('gtw_1')],
      [
        meter('mtr_1', { modelId: 'nobody-1' }),
        meter('mtr_2', { modelId: null }),
        meter('mtr_3', { unitId: null }),
      ],
    );
    const faults = new Map(
      target?.meters.map(({ meterId, ask, fault }) => [meterId, ask === null ? fault : 'asked']),
    );
    expect(faults).toEqual(
      new Map([
        ['mtr_1', 'there is no register map "nobody-1"'],
        ['mtr_2', 'the meter has no model'],
        ['mtr_3', 'the meter has no unit id'],
      ]),
    );
  });

  test('mounted registers are reported; of a meter mounted nowhere the primary one; never one the map does not count', () => {
    const sdm = registerMapOf('eastron-sdm630');
    expect([...reportedRows(sdm, undefined)]).toEqual(['energy.import.total']);
    expect([...reportedRows(sdm, new Set(['energy.export.total', 'energy.import.l1']))]).toEqual([
      'energy.export.total',
      'energy.import.l1',
    ]);
    expect([...reportedRows(sdm, new Set(['secret.password', 'voltage.l1', 'nothing']))]).toEqual([]);
  });

  test('a register mounted besides is asked for too', () => {
    const [target] = targetsOf(
      [gateway('gtw_1')],
      [meter('mtr_1')],
      [point([['mtr_1', 'energy.active.deepValley']])],
    );
    expect(target?.meters[0]?.ask?.plan.map(({ address }) => address)).toEqual([0, 87, 0x5030]);
    expect(
      mountedRegisters([
        point([
          ['a', 'x'],
          ['a', 'y'],
          ['b', 'x'],
        ]),
      ]),
    ).toEqual(
      new Map([
        ['a', new Set(['x', 'y'])],
        ['b', new Set(['x'])],
      ]),
    );
  });
});
