// SPDX-License-Identifier: Apache-2.0
/**
 * Goal: a meter that calls in by itself is known before anybody claimed it, and from the claim on loses no reading,
 * whatever the line does. Method: real sockets and stores, a simulated meter that keeps what is not acknowledged.
 */
import { Socket } from 'node:net';
import { afterEach, expect, test } from '@jest/globals';
import { zoneClock } from '../import-readings/zone-clock.ts';
import { callsOf, claim, readingsOf, startCallersField } from '../callers/callers-fixture.ts';
import { gatewayIdOf, idOf, projectId, until, type IngestField } from '../collector/ingest-fixture.ts';
import { present } from '../testing/present.ts';
import { SimulatedUploadMeter } from '../simulated-callers/upload-meter.ts';
import type { SummaryImage } from '../simulated-callers/summary-image.ts';
import type { GatewayStates } from '@wattledger/contracts/http/ingest';
import { readTime } from './upload-bodies.ts';

const serial = '24101500230017';
const zone = 'Asia/Shanghai';
const minute = 60_000;
let field: IngestField;
let meter: SimulatedUploadMeter;

afterEach(async () => {
  meter.disconnect();
  await field.stop();
});

/** What the meter shows at an instant: whole seconds, for its clock has no others. */
function imageAt(instantMs: number, total: number): SummaryImage {
  return {
    modelCode: 7,
    phases: 1,
    counts: [total, 0, total, 0, 0],
    volts: 230.1,
    amperes: 5.23,
    kilowatts: 1.198,
    balance: 0,
    closed: true,
    localMs: zoneClock(zone).localMsOf(instantMs),
  };
}
const nowSeconds = (): number => Math.floor(Date.now() / 1000) * 1000;

async function begin(name: string, pollIntervalSeconds?: number): Promise<void> {
  const options = { acrelUpload: { host: '127.0.0.1', port: 0 }, defaultZone: zone };
  field = await startCallersField(name, options, pollIntervalSeconds);
  meter = newMeter();
}
function newMeter(): SimulatedUploadMeter {
  const port = present(field.service.callerPorts().acrelUpload);
  return new SimulatedUploadMeter({ port, serial }, imageAt(nowSeconds(), 100));
}
const claimIt = async (): Promise<void> =>
  await claim(field, serial, { kind: 'acrel-upload', serial }, [
    { serial, modelId: 'acrel-ddsy1352', unitId: 1 },
  ]);
async function gatewayState(): Promise<GatewayStates['gateways'][number] | undefined> {
  const { body } = await field.http.send('GET', `/api/projects/${projectId}/gateway-states`);
  return (body as GatewayStates).gateways.find(({ gatewayId }) => gatewayId === gatewayIdOf(serial));
}

test('unknown, then claimed: a call without readings, then readings, states and commands', async () => {
  await begin('upload_claim');
  await meter.connect();
  expect(present(readTime(await meter.askTime()))).toBeGreaterThan(
    zoneClock(zone).localMsOf(Date.now()) - 5_000,
  );
  await meter.upload(imageAt(nowSeconds() - minute, 99));
  const call = await until('the call is told', async () => (await callsOf(field, serial))[0]);
  expect(call).toMatchObject({
    via: 'acrel-upload',
    dialect: null,
    kind: 'meter',
    modelId: 'acrel-ddsy1352',
    simId: '89860012345678901234',
    signalDbm: -73,
    topology: [{ serial, unitId: 1, lineAddress: null, modelId: 'acrel-ddsy1352' }],
  });
  expect(await field.readings()).toEqual([]);

  await claimIt();
  const instantMs = nowSeconds() - 20_000;
  await meter.upload(imageAt(instantMs, 123_456));
  // Acknowledged, therefore durable.
  expect(await readingsOf(field, serial)).toEqual([{ instantMs, value: 123_456, source: 'push' }]);
  const [state] = (await field.states()).meters;
  expect(state).toMatchObject({ online: true, relay: 'closed', lastReadingMs: instantMs });
  expect(state?.parameters).toMatchObject({ 'voltage.l1': 230.1, 'power.active.total': 1_198 });
  expect(Math.abs(present(state?.parameters['clock.driftSeconds']) + 20)).toBeLessThanOrEqual(5);
  expect((await field.telemetry()).at(-1)).toMatchObject({
    meterId: idOf(serial),
    relay: 'closed',
    online: true,
  });
  await until('the gateway is shown', async () => (await gatewayState())?.metersAnswered === 1);
  expect(await gatewayState()).toMatchObject({
    ...{ online: true, transport: 'acrel-upload', address: serial },
    // Told before it was claimed.
    ...{ signalDbm: -73, firmware: call?.firmware },
  });

  await field.command({ commandId: 'cmd_1', serial, action: 'disconnect' });
  const [outcome] = await until('the command ends', async () => {
    const outcomes = await field.outcomes();
    return outcomes.length > 0 ? outcomes : null;
  });
  expect(outcome).toMatchObject({ outcome: 'confirmed', reportedRelay: 'open' });
  expect(meter.control).toEqual([1, 1]);
  expect(meter.isConnected).toBe(true);
  expect(await callsOf(field, serial)).toHaveLength(1);
}, 120_000);

