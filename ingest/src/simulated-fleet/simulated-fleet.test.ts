// SPDX-License-Identifier: Apache-2.0
import { Buffer } from 'node:buffer';
import { appendFileSync, cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { flatCalendar } from '@wattledger/contracts';
import { decodeRow, planReads, polledRows, registerMapOf, rowOf } from '../register-maps/index.ts';
import {
  connectMaster,
  createHandClock,
  createTestFleet,
  madeMs,
  meters,
  pduOf,
  present,
  type Master,
} from './fleet-fixture.ts';
import type { FleetOptions, SimulatedFleet } from './simulated-fleet.ts';

const minute = 60_000;
const halfHour = 30 * minute;
const day = 48 * halfHour;
const running: { stop(): Promise<void> | void }[] = [];
const directories: string[] = [];
const clock = createHandClock(madeMs);
function temporaryDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), 'fleet-'));
  directories.push(directory);
  return directory;
}

async function startFleet(options: Partial<FleetOptions> = {}): Promise<SimulatedFleet> {
  const fleet = createTestFleet({ clock, ...options });
  await fleet.start();
  running.push(fleet);
  return fleet;
}
async function masterOf(fleet: SimulatedFleet): Promise<Master> {
  const master = await connectMaster(fleet.portOf('S', 'G1'));
  running.unshift({ stop: () => master.close() });
  return master;
}
/** All polled rows of a meter over the socket, decoded as the collector does. */
async function poll(master: Master, serial: string): Promise<Record<string, number>> {
  const meter = present(meters.find((candidate) => candidate.serial === serial));
  const map = registerMapOf(meter.modelId);
  const values: Record<string, number> = {};
  for (const request of planReads(map, polledRows(map))) {
    const ask = Buffer.from([
      request.functionCode,
      request.address >> 8,
      request.address & 255,
      0,
      request.count,
    ]);
    const frame = Buffer.from(present(await master.ask(meter.unitId, ask.toString('hex'))), 'hex');
    expect(frame.readUInt8(7)).toBe(request.functionCode);
    for (const { row, byteOffset, byteLength } of request.rows) {
      const decoded = decodeRow(map, row, frame.subarray(9 + byteOffset, 9 + byteOffset + byteLength));
      values[row.name] = decoded.ok ? decoded.value : Number.NaN;
    }
  }
  return values;
}

beforeEach(() => clock.set(madeMs));
afterEach(async () => {
  for (const each of running.splice(0)) await each.stop();
  for (const directory of directories.splice(0)) rmSync(directory, { recursive: true });
});

