// SPDX-License-Identifier: Apache-2.0
/**
 * Goal: what goes wrong in the field reaches people: from the register of a simulated meter on its socket to a mail and a call of
 * a webhook, once when it begins and once when it ends. Method: the product as a process, a mail server and a receiver of
 * webhooks on sockets; every trouble is made by the simulated field and lifted there, or answered as people would. What only
 * whole days can show: day-alarms.test.ts.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { alarmKinds, flatCalendar } from '@wattledger/contracts';
import type { AlarmSchemeBody } from '@wattledger/contracts/http/alarms';
import type { MeterStates } from '@wattledger/contracts/http/ingest';
import type { SegmentProposals } from '@wattledger/contracts/http/segment-proposals';
import type { Tree } from '@wattledger/contracts/http/registry';
import {
  createSimulatedFleet,
  type FleetFault,
  type MeterSpec,
  type SimulatedFleet,
} from '@wattledger/ingest';
import { startAlarmWatch, watcher, type AlarmWatch } from './alarm-watch.ts';
import { signIn, type Api } from './api.ts';
import { flatProject } from './flat-project.ts';
import { startProduct, type StartedProduct } from './product-process.ts';

let directory: string;
let fleet: SimulatedFleet;
let product: StartedProduct;
let watch: AlarmWatch;
let api: Api;
let project: string;
let tree: Tree;
const endings: (() => Promise<unknown>)[] = [];

const meterOf = (serial: string, gateway: string, unitId: number, modelId: string): MeterSpec => ({
  serial,
  gateway,
  unitId,
  modelId,
  parent: null,
  // 20 kW, day and night.
  load: { kind: 'server-room', dayConsumption: 480_000, seed: unitId },
  registerAtStart: 9_000_000,
});
const meters = [
  meterOf('VOLTS', 'G1', 1, 'eastron-sdm630'),
  meterOf('WRONG', 'G1', 2, 'eastron-sdm630'),
  meterOf('ALONE', 'G1', 3, 'eastron-sdm630'),
  meterOf('HEAVY', 'G1', 4, 'acrel-ddsy1352'),
  meterOf('STUCK', 'G1', 5, 'acrel-dtsy1352'),
  meterOf('STALE', 'G1', 6, 'gavazzi-em340'),
  meterOf('MUTE', 'G1', 7, 'acrel-dtsy1352'),
  meterOf('MONEY', 'G1', 8, 'acrel-dtsy1352'),
  meterOf('CLOCK', 'G1', 9, 'acrel-adl3000'),
  meterOf('RESET', 'G1', 10, 'acrel-dtsy1352'),
  meterOf('GONE', 'G2', 1, 'acrel-dtsy1352'),
];
const switched: ReadonlySet<string> = new Set(['acrel-ddsy1352', 'acrel-dtsy1352']);
const registerOf = (modelId: string): string =>
  switched.has(modelId) ? 'energy.active.total' : 'energy.import.total';

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'wattledger-alarms-'));
  watch = await startAlarmWatch();
  endings.push(() => watch.stop());
  fleet = createSimulatedFleet({
    seed: 5,
    directory: null,
    historyDays: 1,
    clock: { nowMs: () => Date.now() },
    timeScale: 60,
    sites: [{ code: 'S', zone: 'UTC', calendar: flatCalendar, gateways: ['G1', 'G2'], meters }],
  });
  await fleet.start();
  endings.push(() => fleet.stop());
  // Clocks are looked at when a meter is read for the first time, then once a day.
  strike('CLOCK', { kind: 'clock-drift', driftMs: 600_000 });
  product = await startProduct(join(directory, 'data'), ['--empty'], {
    ...watch.environment,
    NODE_OPTIONS: `${process.env['NODE_OPTIONS'] ?? ''} --import=${pathToFileURL(join(import.meta.dirname, 'clock-ahead.ts')).href}`,
    ACREL_UPLOAD_PORT: 'off',
    DIAL_IN_PORT: 'off',
  });
  endings.push(() => product.stop());
  const password = /as admin with password (\S+)/.exec(product.output())?.[1] ?? '';
  api = await signIn(() => product.url, 'admin', password);
  await makeSite();
}, 180_000);
afterAll(async () => {
  for (const end of endings.reverse()) await end();
  await rm(directory, { recursive: true, force: true });
}, 60_000);

async function makeSite(): Promise<void> {
  const { projectId } = await api.post<{ projectId: string }>(
    '/api/projects/import-site',
    JSON.stringify({
      ...flatProject({ code: 'alarms', name: 'Alarms', pollIntervalSeconds: 2 }),
      tenants: [
        { code: 'T', name: 'Tenant', class: 'shop' },
        { code: 'H', name: 'Heavy', class: 'smelter' },
      ],
      gateways: ['G1', 'G2'].map((code) => ({
        code,
        name: code,
        host: '127.0.0.1',
        port: fleet.portOf('S', code),
        timeout_ms: 300,
      })),
      meters: meters.map(({ serial, modelId, gateway, unitId }) => ({
        serial,
        model: modelId,
        gateway,
        unit_id: unitId,
        switchable: switched.has(modelId) ? 'yes' : 'no',
      })),
      metering_points: meters.map(({ serial, modelId }) => ({
        code: serial,
        name: serial,
        medium: 'electricity',
        role: 'sub',
        ...(serial === 'MONEY' ? { tenant: 'T', sub_item: 'tenant' } : {}),
        ...(serial === 'HEAVY' ? { tenant: 'H', sub_item: 'tenant' } : {}),
        meter_serial: serial,
        register: registerOf(modelId),
      })),
    }),
  );
  project = `/api/projects/${projectId}`;
  const person = { login: 'second', name: 'Second', roles: [{ projectId: '*', role: 'administrator' }] };
  const { initialPassword } = await api.post<{ initialPassword: string }>('/api/staff', person);
  const second = await signIn(() => product.url, 'second', initialPassword);
  const scheme = { name: 'Dear', medium: 'electricity' };
  const { priceSchemeId } = await api.post<{ priceSchemeId: string }>(`${project}/price-schemes`, scheme);
  const versions = `${project}/price-schemes/${priceSchemeId}/versions`;
  const beginMs = Math.floor(Date.now() / 900_000) * 900_000;
  const { priceVersionId } = await api.post<{ priceVersionId: string }>(versions, {
    effectiveFromMs: beginMs - 86_400_000,
    rates: { flat: 100_000_000 },
  });
  await api.post(`${versions}/${priceVersionId}/submit`, {});
  await second.post(`${versions}/${priceVersionId}/approve`, {});
  await api.post(`${project}/alarm-schemes`, schemeBody());
  tree = await api.get<Tree>(`${project}/tree`);
  for (const { id } of tree.meters) await watch.until(`a reading of ${id}`, () => isRead(id));
  await api.post(
    `${project}/accounts`,
    {
      tenantId: tree.tenants.find(({ code }) => code === 'T')?.id,
      points: [{ meteringPointId: pointOf('MONEY'), priceSchemeId }],
      openedAtMs: beginMs,
      alarm1Micros: 50_000_000,
      alarm2Micros: 20_000_000,
      firstVend: { amountMicros: 60_000_000, means: 'cash' },
    },
    'open-the-account',
  );
}

/** Limits of power and of a day hold for the class that has them. */
function schemeBody(tenantClass: string | null = null, powerW = 0, dayWh = 0): AlarmSchemeBody {
  const thresholds = {
    overload: { powerW },
    'over-consumption': { dayWh },
    'stale-reading': { intervals: 2 },
  };
  return watch.schemeBody({ tenantClass, kinds: alarmKinds, thresholds });
}

