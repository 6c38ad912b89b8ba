// SPDX-License-Identifier: Apache-2.0
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { GatewayStates, MeterState, MeterStateDetail } from '@wattledger/contracts/http/ingest';
import type { MeterSpec } from '../simulated-fleet/index.ts';
import {
  gatewayIdOf,
  idOf,
  projectId,
  siteCode,
  startField,
  until,
  type IngestField,
} from './ingest-fixture.ts';
import { present } from '../testing/present.ts';

const spec = (serial: string, gateway: string, unitId: number, modelId: string): MeterSpec => ({
  serial,
  gateway,
  unitId,
  modelId,
  parent: null,
  registerAtStart: 1_000_000,
  load: {
    kind: modelId === 'xintai-water' ? 'restaurant-water' : 'shop',
    dayConsumption: 90_000,
    seed: unitId,
  },
});
const meters = [
  spec('SHOP', 'G1', 1, 'acrel-dtsy1352'),
  spec('FLAT', 'G1', 2, 'acrel-ddsy1352'),
  spec('MAIN', 'G1', 3, 'eastron-sdm630'),
  spec('TAP', 'G1', 4, 'xintai-water'),
  spec('ELSE', 'G2', 1, 'acrel-dtsy1352'),
];

let field: IngestField;
const stateOf = async (serial: string): Promise<MeterState> => {
  const state = (await field.states()).meters.find((candidate) => candidate.serial === serial);
  if (state === undefined) throw new Error(`no state of ${serial}`);
  return state;
};

beforeAll(async () => {
  field = await startField({ name: 'collector', gateways: ['G1', 'G2'], meters });
  await field.tell(field.snapshots);
  await field.service.start();
}, 60_000);
afterAll(async () => {
  await field.stop();
}, 60_000);