describe('golden frames (protocols.md §1.2, CRC left off)', () => {
  it('reads, refuses and switches as the real meters do', async () => {
    const master = await masterOf(await startFleet());
    // prettier-ignore
    const talk: readonly (readonly [what: string, unit: number, ask: string, answer: string | RegExp])[] = [
      ['total energy', 3, '03 00 00 00 02', '03 04 00 01 E2 40'],
      ['five energies', 3, '03 00 00 00 0A', /^03 14 00 01 E2 40( [0-9A-F]{2}){16}$/],
      ['control, delivered forced closed', 3, '03 00 57 00 02', '03 04 00 01 00 00'],
      ['switch OFF', 3, '10 00 57 00 02 04 00 01 00 01', '10 00 57 00 02'],
      ['read back', 3, '03 00 57 00 02', '03 04 00 01 00 01'],
      ['switch ON', 3, '10 00 57 00 02 04 00 01 00 00', '10 00 57 00 02'],
      ['read back', 3, '03 00 57 00 02', '03 04 00 01 00 00'],
      ['release', 3, '10 00 57 00 02 04 00 00 00 00', '10 00 57 00 02'],
      ['read back', 3, '03 00 57 00 02', '03 04 00 00 00 00'],
      ['illegal address', 3, '03 00 10 00 02', '83 02'],
      ['FC06 on an FC16-only meter', 3, '06 00 58 00 01', '86 01'],
      ['FC04 is another address space: it has none', 3, '04 00 00 00 02', '84 02'],
      ['a coil', 3, '05 00 01 FF 00', '85 01'],
      ['more than the model gives at once', 3, '03 00 00 00 1D', '83 03'],
      ['none', 3, '03 00 00 00 00', '83 03'],
      ['a write that does not fit its byte count', 3, '10 00 57 00 02 02 00 01', '90 03'],
      ['a write to the energy register', 3, '10 00 00 00 02 04 00 00 00 00', '90 02'],
      ['U to Hz of a single-phase meter', 2, '03 00 0B 00 07', /^03 0E( [0-9A-F]{2}){14}$/],
      ['0.545 m³, bytes reversed', 4, '03 00 01 00 02', /^03 04( [0-9A-F]{2}){4}$/],
      ['valve closes by FC06', 4, '06 00 1C 00 02', '06 00 1C 00 02'],
      ['valve reads closed', 4, '03 00 1C 00 01', '03 02 00 02'],
      ['valve refuses FC16', 4, '10 00 1C 00 01 02 00 01', '90 01'],
      ['odd address on an even-only meter', 9, '04 00 01 00 02', '84 03'],
      ['holding registers of the SDM630 are not its inputs', 9, '03 00 14 00 02', /^03 04 /],
      ['no relay to write', 9, '10 00 57 00 02 04 00 01 00 01', '90 02'],
      ['nobody there', 77, '03 00 00 00 02', '83 0B'],
    ];
    for (const [index, [what, unit, ask, answer]] of talk.entries()) {
      const got = pduOf(await master.ask(unit, ask), index + 1, unit);
      if (typeof answer === 'string') expect(`${what}: ${got}`).toBe(`${what}: ${answer}`);
      else expect(got).toMatch(answer);
    }
  });

  it('answers two questions in one packet, a question in two packets, and closes on what is no Modbus', async () => {
    const fleet = await startFleet();
    const { connect } = await import('node:net');
    const heard = await new Promise<string>((resolve) => {
      const socket = connect(fleet.portOf('S', 'G1'), '127.0.0.1');
      const ask = Buffer.from('000100000006030300000002', 'hex');
      const again = Buffer.from('000200000006030300570002', 'hex');
      let bytes = '';
      socket.on('data', (chunk) => {
        bytes += chunk.toString('hex');
        if (bytes.length === 52) socket.write('GET / HTTP/1.1\r\n\r\n');
      });
      socket.on('close', () => resolve(bytes));
      socket.write(Buffer.concat([ask, again.subarray(0, 5)]));
      setTimeout(() => socket.write(again.subarray(5)), 30);
    });
    expect(heard).toBe('0001000000070303040001e240' + '00020000000703030400010000');
  });
});

describe('a gateway that passes RTU frames through', () => {
  /** Sends bytes and gives all that has come back when something has, or after a while. */
  const exchange = async (fleet: SimulatedFleet, hex: string, waitMs = 5000): Promise<string> => {
    const socket = connect({ port: fleet.portOf('S', 'G1'), host: '127.0.0.1' });
    running.unshift({ stop: () => void socket.destroy() });
    socket.write(Buffer.from(hex.replaceAll(' ', ''), 'hex'));
    return await new Promise<string>((resolve) => {
      const timer = setTimeout(() => resolve('silence'), waitMs);
      socket.on('close', () => resolve('closed'));
      socket.once('data', (bytes) => {
        clearTimeout(timer);
        resolve((bytes.toString('hex').match(/../g) ?? []).join(' ').toUpperCase());
      });
    });
  };
  const startRtu = (): Promise<SimulatedFleet> =>
    startFleet({
      sites: [
        {
          code: 'S',
          zone: 'Asia/Shanghai',
          calendar: flatCalendar,
          gateways: ['G1'],
          rtuGateways: ['G1'],
          // The golden frames are of unit 1.
          meters: meters.map((meter) =>
            meter.serial === 'IDLE'
              ? { ...meter, unitId: 1 }
              : meter.serial === 'SHOP'
                ? { ...meter, unitId: 3 }
                : meter,
          ),
        },
      ],
    });

  it.each([
    ['read total energy', '01 03 00 00 00 02 C4 0B', '01 03 04 00 01 E2 40 E2 A3'],
    ['switch off', '01 10 00 57 00 02 04 00 01 00 01 27 75', '01 10 00 57 00 02 F0 18'],
    ['an address nobody has', '01 03 FF 00 00 02 F4 1F', '01 83 02 C0 F1'],
  ])('golden frame: %s', async (_name, request, answer) => {
    expect(await exchange(await startRtu(), request)).toBe(answer);
  });
  it('a request with a wrong check sum is heard by nobody', async () => {
    expect(await exchange(await startRtu(), '01 03 00 00 00 02 C4 0C', 200)).toBe('silence');
  });
});

