// SPDX-License-Identifier: Apache-2.0
/**
 * Goal: gateways that speak over MQTT, in any of the three languages, lose no reading, cannot speak for one another, and
 * are believed about their relays only when they show them. Method: real brokers, real clients, real stores.
 */
import { afterEach, expect, test } from '@jest/globals';
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { createHash } from 'node:crypto';
import { Aedes } from 'aedes';
import { DateTime } from 'luxon';
import type { GatewayStates } from '@wattledger/contracts/http/ingest';
import { callsOf, claim, readingsOf, startCallersField } from '../callers/callers-fixture.ts';
import { gatewayIdOf, projectId, until, type IngestField } from '../collector/ingest-fixture.ts';
import { SimulatedMqttGateway, type MqttGatewayOptions } from '../simulated-callers/mqtt-gateway.ts';
import { present } from '../testing/present.ts';
import { connectToBroker } from './broker-client.ts';
import type { MqttOptions } from './mqtt-ports.ts';

const zone = 'Asia/Shanghai';
const secret = 'a shared secret';
let field: IngestField;
const gateways: SimulatedMqttGateway[] = [];
const endings: (() => Promise<void>)[] = [];

afterEach(async () => {
  await Promise.all(gateways.splice(0).map(async (gateway) => await gateway.stop()));
  await field.stop();
  for (const end of endings.splice(0)) await end();
});

async function begin(name: string, mqtt: MqttOptions = {}): Promise<void> {
  const broker = {
    host: '127.0.0.1',
    port: 0,
    sharedSecret: secret,
    ownPasswords: `OWN:${createHash('sha256').update('its own').digest('hex')}`,
    tls: null,
  };
  field = await startCallersField(name, { defaultZone: zone, mqtt: { broker, ...mqtt } });
}
function gatewayOf(serial: string, given: Partial<MqttGatewayOptions> = {}): SimulatedMqttGateway {
  const gateway = new SimulatedMqttGateway({
    url: `mqtt://127.0.0.1:${present(field.service.callerPorts().mqtt)}`,
    serial,
    password: secret,
    subscribe: [],
    heard: () => undefined,
    ...given,
  });
  gateways.push(gateway);
  return gateway;
}
const localText = (ms: number): string => DateTime.fromMillis(ms, { zone }).toFormat('yyyyMMddHHmmss');
const nowSeconds = (): number => Math.floor(Date.now() / 1000) * 1000;
const outcomeOf = async (): Promise<unknown> =>
  await until('the command ends', async () => (await field.outcomes()).at(-1));
async function gatewayState(code: string): Promise<GatewayStates['gateways'][number] | undefined> {
  const { body } = await field.http.send('GET', `/api/projects/${projectId}/gateway-states`);
  return (body as GatewayStates).gateways.find(({ gatewayId }) => gatewayId === gatewayIdOf(code));
}

