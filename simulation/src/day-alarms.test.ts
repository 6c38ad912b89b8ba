// SPDX-License-Identifier: Apache-2.0
/**
 * Goal: what only whole days can show reaches people too: energy that does not add up between a meter and the one beneath it,
 * and a meter that stands still though it moves every day; told once when it begins and once when it ends. Method: the product
 * as a process; a gateway over MQTT that was cut off sends twelve days of hours from its memory, in two parts: what it sends
 * first ends in the midst of the trouble, what it sends then brings it to an end.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { MeterStates } from '@wattledger/contracts/http/ingest';
import type { Tree } from '@wattledger/contracts/http/registry';
import { SimulatedMqttGateway } from '@wattledger/ingest';
import { startAlarmWatch, watcher, type AlarmWatch } from './alarm-watch.ts';
import { signIn, type Api } from './api.ts';
import { freePort } from './free-port.ts';
import { startProduct } from './product-process.ts';

const secret = 'a shared secret of the test';
const gatewaySerial = '22081700450010';
const productKey = 'AWT100';
const meters = ['HOUSE', 'SHOP', 'PUMP'] as const;
const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
const todayMs = Math.floor(Date.now() / dayMs) * dayMs;
/** Seven days must be known before anybody can say what is usual, and those of the standstill are none of them. */
const beginMs = todayMs - 12 * dayMs;
/** A whole day on which a third of what the shop takes is lost on the way to it. */
const lossFromMs = todayMs - 2 * dayMs;
const lossToMs = todayMs - dayMs;
/** The pump stands still for 28 hours. */
const standsFromMs = todayMs - 30 * hourMs;
const standsToMs = todayMs - 2 * hourMs;

let directory: string;
let watch: AlarmWatch;
let gateway: SimulatedMqttGateway;
let api: Api;
let project: string;
let tree: Tree;
const endings: (() => Promise<unknown>)[] = [];
/** Counts of 0.01 kWh. */
const counts = { HOUSE: 500_000, SHOP: 300_000, PUMP: 100_000 };
let nextMs = beginMs;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'wattledger-day-alarms-'));
  watch = await startAlarmWatch();
  endings.push(() => watch.stop());
  const mqttPort = await freePort();
  const product = await startProduct(join(directory, 'data'), ['--empty'], {
    ...watch.environment,
    ACREL_UPLOAD_PORT: 'off',
    DIAL_IN_PORT: 'off',
    MQTT_PORT: String(mqttPort),
    MQTT_SECRET: secret,
  });
  endings.push(() => product.stop());
  const password = /as admin with password (\S+)/.exec(product.output())?.[1] ?? '';
  api = await signIn(() => product.url, 'admin', password);
  await makeSite();
  // What a gateway sends that nobody knows yet is not kept.
  await watch.until('meters that are known', async () => {
    const { meters: states } = await api.get<MeterStates>(`${project}/meter-states`);
    return states.length === meters.length;
  });
  gateway = new SimulatedMqttGateway({
    url: `mqtt://127.0.0.1:${String(mqttPort)}`,
    serial: gatewaySerial,
    password: secret,
    subscribe: [],
    heard: () => undefined,
  });
  await gateway.connect();
  endings.push(() => gateway.stop());
}, 180_000);
afterAll(async () => {
  for (const end of endings.reverse()) await end();
  await rm(directory, { recursive: true, force: true });
}, 60_000);

async function makeSite(): Promise<void> {
  const weekday = Object.fromEntries(
    ['monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday', 'sunday'].map((day) => [day, 'all']),
  );
  const { projectId } = await api.post<{ projectId: string }>('/api/projects/import-site', {
    project: {
      ...{ code: 'days', name: 'Days', zone: 'UTC', currency: 'EUR', slot_minutes: 60 },
      ...{ calendar_id: 'flat', calendar_name: 'Flat' },
    },
    day_profiles: [{ profile: 'all', from: '00:00', period: 'flat' }],
    seasons: [{ name: 'year', from: '01-01', ...weekday }],
    gateways: [
      {
        ...{ code: 'G', name: 'Gateway', transport: 'mqtt', dialect: 'acrel-v1' },
        ...{ serial: gatewaySerial, product_key: productKey },
      },
    ],
    meters: meters.map((serial) => ({
      ...{ serial, model: 'acrel-dtsy1352', gateway: 'G', line_address: serial },
    })),
    metering_points: meters.map((serial) => ({
      ...{ code: serial, name: serial, role: serial === 'HOUSE' ? 'main' : 'sub' },
      ...{ meter_serial: serial, register: 'energy.active.total' },
      ...(serial === 'SHOP' ? { parent: 'HOUSE' } : {}),
    })),
  });
  project = `/api/projects/${projectId}`;
  tree = await api.get<Tree>(`${project}/tree`);
  const kinds = ['energy-not-closing', 'abnormal-consumption'] as const;
  await api.post(`${project}/alarm-schemes`, watch.schemeBody({ tenantClass: null, kinds, thresholds: {} }));
}

const pointOf = (code: string): string => tree.points.find((point) => point.code === code)?.id ?? '';

/** What its meters showed at the hours from the one that is next to this one, a message a day. */
async function sendUntil(untilMs: number): Promise<void> {
  while (nextMs <= untilMs) {
    const data = [];
    for (; nextMs <= untilMs && data.length < 24 * meters.length; nextMs += hourMs) {
      const time = new Date(nextMs).toISOString().replaceAll(/\D/g, '').slice(0, 14);
      for (const meterSN of meters)
        data.push({ meterSN, meterStatus: 'normal', time, wh: (counts[meterSN] / 100).toFixed(2) });
      passHour(nextMs);
    }
    await gateway.say(`/gw/acrelHW/${productKey}/hstdata/${gatewaySerial}`, {
      ...{ type: 'data', gwSN: gatewaySerial, data },
    });
  }
}
/** The hour that begins: 20 kWh for the shop, 2 % more at the house, which its wires take. */
function passHour(hourFromMs: number): void {
  const isLost = hourFromMs >= lossFromMs && hourFromMs < lossToMs;
  counts.SHOP += 2_000;
  counts.HOUSE += isLost ? 2_700 : 2_040;
  if (hourFromMs < standsFromMs || hourFromMs >= standsToMs) counts.PUMP += 500;
}

const toldSoFar = (): readonly string[] =>
  watch
    .told()
    .map(({ kind, subjectId, event }) => `${kind} ${subjectId} ${event}`)
    .sort();

test('a day that does not close and a meter that stands still, each told once, and once when it is over', async () => {
  await sendUntil(standsToMs);
  await watch.toldOf('energy-not-closing', 'opened');
  await watch.toldOf('abnormal-consumption', 'opened');
  const opened = [
    `abnormal-consumption ${pointOf('PUMP')} opened`,
    `energy-not-closing ${pointOf('HOUSE')} opened`,
  ];
  expect(toldSoFar()).toEqual(opened);

  await sendUntil(Math.floor(Date.now() / hourMs) * hourMs);
  await watch.toldOf('energy-not-closing', 'cleared');
  await watch.toldOf('abnormal-consumption', 'cleared');
  const cleared = opened.map((one) => one.replace('opened', 'cleared'));
  expect(toldSoFar()).toEqual([...opened, ...cleared].sort());

  const mails = await watch.mails();
  const subjects = watch.told().map(({ subject }) => subject);
  expect(mails.map(({ subject }) => subject).sort()).toEqual([...subjects].sort());
  expect(new Set(mails.flatMap(({ to }) => to))).toEqual(new Set([watcher]));
}, 300_000);