describe('what a poll sees', () => {
  it('registers equal history to the last count, of every model, at any instant', async () => {
    const fleet = await startFleet();
    const master = await masterOf(fleet);
    for (const instant of [
      madeMs,
      madeMs + 90_000,
      Math.ceil(madeMs / halfHour) * halfHour,
      madeMs + 3 * day + 12_345,
    ]) {
      clock.set(instant);
      for (const { serial, modelId } of meters) {
        const primary = present(registerMapOf(modelId).registers.find((row) => row.primary));
        const values = await poll(master, serial);
        expect([serial, values[primary.name]]).toEqual([serial, fleet.countAt('S', serial, instant)]);
        if (instant % halfHour === 0) {
          const history = fleet.historyReadings('S', serial, instant - day, instant + 1, halfHour);
          expect(history.register).toBe(primary.name);
          expect(history.scaler).toBe(primary.scaler);
          expect(history.instants.at(-1)).toBe(instant);
          expect(history.values.at(-1)).toBe(values[primary.name]);
        }
      }
    }
  });

  it('parts of the total add up to it, and parameters fit one another', async () => {
    const master = await masterOf(await startFleet());
    clock.set(madeMs + 5 * day);
    const shop = await poll(master, 'SHOP');
    const parts = ['tip', 'peak', 'flat', 'valley'].reduce(
      (sum, period) => sum + present(shop[`energy.active.${period}`]),
      0,
    );
    const deepMap = registerMapOf('acrel-dtsy1352');
    const deep = Buffer.from(present(await master.ask(1, '03 50 30 00 02')), 'hex');
    const deepValley = decodeRow(deepMap, rowOf(deepMap, 'energy.active.deepValley'), deep.subarray(9));
    expect(parts + (deepValley.ok ? deepValley.value : NaN)).toBe(shop['energy.active.total']);
    const flat = await poll(master, 'FLAT');
    expect(flat['voltage.l1']).toBeGreaterThan(220);
    expect(flat['voltage.l1']).toBeLessThan(242);
    expect(flat['power.active.total']).toBeGreaterThan(0);
    expect(present(flat['voltage.l1']) * present(flat['current.l1'])).toBeCloseTo(
      present(flat['power.apparent.total']),
      -2,
    );
    const main = await poll(master, 'MAIN');
    const watts =
      present(main['power.active.l1']) + present(main['power.active.l2']) + present(main['power.active.l3']);
    expect(watts).toBeCloseTo(present(main['power.active.total']), 0);
    expect(main['power.active.total']).toBeGreaterThanOrEqual(
      present((await poll(master, 'FLAT'))['power.active.total']),
    );
    expect(main['frequency']).toBeCloseTo(50, 0);
  });

  it('a register behind current transformers counts the secondary side', async () => {
    const fleet = await startFleet();
    const primaryWh = fleet.registerAt('S', 'COOL', madeMs) - 7;
    const count = fleet.countAt('S', 'COOL', madeMs);
    expect(primaryWh).toBeGreaterThan(1_000_000);
    expect(Math.abs(count * 10 * 40 - primaryWh)).toBeLessThanOrEqual(400);
  });

  it('counts reads of a span that holds the local code', async () => {
    const fleet = await startFleet();
    const master = await masterOf(fleet);
    await poll(master, 'FLAT');
    expect(fleet.counters().secretReads).toBe(0);
    await master.ask(2, '03 00 00 00 0C');
    expect(fleet.counters().secretReads).toBe(1);
  });
});