test('acrel-v1: login, time, meters seen, readings of each, history, a meter that is missing', async () => {
  await begin('mqtt_v1');
  const heard: (readonly [string, unknown])[] = [];
  const gateway = gatewayOf('G1', {
    subscribe: ['/server/acrelHW/+/+/G1'],
    heard: (topic, message) => heard.push([topic, message]),
  });
  await gateway.connect();
  const up = (command: string): string => `/gw/acrelHW/AWT100/${command}/G1`;
  const data = (ms: number, meterSN: string, wh: unknown, more: object = {}): object => ({
    type: 'data',
    time: localText(ms),
    gwSN: 'G1',
    meterSN,
    meterName: 'DDSY1352',
    meterStatus: 'normal',
    ch: 1,
    ua: 230.1,
    p: 1.198,
    pt: 1,
    ct: 1,
    wh,
    ...more,
  });
  await gateway.say(up('login'), { type: 'login', gwSN: 'G1', ver: '1.02', rssi: 20, ccid: '8986' });
  await gateway.say(up('time'), { type: 'time', gwSN: 'G1' });
  const now = nowSeconds();
  await gateway.say(up('data'), data(now, 'M1', 1));
  await until('it is answered', () => heard.length === 2);
  expect(heard[0]).toEqual(['/server/acrelHW/AWT100/login/G1', { type: 'login', res: 1 }]);
  expect(heard[1]?.[1]).toMatchObject({ type: 'time', time: expect.stringMatching(/^20\d{12}$/) as unknown });
  const call = await until('the call is told', async () => (await callsOf(field, 'G1'))[0]);
  expect(call).toMatchObject({
    via: 'mqtt',
    dialect: 'acrel-v1',
    productKey: 'AWT100',
    firmware: '1.02',
    signalDbm: -73,
    simId: '8986',
    remoteAddress: expect.stringContaining('127.0.0.1') as unknown,
  });

  const transport = { kind: 'mqtt', dialect: 'acrel-v1', productKey: 'AWT100', serial: 'G1' } as const;
  await claim(field, 'G1', transport, [
    { serial: 'M1', modelId: 'acrel-ddsy1352', lineAddress: 'M1' },
    { serial: 'M2', modelId: 'acrel-dtsy1352', lineAddress: 'M2' },
  ]);
  await gateway.say(up('data'), data(now, 'M1', 1234.56));
  await gateway.say(up('data'), data(now, 'M2', '99999999.99'));
  await gateway.say(up('hstdata'), data(now - 3_600_000, 'M1', 1233.1));
  await gateway.say(up('hstdata'), data(now - 7_200_000, 'M1', 1232));
  await gateway.say(up('hstdata'), data(now - 3_600_000, 'M1', 1233.1));
  await gateway.say(up('data'), data(now, 'M9', 5));
  expect(await readingsOf(field, 'M1')).toEqual([
    { instantMs: now, value: 123_456, source: 'push' },
    { instantMs: now - 3_600_000, value: 123_310, source: 'back-fill' },
    { instantMs: now - 7_200_000, value: 123_200, source: 'back-fill' },
    { instantMs: now - 3_600_000, value: 123_310, source: 'back-fill' },
  ]);
  expect(await readingsOf(field, 'M2')).toEqual([{ instantMs: now, value: 9_999_999_999, source: 'push' }]);
  await until('the unregistered meter is shown', async () =>
    /"M9" .*not registered/.test((await gatewayState('G1'))?.lastFault?.text ?? ''),
  );
  await gateway.say(up('data'), data(now, 'M2', 0, { meterStatus: 'missing' }));
  await until('the missing meter is offline', async () =>
    (await field.states()).meters.some(({ serial, online }) => serial === 'M2' && online === false),
  );
}, 120_000);

test('acrel-v2: the topology is asked for; a command is done when SwitchSta shows it, not when it is accepted', async () => {
  await begin('mqtt_v2');
  let obeys = true;
  let relay = 1;
  const heard: Readonly<Record<string, unknown>>[] = [];
  const tell = async (): Promise<void> =>
    await gateway.say('data/up/PK/G2', {
      sn: 'G2',
      method: 'update',
      msgid: '7',
      timestamp: nowSeconds(),
      addr: '3_1',
      reported: { state: 1, Ua: 230.1, P: 0.5, PF: 0.99, EPI: 12.34, Balance: 5, SwitchSta: relay },
    });
  const gateway = gatewayOf('G2', {
    subscribe: ['sys/server/PK/G2', 'indicate/server/PK/G2'],
    heard: (topic, message) => {
      heard.push(message);
      if (message['method'] === 'call_topo') {
        void gateway.say('sys/dev/PK/G2', {
          method: 'call_topo',
          msgid: message['msgid'],
          payload: [{ addr: '3_1', meteraddr: 1, portid: 3, meterName: 'ADL300-EY', sn: 'M3' }],
        });
      }
      if (!topic.startsWith('indicate/')) return;
      const { method, ForceSwitch } = message['payload'] as Readonly<Record<string, unknown>>;
      if (method === 'FORCESWITCH' && obeys) relay = ForceSwitch as number;
      const { msgid } = message;
      void gateway.say('indicate/dev/PK/G2', { msgid, method: 'operate', sn: 'G2', res: 1 });
      if (method === 'REFRESH') void tell();
    },
  });
  await gateway.connect();
  const login = { upInterval: 15, devname: 'awt100_4g', softversion: '2.1', ccid: '8986', network: 0 };
  await gateway.say('sys/dev/PK/G2', { method: 'login', msgid: '1', sn: 'G2', timestamp: 1, payload: login });
  await until('the login is answered', () =>
    heard.some(({ method, res }) => method === 'login' && res === 1),
  );
  const call = await until('the topology is told', async () =>
    (await callsOf(field, 'G2')).find(({ topology }) => topology.length > 0),
  );
  expect(call).toMatchObject({
    dialect: 'acrel-v2',
    productKey: 'PK',
    modelName: 'awt100_4g',
    modelId: null,
    uploadIntervalMinutes: 15,
    topology: [
      { serial: 'M3', lineAddress: '3_1', unitId: null, modelName: 'ADL300-EY', modelId: 'acrel-dtsy1352' },
    ],
  });
  const transport = { kind: 'mqtt', dialect: 'acrel-v2', productKey: 'PK', serial: 'G2' } as const;
  await claim(field, 'G2', transport, [{ serial: 'M3', modelId: 'acrel-dtsy1352', lineAddress: '3_1' }]);
  await tell();
  expect((await readingsOf(field, 'M3')).map(({ value }) => value)).toEqual([1_234]);
  expect((await field.states()).meters[0]).toMatchObject({
    relay: 'closed',
    online: true,
    parameters: { 'voltage.l1': 230.1, 'power.active.total': 500, 'pf.total': 0.99 },
  });

  await field.command({ commandId: 'cmd_1', serial: 'M3', action: 'disconnect' });
  expect(await outcomeOf()).toMatchObject({ outcome: 'confirmed', reportedRelay: 'open' });
  obeys = false;
  await field.command({ commandId: 'cmd_2', serial: 'M3', action: 'connect' });
  await until('the second command ends', async () => (await field.outcomes()).length === 2);
  expect(await outcomeOf()).toMatchObject({ commandId: 'cmd_2', outcome: 'failed', reportedRelay: 'open' });
}, 120_000);