describe('the collector', () => {
  test('reads every model, and what the log holds is what the registers show', async () => {
    for (const { serial } of meters) {
      const reading = await until(`a reading of ${serial}`, async () =>
        (await field.readings()).find((record) => record.meterId === idOf(serial)),
      );
      const series = present(reading.series[0]);
      expect(reading.series).toHaveLength(1);
      expect(reading.source).toBe('poll');
      // Registers only grow: what was read lies between what the register held just before and holds now.
      const instant = present(series.instants[0]);
      expect(series.values[0]).toBeGreaterThanOrEqual(field.fleet.countAt(siteCode, serial, instant - 2_000));
      expect(series.values[0]).toBeLessThanOrEqual(field.fleet.countAt(siteCode, serial, instant + 2_000));
    }
    const registers = Object.fromEntries(
      (await field.readings()).map((record) => [
        record.meterId,
        record.series.map((s) => `${s.register} 10^${s.scaler}`).join(),
      ]),
    );
    expect(registers).toEqual({
      mtr_shop: 'energy.active.total 10^1',
      mtr_flat: 'energy.active.total 10^1',
      mtr_else: 'energy.active.total 10^1',
      mtr_main: 'energy.import.total 10^1',
      mtr_tap: 'volume.forward 10^0',
    });
  }, 60_000);

  test('shows registers, parameters and the relay, and nothing of a secret', async () => {
    const flat = await until('the flat online', async () =>
      (await stateOf('FLAT')).online === true ? await stateOf('FLAT') : null,
    );
    expect(flat.registers.map(({ register }) => register)).toEqual([
      'energy.active.total',
      'energy.active.tip',
      'energy.active.peak',
      'energy.active.flat',
      'energy.active.valley',
    ]);
    expect(flat.parameters['voltage.l1']).toBeGreaterThan(200);
    expect(flat.parameters['voltage.l1']).toBeLessThan(260);
    expect(JSON.stringify(flat)).not.toMatch(/secret|localCode/);
    expect(flat).toMatchObject({
      pollIntervalSeconds: 1,
      lastFault: null,
      missedCycles: 0,
      switchable: true,
    });
    await until('the valve', async () => (await stateOf('TAP')).relay === 'closed');
  }, 60_000);

  test('a register that is mounted is reported, and only that one', async () => {
    await field.tell([
      {
        entity: 'metering-point',
        id: 'pnt_peak',
        projectId,
        snapshot: {
          id: 'pnt_peak',
          projectId,
          code: 'P',
          name: 'P',
          medium: 'electricity',
          role: 'sub',
          subItem: 'tenant',
          placeId: null,
          tenantId: null,
          areaM2: null,
          headcount: null,
          parentLinks: [],
          mountings: [
            {
              segmentId: 'seg_1',
              meterId: idOf('ELSE'),
              register: 'energy.active.peak',
              fromMs: 0,
              toMs: null,
            },
          ],
        },
      },
    ]);
    const reading = await until('a reading of the peak register', async () =>
      (await field.readings()).find(
        (record) =>
          record.meterId === idOf('ELSE') &&
          record.series.some((series) => series.register === 'energy.active.peak'),
      ),
    );
    expect(reading.series.map((series) => series.register)).toEqual(['energy.active.peak']);
  }, 60_000);

  test('a dead unit costs its own cycles only; its alarm is raised once and cleared when it is back', async () => {
    const lift = field.fleet.setFault({ site: siteCode, gateway: 'G1', unitId: 1 }, { kind: 'silent' });
    const alarm = await until('the alarm', async () =>
      (await field.alarms()).find((signal) => signal.subjectId === idOf('SHOP')),
    );
    expect(alarm).toMatchObject({
      kind: 'meter-offline',
      state: 'raised',
      subjectKind: 'meter',
      facts: { name: 'SHOP', missedCycles: '3' },
    });
    const shop = await stateOf('SHOP');
    expect(shop).toMatchObject({ online: false, lastFault: { kind: 'no-answer' } });
    // What it showed last stays on the wall.
    expect(shop.registers.length).toBeGreaterThan(0);
    const before = (await stateOf('FLAT')).answers;
    await until('the neighbours to go on', async () => (await stateOf('FLAT')).answers > before + 1);
    expect(
      (await field.telemetry()).filter((told) => told.meterId === idOf('SHOP') && !told.online),
    ).toHaveLength(1);
    lift();
    await until('the alarm to clear', async () =>
      (await field.alarms()).find(
        (signal) => signal.subjectId === idOf('SHOP') && signal.state === 'cleared',
      ),
    );
    expect(
      (await field.alarms())
        .filter((signal) => signal.subjectId === idOf('SHOP'))
        .map((signal) => signal.state),
    ).toEqual(['raised', 'cleared']);
    expect((await stateOf('SHOP')).online).toBe(true);
  }, 60_000);

  test('a gateway that is gone touches no other and raises one alarm, not one per meter', async () => {
    const known = (await field.alarms()).length;
    const lift = field.fleet.setFault({ site: siteCode, gateway: 'G1' }, { kind: 'no-connection' });
    await until('the alarm', async () =>
      (await field.alarms()).find((signal) => signal.kind === 'gateway-offline'),
    );
    const before = (await stateOf('ELSE')).answers;
    await until('the other gateway to go on', async () => (await stateOf('ELSE')).answers > before + 1);
    const states = (await field.http.send('GET', `/api/projects/${projectId}/gateway-states`))
      .body as GatewayStates;
    expect(states.gateways.map(({ code, online }) => [code, online])).toEqual([
      ['G1', false],
      ['G2', true],
    ]);
    expect(states.gateways[0]).toMatchObject({ metersConfigured: 4, lastFault: { kind: 'no-connection' } });
    expect((await stateOf('FLAT')).online).toBe(false);
    lift();
    await until('the meters back', async () =>
      (await field.states()).meters.every((meter) => meter.online === true) ? true : null,
    );
    await until('the alarm to clear', async () =>
      (await field.alarms()).find(
        (signal) => signal.kind === 'gateway-offline' && signal.state === 'cleared',
      ),
    );
    const news = (await field.alarms()).slice(known);
    expect(
      news
        .filter((signal) => signal.kind === 'gateway-offline')
        .map(({ state, subjectId }) => [state, subjectId]),
    ).toEqual([
      ['raised', gatewayIdOf('G1')],
      ['cleared', gatewayIdOf('G1')],
    ]);
    expect(news.filter((signal) => signal.kind === 'meter-offline')).toEqual([]);
  }, 60_000);

  test('a meter that is disabled is asked no more, one that is moved is asked where it is now', async () => {
    const change = (serial: string, changes: Record<string, unknown>) => {
      const told = present(field.snapshots.find((snapshot) => snapshot.id === idOf(serial)));
      return { ...told, snapshot: { ...told.snapshot, ...changes } } as typeof told;
    };
    await field.tell([change('TAP', { enabled: false }), change('SHOP', { unitId: 250 })]);
    await until('nobody at unit 250', async () => (await stateOf('SHOP')).online === false);
    expect((await stateOf('TAP')).online).toBeNull();
    const polls = (await stateOf('TAP')).polls;
    await field.tell([change('SHOP', {})]);
    await until('the shop again', async () => (await stateOf('SHOP')).online === true);
    expect((await stateOf('TAP')).polls).toBe(polls);
  }, 60_000);

  test('a meter whose model nobody knows says so instead of going silently unread', async () => {
    const told = present(field.snapshots.find((snapshot) => snapshot.id === idOf('MAIN')));
    await field.tell([{ ...told, snapshot: { ...told.snapshot, modelId: 'no-such-model' } } as typeof told]);
    const main = await until('the fault', async () =>
      (await stateOf('MAIN')).lastFault?.kind === 'not-configured' ? await stateOf('MAIN') : null,
    );
    expect(main.lastFault?.text).toMatch(/no register map "no-such-model"/);
    await field.tell([told]);
    await until('the main again', async () => (await stateOf('MAIN')).online === true);
  }, 60_000);

  test('after a restart the states are there and polling goes on', async () => {
    const before = await stateOf('FLAT');
    await field.restart();
    const after = await until('more answers', async () =>
      (await stateOf('FLAT')).answers > before.answers + 1 ? await stateOf('FLAT') : null,
    );
    expect(after.lastReadingMs).toBeGreaterThan(before.lastReadingMs ?? 0);
  }, 60_000);

  test("another project's meter and an unknown one are the same nothing", async () => {
    const [unknown, foreign] = await Promise.all([
      field.http.send('GET', `/api/projects/${projectId}/meters/mtr_nobody/state`),
      field.http.send('GET', `/api/projects/prj_other/meters/${idOf('FLAT')}/state`),
    ]);
    expect([unknown.status, foreign.status]).toEqual([404, 404]);
    const mine = (await field.http.send('GET', `/api/projects/${projectId}/meters/${idOf('FLAT')}/state`))
      .body as MeterStateDetail;
    expect(mine.state.serial).toBe('FLAT');
  });

  test('health and doctor speak', async () => {
    expect((await field.service.health()).facts).toMatchObject({ gatewaysPolled: 2, metersPolled: 4 });
    for (const { name, check } of field.service.doctorChecks)
      expect({ name, ...(await check()) }).toMatchObject({ name, ok: true });
  });
});
