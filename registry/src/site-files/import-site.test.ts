// SPDX-License-Identifier: Apache-2.0
/** Goal: a file is taken whole or not at all, and says what is wrong with it. Method: real database and event log. */
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { rights, type Principal } from '@wattledger/contracts';
import type { ImportSiteAnswer } from '@wattledger/contracts/http/registry';
import { systemPrincipal } from '../changes/actor.ts';
import { startTestRegistry, type TestRegistry } from '../testing/index.ts';
import { writeSiteTemplate } from './site-template.ts';

// A busy machine is no fault of the code.
jest.setTimeout(60_000);

let kit: TestRegistry;
beforeAll(async () => {
  kit = await startTestRegistry('import_site');
});
afterAll(async () => {
  await kit.stop();
});

const bytesOf = (site: object): Uint8Array => Buffer.from(JSON.stringify(site));
const run = async (
  site: object | Uint8Array,
  dryRun = false,
  principal: Principal = systemPrincipal,
): Promise<ImportSiteAnswer> =>
  await kit.registry.importSite(site instanceof Uint8Array ? site : bytesOf(site), { dryRun, principal });
const told = (answer: ImportSiteAnswer): string[] =>
  answer.faults.map(({ sheet, row, column }) => `${sheet} ${row ?? '-'} ${column ?? '-'}`);
const changed = ({ counts }: ImportSiteAnswer): number =>
  Object.values(counts).reduce((sum, { created, updated }) => sum + created + updated, 0);

const project = { code: 'mall', name: 'Mall', zone: 'Asia/Shanghai', currency: 'CNY' };
const site = {
  project,
  places: [
    { code: 'F1', name: 'Floor 1', kind: 'floor', parent: 'B' },
    { code: 'B', name: 'Building', kind: 'building' },
  ],
  tenants: [{ code: 'T1', name: 'Tea' }],
  gateways: [{ code: 'G1', name: 'Gateway', host: '127.0.0.1', port: 1502 }],
  meters: [
    { serial: 'M0', model: 'acrel-adl3000', gateway: 'G1', unit_id: 1 },
    { serial: 'M1', model: 'acrel-dtsy1352', gateway: 'G1', unit_id: 2, switchable: 'yes' },
    { serial: 'M2' },
  ],
  metering_points: [
    {
      code: 'P1',
      name: 'Shop',
      place: 'F1',
      tenant: 'T1',
      parent: 'P0',
      meter_serial: 'M1',
      register: 'e',
      mounted_from: '2026-02-01',
      opening: '100.5',
    },
    { code: 'P0', name: 'Main', role: 'main', meter_serial: 'M0', register: 'e', multiplier: '200/5' },
  ],
  mountings: [{ point: 'P1', meter_serial: 'M2', register: 'e', mounted_to: '2026-02-01', closing: '99' }],
};

