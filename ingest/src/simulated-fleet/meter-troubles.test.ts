// SPDX-License-Identifier: Apache-2.0
/**
 * Goal: simulated meters get into the troubles that real ones get into, and the collector takes each for what it is. Method: a
 * gateway on a socket, polled as the collector polls, at instants of a clock that stands where it is put.
 */
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { flatCalendar } from '@wattledger/contracts';
import { pollMeter } from '../collector/meter-poll.ts';
import type { PollOutcome } from '../collector/meter-driver.ts';
import { planReads, polledRows, registerMapOf } from '../register-maps/index.ts';
import { modbusLine, type ModbusLine } from '../testing/modbus-line.ts';
import { connectMaster, createHandClock, madeMs, pduOf, present } from './fleet-fixture.ts';
import { createSimulatedFleet, type FleetFault, type MeterSpec, type SimulatedFleet } from './index.ts';
import { protect, untripped } from './own-protection.ts';

const minute = 60_000;
const hour = 60 * minute;
const clock = createHandClock(madeMs);
let fleet: SimulatedFleet;
let line: ModbusLine;
const meterOf = (
  serial: string,
  unitId: number,
  modelId: string,
  more: Partial<MeterSpec> = {},
): MeterSpec => ({
  serial,
  gateway: 'G',
  unitId,
  modelId,
  parent: null,
  // A load that hardly changes: 20 kW, day and night.
  load: { kind: 'server-room', dayConsumption: 480_000, seed: unitId },
  registerAtStart: 7_654_321,
  ...more,
});
const meters = [
  meterOf('THREE', 1, 'eastron-sdm630'),
  meterOf('MARKS', 2, 'gavazzi-em340'),
  meterOf('WIDE', 3, 'abb-b23'),
  meterOf('TRIPS', 4, 'acrel-ddsy1352', {
    protection: { overload: { limitW: 1_000, tripsMax: 2, recoveryMs: 10 * minute } },
  }),
  meterOf('CREDIT', 5, 'acrel-dtsy1352', {
    protection: { credit: { boughtWh: 30_000, overdraftWh: 10_000 } },
  }),
];
/** A cabinet's users are meters of their own; each has counted a kilowatt-hour more than the one before. */
const users = Array.from({ length: 36 }, (_, index) =>
  meterOf(`USER-${index + 1}`, index + 1, 'acrel-adf400l-1ph', {
    gateway: 'C',
    load: { kind: 'shop', dayConsumption: 0, seed: index },
    registerAtStart: (index + 1) * 1_000,
  }),
);

beforeEach(async () => {
  clock.set(madeMs);
  fleet = createSimulatedFleet({
    seed: 9,
    directory: null,
    historyDays: 2,
    clock,
    answerDelayMs: [0, 1],
    sites: [
      {
        code: 'S',
        zone: 'Asia/Shanghai',
        calendar: flatCalendar,
        gateways: ['G', 'C'],
        meters: [...meters, ...users],
      },
    ],
  });
  await fleet.start();
  line = modbusLine({
    transport: { kind: 'modbus-tcp', host: '127.0.0.1', port: fleet.portOf('S', 'G') },
    timeoutMs: 5_000,
    clock: { nowMs: () => Date.now() },
  });
});
afterEach(async () => {
  line.close();
  await fleet.stop();
});

async function poll(serial: string): Promise<PollOutcome> {
  const { unitId, modelId } = present(meters.find((meter) => meter.serial === serial));
  const map = registerMapOf(modelId);
  return await pollMeter(line, { unitId, map, plan: planReads(map, polledRows(map)), reported: new Set() });
}
const parametersOf = async (serial: string): Promise<Readonly<Record<string, number>>> =>
  present((await poll(serial)).answer).parameters;
const countOf = async (serial: string): Promise<number> =>
  present((await poll(serial)).answer?.registers[0]).value;
