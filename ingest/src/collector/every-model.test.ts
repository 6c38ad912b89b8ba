// SPDX-License-Identifier: Apache-2.0
/** Each model of the house, simulated behind a socket and polled as the collector polls it. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import {
  flatCalendar,
  type GatewaySnapshot,
  type MeteringPointSnapshot,
  type MeterSnapshot,
} from '@wattledger/contracts';
import { modbusLine, type ModbusLine } from '../testing/modbus-line.ts';
import { primaryRowOf, protocolOf, registerMaps, type RegisterMap } from '../register-maps/index.ts';
import { createSimulatedFleet, type MeterSpec, type SimulatedFleet } from '../simulated-fleet/index.ts';
import { present } from '../testing/present.ts';
import type { PollOutcome } from './meter-driver.ts';
import { pollMeter } from './meter-poll.ts';
import { pollTargets } from './poll-targets.ts';

/** What each simulated meter has counted: Wh, or l. Nothing flows while the test looks. */
const stood = 7_654_321;
/** Of a cabinet the second user has counted this. */
const stoodSecond = 1_234_567;

/** The primary register as the collector must show it, worked out by hand from the model's resolution. */
const expected: Readonly<Record<string, readonly [register: string, count: number, scaler: number]>> = {
  'abb-b23': ['energy.import.total', 765_432, 1],
  'acrel-adf400l-1ph': ['circuit1.energy.active.total', 765_432, 1],
  'acrel-adf400l-3ph': ['circuit1.energy.active.total', 765_432, 1],
  'acrel-adl3000': ['energy.import.total', 765_432, 1],
  'acrel-adl400-primary': ['energy.import.total', 76_543, 2],
  'acrel-adw300': ['energy.import.total', 765_432, 1],
  'acrel-ddsy1352': ['energy.active.total', 765_432, 1],
  'acrel-dtsy1352': ['energy.active.total', 765_432, 1],
  'chint-ddsu666': ['energy.import.total', 765_432, 1],
  'chint-dtsu666': ['energy.import.total', 765_432, 1],
  'eastron-sdm120': ['energy.import.total', 765_432, 1],
  'eastron-sdm630': ['energy.import.total', 765_432, 1],
  'eastron-sdm72': ['energy.import.total', 765_432, 1],
  'gavazzi-em24': ['energy.import.total', 76_543, 2],
  'gavazzi-em340': ['energy.import.total', 76_543, 2],
  'hiking-dds238-2-znsr': ['energy.import.total', 765_432, 1],
  'inepro-pro380': ['energy.import.total', 765_432, 1],
  'janitza-b23': ['energy.import.total', 7_654_321, 0],
  'orno-we514': ['energy.active.total', 765_432, 1],
  'orno-we516': ['energy.import.total', 765_432, 1],
  'sbc-pcd7h104d': ['pulse.count.s01', 7_654_321, 0],
  'schneider-iem3000': ['energy.import.total', 7_654_321, 0],
  'sfere-dtsy': ['energy.active.total', 765_432, 1],
  'siemens-pac2200': ['energy.import.total', 7_654_321, 0],
  'xintai-water': ['volume.forward', 7_654_321, 0],
};

/** DL/T 645 has a test of its own, with meters of its own. */
const models = [...registerMaps.values()].filter((map) => protocolOf(map) === 'modbus');
/** Room for two circuits of three unit ids each. */
const unitIdOf = (index: number): number => 1 + 6 * index;
const specOf = (map: RegisterMap, unitId: number, serial: string, registerAtStart: number): MeterSpec => ({
  serial,
  gateway: 'G',
  unitId,
  modelId: map.id,
  parent: null,
  load: { kind: map.medium === 'water' ? 'restaurant-water' : 'shop', dayConsumption: 0, seed: unitId },
  registerAtStart,
});
const specs = models.flatMap((map, index) => {
  const first = specOf(map, unitIdOf(index), map.id, stood);
  const step = map.circuits?.unitIdStep;
  return step === undefined
    ? [first]
    : [first, specOf(map, unitIdOf(index) + step, `${map.id}-2`, stoodSecond)];
});

/** Of a model that joined after this test was written: what its simulated meter shows. */
function simulated(map: RegisterMap): (typeof expected)[string] | [] {
  const row = primaryRowOf(map);
  return row === undefined ? [] : [row.name, fleet.countAt('S', map.id, Date.now()), row.scaler];
}

let fleet: SimulatedFleet;
let connection: ModbusLine;
beforeAll(async () => {
  const clock = { nowMs: () => Date.now() };
  fleet = createSimulatedFleet({
    seed: 5,
    directory: null,
    historyDays: 1,
    clock,
    answerDelayMs: [0, 0],
    sites: [{ code: 'S', zone: 'Asia/Shanghai', calendar: flatCalendar, gateways: ['G'], meters: specs }],
  });
  await fleet.start();
  connection = modbusLine({
    transport: { kind: 'modbus-tcp', host: '127.0.0.1', port: fleet.portOf('S', 'G') },
    timeoutMs: 5000,
    clock,
  });
});
afterAll(async () => {
  connection.close();
  await fleet.stop();
});