test('a relay that only acknowledges is not believed; silence ends the connection and the command is tried again', async () => {
  await begin('upload_disobey');
  await claimIt();
  await meter.connect();
  meter.obeys = false;
  await field.command({ commandId: 'cmd_1', serial, action: 'disconnect' });
  const [failed] = await until('the command ends', async () => {
    const outcomes = await field.outcomes();
    return outcomes.length > 0 ? outcomes : null;
  });
  expect(failed).toMatchObject({ outcome: 'failed', reportedRelay: 'unknown' });
  meter.obeys = true;
  meter.answers = false;
  await field.command({ commandId: 'cmd_2', serial, action: 'disconnect' });
  await until('the silent connection is closed', () => !meter.isConnected);
  meter.answers = true;
  await meter.connect();
  await until('the command succeeds', async () => (await field.outcomes())[1]?.outcome === 'confirmed');
}, 120_000);

test('a setting for a meter that is not there waits until it calls again', async () => {
  await begin('upload_setting');
  await claimIt();
  const commandId = 'cmd_set';
  const setting = { kind: 'clock', byteOrderConfirmed: true } as const;
  await field.command({ commandId, serial, kind: 'write-setting', setting } as Parameters<
    typeof field.command
  >[0]);
  const waiting = async () =>
    await field.parts.database.query<{ evidence: string }>(
      `SELECT p.evidence FROM ingest.pending_commands AS p WHERE p.state = 'waiting' AND p.attempts > 0`,
    );
  const [row] = await until('an attempt', async () => {
    const { rows } = await waiting();
    return rows.length > 0 ? rows : null;
  });
  expect(row?.evidence).toBe('the gateway has not called in');
  await meter.connect();
  await meter.upload();
  const outcome = await until('its outcome', async () => (await field.outcomes())[0]);
  expect(outcome).toMatchObject({
    outcome: 'failed',
    evidence: expect.stringContaining('no registers to set the clock'),
  });
}, 120_000);

test('history after an outage, out of order and twice, lands once as back-fill; the state keeps the newest', async () => {
  await begin('upload_history');
  await claimIt();
  await meter.connect();
  const now = nowSeconds();
  await meter.upload(imageAt(now, 1_000));
  for (const [halfHours, total] of [
    [3, 970],
    [1, 990],
    [2, 980],
    [1, 990],
    [3, 970],
  ] as const)
    await meter.upload(imageAt(now - halfHours * 30 * minute, total));
  const readings = await readingsOf(field, serial);
  const distinct = new Map(readings.map(({ instantMs, value }) => [instantMs, value]));
  expect([...distinct].sort(([a], [b]) => a - b)).toEqual([
    [now - 90 * minute, 970],
    [now - 60 * minute, 980],
    [now - 30 * minute, 990],
    [now, 1_000],
  ]);
  expect(readings.map(({ source }) => source)).toEqual(['push', ...Array(5).fill('back-fill')]);
  const [state] = (await field.states()).meters;
  expect(state).toMatchObject({ lastReadingMs: now, online: true });
  expect(state?.registers.find(({ register }) => register === 'energy.active.total')).toMatchObject({
    value: 1_000,
  });
  expect(await field.telemetry()).toHaveLength(1);
}, 120_000);

