// SPDX-License-Identifier: Apache-2.0
/**
 * Goal: what calls in can be claimed once, whole or not at all, by somebody who may. Method: calls are appended to the
 * event log as ingest does, and everything else goes over HTTP to a registry on real parts.
 */
import { afterAll, beforeAll, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { topics, type DeviceCall } from '@wattledger/contracts';
import type {
  ClaimAnswer,
  ClaimBody,
  DeviceLookup,
  UnclaimedDevices,
} from '@wattledger/contracts/http/claims';
import type { MeteringPointDetail } from '@wattledger/contracts/http/registry';
import { startTestRegistry, type TestPerson, type TestRegistry } from '../testing/index.ts';
import type { MeterModels } from './meter-models.ts';

// A busy machine is no fault of the code.
jest.setTimeout(60_000);

const meterModels: MeterModels = (modelId) => {
  if (modelId === 'water-1') {
    return {
      medium: 'water',
      switchable: false,
      mainRegister: 'volume.total',
      register: (name) => (name === 'volume.total' ? { quantity: 'water-volume', registerMax: null } : null),
    };
  }
  if (modelId !== 'three-phase') return null;
  const quantities = { 'energy.total': 'active-import', 'energy.export': 'active-export' } as const;
  return {
    medium: 'electricity',
    switchable: true,
    mainRegister: 'energy.total',
    register: (name) =>
      name in quantities
        ? { quantity: quantities[name as keyof typeof quantities], registerMax: 999_999_99 }
        : null,
  };
};

let kit: TestRegistry;
let engineer: TestPerson;
let neighbour: TestPerson;
let analyst: TestPerson;
let mine: string;
let theirs: string;
let roomId: string;
let theirRoomId: string;
let tenantId: string;
let feederId: string;
let number = 1000;

const call = (serial: string, news: Partial<DeviceCall> = {}): DeviceCall => ({
  serial,
  via: 'mqtt',
  dialect: 'acrel-v1',
  productKey: 'pk1',
  kind: 'gateway',
  modelName: 'AWT100',
  modelId: null,
  firmware: '1.08',
  signalDbm: -71,
  simId: '89860',
  remoteAddress: '10.1.2.3',
  uploadIntervalMinutes: 5,
  topology: [
    { serial: `${serial}-1`, unitId: 1, lineAddress: null, modelName: 'DTSY1352', modelId: 'three-phase' },
    { serial: `${serial}-2`, unitId: 2, lineAddress: null, modelName: 'DTSY1352', modelId: 'three-phase' },
  ],
  unusedReadings: 3,
  atMs: kit.parts.clock.nowMs(),
  ...news,
});

async function callIn(...calls: readonly DeviceCall[]): Promise<void> {
  await kit.parts.eventLog.append(
    topics.deviceCalls,
    calls.map((value) => ({ key: value.serial, value })),
  );
  await kit.parts.drain();
}

const newSerial = (): string => `2024${(number += 1)}`;
const made = (code: string, news: object = {}): object => ({ code, name: `Point ${code}`, ...news });
const row = (serial: string, unitId: number, points: readonly object[]): object => ({
  serial,
  modelId: 'three-phase',
  unitId,
  mountings: points.map((meteringPoint) => ({ meteringPoint })),
});
const claimOf = (serial: string, meters: readonly object[], news: object = {}): ClaimBody =>
  ({ serial, gateway: { code: `G-${serial}`, name: 'Riser' }, meters, ...news }) as ClaimBody;
const claim = async (body: ClaimBody, who = engineer, projectId = mine) =>
  await who.send('POST', `/api/projects/${projectId}/claims`, body);
const faultsOf = (answer: { body: unknown }): Record<string, string> =>
  Object.fromEntries(
    (answer.body as { faults: { path: string; message: string }[] }).faults.map((fault) => [
      fault.path,
      fault.message,
    ]),
  );
const listed = async (query = ''): Promise<UnclaimedDevices> =>
  (await engineer.send('GET', `/api/unclaimed-devices${query}`)).body as UnclaimedDevices;
const lookup = async (label: string, who = engineer): Promise<DeviceLookup> =>
  (await who.send('GET', `/api/unclaimed-devices/lookup?label=${encodeURIComponent(label)}`))
    .body as DeviceLookup;

beforeAll(async () => {
  kit = await startTestRegistry('claims', { meterModels });
  const boss = await kit.person('boss', [{ projectId: '*', role: 'administrator' }]);
  const id = async (path: string, body: object): Promise<string> => {
    const answer = await boss.send('POST', path, body);
    expect(answer.status).toBe(201);
    return (answer.body as { id: string }).id;
  };
  const project = { name: 'P', zone: 'Asia/Shanghai', currency: 'CNY', slotMinutes: 30 };
  mine = await id('/api/projects', { code: 'mine', ...project });
  theirs = await id('/api/projects', { code: 'theirs', ...project });
  roomId = await id(`/api/projects/${mine}/places`, { kind: 'room', code: 'R1', name: 'Room 1' });
  theirRoomId = await id(`/api/projects/${theirs}/places`, { kind: 'room', code: 'R1', name: 'Room 1' });
  tenantId = await id(`/api/projects/${mine}/tenants`, { code: 'T1', name: 'Tenant 1' });
  feederId = await id(`/api/projects/${mine}/metering-points`, {
    code: 'F1',
    name: 'Feeder',
    medium: 'electricity',
    role: 'feeder',
  });
  engineer = await kit.person('engineer', [{ projectId: mine, role: 'engineer' }]);
  neighbour = await kit.person('neighbour', [{ projectId: theirs, role: 'engineer' }]);
  analyst = await kit.person('analyst', [{ projectId: mine, role: 'analyst' }]);
});
afterAll(async () => {
  await kit.stop();
});

describe('devices that called in', () => {
  let serial: string;
  beforeEach(() => {
    serial = newSerial();
  });

  test('are listed with all that is known, newest call first, and found by what stands on the label', async () => {
    const other = newSerial();
    await callIn(call(serial), call(other, { modelName: 'ADW300', atMs: kit.parts.clock.nowMs() + 1 }));
    await callIn(call(serial, { signalDbm: -90, unusedReadings: 9, atMs: kit.parts.clock.nowMs() + 2 }));
    const { devices, total } = await listed();
    expect(devices.map((device) => device.serial).slice(0, 2)).toEqual([serial, other]);
    expect(total).toBe(devices.length);
    expect(devices[0]).toMatchObject({
      signalDbm: -90,
      unusedReadings: 9,
      modelName: 'AWT100',
      kind: 'gateway',
    });
    expect(devices[0]?.atMs).toBeGreaterThan(devices[0]?.firstCallMs ?? Infinity);
    expect((await listed(`?q=${other.slice(-3)}`)).devices.map((device) => device.serial)).toEqual([other]);
    for (const label of [serial, `SN:${serial}`, `https://x.example/?sn=${serial}`, `{"sn":"${serial}"}`])
      expect(await lookup(label)).toMatchObject({ serial, state: 'unclaimed', device: { serial } });
    expect(await lookup('SN:ZZ-404')).toEqual({
      serial: 'ZZ-404',
      state: 'never-called',
      device: null,
      claimed: null,
    });
  });

  test('come in pages', async () => {
    await callIn(...Array.from({ length: 5 }, (_, index) => call(`PG${serial}${index}`, { atMs: 5 })));
    const seen: string[] = [];
    let after = '';
    for (let page = 0; page < 10; page += 1) {
      const { devices, next } = await listed(`?limit=2&q=PG${serial}${after}`);
      seen.push(...devices.map((device) => device.serial));
      if (next === null) break;
      after = `&after=${encodeURIComponent(next)}`;
    }
    expect(seen).toEqual(Array.from({ length: 5 }, (_, index) => `PG${serial}${index}`));
    const broken = await engineer.send('GET', '/api/unclaimed-devices?after=nonsense');
    expect(broken.status).toBe(422);
  });

  test('an older call changes nothing, and text that no database keeps does not stop the rest', async () => {
    const now = kit.parts.clock.nowMs();
    await callIn(call(serial, { atMs: now, firmware: 'new' }));
    await callIn(call(serial, { atMs: now - 5, firmware: 'old' }));
    await callIn(call(`${serial}n`, { firmware: 'a\u0000b\ud800' }));
    expect((await lookup(serial)).device?.firmware).toBe('new');
    expect((await lookup(`${serial}n`)).device?.firmware).toBe('ab\ufffd');
  });

  test('are for people who may change a project', async () => {
    await callIn(call(serial));
    expect((await analyst.send('GET', '/api/unclaimed-devices')).status).toBe(403);
    expect((await claim(claimOf(serial, []), analyst)).status).toBe(403);
    expect((await claim(claimOf(serial, []), neighbour)).status).toBe(403);
    const nothing = await engineer.send('GET', '/api/unclaimed-devices/lookup?label=hello');
    expect([nothing.status, faultsOf(nothing)]).toEqual([422, { label: 'no serial can be told from this' }]);
  });
});

describe('a claim', () => {
  let serial: string;
  beforeEach(async () => {
    serial = newSerial();
    await callIn(call(serial));
  });

  test('makes gateway, meters, points, parents and mountings, told to everybody in one step', async () => {
    const answer = await claim(
      claimOf(serial, [
        row(`${serial}-1`, 1, [made(`A-${serial}`, { role: 'feeder', parentId: feederId })]),
        row(`${serial}-2`, 2, [
          made(`B-${serial}`, {
            placeId: roomId,
            tenantId,
            subItem: 'tenant',
            parentCode: `A-${serial}`,
          }),
        ]),
      ]),
    );
    expect(answer.status).toBe(201);
    const { gateway, meters, meteringPointIds, mountings, fromMs, called } = answer.body as ClaimAnswer;
    expect(called).toBe(true);
    expect(gateway).toMatchObject({
      projectId: mine,
      transport: { kind: 'mqtt', dialect: 'acrel-v1', productKey: 'pk1', serial },
      // Over a mobile network a second would be too short.
      timeoutMs: 5000,
      enabled: true,
    });
    // From the next start of a slot.
    expect(fromMs % 1_800_000).toBe(0);
    expect(fromMs - kit.parts.clock.nowMs()).toBeGreaterThan(0);
    expect(fromMs - kit.parts.clock.nowMs()).toBeLessThanOrEqual(1_800_000);
    expect(meters.map((meter) => [meter.serial, meter.unitId, meter.gatewayId, meter.switchable])).toEqual([
      [`${serial}-1`, 1, gateway.id, true],
      [`${serial}-2`, 2, gateway.id, true],
    ]);
    expect(mountings).toMatchObject([
      {
        meterSerial: `${serial}-1`,
        register: 'energy.total',
        quantity: 'active-import',
        registerMax: 999_999_99,
      },
      { meterSerial: `${serial}-2`, fromMs, toMs: null },
    ]);
    const [first, second] = meteringPointIds;
    const point = (await engineer.send('GET', `/api/projects/${mine}/metering-points/${second ?? ''}`))
      .body as MeteringPointDetail;
    expect(point).toMatchObject({
      code: `B-${serial}`,
      medium: 'electricity',
      place: { id: roomId },
      tenant: { id: tenantId },
      parentLinks: [{ parentId: first, fromMs, toMs: null }],
      mountingChanges: [{ kind: 'mount', by: 'Person engineer' }],
    });
    const snapshots = await kit.snapshots();
    expect(snapshots.get(`gateway/${gateway.id}`)).toEqual(gateway);
    for (const meter of meters) expect(snapshots.get(`meter/${meter.id}`)).toEqual(meter);
    expect((await kit.mountingsOf(meters[1]?.id ?? '')).at(-1)?.segments).toMatchObject([
      { meteringPointId: second, fromMs },
    ]);
    const logged = await kit.parts.database.query<{ action: string; subject: string; after: string }>(
      'select a.action, a.subject, a.after from registry.actions a where a.subject = $1',
      [`gateway/${gateway.id}`],
    );
    expect(logged.rows.map(({ action }) => action)).toEqual(['gateway.claim']);
    expect(JSON.parse(logged.rows[0]?.after ?? '')).toMatchObject({
      serial,
      meters: [{}, {}],
      points: [{}, {}],
    });
  });

  test('takes its device from the list; removing the gateway gives it back', async () => {
    const { gateway } = (await claim(claimOf(serial, []))).body as ClaimAnswer;
    expect((await listed(`?q=${serial}`)).devices).toEqual([]);
    // A call that was on its way when the claim was made changes nothing.
    await callIn(call(serial, { atMs: kit.parts.clock.nowMs() + 9 }));
    expect((await listed(`?q=${serial}`)).devices).toEqual([]);
    expect(await lookup(serial)).toEqual({
      serial,
      state: 'claimed',
      device: null,
      claimed: { projectId: mine, gatewayId: gateway.id, gatewayCode: gateway.code, gatewayName: 'Riser' },
    });
    // Whose it is, is nobody else's business.
    expect(await lookup(serial, neighbour)).toEqual({
      serial,
      state: 'claimed',
      device: null,
      claimed: null,
    });
    expect((await engineer.send('DELETE', `/api/projects/${mine}/gateways/${gateway.id}`)).status).toBe(204);
    expect((await listed(`?q=${serial}`)).devices).toHaveLength(1);
  });

  test('of several at once for one serial exactly one wins, in one project and across projects', async () => {
    const answers = await Promise.all(
      Array.from({ length: 6 }, (_, index) =>
        claim(
          claimOf(serial, [row(`${serial}-1`, 1, [made(`W${index}-${serial}`)])], {
            gateway: { code: `W${index}-${serial}`, name: 'W' },
          }),
          index % 2 === 0 ? engineer : neighbour,
          index % 2 === 0 ? mine : theirs,
        ),
      ),
    );
    expect(answers.map(({ status }) => status).sort()).toEqual([201, 409, 409, 409, 409, 409]);
    for (const { status, body } of answers)
      if (status === 409) expect(body).toMatchObject({ code: 'already-claimed' });
    const left = await kit.parts.database.query<{ count: number }>(
      'select count(*) as count from registry.metering_points p where p.code like $1',
      [`W%-${serial}`],
    );
    expect(left.rows[0]?.count).toBe(1);
  });

  test('tells every fault by its row and makes nothing; a dry run tells the same', async () => {
    await engineer.send('POST', `/api/projects/${mine}/metering-points`, {
      code: `THERE-${serial}`,
      name: 'There',
      medium: 'electricity',
    });
    const other = newSerial();
    await callIn(call(other));
    const before = (await claim(claimOf(other, [row(`${other}-1`, 1, [made(`OCC-${serial}`)])])))
      .body as ClaimAnswer;
    const body = claimOf(serial, [
      row(`${serial}-1`, 1, [{ meteringPointId: before.meteringPointIds[0] }]),
      { ...row(`${serial}-2`, 1, [made(`THERE-${serial}`)]), modelId: 'unheard-of' },
      row(`${other}-1`, 3, [made(`C-${serial}`, { placeId: theirRoomId })]),
      { ...row(`${serial}-4`, 4, [made(`D-${serial}`)]), modelId: null },
      row(`${serial}-5`, 5, [made(`C-${serial}`, { parentCode: 'NOT-THERE', tenantId: 'tnt_none' })]),
      { serial: `${serial}-6`, modelId: 'three-phase', mountings: [] },
      {
        serial: `${serial}-7`,
        modelId: 'water-1',
        unitId: 7,
        mountings: [{ meteringPoint: made(`E-${serial}`, { medium: 'electricity' }) }],
      },
      {
        serial: `${serial}-8`,
        modelId: 'three-phase',
        unitId: 8,
        mountings: [{ register: 'phase.of.the.moon', meteringPoint: made(`F-${serial}`) }],
      },
    ]);
    const dry = await claim({ ...body, dryRun: true });
    expect(dry.status).toBe(201);
    const faults = faultsOf(dry);
    expect(Object.keys(faults).sort()).toEqual(
      [
        'meters.0.mountings.0.meteringPoint',
        'meters.1.modelId',
        'meters.1.unitId',
        'meters.1.mountings.0.register',
        'meters.1.mountings.0.meteringPoint.code',
        'meters.2.serial',
        'meters.2.mountings.0.meteringPoint.placeId',
        'meters.2.mountings.0.register',
        'meters.3.modelId',
        'meters.3.mountings.0.register',
        'meters.4.mountings.0.meteringPoint.tenantId',
        'meters.4.mountings.0.meteringPoint.code',
        'meters.4.mountings.0.meteringPoint.parentCode',
        'meters.5.unitId',
        'meters.6.mountings.0.quantity',
        'meters.7.mountings.0.register',
      ].sort(),
    );
    expect(faults['meters.2.serial']).toContain(`on gateway G-${other}`);
    const refused = await claim(body);
    expect(refused.status).toBe(422);
    expect(faultsOf(refused)).toEqual(faults);
    expect((await listed(`?q=${serial}`)).devices).toHaveLength(1);
  });

  test('a dry run without faults changes nothing', async () => {
    const body = claimOf(serial, [row(`${serial}-1`, 1, [made(`A-${serial}`)])]);
    const dry = await claim({ ...body, dryRun: true });
    expect([dry.status, faultsOf(dry)]).toEqual([201, {}]);
    expect((await listed(`?q=${serial}`)).devices).toHaveLength(1);
    expect((await claim(body)).status).toBe(201);
  });

  test('mounts at points that are there, several registers of one meter, from an instant of choice', async () => {
    const point = (
      await engineer.send('POST', `/api/projects/${mine}/metering-points`, {
        code: `P-${serial}`,
        name: 'Planned',
        medium: 'electricity',
      })
    ).body as { id: string };
    const fromMs = 1_700_000_000_000;
    const answer = await claim(
      claimOf(
        serial,
        [
          {
            serial: `${serial}-1`,
            modelId: 'three-phase',
            unitId: 1,
            switchable: false,
            mountings: [
              { meteringPoint: { meteringPointId: point.id }, multiplierNumerator: 40 },
              { register: 'energy.export', meteringPoint: made(`X-${serial}`, { role: 'generation' }) },
            ],
          },
        ],
        { fromMs },
      ),
    );
    expect(answer.status).toBe(201);
    expect((answer.body as ClaimAnswer).mountings).toMatchObject([
      { meteringPointId: point.id, fromMs, multiplierNumerator: 40, register: 'energy.total' },
      { register: 'energy.export', quantity: 'active-export' },
    ]);
    expect((answer.body as ClaimAnswer).meters[0]?.switchable).toBe(false);
  });

  test('a meter that the project knows already is put on the gateway with its mountings', async () => {
    const meter = (await engineer.send('POST', `/api/projects/${mine}/meters`, { serial: `${serial}-1` }))
      .body as { id: string };
    const answer = await claim(claimOf(serial, [row(`${serial}-1`, 1, [])]));
    expect(answer.status).toBe(201);
    expect((answer.body as ClaimAnswer).meters).toMatchObject([
      { id: meter.id, unitId: 1, modelId: 'three-phase' },
    ]);
  });

  test('may come before the first call: the device is expected', async () => {
    const expected = newSerial();
    const without = await claim(claimOf(expected, []));
    expect([without.status, Object.keys(faultsOf(without))]).toEqual([422, ['gateway.transport']]);
    const transport = { kind: 'rtu-dial-in', registration: expected };
    const answer = await claim(
      claimOf(expected, [row(`${expected}-1`, 1, [made(`A-${expected}`)])], {
        gateway: { code: `G-${expected}`, name: 'Expected', transport },
      }),
    );
    expect(answer.status).toBe(201);
    expect(answer.body).toMatchObject({
      called: false,
      gateway: { transport: { ...transport, registrationOn: 'connect', heartbeat: null } },
    });
    expect(await lookup(expected)).toMatchObject({ state: 'claimed' });
  });

  test('is of devices that call in, under their own serial', async () => {
    const refused = async (transport: object): Promise<string | undefined> =>
      faultsOf(await claim(claimOf(serial, [], { gateway: { code: 'Q', name: 'Q', transport } })))[
        'gateway.transport'
      ];
    expect(await refused({ kind: 'modbus-tcp', host: 'h', port: 1 })).toContain('calls in by itself');
    expect(await refused({ kind: 'acrel-upload', serial: 'another' })).toContain(serial);
    expect(await refused({ kind: 'acrel-upload', serial })).toBeUndefined();
  });
});

test('callers with ever new serials are forgotten, oldest first', async () => {
  const { forgetOldest } = await import('./device-calls-store.ts');
  const serials = Array.from({ length: 4 }, (_, index) => `OLD${index}`);
  const future = kit.parts.clock.nowMs() + 1_000_000;
  await callIn(...serials.map((serial, index) => call(serial, { atMs: future + index })));
  await kit.parts.database.transaction(async (transaction) => {
    await forgetOldest(transaction, 3);
  });
  expect((await listed()).devices.map((device) => device.serial)).toEqual(['OLD3', 'OLD2', 'OLD1']);
});