describe('a sound file', () => {
  test('judged only, changes nothing', async () => {
    const answer = await run(site, true);
    expect(answer).toMatchObject({
      dryRun: true,
      projectId: null,
      faults: [],
      counts: { meters: { created: 3 }, mountings: { created: 3 } },
    });
    expect((await kit.parts.database.query('select p.id from registry.projects p')).rows).toEqual([]);
  });

  test('taken, is there with its tree, its mountings and its records in the log', async () => {
    expect(await run(site)).toMatchObject({
      projectId: 'prj_mall',
      counts: { projects: { created: 1 }, meteringPoints: { created: 2 } },
    });
    const tree = await kit.registry.tree.get('prj_mall');
    const byCode = new Map(tree.points.map((point) => [point.code, point]));
    const serialOf = new Map(tree.meters.map((meter) => [meter.id, meter.serial]));
    expect(byCode.get('P1')?.parentId).toBe(byCode.get('P0')?.id);
    expect(serialOf.get(byCode.get('P1')?.mounting?.meterId ?? '')).toBe('M1');
    expect(tree.places.find((place) => place.code === 'F1')?.parentId).toBe(
      tree.places.find((place) => place.code === 'B')?.id,
    );

    const snapshots = await kit.snapshots();
    expect(snapshots.get(`metering-point/${byCode.get('P1')?.id ?? ''}`)).toMatchObject({
      code: 'P1',
      mountings: [{ fromMs: 0 }, { toMs: null }],
    });
    const m0 = tree.meters.find((meter) => meter.serial === 'M0');
    const [mounting] = await kit.mountingsOf(m0?.id ?? '');
    expect(mounting).toMatchObject({
      zone: 'Asia/Shanghai',
      slotMinutes: 30,
      segments: [{ multiplierNumerator: 40, multiplierDenominator: 1, fromMs: 0 }],
    });
  });

  test('taken again, changes nothing and tells nobody', async () => {
    const before = await kit.recorded((await import('@wattledger/contracts')).topics.registrySnapshots);
    const answer = await run(site);
    expect(changed(answer)).toBe(0);
    expect(answer.counts.mountings.unchanged).toBe(3);
    expect(await kit.recorded((await import('@wattledger/contracts')).topics.registrySnapshots)).toHaveLength(
      before.length,
    );
  });

  test.each(['xlsx', 'json'] as const)('exported as %s and taken again, changes nothing', async (format) => {
    const { bytes } = await kit.registry.exportSite('prj_mall', format);
    const answer = await run(bytes);
    expect(answer.faults).toEqual([]);
    expect(changed(answer)).toBe(0);
  });

  test('with one name changed, changes that one and leaves what it does not name', async () => {
    const answer = await run({ project, tenants: [{ code: 'T1', name: 'Coffee' }] });
    expect(changed(answer)).toBe(1);
    expect((await kit.registry.tenants.list('prj_mall', { limit: 10 })).tenants).toMatchObject([
      { code: 'T1', name: 'Coffee' },
    ]);
    expect((await kit.registry.tree.get('prj_mall')).meters).toHaveLength(3);
  });

  test('SQL and formulas in names are text', async () => {
    const name = `Robert'); DROP TABLE registry.meters;-- =HYPERLINK("x")`;
    await run({ project, tenants: [{ code: `T'2`, name }] });
    expect((await kit.registry.tenants.list('prj_mall', { limit: 10, q: 'Robert' })).tenants).toMatchObject([
      { name },
    ]);
    const { bytes } = await kit.registry.exportSite('prj_mall', 'xlsx');
    expect(changed(await run(bytes))).toBe(0);
  });

  test('unit ids may change places', async () => {
    const swapped = [
      { serial: 'M0', model: 'acrel-adl3000', gateway: 'G1', unit_id: 2 },
      { serial: 'M1', model: 'acrel-dtsy1352', gateway: 'G1', unit_id: 1, switchable: 'yes' },
    ];
    expect((await run({ project, meters: swapped })).counts.meters.updated).toBe(2);
    expect((await run({ project, meters: site.meters })).counts.meters.updated).toBe(2);
  });

  test('how a gateway is spoken to is taken, told, kept where the file is silent, and written out', async () => {
    const gateway = { code: 'G1', name: 'Gateway', host: '127.0.0.1', port: 1502 };
    const told = async (): Promise<unknown> => {
      const { gateways } = await kit.registry.gateways.list('prj_mall', { limit: 10 });
      const snapshots = await kit.snapshots();
      const own = snapshots.get(`gateway/${gateways[0]?.id ?? ''}`) as { transport: { kind: string } };
      return [gateways[0]?.transport.kind, own.transport.kind];
    };
    expect(await told()).toEqual(['modbus-tcp', 'modbus-tcp']);
    expect(changed(await run({ project, gateways: [{ ...gateway, transport: 'rtu-over-tcp' }] }))).toBe(1);
    expect(await told()).toEqual(['rtu-over-tcp', 'rtu-over-tcp']);
    expect(changed(await run({ project, gateways: [gateway] }))).toBe(0);
    const { bytes } = await kit.registry.exportSite('prj_mall', 'xlsx');
    expect(changed(await run(bytes))).toBe(0);
    expect(await told()).toEqual(['rtu-over-tcp', 'rtu-over-tcp']);
    const wrong = await run({ project, gateways: [{ ...gateway, transport: 'telegraph' }] }, true);
    expect(wrong.faults).toMatchObject([{ sheet: 'gateways', column: 'transport' }]);
    const pathless = await run({ project, gateways: [{ ...gateway, transport: 'serial' }] }, true);
    expect(pathless.faults).toMatchObject([{ sheet: 'gateways', column: 'path' }]);
    await run({ project, gateways: [{ ...gateway, transport: 'modbus-tcp' }] });
  });

  test('gateways of every transport and meters with line addresses come out of a file as they went in', async () => {
    const own = { name: 'Gateway' };
    const called = { registration: 'hex:00ff', registration_on: 'every-packet', heartbeat: 'beat' };
    const gateways = [
      { ...own, code: 'R', transport: 'rtu-dial-in', ...called },
      { ...own, code: 'S', transport: 'serial', path: '/dev/ttyUSB0', baud: 2400, parity: 'even' },
      { ...own, code: 'M', transport: 'mqtt', dialect: 'acrel-v2', serial: 'ANET-1' },
      { ...own, code: 'U', transport: 'acrel-upload', serial: '24010001' },
    ];
    const meters = [
      { serial: 'D1', model: 'dlt645-2007', gateway: 'S', line_address: '210000000042' },
      { serial: 'D2', model: 'dlt645-2007', gateway: 'S', line_address: '210000000042' },
    ];
    const twice = await run({ project, gateways, meters }, true);
    expect(twice.faults).toMatchObject([{ sheet: 'meters', column: 'line_address' }]);
    expect(changed(await run({ project, gateways, meters: meters.slice(0, 1) }))).toBe(5);
    const listed = (await kit.registry.gateways.list('prj_mall', { limit: 10 })).gateways;
    expect(listed.find(({ code }) => code === 'R')?.transport).toEqual({
      kind: 'rtu-dial-in',
      registration: 'hex:00ff',
      registrationOn: 'every-packet',
      heartbeat: 'beat',
    });
    expect(listed.find(({ code }) => code === 'S')?.transport).toEqual({
      kind: 'serial',
      path: '/dev/ttyUSB0',
      baud: 2400,
      parity: 'even',
      stopBits: 1,
    });
    const { bytes } = await kit.registry.exportSite('prj_mall', 'xlsx');
    expect(changed(await run(bytes))).toBe(0);
  });

  test('an exchange made on the screen survives the old file', async () => {
    const tree = await kit.registry.tree.get('prj_mall');
    const id = (code: string): string => tree.points.find((point) => point.code === code)?.id ?? '';
    const meter = await kit.registry.meters.create(
      { principal: systemPrincipal, remoteAddress: 'test' },
      'prj_mall',
      { serial: 'M9' },
    );
    const atMs = Date.parse('2026-02-20T00:00:00Z');
    await kit.registry.mountings.change({ principal: systemPrincipal, remoteAddress: 'test' }, 'prj_mall', {
      action: 'exchange',
      meteringPointId: id('P1'),
      atMs,
      closingReading: { value: 11000, scaler: 1 },
      next: { meterId: meter.id, register: 'e' },
      reason: 'broken display',
    });
    const answer = await run({ ...site, tenants: [] });
    expect(answer.faults).toEqual([]);
    expect(answer.counts.mountings).toEqual({ created: 0, updated: 0, unchanged: 3 });
    const { mountings } = await kit.registry.meteringPoints.get('prj_mall', id('P1'));
    expect(mountings.map(({ meterSerial, toMs }) => [meterSerial, toMs])).toEqual([
      ['M2', Date.parse('2026-01-31T16:00:00Z')],
      ['M1', atMs],
      ['M9', null],
    ]);
  });
});