describe('supply switch', () => {
  it('open: the register stands still, current is 0, voltage stays, the parent feels it; closed: it goes on', async () => {
    const fleet = await startFleet();
    const master = await masterOf(fleet);
    const off = '10 00 57 00 02 04 00 01 00 01';
    await master.ask(2, off);
    expect(fleet.isSupplyClosed('S', 'FLAT')).toBe(false);
    const stood = fleet.registerAt('S', 'FLAT', madeMs);
    const main = fleet.registerAt('S', 'MAIN', madeMs);
    const shop = fleet.registerAt('S', 'SHOP', madeMs);
    clock.set(madeMs + 2 * day);
    const values = await poll(master, 'FLAT');
    expect(fleet.registerAt('S', 'FLAT', madeMs + 2 * day)).toBe(stood);
    expect(values['current.l1']).toBe(0);
    expect(values['power.active.total']).toBe(0);
    expect(values['voltage.l1']).toBeGreaterThan(220);
    const mainRise = fleet.registerAt('S', 'MAIN', madeMs + 2 * day) - main;
    const shopRise = fleet.registerAt('S', 'SHOP', madeMs + 2 * day) - shop;
    expect(mainRise).toBeGreaterThan(shopRise);
    expect(mainRise).toBeLessThan(shopRise * 1.05 + 2 * 8_000);
    await master.ask(2, '10 00 57 00 02 04 00 01 00 00');
    clock.set(madeMs + 3 * day);
    expect(fleet.registerAt('S', 'FLAT', madeMs + 3 * day)).toBeGreaterThan(stood);
    expect((await poll(master, 'FLAT'))['current.l1']).toBeGreaterThan(0);
  });

  it('a stuck relay acknowledges and does nothing', async () => {
    const fleet = await startFleet();
    const master = await masterOf(fleet);
    const lift = fleet.setFault({ site: 'S', gateway: 'G1', unitId: 1 }, { kind: 'stuck-relay' });
    expect(pduOf(await master.ask(1, '10 00 57 00 02 04 00 01 00 01'), 1, 1)).toBe('10 00 57 00 02');
    expect(pduOf(await master.ask(1, '03 00 57 00 02'), 2, 1)).toBe('03 04 00 01 00 00');
    expect(fleet.isSupplyClosed('S', 'SHOP')).toBe(true);
    lift();
    await master.ask(1, '10 00 57 00 02 04 00 01 00 01');
    expect(fleet.isSupplyClosed('S', 'SHOP')).toBe(false);
  });
});