const strike = (unitId: number, fault: FleetFault): (() => void) =>
  fleet.setFault({ site: 'S', gateway: 'G', unitId }, fault);
/** @param words the two control words: forced, open */
async function write(unitId: number, words: readonly [number, number]): Promise<void> {
  const answer = await line.ask({
    kind: 'write',
    unitId,
    functionCode: 16,
    address: 0x57,
    values: [...words],
  });
  expect(answer.ok).toBe(true);
}

describe('wiring', () => {
  test('a phase that is lost shows no voltage; the others go on', async () => {
    const before = await parametersOf('THREE');
    const lift = strike(1, { kind: 'phase-lost', phase: 2 });
    expect(await parametersOf('THREE')).toMatchObject({
      'voltage.l1': before['voltage.l1'],
      'voltage.l2': 0,
      'current.l2': 0,
      'power.active.l2': 0,
    });
    lift();
    expect(await parametersOf('THREE')).toEqual(before);
  });

  test('a transformer the wrong way round, and everything on one phase', async () => {
    const before = await parametersOf('THREE');
    let lift = strike(1, { kind: 'phase-reversed', phase: 1 });
    const reversed = await parametersOf('THREE');
    expect(reversed['power.active.l1']).toBe(-present(before['power.active.l1']));
    expect(reversed['power.active.total']).toBeLessThan(present(before['power.active.total']));
    lift();
    lift = strike(1, { kind: 'phase-alone', phase: 3 });
    const alone = await parametersOf('THREE');
    expect([alone['current.l1'], alone['current.l2']]).toEqual([0, 0]);
    expect(alone['power.active.l3']).toBe(alone['power.active.total']);
    expect(alone['power.active.total']).toBe(before['power.active.total']);
    lift();
  });
});

describe('counters', () => {
  test.each([
    ['THREE', 1, 'not a number'],
    ['MARKS', 2, '7FFFFFFF, low word first'],
    ['WIDE', 3, 'all bits of eight bytes'],
  ])('%s: a mark of absence is no reading (%s: %s)', async (serial, unitId) => {
    const there = await countOf(serial);
    const lift = strike(unitId, { kind: 'not-available' });
    const outcome = await poll(serial);
    expect(outcome.fault?.kind).toBe('impossible-value');
    expect(outcome.answer?.registers).toEqual([]);
    lift();
    expect(await countOf(serial)).toBe(there);
  });

  test('a float near 131,072 kWh steps by a 64th: readings stand still, jump, and lose nothing in the end', async () => {
    await fleet.setRegister('S', 'THREE', 131_071_900);
    const steps = new Set<number>();
    let before = await countOf('THREE');
    const first = before;
    for (let step = 1; step <= 300; step += 1) {
      // 20 kW for two seconds are 11 Wh: less than a step of 15.625 Wh, of which a count is 10.
      clock.set(madeMs + step * 2_000);
      const count = await countOf('THREE');
      steps.add(count - before);
      before = count;
    }
    expect([...steps].sort()).toEqual(expect.arrayContaining([0, 1, 2]));
    expect(Math.min(...steps)).toBe(0);
    expect(Math.max(...steps)).toBeLessThanOrEqual(4);
    const flowedWh = fleet.registerAt('S', 'THREE', madeMs + 600_000) - 131_071_900;
    expect(Math.abs((before - first) * 10 - flowedWh)).toBeLessThanOrEqual(20);
  });

  test('written by the function code that its model does not know: exception 1, and nothing has moved', async () => {
    const master = await connectMaster(fleet.portOf('S', 'G'));
    expect(pduOf(await master.ask(5, '06 00 57 00 01'), 1, 5)).toBe('86 01');
    expect(pduOf(await master.ask(5, '05 00 57 FF 00'), 2, 5)).toBe('85 01');
    master.close();
    expect(fleet.isSupplyClosed('S', 'CREDIT')).toBe(true);
  });
});