const meterId = (serial: string): string => tree.meters.find((meter) => meter.serial === serial)?.id ?? '';
const pointOf = (code: string): string => tree.points.find((point) => point.code === code)?.id ?? '';
async function isRead(id: string): Promise<boolean> {
  const { meters: states } = await api.get<MeterStates>(`${project}/meter-states`);
  return states.find((state) => state.meterId === id)?.online === true;
}

/** The product's clock, a quarter of an hour further. */
const setAhead = (): void => void process.kill(product.pid, 'SIGUSR2');
/** Two more polls of the meter whose counters are not available. */
async function polledAgain(): Promise<void> {
  const polls = async (): Promise<number> => {
    const { meters: states } = await api.get<MeterStates>(`${project}/meter-states`);
    return states.find((state) => state.serial === 'STALE')?.polls ?? 0;
  };
  const before = await polls();
  await watch.until('two polls', async () => (await polls()) >= before + 2);
}

async function order(serial: string, action: string, key: string): Promise<void> {
  await api.post(`${project}/meters/${meterId(serial)}/control`, { action, reason: 'trial of alarms' }, key);
}
const strike = (serial: string, fault: FleetFault): (() => void) => {
  const meter = meters.find((one) => one.serial === serial);
  return fleet.setFault({ site: 'S', gateway: meter?.gateway ?? '', unitId: meter?.unitId ?? 0 }, fault);
};