test('our own topics: hello, readings in counts and decimals, commands with what was read back', async () => {
  await begin('mqtt_own');
  const base = 'wattledger/v1/OWN';
  const at = nowSeconds();
  const gateway = gatewayOf('OWN', {
    password: 'its own',
    subscribe: [`${base}/command`],
    heard: (topic, message) => {
      if (topic !== `${base}/command`) return;
      const { commandId, action } = message;
      if (action === 'read-now')
        void gateway.say(`${base}/readings`, { readings: [{ meter: 'A', registers: [{ value: '2.5' }] }] });
      else
        void gateway.say(`${base}/outcome`, {
          commandId,
          result: 'done',
          relay: action === 'connect' ? 'closed' : 'open',
        });
    },
  });
  await gateway.connect();
  await gateway.say(`${base}/hello`, {
    model: 'home-made',
    meters: [{ meter: 'A', serial: 'MA', model: 'SDM120' }],
  });
  const call = await until('the call is told', async () => (await callsOf(field, 'OWN'))[0]);
  expect(call.topology).toEqual([
    { serial: 'MA', lineAddress: 'A', unitId: null, modelName: 'SDM120', modelId: 'eastron-sdm120' },
  ]);
  const transport = { kind: 'mqtt', dialect: 'wattledger', productKey: null, serial: 'OWN' } as const;
  await claim(field, 'OWN', transport, [{ serial: 'MA', modelId: 'acrel-ddsy1352', lineAddress: 'A' }]);
  await gateway.say(`${base}/readings`, {
    readings: [
      {
        meter: 'A',
        at: new Date(at).toISOString(),
        registers: [
          { register: 'energy.active.total', count: 250, scaler: 1 },
          { register: 'energy.active.nonsense', count: 1, scaler: 1 },
        ],
        parameters: { 'voltage.l1': 229.9 },
        relay: 'closed',
      },
    ],
  });
  expect(await readingsOf(field, 'MA')).toEqual([{ instantMs: at, value: 250, source: 'push' }]);
  await gateway.say(`${base}/readings`, 'not JSON');
  await gateway.say(`${base}/hello`, { model: 'no\0store keeps it' });
  await gateway.say(`${base}/readings`, { readings: [{ registers: 'none' }] });
  await field.command({ commandId: 'cmd_1', serial: 'MA', action: 'disconnect' });
  expect(await outcomeOf()).toMatchObject({ outcome: 'confirmed', reportedRelay: 'open' });
  await field.command({ commandId: 'cmd_2', serial: 'MA', kind: 'read-now' });
  await until('the reading is asked for', async () => (await field.outcomes()).length === 2);
  expect(await outcomeOf()).toMatchObject({ commandId: 'cmd_2', outcome: 'confirmed' });
}, 120_000);

test('who has no password is not let in; who is in speaks and hears only for itself', async () => {
  await begin('mqtt_access');
  await expect(gatewayOf('G1', { password: 'wrong' }).connect()).rejects.toThrow();
  await expect(gatewayOf('OWN', { password: secret }).connect()).rejects.toThrow();
  const gateway = gatewayOf('G1');
  await gateway.connect();
  for (const filter of [
    '#',
    'wattledger/v1/G2/command',
    'sys/server/PK/+',
    '/server/acrelHW/+/+/G2',
    'sys/dev/PK/G1',
  ]) {
    await expect(gateway.client.subscribeAsync(filter, { qos: 1 })).rejects.toThrow();
  }
  let closed = 0;
  gateway.client.on('close', () => (closed += 1));
  gateway.client.publish('wattledger/v1/G2/hello', '{"model":"x"}', { qos: 1 });
  await until('it is sent away', () => closed > 0);
  expect(await callsOf(field, 'G2')).toEqual([]);
}, 120_000);