describe('faults', () => {
  const read = '03 00 00 00 02';
  const answer = '03 04 00 01 E2 40';
  it.each([
    ['silent', { kind: 'silent' } as const, 'silence'],
    ['exception', { kind: 'exception', code: 6 } as const, '83 06'],
    ['wrong transaction', { kind: 'wrong-transaction' } as const, 'transaction 2'],
    ['foreign unit', { kind: 'foreign-unit' } as const, 'unit 4'],
    ['wrong length', { kind: 'wrong-length' } as const, '03 06 00 01 E2 40'],
    ['truncated', { kind: 'truncated', keepBytes: 9 } as const, 'silence'],
    ['duplicate', { kind: 'duplicate' } as const, answer],
    ['late', { kind: 'late', delayMs: 150 } as const, 'silence'],
  ])('%s strikes the one meter and passes', async (_name, fault, expected) => {
    const fleet = await startFleet();
    const master = await masterOf(fleet);
    const lift = fleet.setFault({ site: 'S', gateway: 'G1', unitId: 3 }, fault);
    // Where nothing is to come there is nothing to wait for; an answer may take its time on a busy machine.
    const waitMs = expected === 'silence' ? 60 : 5000;
    expect(pduOf(await master.ask(3, read, waitMs), 1, 3)).toBe(expected);
    if (fault.kind === 'duplicate') expect(master.unasked).toMatch(/03030400/);
    const other = await masterOf(fleet);
    expect(pduOf(await other.ask(1, read), 1, 1)).toMatch(/^03 04/);
    lift();
    expect(pduOf(await other.ask(3, read), 2, 3)).toBe(answer);
    if (fault.kind !== 'late') return;
    // The late answer is there beside the next one, under its own transaction.
    // Which comes first is the machine's affair; as hex they are in the order of their transactions.
    const [late, timely] = [await master.ask(5, '04 00 00 00 02'), await master.next()].sort();
    expect(pduOf(late ?? null, 1, 3)).toBe(answer);
    expect(pduOf(timely ?? null, 2, 5)).toMatch(/^04 04/);
  });

  it('a gateway without connection refuses, and is at the same port when it returns', async () => {
    const fleet = await startFleet();
    const port = fleet.portOf('S', 'G1');
    const lift = fleet.setFault({ site: 'S', gateway: 'G1' }, { kind: 'no-connection' });
    await expect(async () => {
      for (;;) (await connectMaster(port)).close();
    }).rejects.toThrow(/ECONNREFUSED|ECONNRESET/);
    lift();
    let master: Master | null = null;
    while (master === null) master = await connectMaster(port).catch(() => null);
    running.unshift({ stop: () => master.close() });
    expect(pduOf(await master.ask(3, read), 1, 3)).toBe(answer);
  });

  it('strikes its share of the requests, drawn by the seed', async () => {
    const run = async (): Promise<string> => {
      const fleet = await startFleet();
      fleet.setFault({ site: 'S', gateway: 'G1' }, { kind: 'exception', code: 11 }, { share: 300 });
      const master = await masterOf(fleet);
      let seen = '';
      for (let index = 1; index <= 200; index += 1)
        seen += pduOf(await master.ask(3, read), index, 3) === '83 0B' ? 'x' : '.';
      return seen;
    };
    const seen = await run();
    expect(seen.split('x').length - 1).toBeGreaterThan(30);
    expect(seen.split('x').length - 1).toBeLessThan(90);
    expect(await run()).toBe(seen);
  });

  it('a meter that starts anew, and one that rolls over', async () => {
    const fleet = await startFleet();
    const master = await masterOf(fleet);
    await fleet.setRegister('S', 'SHOP', 0);
    clock.set(madeMs + halfHour);
    expect((await poll(master, 'SHOP'))['energy.active.total']).toBeLessThan(1000);
    await fleet.setRegister('S', 'SHOP', (2 ** 32 - 2) * 10);
    expect((await poll(master, 'SHOP'))['energy.active.total']).toBe(2 ** 32 - 2);
    clock.set(madeMs + halfHour + day);
    const values = await poll(master, 'SHOP');
    expect(values['energy.active.total']).toBeLessThan(100_000);
    expect(values['energy.active.total']).toBeGreaterThan(100);
  });

  it('a drifting clock moves energy between tariff registers, not the total', async () => {
    const calendar = {
      id: 'two',
      name: 'Two',
      specialDays: {},
      dayProfiles: {
        all: [
          { fromMinute: 0, period: 'valley' as const },
          { fromMinute: 720, period: 'peak' as const },
        ],
      },
      seasons: [{ name: 'year', fromMonthDay: '01-01', weekday: Array.from({ length: 7 }, () => 'all') }],
    };
    const sites = [{ code: 'S', zone: 'Asia/Shanghai', calendar, gateways: ['G1'], meters }];
    const totals: number[] = [];
    const peaks: number[] = [];
    for (const driftMs of [0, 4 * 3_600_000]) {
      clock.set(madeMs);
      const fleet = await startFleet({ sites });
      fleet.setFault({ site: 'S', gateway: 'G1', unitId: 1 }, { kind: 'clock-drift', driftMs });
      clock.set(madeMs + 4 * day);
      const values = await poll(await masterOf(fleet), 'SHOP');
      totals.push(present(values['energy.active.total']));
      peaks.push(present(values['energy.active.peak']));
    }
    expect(totals[0]).toBe(totals[1]);
    expect(peaks[0]).not.toBe(peaks[1]);
  });
});