test.each(['xlsx', 'json'] as const)('the template (%s) is a sound file', async (format) => {
  expect((await run(await writeSiteTemplate(format), true)).faults).toEqual([]);
});

describe('a faulty file', () => {
  const faulty = {
    project: { ...project, code: 'bad', name: 'Bad', slot_minutes: 30 },
    day_profiles: [
      { profile: 'work', from: '00:00', period: 'flat' },
      { profile: 'work', from: '08:15', period: 'peak' },
    ],
    seasons: [
      {
        name: 'y',
        from: '01-01',
        monday: 'work',
        tuesday: 'work',
        wednesday: 'work',
        thursday: 'work',
        friday: 'work',
        saturday: 'rest',
        sunday: 'work',
      },
    ],
    places: [
      { code: 'R', name: 'Room', kind: 'room' },
      { code: 'F', name: 'Floor', kind: 'floor', parent: 'R' },
      { code: 'A1', name: 'A1', kind: 'area', parent: 'A2' },
      { code: 'A2', name: 'A2', kind: 'area', parent: 'A1' },
      { code: 'X', name: 'X', kind: 'cellar' },
    ],
    tenants: [
      { code: 'T', name: 'T', email: 'not an address' },
      { code: 'T2', name: '' },
    ],
    gateways: [
      { code: 'G1', name: 'G1', host: 'h', port: 1 },
      { code: 'G2', name: 'G2', host: 'h', port: 1 },
    ],
    meters: [
      { serial: 'M1', model: 'm', gateway: 'G1', unit_id: 248 },
      { serial: 'M2', model: 'm', gateway: 'G1', unit_id: 5 },
      { serial: 'M3', model: 'm', gateway: 'G1', unit_id: 5 },
      { serial: 'M3' },
      { serial: 'M4', unit_id: 7 },
      { serial: 'M5', gateway: 'nowhere', unit_id: 7 },
    ],
    metering_points: [
      { code: 'P1', name: 'P1', parent: 'P2', meter_serial: 'M2', register: 'e' },
      { code: 'P2', name: 'P2', parent: 'P3', meter_serial: 'M2', register: 'e' },
      { code: 'P3', name: 'P3', parent: 'P1', meter_serial: 'M3' },
      {
        code: 'P4',
        name: 'P4',
        medium: 'water',
        parent: 'P1',
        quantity: 'active-import',
        meter_serial: 'M3',
        register: 'e',
      },
      {
        code: 'P5',
        name: 'P5',
        place: 'X',
        tenant: 'nobody',
        mounted_from: '2026-13-01',
        meter_serial: 'M1',
        register: 'e',
      },
    ],
    mountings: [{ point: 'P1', meter_serial: 'M4', register: 'e', mounted_from: '2026-01-01' }],
    sneaky: [],
  };

  test('lists everything by sheet, row and column, and changes nothing', async () => {
    const answer = await run(faulty, true);
    expect(told(answer).sort()).toEqual(
      [
        'sneaky - -',
        'places 6 kind',
        'tenants 2 email',
        'tenants 3 name',
        'meters 2 unit_id',
        'metering_points 6 mounted_from',
        'day_profiles 3 from',
        'seasons 2 -',
        'places 3 parent',
        'places 4 parent',
        'places 5 parent',
        'gateways 3 host',
        'meters 4 unit_id',
        'meters 5 serial',
        'meters 6 gateway',
        'meters 7 gateway',
        'metering_points 4 register',
        'metering_points 5 parent',
        'metering_points 5 quantity',
        'metering_points 2 parent',
        'mountings 2 meter_serial',
        'metering_points 3 meter_serial',
      ].sort(),
    );
    expect(answer.faultsTotal).toBe(answer.faults.length);
    await run(faulty);
    expect(
      (await kit.parts.database.query(`select p.id from registry.projects p where p.code = 'bad'`)).rows,
    ).toEqual([]);
  });

  test('is refused over HTTP with the faults, and nothing is lost of what was there', async () => {
    const before = await kit.registry.exportSite('prj_mall', 'json');
    const clerk = await kit.person('clerk', [{ projectId: 'prj_mall', role: 'engineer' }]);
    const answer = await clerk.send(
      'POST',
      '/api/projects/import-site',
      JSON.stringify({ project, meters: [{ serial: 'M2', unit_id: 3 }] }),
    );
    expect(answer).toMatchObject({
      status: 422,
      body: { code: 'site-file-faulty', faults: [{ path: 'meters, row 2, gateway' }] },
    });
    expect((await kit.registry.exportSite('prj_mall', 'json')).bytes.equals(before.bytes)).toBe(true);
  });

  test.each([
    ['text', Buffer.from('code;name\n1;2')],
    ['half a spreadsheet', undefined],
    ['an array', Buffer.from('[]')],
    ['nothing', Buffer.alloc(0)],
  ])('%s is no site file', async (_name, bytes) => {
    const given = bytes ?? (await writeSiteTemplate('xlsx')).subarray(0, 2000);
    await expect(run(given)).rejects.toMatchObject({ status: 422, code: 'site-file-unreadable' });
  });

  test('currency and medium of what exists cannot be changed', async () => {
    expect(told(await run({ project: { ...project, currency: 'EUR' } }, true))).toEqual([
      'project 2 currency',
    ]);
    expect(
      told(await run({ project, metering_points: [{ code: 'P0', name: 'Main', medium: 'water' }] }, true)),
    ).toContain('metering_points 2 medium');
  });
});

describe('who may', () => {
  const engineer: Principal = {
    kind: 'staff',
    id: 'stf_x',
    name: 'X',
    rightsByProject: { prj_mall: rights },
  };
  test('the engineer of a project changes it, and makes no other', async () => {
    expect((await run({ project }, true, engineer)).faults).toEqual([]);
    await expect(run({ project: { ...project, code: 'new' } }, true, engineer)).rejects.toMatchObject({
      status: 403,
    });
  });
  test('a project of others is refused in the same words as one that does not exist', async () => {
    await run({ project: { ...project, code: 'other' } });
    const existing = run({ project: { ...project, code: 'other' } }, true, engineer).catch(
      (error: unknown) => error,
    );
    const missing = run({ project: { ...project, code: 'none' } }, true, engineer).catch(
      (error: unknown) => error,
    );
    expect(await existing).toEqual(await missing);
  });
});