const gateway: GatewaySnapshot = {
  id: 'gtw_1',
  projectId: 'prj_1',
  code: 'G',
  name: 'G',
  transport: { kind: 'modbus-tcp', host: 'h', port: 502 },
  timeoutMs: 1000,
  pollIntervalSeconds: null,
  enabled: true,
};
/** Polls a meter of which these registers are mounted, each at a point of its own. */
async function poll(
  modelId: string,
  unitId: number,
  mounted: readonly string[],
): Promise<{ readonly outcome: PollOutcome; readonly reported: ReadonlySet<string> }> {
  const meter: MeterSnapshot = {
    id: 'mtr_1',
    projectId: 'prj_1',
    serial: modelId,
    modelId,
    gatewayId: 'gtw_1',
    unitId,
    lineAddress: null,
    pollIntervalSeconds: null,
    switchable: false,
    enabled: true,
  };
  const points = mounted.map(
    (register, index) =>
      ({
        id: `mpt_${index}`,
        mountings: [{ meterId: meter.id, register }],
      }) as unknown as MeteringPointSnapshot,
  );
  const [target] = pollTargets({ projects: [], gateways: [gateway], meters: [meter], points }, registerMaps);
  const ask = present(target?.meters[0]?.ask);
  return { outcome: await pollMeter(connection, ask), reported: ask.reported };
}

describe('every model, polled over a socket', () => {
  test.each(models.map((map, index) => [map.id, map, unitIdOf(index)] as const))(
    '%s',
    async (id, map, unitId) => {
      const { outcome, reported } = await poll(id, unitId, []);
      expect(outcome.fault).toBeNull();
      const answer = present(outcome.answer);
      const [register, value, scaler] = expected[id] ?? simulated(map);
      // The cabinet itself counts nothing.
      expect([...reported]).toEqual(register === undefined ? [] : [register]);
      if (register !== undefined)
        expect(answer.registers.find((row) => row.register === register)).toMatchObject({ value, scaler });
      const name = (row: { readonly name: string }): string =>
        map.circuits === undefined ? row.name : `circuit1.${row.name}`;
      const polled = map.registers.filter((row) => row.polled === true);
      expect(answer.registers.map((row) => row.register).sort()).toEqual(
        polled
          .filter((row) => row.kind === 'counted')
          .map(name)
          .sort(),
      );
      expect(Object.keys(answer.parameters).sort()).toEqual(
        polled
          .filter((row) => row.kind === 'parameter' || row.kind === 'config')
          .map(name)
          .sort(),
      );
      expect(answer.relay).toBe(map.supplySwitch === null ? null : 'closed');
    },
  );

  test('none of it read a secret', () => {
    expect(fleet.counters().secretReads).toBe(0);
  });

  test.each(['acrel-adf400l-1ph', 'acrel-adf400l-3ph'])(
    '%s: one cabinet, each user mounted at its own point',
    async (id) => {
      const unitId = unitIdOf(models.findIndex((map) => map.id === id));
      const registers = ['circuit1.energy.active.total', 'circuit2.energy.active.total'];
      const { outcome, reported } = await poll(id, unitId, registers);
      expect([...reported]).toEqual(registers);
      expect(
        present(outcome.answer)
          .registers.filter((row) => reported.has(row.register))
          .map((row) => [row.register, row.value]),
      ).toEqual([
        ['circuit1.energy.active.total', 765_432],
        ['circuit2.energy.active.total', 123_456],
      ]);
      expect(present(outcome.answer).parameters['circuit2.voltage.l1']).toBeGreaterThan(200);
    },
  );

  test('a user that is not there costs the others nothing, and is named', async () => {
    const id = 'acrel-adf400l-1ph';
    const unitId = unitIdOf(models.findIndex((map) => map.id === id));
    const { outcome } = await poll(id, unitId, [
      'circuit3.energy.active.total',
      'circuit1.energy.active.total',
      'circuit2.energy.active.total',
    ]);
    expect(
      present(outcome.answer)
        .registers.filter((row) => row.register.endsWith('energy.active.total'))
        .map((row) => row.value),
    ).toEqual([765_432, 123_456]);
    expect(outcome.fault).toEqual({
      kind: 'target-silent',
      text: `unit ${unitId + 2}: exception 11 (target device failed to respond)`,
    });
  });

  test('a circuit beyond the last unit id is told, not asked', () => {
    const meter = {
      id: 'mtr_1',
      projectId: 'prj_1',
      serial: 'C',
      modelId: 'acrel-adf400l-1ph',
      gatewayId: 'gtw_1',
      unitId: 240,
      lineAddress: null,
      pollIntervalSeconds: null,
      switchable: false,
      enabled: true,
    };
    const points = [
      { id: 'mpt_1', mountings: [{ meterId: 'mtr_1', register: 'circuit9.energy.active.total' }] },
    ] as unknown as MeteringPointSnapshot[];
    const [target] = pollTargets(
      { projects: [], gateways: [gateway], meters: [meter], points },
      registerMaps,
    );
    expect(target?.meters[0]).toMatchObject({
      ask: null,
      fault: 'a mounted circuit would have unit id 248, beyond 247',
    });
  });
});