describe('history', () => {
  it('is the same in whatever pieces it is asked, newest first or all at once', async () => {
    const fleet = await startFleet();
    const from = madeMs - 20 * day;
    const whole = fleet.history('S', from, madeMs, halfHour);
    const pieces = meters.map(() => [] as number[]);
    for (let end = madeMs; end > from; end -= 5 * day) {
      for (const [index, part] of fleet
        .history('S', Math.max(from, end - 5 * day), end, halfHour)
        .entries()) {
        present(pieces[index]).unshift(...part.values);
      }
    }
    expect(pieces).toEqual(whole.map((history) => history.values));
    expect(whole[0]?.instants[0]).toBe(Math.ceil(from / halfHour) * halfHour);
    for (const { values } of whole)
      expect(values.every((value, index) => index === 0 || value >= present(values[index - 1]))).toBe(true);
    const quarter = fleet.historyReadings('S', 'MAIN', from, from + 2 * day, halfHour / 2);
    expect(quarter.values.filter((_, index) => present(quarter.instants[index]) % halfHour === 0)).toEqual(
      whole[0]?.values.slice(0, 96),
    );
  });

  it('does not tell the future', async () => {
    const fleet = await startFleet();
    expect(
      fleet.historyReadings('S', 'SHOP', madeMs - halfHour, madeMs + day, halfHour).instants,
    ).toHaveLength(1);
  });

  it('lives faster when asked to, from its making on only', async () => {
    const slow = await startFleet();
    const fast = await startFleet({ timeScale: 24 });
    expect(fast.registerAt('S', 'SHOP', madeMs)).toBe(slow.registerAt('S', 'SHOP', madeMs));
    expect(fast.registerAt('S', 'SHOP', madeMs + 3_600_000)).toBe(
      slow.registerAt('S', 'SHOP', madeMs + 24 * 3_600_000),
    );
  });
});

