// SPDX-License-Identifier: Apache-2.0
/** From a serial server that calls in, with meters of two protocols behind it, to the log; and before it is claimed. */
import { Buffer } from 'node:buffer';
import { connect } from 'node:net';
import { afterEach, expect, test } from '@jest/globals';
import { topics, type MeterSnapshot, type RegistrySnapshot } from '@wattledger/contracts';
import { serveRoutes } from '@wattledger/platform/testing';
import { attachDltMeters, simulatedDltMeter } from '../dlt645/simulated-meter.ts';
import { createIngestService } from '../ingest-service.ts';
import { crcOf } from '../modbus/hostile-framings.ts';
import { present } from '../testing/present.ts';
import { gatewayIdOf, idOf, projectId, startField, until, type IngestField } from './ingest-fixture.ts';

const registration = 'PLANT-ROOM-7';
const heartbeat = 'www.usr.cn';
const closing: (() => Promise<void> | void)[] = [];
let field: IngestField;
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
  await field.stop();
}, 60_000);

/** A serial server with a Modbus meter of unit 7 (all registers 1) and one of DL/T 645; calls again when hung up on. */
function callIn(port: number, dlt: ReturnType<typeof simulatedDltMeter>): void {
  let stopped = false;
  const call = (): void => {
    const socket = connect({ host: '127.0.0.1', port });
    socket.on('error', () => undefined);
    socket.once('connect', () => socket.write(registration));
    attachDltMeters(socket, [dlt]);
    socket.on('data', (question: Buffer) => {
      if (question[0] !== 7) return;
      const words = Buffer.alloc(2 * question.readUInt16BE(4), Buffer.from([0, 1]));
      const body = Buffer.concat([Buffer.from([7, question[1] ?? 3, words.length]), words]);
      const answer = Buffer.concat([body, crcOf(body)]);
      socket.write(
        Buffer.concat([
          answer.subarray(0, 4),
          Buffer.from(heartbeat),
          answer.subarray(4),
          Buffer.from(heartbeat),
        ]),
      );
    });
    socket.once('close', () => {
      if (!stopped) setTimeout(call, 20);
    });
    closing.push(() => {
      stopped = true;
      socket.destroy();
    });
  };
  call();
}

const meterOf = (serial: string, rest: Partial<MeterSnapshot>): RegistrySnapshot => ({
  entity: 'meter',
  id: idOf(serial),
  projectId,
  snapshot: {
    id: idOf(serial),
    projectId,
    serial,
    modelId: null,
    gatewayId: gatewayIdOf('CALLS'),
    unitId: null,
    lineAddress: null,
    pollIntervalSeconds: null,
    switchable: true,
    enabled: true,
    ...rest,
  },
});

test('it is told while nobody knows it; claimed, its meters are read and switched', async () => {
  field = await startField({ name: 'called-in-line', gateways: [], meters: [] });
  const service = createIngestService(field.parts, { callers: { dialIn: { host: '127.0.0.1', port: 0 } } });
  const project = present(field.snapshots.find(({ entity }) => entity === 'project'));
  await field.tell([project]);
  await service.start();
  closing.push(() => service.stop());
  const dlt = simulatedDltMeter('210000000042', 654_321);
  callIn(service.callerPorts().dialIn ?? 0, dlt);

  const [call] = await until('a call', async () => {
    const calls = await field.read(topics.deviceCalls);
    return calls.length > 0 ? calls : null;
  });
  expect(call).toMatchObject({ serial: registration, via: 'rtu-dial-in', remoteAddress: '127.0.0.1' });
  expect(await field.readings()).toEqual([]);

  await field.tell([
    {
      entity: 'gateway',
      id: gatewayIdOf('CALLS'),
      projectId,
      snapshot: {
        id: gatewayIdOf('CALLS'),
        projectId,
        code: 'CALLS',
        name: 'Plant room',
        timeoutMs: 500,
        pollIntervalSeconds: null,
        enabled: true,
        transport: { kind: 'rtu-dial-in', registration, registrationOn: 'connect', heartbeat },
      },
    },
    meterOf('MODBUS', { modelId: 'acrel-ddsy1352', unitId: 7 }),
    meterOf('DLT', { modelId: 'dlt645-2007', lineAddress: '210000000042' }),
  ]);
  const read = await until('readings of both', async () => {
    const readings = await field.readings();
    const ids = new Set(readings.map(({ meterId }) => meterId));
    return ids.size === 2 ? readings : null;
  });
  for (const { meterId, series } of read) {
    const [{ register, values } = { register: '', values: [] }] = series;
    expect([meterId, register, values[0]]).toEqual(
      meterId === idOf('DLT')
        ? [idOf('DLT'), 'energy.import.total', 654_321]
        : [idOf('MODBUS'), 'energy.active.total', 0x0001_0001],
    );
  }

  const http = await serveRoutes({ parts: field.parts, routes: service.routes });
  closing.push(() => http.stop());
  const path = `/api/projects/${projectId}/gateways/${gatewayIdOf('CALLS')}/switch-password`;
  const password = { passwordClass: 2, password: '123456', operatorCode: '12345678' };
  expect(await http.send('GET', path)).toMatchObject({ status: 200, body: { storedAtMs: null } });
  expect(await http.send('PUT', path, password)).toMatchObject({ status: 204 });
  expect((await http.send('GET', path)).body).toEqual({ storedAtMs: expect.any(Number) });
  expect(await http.send('PUT', path, { ...password, password: '12' })).toMatchObject({ status: 400 });
  await field.command({ commandId: 'cmd_off', serial: 'DLT', action: 'disconnect' });
  const [outcome] = await until('an outcome', async () => {
    const outcomes = await field.outcomes();
    return outcomes.length > 0 ? outcomes : null;
  });
  expect(outcome).toMatchObject({ commandId: 'cmd_off', outcome: 'confirmed', reportedRelay: 'open' });
  expect(JSON.stringify(outcome)).not.toContain('123456');
  expect(dlt.open).toBe(true);
}, 120_000);