test('faults of meters and gateways: begun and ended on the socket, told once each', async () => {
  const lifts = [
    strike('VOLTS', { kind: 'phase-lost', phase: 2 }),
    strike('WRONG', { kind: 'phase-reversed', phase: 1 }),
    strike('ALONE', { kind: 'phase-alone', phase: 3 }),
    strike('MUTE', { kind: 'silent' }),
    fleet.setFault({ site: 'S', gateway: 'G2' }, { kind: 'no-connection' }),
  ];
  const kinds = [
    'voltage-loss',
    'reverse-flow',
    'phase-imbalance',
    'meter-offline',
    'gateway-offline',
  ] as const;
  for (const kind of kinds) await watch.toldOf(kind, 'opened');
  for (const lift of lifts) lift();
  for (const kind of kinds) await watch.toldOf(kind, 'cleared');
}, 300_000);

test('a clock that is ten minutes off, until it is set; a register that began anew, until somebody says so', async () => {
  await watch.toldOf('clock-drift', 'opened');
  const setting = { kind: 'clock', byteOrderConfirmed: true };
  const order = { action: 'setting', setting, reason: 'trial of alarms' };
  await api.post(`${project}/meters/${meterId('CLOCK')}/control`, order, 'set-the-clock');
  await watch.toldOf('clock-drift', 'cleared');

  await fleet.setRegister('S', 'RESET', 0);
  await watch.toldOf('reading-held', 'opened');
  const { proposals } = await api.get<SegmentProposals>(`${project}/segment-proposals`);
  const restart = proposals[0]?.explanations.find(({ kind }) => kind === 'restart');
  await api.post(`${project}/mountings`, { ...restart?.request, reason: 'trial of alarms' });
  await watch.toldOf('reading-held', 'cleared');
}, 300_000);

test('over-consumption of a day ends with its limit; overload ends when the supply is switched off; a relay that does not obey, when it does', async () => {
  const schemes = `${project}/alarm-schemes`;
  const { id } = await api.post<{ id: string }>(schemes, schemeBody('smelter', 5_000, 10_000));
  await watch.toldOf('overload', 'opened');
  await watch.toldOf('over-consumption', 'opened');
  await api.put(`${schemes}/${id}`, schemeBody('smelter', 5_000));
  await watch.toldOf('over-consumption', 'cleared');
  const lift = strike('STUCK', { kind: 'stuck-relay' });
  await order('STUCK', 'disconnect', 'disconnect-the-stuck');
  await watch.toldOf('relay-not-obeying', 'opened');
  lift();
  await order('STUCK', 'disconnect', 'disconnect-it-again');
  await watch.toldOf('relay-not-obeying', 'cleared');
  await order('HEAVY', 'disconnect', 'shed-the-heavy-load');
  await watch.toldOf('overload', 'cleared');
}, 300_000);

test('money that runs low, then out, and is paid', async () => {
  const kinds = ['low-balance-1', 'low-balance-2', 'arrears'] as const;
  for (const kind of kinds) await watch.toldOf(kind, 'opened');
  const { accounts } = await api.get<{ accounts: { accountId: string }[] }>(`${project}/accounts`);
  const vend = { amountMicros: 900_000_000_000, means: 'cash' };
  await api.post(`${project}/accounts/${accounts[0]?.accountId ?? ''}/vends`, vend, 'pay-what-is-owed');
  for (const kind of kinds) await watch.toldOf(kind, 'cleared');
}, 300_000);

test('counters that are not available while the meter answers: stale after an interval', async () => {
  const lift = strike('STALE', { kind: 'not-available' });
  await polledAgain();
  // Three slots without a reading, and then another poll that brings none; the others go on and are less than one behind.
  for (let slots = 0; slots < 3; slots += 1) setAhead();
  await polledAgain();
  setAhead();
  await watch.toldOf('stale-reading', 'opened');
  lift();
  await watch.toldOf('stale-reading', 'cleared');
  const subjects = watch
    .told()
    .flatMap(({ kind, subjectId }) => (kind === 'stale-reading' ? [subjectId] : []));
  expect(new Set(subjects)).toEqual(new Set([meterId('STALE')]));
}, 300_000);

test('each was told once when it began and once when it ended, by mail and webhook alike', async () => {
  const all = watch.told().map(({ event, kind, subjectId }) => `${kind} ${subjectId} ${event}`);
  expect(all.filter((one, index) => all.indexOf(one) !== index)).toEqual([]);
  const opened = all.filter((one) => one.endsWith(' opened')).map((one) => one.replace(' opened', ''));
  const cleared = all.filter((one) => one.endsWith(' cleared')).map((one) => one.replace(' cleared', ''));
  expect(cleared.sort()).toEqual(opened.sort());
  const mails = await watch.mails();
  const subjects = watch.told().map(({ subject }) => subject);
  expect(mails.map(({ subject }) => subject).sort()).toEqual(subjects.sort());
  expect(new Set(mails.flatMap(({ to }) => to))).toEqual(new Set([watcher]));
}, 180_000);