test('with a certificate the broker speaks TLS and nothing else', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'mqtt-tls-'));
  endings.push(async () => await rm(directory, { recursive: true }));
  const [key, cert] = [join(directory, 'key.pem'), join(directory, 'cert.pem')];
  const subject = ['-subj', '/CN=localhost', '-days', '2', '-keyout', key, '-out', cert];
  await promisify(execFile)('openssl', ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', ...subject]);
  const tls = { cert: await readFile(cert, 'utf8'), key: await readFile(key, 'utf8') };
  const broker = { host: '127.0.0.1', port: 0, sharedSecret: secret, ownPasswords: '', tls };
  field = await startCallersField('mqtt_tls', { mqtt: { broker } });
  const port = present(field.service.callerPorts().mqtt);
  const gateway = gatewayOf('G1', { url: `mqtts://127.0.0.1:${port}` });
  await gateway.connect();
  await gateway.say('wattledger/v1/G1/hello', { model: 'DTSY1352', kind: 'meter' });
  const plain = gatewayOf('G2', { url: `mqtt://127.0.0.1:${port}` });
  let closed = 0;
  plain.client.on('close', () => (closed += 1));
  plain.client.connect();
  await until('without TLS it is sent away', () => closed > 0);
  const call = await until('the call is told', async () => (await callsOf(field, 'G1'))[0]);
  expect(call).toMatchObject({ kind: 'meter', modelId: 'acrel-dtsy1352' });
}, 120_000);

test('a packet larger than is taken ends the connection', async () => {
  await begin('mqtt_large');
  const gateway = gatewayOf('G1');
  await gateway.connect();
  let closed = 0;
  gateway.client.on('close', () => (closed += 1));
  gateway.client.publish('wattledger/v1/G1/hello', 'x'.repeat(100_000), { qos: 0 });
  await until('it is sent away', () => closed > 0);
}, 120_000);

test("somebody else's broker: what was said while we were away comes, many at once, each acknowledged when stored", async () => {
  const aedes = new Aedes();
  await aedes.listen();
  const server = createServer((socket) => void aedes.handle(socket));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', () => resolve()));
  endings.push(async () => {
    await new Promise<void>((resolve) => aedes.close(() => resolve()));
    server.close();
  });
  const address = server.address();
  const url = `mqtt://127.0.0.1:${typeof address === 'object' ? (address?.port ?? 0) : 0}`;
  await begin('mqtt_client', { client: { url, clientId: 'wattledger-test' } });
  const transport = { kind: 'mqtt', dialect: 'wattledger', productKey: null, serial: 'G5' } as const;
  await claim(field, 'G5', transport, [{ serial: 'G5', modelId: 'acrel-ddsy1352', unitId: 1 }]);
  await until('we listen', () => aedes.connectedClients === 1);
  const gateway = gatewayOf('G5', { url });
  await gateway.connect();
  const now = nowSeconds();
  const say = async (count: number): Promise<void> =>
    await gateway.say('wattledger/v1/G5/readings', {
      readings: [{ at: now - 1000 * count, registers: [{ register: null, value: count }] }],
    });
  await until('our subscription stands', async () => {
    await say(0);
    return (await readingsOf(field, 'G5')).length > 0;
  });
  await field.service.stop();
  for (let count = 1; count <= 100; count += 1) await say(count);
  await field.restart();
  await until('everything is there', async () => {
    const values = new Set((await readingsOf(field, 'G5')).map(({ value }) => value));
    return values.size === 101;
  });
}, 120_000);

test('a client that is stopped while its broker does not answer never calls again', async () => {
  let calls = 0;
  const hungUp: Promise<void>[] = [];
  const silent = createServer((socket) => {
    calls += 1;
    hungUp.push(new Promise((resolve) => socket.once('close', () => resolve())));
    socket.on('error', () => undefined).resume();
  });
  await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', () => resolve()));
  endings.push(async () => await new Promise<void>((resolve) => silent.close(() => resolve())));
  const address = silent.address();
  const url = `mqtt://127.0.0.1:${typeof address === 'object' ? (address?.port ?? 0) : 0}`;
  await begin('mqtt_stopped');
  const options = { url, clientId: 'wattledger-stopped', retryMs: 10 };
  const bus = connectToBroker(field.parts, options, async () => await Promise.resolve());
  await until('it has called', () => calls > 0);
  await bus.stop();
  await Promise.all(hungUp);
  const before = calls;
  // Twenty times the pause after which it would.
  await sleep(200);
  expect(calls).toBe(before);
}, 120_000);
