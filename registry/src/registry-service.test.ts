// SPDX-License-Identifier: Apache-2.0
/** Goal: whatever changes is told to the others in the same transaction, and nothing else happens. Method: over HTTP. */
import { afterAll, beforeAll, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { flatCalendar } from '@wattledger/contracts';
import type { MeteringPointDetail, MountingAnswer } from '@wattledger/contracts/http/registry';
import { startTestRegistry, type TestPerson, type TestRegistry } from './testing/index.ts';

// A busy machine is no fault of the code.
jest.setTimeout(60_000);

let kit: TestRegistry;
let boss: TestPerson;
let projectId: string;
let made = 0;

beforeAll(async () => {
  kit = await startTestRegistry('registry');
  boss = await kit.person('boss', [{ projectId: '*', role: 'administrator' }]);
});
afterAll(async () => {
  await kit.stop();
});

async function send<T>(method: string, path: string, body?: unknown, status?: number): Promise<T> {
  const answer = await boss.send(method, path, body);
  if (status === undefined ? answer.status >= 300 : answer.status !== status) {
    throw new Error(`${method} ${path}: ${answer.status} ${JSON.stringify(answer.body)}`);
  }
  return answer.body as T;
}
async function make(kind: string, body: object): Promise<string> {
  return (await send<{ id: string }>('POST', `/api/projects/${projectId}/${kind}`, body, 201)).id;
}
const refusal = async (
  method: string,
  path: string,
  body?: unknown,
): Promise<{ status: number; code: string }> => {
  const answer = await boss.send(method, `/api/projects/${projectId}/${path}`, body);
  return { status: answer.status, code: (answer.body as { code: string }).code };
};

beforeEach(async () => {
  made += 1;
  const body = {
    code: `p${made}`,
    name: `Project ${made}`,
    zone: 'Europe/Berlin',
    currency: 'EUR',
    slotMinutes: 15,
  };
  projectId = (await send<{ id: string }>('POST', '/api/projects', body, 201)).id;
});

describe('projects', () => {
  test('are listed with their counts, and told', async () => {
    await make('places', { kind: 'building', code: 'B', name: 'B' });
    const { projects } = await send<{ projects: { id: string; counts: object }[] }>('GET', '/api/projects');
    expect(projects.find((project) => project.id === projectId)?.counts).toMatchObject({
      places: 1,
      meters: 0,
      alarms: 0,
    });
    expect((await kit.snapshots()).get(`project/${projectId}`)).toMatchObject({
      code: `p${made}`,
      calendar: { id: 'flat' },
    });
  });
  test('refuse a zone that is none and a calendar off the grid', async () => {
    expect(await refusal('PATCH', '', { zone: 'Atlantis/Capital' })).toEqual({
      status: 422,
      code: 'invalid',
    });
    const dayProfiles = {
      all: [
        { fromMinute: 0, period: 'flat' },
        { fromMinute: 490, period: 'peak' },
      ],
    };
    expect(await refusal('PUT', 'calendar', { ...flatCalendar, dayProfiles })).toEqual({
      status: 422,
      code: 'invalid',
    });
  });
  test('refuse a code that is taken', async () => {
    const answer = await boss.send('POST', '/api/projects', {
      code: `p${made}`,
      name: 'Again',
      zone: 'UTC',
      currency: 'EUR',
    });
    expect(answer).toMatchObject({ status: 409, body: { code: 'duplicate-code' } });
  });
});

async function smallSite(): Promise<{ point: string; meter: string; other: string }> {
  const point = await make('metering-points', { code: 'P', name: 'P', medium: 'electricity' });
  const meter = await make('meters', { serial: 'M1' });
  const other = await make('meters', { serial: 'M2' });
  return { point, meter, other };
}
const mountings = async (body: object): Promise<MountingAnswer> =>
  await send<MountingAnswer>('POST', `/api/projects/${projectId}/mountings`, body, 201);
const detail = async (point: string): Promise<MeteringPointDetail> =>
  await send<MeteringPointDetail>('GET', `/api/projects/${projectId}/metering-points/${point}`);

describe('mountings', () => {
  test('mount, exchange, undo: segments, history, and the meters told each time', async () => {
    const { point, meter, other } = await smallSite();
    await mountings({
      action: 'mount',
      meteringPointId: point,
      meterId: meter,
      register: 'e',
      fromMs: 1000,
      reason: 'new',
    });
    const exchange = await mountings({
      action: 'exchange',
      meteringPointId: point,
      atMs: 5000,
      closingReading: { value: 77, scaler: 1 },
      next: {
        meterId: other,
        register: 'e',
        openingReading: { value: 0, scaler: 1 },
        multiplierNumerator: 40,
      },
      reason: 'broken',
    });
    const after = await detail(point);
    expect(after.mountings).toMatchObject([
      {
        meterSerial: 'M1',
        fromMs: 1000,
        toMs: 5000,
        closingReading: { instantMs: 5000, value: 77, scaler: 1 },
      },
      {
        meterSerial: 'M2',
        fromMs: 5000,
        toMs: null,
        multiplierNumerator: 40,
        openingReading: { instantMs: 5000, value: 0 },
      },
    ]);
    expect(after.mountingChanges.map(({ kind, undoable }) => [kind, undoable])).toEqual([
      ['exchange', true],
      ['mount', false],
    ]);

    await mountings({ action: 'undo', changeId: exchange.change.id, reason: 'wrong point' });
    const undone = await detail(point);
    expect(undone.mountings).toMatchObject([
      { meterSerial: 'M1', fromMs: 1000, toMs: null, closingReading: null },
    ]);
    expect(undone.mountingChanges[1]).toMatchObject({
      kind: 'exchange',
      undoneBy: undone.mountingChanges[0]?.id,
      undoable: false,
    });

    expect(
      (await kit.mountingsOf(meter)).map(({ segments }) =>
        segments.map(({ fromMs, toMs }) => [fromMs, toMs]),
      ),
    ).toEqual([[[1000, null]], [[1000, 5000]], [[1000, null]]]);
    expect((await kit.mountingsOf(other)).map(({ segments }) => segments.length)).toEqual([1, 0]);
    expect((await kit.snapshots()).get(`metering-point/${point}`)).toMatchObject({
      // What an amount needs to be explained down to its registers.
      mountings: [
        {
          meterId: meter,
          toMs: null,
          quantity: 'active-import',
          multiplierNumerator: 1,
          multiplierDenominator: 1,
          registerMax: null,
        },
      ],
    });
  });

  test('an undone exchange can be done again by undoing the undoing', async () => {
    const { point, meter, other } = await smallSite();
    await mountings({
      action: 'mount',
      meteringPointId: point,
      meterId: meter,
      register: 'e',
      fromMs: 0,
      reason: 'new',
    });
    const exchange = await mountings({
      action: 'exchange',
      meteringPointId: point,
      atMs: 9,
      next: { meterId: other, register: 'e' },
      reason: 'x',
    });
    const before = (await detail(point)).mountings;
    const undo = await mountings({ action: 'undo', changeId: exchange.change.id, reason: 'oops' });
    await mountings({ action: 'undo', changeId: undo.change.id, reason: 'no, it was right' });
    expect((await detail(point)).mountings).toEqual(before);
  });

  test('what was proposed from other segments than the present ones is refused', async () => {
    const { point, meter } = await smallSite();
    const { segments } = await mountings({
      action: 'mount',
      meteringPointId: point,
      meterId: meter,
      register: 'e',
      fromMs: 1000,
      reason: 'new',
    });
    const segmentId = segments[0]?.segmentId;
    const [told] = (await kit.mountingsOf(meter)).at(-1)?.segments ?? [];
    const proposed = {
      action: 'correct',
      segmentId,
      registerMax: 99_999,
      madeFrom: { proposalId: 'p1', segments: [told] },
      reason: 'rollover',
    };
    const first = await mountings(proposed);
    // The same again would be worked out from what is no longer so.
    expect(await refusal('POST', 'mountings', proposed)).toEqual({ status: 409, code: 'proposal-stale' });
    const exchange = {
      action: 'exchange',
      meteringPointId: point,
      atMs: 5000,
      next: { meterId: meter, register: 'e' },
      reason: 'restart',
    };
    const unknown = { ...told, segmentId: 'seg_unknown' };
    expect(
      await refusal('POST', 'mountings', {
        ...exchange,
        madeFrom: { proposalId: 'p2', segments: [unknown] },
      }),
    ).toEqual({ status: 409, code: 'proposal-stale' });
    await mountings({ action: 'undo', changeId: first.change.id, reason: 'no' });
    await mountings({ ...exchange, madeFrom: { proposalId: 'p3', segments: [told] } });
    const { actions } = await send<{ actions: { action: string; after: object }[] }>(
      'GET',
      `/api/projects/${projectId}/actions?action=mounting.exchange`,
    );
    expect(actions[0]?.after).toMatchObject({ proposalId: 'p3', reason: 'restart' });
    expect((await detail(point)).mountings).toHaveLength(2);
  });

  test('what would contradict what is there is refused and told to nobody', async () => {
    const { point, meter, other } = await smallSite();
    const second = await make('metering-points', { code: 'Q', name: 'Q', medium: 'electricity' });
    const water = await make('metering-points', { code: 'W', name: 'W', medium: 'water' });
    const change = await mountings({
      action: 'mount',
      meteringPointId: point,
      meterId: meter,
      register: 'e',
      fromMs: 10,
      reason: 'new',
    });
    await mountings({
      action: 'correct',
      segmentId: change.segments[0]?.segmentId,
      multiplierNumerator: 2,
      reason: 'CT',
    });
    const told = (await kit.mountingsOf(meter)).length;
    const mount = { action: 'mount', register: 'e', fromMs: 20, reason: 'x' };
    expect(await refusal('POST', 'mountings', { ...mount, meteringPointId: second, meterId: meter })).toEqual(
      { status: 409, code: 'register-mounted-twice' },
    );
    expect(await refusal('POST', 'mountings', { ...mount, meteringPointId: point, meterId: other })).toEqual({
      status: 409,
      code: 'point-occupied',
    });
    expect(
      await refusal('POST', 'mountings', {
        ...mount,
        meteringPointId: water,
        meterId: other,
        quantity: 'active-import',
      }),
    ).toEqual({ status: 422, code: 'invalid' });
    expect(
      await refusal('POST', 'mountings', { ...mount, meteringPointId: second, meterId: 'mtr_none' }),
    ).toEqual({ status: 422, code: 'invalid' });
    expect(
      await refusal('POST', 'mountings', {
        action: 'unmount',
        meteringPointId: second,
        atMs: 50,
        reason: 'x',
      }),
    ).toEqual({ status: 409, code: 'nothing-mounted' });
    expect(
      await refusal('POST', 'mountings', { action: 'undo', changeId: change.change.id, reason: 'x' }),
    ).toEqual({ status: 409, code: 'changed-since' });
    expect(await refusal('DELETE', `meters/${meter}`)).toEqual({ status: 409, code: 'meter-has-mountings' });
    expect(await refusal('DELETE', `metering-points/${point}`)).toEqual({
      status: 409,
      code: 'point-in-use',
    });
    expect(await kit.mountingsOf(meter)).toHaveLength(told);
  });

  test('another register of the meter may count elsewhere, and the same one later', async () => {
    const { point, meter } = await smallSite();
    const second = await make('metering-points', { code: 'Q', name: 'Q', medium: 'electricity' });
    await mountings({
      action: 'mount',
      meteringPointId: point,
      meterId: meter,
      register: 'import',
      fromMs: 0,
      reason: 'x',
    });
    await mountings({
      action: 'mount',
      meteringPointId: second,
      meterId: meter,
      register: 'export',
      quantity: 'active-export',
      fromMs: 0,
      reason: 'x',
    });
    await mountings({ action: 'unmount', meteringPointId: point, atMs: 100, reason: 'x' });
    const third = await make('metering-points', { code: 'R', name: 'R', medium: 'electricity' });
    await mountings({
      action: 'mount',
      meteringPointId: third,
      meterId: meter,
      register: 'import',
      fromMs: 100,
      reason: 'x',
    });
    expect((await kit.mountingsOf(meter)).at(-1)?.segments).toHaveLength(3);
  });

  test('two who mount at the same point at once: one is refused', async () => {
    const { point, meter, other } = await smallSite();
    const mount = { action: 'mount', meteringPointId: point, register: 'e', fromMs: 0, reason: 'x' };
    const answers = await Promise.all(
      [meter, other].map(
        async (meterId) =>
          await boss.send('POST', `/api/projects/${projectId}/mountings`, { ...mount, meterId }),
      ),
    );
    expect(answers.map((answer) => answer.status).sort()).toEqual([201, 409]);
  });

  test('a new calendar, zone or slot length is told to every mounted meter; a new name to none', async () => {
    const { point, meter } = await smallSite();
    await mountings({
      action: 'mount',
      meteringPointId: point,
      meterId: meter,
      register: 'e',
      fromMs: 0,
      reason: 'x',
    });
    await send('PATCH', `/api/projects/${projectId}`, { name: 'Other name' });
    await send('PATCH', `/api/projects/${projectId}`, { slotMinutes: 30 });
    await send('PUT', `/api/projects/${projectId}/calendar`, { ...flatCalendar, name: 'Flat for all' });
    await send('PATCH', `/api/projects/${projectId}`, { zone: 'Asia/Shanghai' });
    const told = await kit.mountingsOf(meter);
    expect(told.map(({ slotMinutes, zone, calendar }) => [slotMinutes, zone, calendar.name])).toEqual([
      [15, 'Europe/Berlin', 'Flat'],
      [30, 'Europe/Berlin', 'Flat'],
      [30, 'Europe/Berlin', 'Flat for all'],
      [30, 'Asia/Shanghai', 'Flat for all'],
    ]);
  });
});

describe('the tree', () => {
  test('refuses a circle and two parents at once, and shows parent and children', async () => {
    const main = await make('metering-points', {
      code: 'MAIN',
      name: 'Main',
      medium: 'electricity',
      role: 'main',
    });
    const feeder = await make('metering-points', {
      code: 'F',
      name: 'F',
      medium: 'electricity',
      role: 'feeder',
      parentLinks: [{ parentId: main }],
    });
    const sub = await make('metering-points', {
      code: 'S',
      name: 'S',
      medium: 'electricity',
      parentLinks: [{ parentId: feeder, fromMs: 5 }],
    });
    expect(
      await refusal('PATCH', `metering-points/${main}`, { parentLinks: [{ parentId: sub, fromMs: 100 }] }),
    ).toEqual({ status: 422, code: 'invalid' });
    expect(
      await refusal('PATCH', `metering-points/${sub}`, {
        parentLinks: [{ parentId: feeder }, { parentId: main, fromMs: 7 }],
      }),
    ).toEqual({ status: 422, code: 'invalid' });
    // Before the sub lay below it, the main could have lain below the sub.
    await send('PATCH', `/api/projects/${projectId}/metering-points/${main}`, {
      parentLinks: [{ parentId: sub, fromMs: 1, toMs: 5 }],
    });
    expect(await detail(feeder)).toMatchObject({ parent: { code: 'MAIN' }, children: [{ code: 'S' }] });
    expect(await refusal('DELETE', `metering-points/${feeder}`)).toEqual({
      status: 409,
      code: 'point-in-use',
    });
  });
  test('places keep their order of kinds and are not deleted with things in them', async () => {
    const building = await make('places', { kind: 'building', code: 'B', name: 'B' });
    const floor = await make('places', { kind: 'floor', code: 'F', name: 'F', parentId: building });
    expect(await refusal('PATCH', `places/${building}`, { parentId: floor })).toEqual({
      status: 422,
      code: 'invalid',
    });
    expect(await refusal('DELETE', `places/${building}`)).toEqual({ status: 409, code: 'place-not-empty' });
    const point = await make('metering-points', { code: 'P', name: 'P', medium: 'water', placeId: floor });
    expect(await detail(point)).toMatchObject({ place: { path: ['B', 'F'] } });
    const list = await send<{ meteringPoints: object[] }>(
      'GET',
      `/api/projects/${projectId}/metering-points?placeId=${building}`,
    );
    expect(list.meteringPoints).toMatchObject([{ id: point }]);
    await send('DELETE', `/api/projects/${projectId}/metering-points/${point}`);
    await send('DELETE', `/api/projects/${projectId}/places/${floor}`);
    expect((await kit.snapshots()).get(`place/${floor}`)).toBeNull();
  });
});

describe('at the door', () => {
  test('duplicates, unit ids and foreign ids', async () => {
    const gateway = await make('gateways', {
      code: 'G',
      name: 'G',
      transport: { kind: 'modbus-tcp', host: 'h', port: 502 },
    });
    await send('PATCH', `/api/projects/${projectId}/gateways/${gateway}`, {
      transport: { kind: 'rtu-over-tcp', host: 'h', port: 502 },
    });
    expect(await send('GET', `/api/projects/${projectId}/gateways/${gateway}`)).toMatchObject({
      transport: { kind: 'rtu-over-tcp', host: 'h', port: 502 },
    });
    await make('meters', { serial: 'M1', modelId: 'x', gatewayId: gateway, unitId: 1 });
    expect(await refusal('POST', 'meters', { serial: 'M1' })).toEqual({
      status: 409,
      code: 'duplicate-serial',
    });
    expect(
      await refusal('POST', 'meters', { serial: 'M2', modelId: 'x', gatewayId: gateway, unitId: 1 }),
    ).toEqual({ status: 409, code: 'duplicate-address' });
    expect(
      await refusal('POST', 'meters', { serial: 'M2', modelId: 'x', gatewayId: gateway, unitId: 248 }),
    ).toEqual({ status: 400, code: 'request-invalid' });
    expect(await refusal('POST', 'meters', { serial: 'M2', unitId: 2 })).toEqual({
      status: 422,
      code: 'invalid',
    });
    expect(
      await refusal('POST', 'gateways', {
        code: 'H',
        name: 'H',
        transport: { kind: 'modbus-tcp', host: 'h', port: 502 },
      }),
    ).toEqual({ status: 409, code: 'duplicate-address' });
    expect(await refusal('DELETE', `gateways/${gateway}`)).toEqual({
      status: 409,
      code: 'gateway-has-meters',
    });
    const mine = projectId;
    projectId = (
      await send<{ id: string }>('POST', '/api/projects', {
        code: `x${made}`,
        name: 'X',
        zone: 'UTC',
        currency: 'EUR',
      })
    ).id;
    expect(
      await refusal('POST', 'meters', { serial: 'M1', modelId: 'x', gatewayId: gateway, unitId: 9 }),
    ).toEqual({ status: 422, code: 'invalid' });
    expect(await refusal('GET', `gateways/${gateway}`)).toEqual({ status: 404, code: 'not-found' });
    expect(await refusal('PATCH', `gateways/${gateway}`, { name: 'mine now' })).toEqual({
      status: 404,
      code: 'not-found',
    });
    expect(mine).not.toBe(projectId);
  });
  test.each([
    ['a name with a NUL', 'POST', 'tenants', { code: 'T', name: 'a\u0000b' }],
    ['a name with half a character', 'POST', 'tenants', { code: 'T', name: 'a\ud800' }],
    ['an id with a NUL', 'GET', 'meters/%00', undefined],
    ['a search with a NUL', 'GET', 'meters?q=%00', undefined],
    ['an unknown field', 'POST', 'tenants', { code: 'T', name: 'T', admin: true }],
    ['a number for a name', 'POST', 'tenants', { code: 'T', name: 5 }],
  ])('%s is refused, not stumbled over', async (_name, method, path, body) => {
    expect(await refusal(method, path, body)).toEqual({ status: 400, code: 'request-invalid' });
  });
  test('a tenant that was at a point stays', async () => {
    const tenant = await make('tenants', { code: 'T', name: 'T' });
    const point = await make('metering-points', { code: 'P', name: 'P', medium: 'gas', tenantId: tenant });
    await send('PATCH', `/api/projects/${projectId}/metering-points/${point}`, { tenantId: null });
    expect(await refusal('DELETE', `tenants/${tenant}`)).toEqual({ status: 409, code: 'tenant-has-history' });
    const free = await make('tenants', { code: 'U', name: 'U' });
    await send('DELETE', `/api/projects/${projectId}/tenants/${free}`, undefined, 204);
  });
  test('pages go on where they stopped', async () => {
    for (const serial of ['b', 'a', 'd', 'c', 'a%']) await make('meters', { serial });
    type Page = { meters: { serial: string }[]; next: string | null };
    const first = await send<Page>('GET', `/api/projects/${projectId}/meters?limit=3`);
    const second = await send<Page>(
      'GET',
      `/api/projects/${projectId}/meters?limit=3&after=${encodeURIComponent(first.next ?? '')}`,
    );
    expect([...first.meters, ...second.meters].map((meter) => meter.serial)).toEqual([
      'a',
      'a%',
      'b',
      'c',
      'd',
    ]);
    expect(second.next).toBeNull();
    expect((await send<Page>('GET', `/api/projects/${projectId}/meters?q=%25`)).meters).toMatchObject([
      { serial: 'a%' },
    ]);
  });
});

describe('the log of actions', () => {
  test('says who did what, before and after, in the project alone', async () => {
    const tenant = await make('tenants', { code: 'T', name: 'Old' });
    await send('PATCH', `/api/projects/${projectId}/tenants/${tenant}`, { name: 'New' });
    await send('PATCH', `/api/projects/${projectId}/tenants/${tenant}`, { name: 'New' });
    const { actions } = await send<{ actions: object[] }>('GET', `/api/projects/${projectId}/actions`);
    expect(actions).toMatchObject([
      {
        action: 'tenant.update',
        principalId: boss.id,
        before: { name: 'Old' },
        after: { name: 'New' },
        remoteAddress: '127.0.0.1',
      },
      { action: 'tenant.create', subject: `tenant/${tenant}`, before: null },
      { action: 'project.create' },
    ]);
  });
});

test('every invariant holds at the end, and the doctor says so', async () => {
  for (const check of kit.registry.doctorChecks)
    expect([check.name, await check.check()]).toEqual([check.name, { ok: true, detail: expect.any(String) }]);
});
