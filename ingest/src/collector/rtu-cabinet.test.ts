// SPDX-License-Identifier: Apache-2.0
/** A cabinet of several users behind a serial server, from its entry in the registry to the readings in the log. */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { MeteringPointSnapshot, RegistrySnapshot } from '@wattledger/contracts';
import type { GatewayStates } from '@wattledger/contracts/http/ingest';
import type { MeterSpec } from '../simulated-fleet/index.ts';
import { present } from '../testing/present.ts';
import { gatewayIdOf, projectId, siteCode, startField, until, type IngestField } from './ingest-fixture.ts';

/** Three users at neighbouring unit ids; each has stood still since it was built in. */
const users: readonly MeterSpec[] = [10, 11, 12].map((unitId, index) => ({
  serial: `USER${index + 1}`,
  gateway: 'G1',
  unitId,
  modelId: 'acrel-adf400l-1ph',
  parent: null,
  load: { kind: 'flat', dayConsumption: 0, seed: index },
  registerAtStart: 1_000_000 * (index + 1),
}));

let field: IngestField;
beforeAll(async () => {
  field = await startField({
    name: 'rtu-cabinet',
    gateways: ['G1'],
    rtuGateways: ['G1'],
    meters: users,
    timeoutMs: 1000,
  });
}, 60_000);
afterAll(async () => {
  await field.stop();
}, 60_000);

const cabinetId = 'mtr_cabinet';
function pointOf(circuit: number): RegistrySnapshot {
  const snapshot: MeteringPointSnapshot = {
    id: `mpt_${circuit}`,
    projectId,
    code: `P${circuit}`,
    name: `User ${circuit}`,
    medium: 'electricity',
    role: 'sub',
    subItem: 'other',
    placeId: null,
    tenantId: null,
    areaM2: null,
    headcount: null,
    parentLinks: [],
    mountings: [
      {
        segmentId: `seg_${circuit}`,
        meterId: cabinetId,
        register: `circuit${circuit}.energy.active.total`,
        fromMs: 0,
        toMs: null,
      },
    ],
  };
  return { entity: 'metering-point', id: snapshot.id, projectId, snapshot };
}
function gatewaySpoken(kind: 'modbus-tcp' | 'rtu-over-tcp'): RegistrySnapshot {
  const told = present(field.snapshots.find((change) => change.entity === 'gateway'));
  if (told.entity !== 'gateway' || told.snapshot === null) throw new Error('no gateway was told');
  const transport = { kind, host: '127.0.0.1', port: field.fleet.portOf(siteCode, 'G1') };
  return { ...told, snapshot: { ...told.snapshot, transport } };
}
const gatewayState = async (): Promise<GatewayStates['gateways'][number]> => {
  const answer = await field.http.send('GET', `/api/projects/${projectId}/gateway-states`);
  return present(
    (answer.body as GatewayStates).gateways.find(({ gatewayId }) => gatewayId === gatewayIdOf('G1')),
  );
};

test('a gateway entered with the wrong transport gives nothing and says so; with the right one each user is read', async () => {
  const project = present(field.snapshots.find((change) => change.entity === 'project'));
  await field.tell([
    project,
    gatewaySpoken('modbus-tcp'),
    {
      entity: 'meter',
      id: cabinetId,
      projectId,
      snapshot: {
        id: cabinetId,
        projectId,
        serial: 'CABINET',
        modelId: 'acrel-adf400l-1ph',
        unitId: 10,
        lineAddress: null,
        pollIntervalSeconds: null,
        gatewayId: gatewayIdOf('G1'),
        switchable: false,
        enabled: true,
      },
    },
    pointOf(1),
    pointOf(3),
  ]);
  await field.service.start();
  await until('a fault', async () => ((await gatewayState()).faults['no-answer'] ?? 0) > 0);
  expect(await field.readings()).toEqual([]);

  await field.tell([gatewaySpoken('rtu-over-tcp')]);
  const read = await until('three cycles', async () => {
    const readings = await field.readings();
    return readings.length >= 3 ? readings : null;
  });
  for (const { meterId, series } of read) {
    expect(meterId).toBe(cabinetId);
    expect(series.map(({ register, values, scaler }) => [register, values, scaler])).toEqual([
      ['circuit1.energy.active.total', [100_000], 1],
      ['circuit3.energy.active.total', [300_000], 1],
    ]);
  }
  // New connections that the framing asks for are no trouble of the line.
  const state = await gatewayState();
  expect(state).toMatchObject({ online: true });
  expect(state.faults).not.toHaveProperty('garbled');
  const reconnects = state.reconnects;
  await until('three more cycles', async () => (await field.readings()).length >= read.length + 3);
  expect((await gatewayState()).reconnects).toBe(reconnects);
}, 240_000);

test('a user that falls silent leaves the others be, and counts as a fault of the gateway', async () => {
  const before = (await gatewayState()).faults['target-silent'] ?? 0;
  const target = { site: siteCode, gateway: 'G1', unitId: 10 };
  const lift = field.fleet.setFault(target, { kind: 'exception', code: 11 });
  await until('the fault', async () => ((await gatewayState()).faults['target-silent'] ?? 0) > before);
  const alone = await until('a reading without the first user', async () =>
    (await field.readings()).find(({ series }) => series.length === 1),
  );
  expect(alone.series.map(({ register }) => register)).toEqual(['circuit3.energy.active.total']);
  lift();
  const known = (await field.readings()).length;
  await until('both again', async () =>
    (await field.readings()).slice(known).find(({ series }) => series.length === 2),
  );
}, 240_000);