describe('a cabinet of 36 users behind one gateway', () => {
  test('each is read at its own unit id; one that never answers and one that is not there cost only themselves', async () => {
    const map = registerMapOf('acrel-adf400l-1ph');
    const mounted = Array.from({ length: 36 }, (_, index) => `circuit${index + 1}.energy.active.total`);
    const plan = planReads(map, polledRows(map, new Set(mounted)));
    const impatient = modbusLine({
      transport: { kind: 'modbus-tcp', host: '127.0.0.1', port: fleet.portOf('S', 'C') },
      timeoutMs: 1_000,
      clock: { nowMs: () => Date.now() },
    });
    fleet.setFault({ site: 'S', gateway: 'C', unitId: 17 }, { kind: 'silent' });
    fleet.setFault({ site: 'S', gateway: 'C', unitId: 23 }, { kind: 'exception', code: 0x0b });
    const outcome = await pollMeter(impatient, { unitId: 1, map, plan, reported: new Set(mounted) });
    impatient.close();
    const read = present(outcome.answer).registers.filter(({ register }) => mounted.includes(register));
    const there = mounted.flatMap((register, index) =>
      index === 16 || index === 22 ? [] : [[register, (index + 1) * 100]],
    );
    expect(read.map(({ register, value }) => [register, value])).toEqual(there);
    expect(outcome.fault).toEqual({
      kind: 'target-silent',
      text: 'unit 23: exception 11 (target device failed to respond)',
    });
  });
});

describe('what a prepaid meter does by itself', () => {
  test('overload: it trips, closes again, trips, and stays locked out until somebody switches it', async () => {
    // A load that never gives way: it is off again as soon as it looks, and after the second return for good.
    for (let minutes = 0; minutes <= 60; minutes += 5) {
      clock.set(madeMs + minutes * minute);
      expect((await parametersOf('TRIPS'))['current.l1']).toBe(0);
    }
    expect(await poll('TRIPS')).toMatchObject({ answer: { relay: 'closed' }, fault: null });
    expect(present((await parametersOf('TRIPS'))['voltage.l1'])).toBeGreaterThan(200);
    const stood = await countOf('TRIPS');
    clock.set(madeMs + 12 * hour);
    expect(await countOf('TRIPS')).toBe(stood);
    await write(4, [1, 0]);
    expect(fleet.isSupplyClosed('S', 'TRIPS')).toBe(true);
  });

  test('its credit runs out in automatic mode; forced overrides it', async () => {
    await write(5, [0, 0]);
    clock.set(madeMs + hour);
    await poll('CREDIT');
    // 20 of 40 kWh are used.
    expect(fleet.isSupplyClosed('S', 'CREDIT')).toBe(true);
    clock.set(madeMs + 3 * hour);
    await poll('CREDIT');
    expect(fleet.isSupplyClosed('S', 'CREDIT')).toBe(false);
    await write(5, [1, 0]);
    await poll('CREDIT');
    expect(fleet.isSupplyClosed('S', 'CREDIT')).toBe(true);
    await write(5, [1, 1]);
    expect(fleet.isSupplyClosed('S', 'CREDIT')).toBe(false);
    await write(5, [0, 0]);
    await poll('CREDIT');
    expect(fleet.isSupplyClosed('S', 'CREDIT')).toBe(false);
  });

  test('the rule itself: so many returns, each after its time, then none', () => {
    const overload = { limitW: 1_000, tripsMax: 1, recoveryMs: 60_000 };
    let state = untripped;
    const at = (nowMs: number, powerW: number): boolean => {
      const next = protect({ overload }, state, { nowMs, powerW, usedWh: 0, forced: null });
      ({ state } = next);
      return next.closed;
    };
    expect([at(0, 900), at(1, 1_001), at(60_000, 0), at(60_001, 900)]).toEqual([true, false, false, true]);
    expect([at(60_002, 1_001), at(999_999_999, 0)]).toEqual([false, false]);
    expect(state.trips).toBe(2);
  });
});