test('cut frames, a heartbeat in the middle of one, a clock that cannot be', async () => {
  await begin('upload_damage');
  await claimIt();
  await meter.connect();
  const now = nowSeconds();
  meter.cutUpload(70, imageAt(now, 1));
  await meter.uploadAround(imageAt(now, 2));
  meter.heartbeat();
  meter.cutUpload(90, imageAt(now, 3));
  meter.disconnect();
  meter = newMeter();
  await meter.connect();
  const before = Date.now();
  await meter.upload(imageAt(Date.UTC(2000, 0, 2), 4));
  const readings = await readingsOf(field, serial);
  expect(readings.map(({ value }) => value)).toEqual([2, 4]);
  expect(present(readings[1]).instantMs).toBeGreaterThanOrEqual(before);
  const [state] = (await field.states()).meters;
  expect(state?.lastFault?.text).toMatch(/clock shows 2000-01-02/);
}, 120_000);

test('meters that are not registered, and meters without a model, are shown as faults', async () => {
  await begin('upload_foreign');
  await claim(field, serial, { kind: 'acrel-upload', serial }, [
    { serial: 'M2', modelId: 'acrel-ddsy1352', unitId: 2 },
    { serial: 'M3', modelId: null, unitId: 3 },
  ]);
  await meter.connect();
  await meter.upload();
  const state = await until('the fault is shown', async () => {
    const seen = await gatewayState();
    return seen?.lastFault?.kind === 'not-configured' ? seen : null;
  });
  expect(state.lastFault?.text).toMatch(/unit 1 .*not registered/);
  expect(state.faults['not-configured']).toBe(1);
  expect(await field.readings()).toEqual([]);
}, 120_000);

test('a meter that falls silent is offline after the missed uploads, and back with its next', async () => {
  await begin('upload_silent', 1);
  await claimIt();
  await meter.connect();
  await meter.upload();
  meter.disconnect();
  await until('it is offline', async () => (await field.states()).meters[0]?.online === false);
  await until('its gateway too', async () => (await gatewayState())?.online === false);
  await until('the alarm is raised', async () =>
    (await field.alarms()).some(({ kind, state }) => kind === 'gateway-offline' && state === 'raised'),
  );
  expect((await field.alarms()).filter(({ kind }) => kind === 'meter-offline')).toEqual([]);
  await meter.connect();
  await meter.upload(imageAt(nowSeconds(), 101));
  expect((await field.states()).meters[0]?.online).toBe(true);
}, 120_000);

test('the line breaks between storing and acknowledging: the meter sends the same again, and nothing else is made of it', async () => {
  await begin('upload_restart');
  await claimIt();
  await meter.connect();
  const instantMs = nowSeconds() - 5_000;
  meter.uploadAndHangUp(imageAt(instantMs, 77));
  await until('it is durable', async () => (await readingsOf(field, serial)).length > 0);
  await field.restart();
  meter = newMeter();
  await meter.connect();
  await meter.upload(imageAt(instantMs, 77));
  const readings = await readingsOf(field, serial);
  // The same reading again is the same reading: what comes after the log folds both into one.
  expect(readings).toEqual(Array(2).fill({ instantMs, value: 77, source: 'push' }));
}, 120_000);

test('who is no meter, or says nothing, or speaks for another, is sent away', async () => {
  await begin('upload_hostile');
  const port = present(field.service.callerPorts().acrelUpload);
  const closed = async (bytes: Buffer): Promise<void> =>
    await new Promise((resolve) => {
      const socket = new Socket();
      socket.on('error', () => undefined);
      socket.on('close', () => resolve());
      socket.connect(port, '127.0.0.1', () => socket.write(bytes));
    });
  await closed(Buffer.alloc(200_000, 0x7b));
  await closed(Buffer.from('GET / HTTP/1.1\r\n'.repeat(1_000)));
  await closed(new SimulatedUploadMeter({ port, serial: 'a b' }, meter.image).frameOf(meter.image));
  await meter.connect();
  const other = new SimulatedUploadMeter({ port, serial: 'OTHER' }, meter.image);
  meter.raw(other.frameOf(meter.image));
  await until('it is sent away', () => !meter.isConnected);
}, 120_000);