describe('memory', () => {
  let directory = '';
  beforeEach(() => {
    directory = temporaryDirectory();
  });

  it('after a kill: same port, same switch, and registers that went on by themselves', async () => {
    const fleet = await startFleet({ directory });
    const port = fleet.portOf('S', 'G1');
    const master = await masterOf(fleet);
    clock.set(madeMs + day);
    await master.ask(2, '10 00 57 00 02 04 00 01 00 01');
    clock.set(madeMs + 2 * day);
    const before = meters.map(({ serial }) => fleet.registerAt('S', serial, madeMs + 2 * day));
    // What a kill leaves: the files as they are now, without any orderly stop, and half a line that was being written.
    const left = temporaryDirectory();
    cpSync(directory, left, { recursive: true });
    appendFileSync(join(left, 'fleet.jsonl'), '{"kind":"supply","meter":"S/SHOP","atMs":17');
    master.close();
    await fleet.stop();
    clock.set(madeMs + 3 * day);
    const again = await startFleet({ directory: left });
    expect(again.portOf('S', 'G1')).toBe(port);
    expect(again.madeMs).toBe(madeMs);
    expect(again.isSupplyClosed('S', 'FLAT')).toBe(false);
    expect(again.isSupplyClosed('S', 'SHOP')).toBe(true);
    expect(meters.map(({ serial }) => again.registerAt('S', serial, madeMs + 2 * day))).toEqual(before);
    expect(again.registerAt('S', 'SHOP', madeMs + 3 * day)).toBeGreaterThan(present(before[1]));
    expect(again.registerAt('S', 'FLAT', madeMs + 3 * day)).toBe(before[2]);
    await again.setRegister('S', 'IDLE', 77);
    await again.stop();
    expect(readFileSync(join(left, 'fleet.jsonl'), 'utf8')).toMatch(/"value":77}\n$/);
  });

  it('carries registers over when the loads are modelled differently', async () => {
    const fleet = await startFleet({ directory });
    clock.set(madeMs + day);
    const stood = new Map(meters.map(({ serial }) => [serial, fleet.registerAt('S', serial, madeMs + day)]));
    await fleet.stop();
    const smaller = meters.map((meter) =>
      meter.load === null
        ? meter
        : { ...meter, load: { ...meter.load, dayConsumption: Math.floor(meter.load.dayConsumption / 3) } },
    );
    const sites = [
      {
        code: 'S',
        zone: 'Asia/Shanghai',
        calendar: (await import('@wattledger/contracts')).flatCalendar,
        gateways: ['G1'],
        meters: smaller,
      },
    ];
    const next = await startFleet({ directory, sites });
    for (const { serial } of meters)
      expect([serial, next.registerAt('S', serial, madeMs + day)]).toEqual([serial, stood.get(serial)]);
    expect(next.registerAt('S', 'SHOP', madeMs + 2 * day)).toBeGreaterThan(present(stood.get('SHOP')));
    await next.stop();
    const third = await startFleet({ directory, sites });
    expect(third.registerAt('S', 'SHOP', madeMs + day)).toBe(stood.get('SHOP'));
  });

  it('takes another port when its own is taken', async () => {
    const fleet = await startFleet({ directory });
    const port = fleet.portOf('S', 'G1');
    await fleet.stop();
    const { createServer } = await import('node:net');
    const squatter = createServer().listen(port, '127.0.0.1');
    await new Promise((resolve) => squatter.once('listening', resolve));
    const again = await startFleet({ directory });
    expect(again.portOf('S', 'G1')).not.toBe(port);
    await again.stop();
    await new Promise((resolve) => squatter.close(resolve));
  });

  it('refuses a damaged journal and one of another seed', async () => {
    const fleet = await startFleet({ directory });
    await fleet.stop();
    await expect(createTestFleet({ clock, directory, seed: 1 }).start()).rejects.toThrow(
      /seed 20261120, not 1/,
    );
    writeFileSync(join(directory, 'fleet.jsonl'), '{"kind":"fleet"}\n');
    await expect(createTestFleet({ clock, directory }).start()).rejects.toThrow(/line 1: not a fleet event/);
  });
});

describe('a site that contradicts itself is refused', () => {
  const main = present(meters[0]);
  const shop = present(meters[1]);
  it.each([
    ['two meters on one unit id', [main, { ...shop, unitId: 9 }], /two meters have unit 9/],
    ['a missing parent', [shop], /no parent meter "MAIN"/],
    ['a ring', [{ ...main, parent: 'SHOP' }, shop], /above itself/],
    ['a meter with nothing behind it', [{ ...main, load: null }], /neither load nor children/],
  ])('%s', async (_name, bad, message) => {
    const { flatCalendar } = await import('@wattledger/contracts');
    const fleet = createTestFleet({
      clock,
      sites: [{ code: 'S', zone: 'Asia/Shanghai', calendar: flatCalendar, gateways: ['G1'], meters: bad }],
    });
    await expect(fleet.start()).rejects.toThrow(message);
  });
});
