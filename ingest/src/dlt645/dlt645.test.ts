// SPDX-License-Identifier: Apache-2.0
import { Buffer } from 'node:buffer';
import { createServer, type Socket } from 'node:net';
import { afterEach, describe, expect, test } from '@jest/globals';
import { dialLine } from '../lines/open-line.ts';
import { polledRows, registerMapOf } from '../register-maps/index.ts';
import { decodeBcd } from './bcd.ts';
import { dlt645Driver } from './dlt645-driver.ts';
import { readAddressExchange, readExchange, relayExchange, type SwitchPassword } from './exchanges.ts';
import { deframe645, encodeFrame, type Control } from './frames.ts';
import { attachDltMeters, simulatedDltMeter, type SimulatedDltMeter } from './simulated-meter.ts';

const clock = { nowMs: () => Date.now() };
const closing: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});
const bytesOf = (hex: string): Buffer => Buffer.from(hex.replaceAll(' ', ''), 'hex');
const password: SwitchPassword = { passwordClass: 2, password: '123456', operatorCode: '12345678' };

describe('the golden frame', () => {
  const exchange = readExchange('000000000161', '00010000', 4);
  const answer = '68 61 01 00 00 00 00 68 91 08 33 33 34 33 59 33 33 33 8A 16';

  test('is asked as the standard shows it', () => {
    expect(exchange.encode(0).toString('hex')).toBe(
      `fefefefe${bytesOf('68 61 01 00 00 00 00 68 11 04 33 33 34 33 14 16').toString('hex')}`,
    );
  });

  test.each(['', 'FE', 'FE FE FE FE'])('is understood behind the preamble "%s": 0.26 kWh', (preamble) => {
    const next = exchange.deframe(bytesOf(preamble + answer));
    const verdict = next.kind === 'frame' ? exchange.judge(next.frame) : null;
    expect(verdict).toMatchObject({ ok: true });
    expect(verdict?.ok === true && decodeBcd('bcd[4]', verdict.words)).toEqual({ ok: true, value: 26 });
  });

  test('any piece of it is no frame yet, any one bit of it wrong is none, or not the answer', () => {
    const good = bytesOf(answer);
    for (let length = 0; length < good.length; length += 1)
      expect(deframe645(good.subarray(0, length)).kind).toBe('more');
    for (let bit = 0; bit < 8 * good.length; bit += 1) {
      const bad = Buffer.from(good);
      bad.writeUInt8(bad.readUInt8(bit >> 3) ^ (1 << (bit & 7)), bit >> 3);
      expect(deframe645(bad).kind).not.toBe('frame');
    }
  });
});

test('what clears a meter and what sets all clocks is never sent', () => {
  const date = bytesOf('01 01 00 04');
  expect(() => encodeFrame('000000000161', 0x14, date)).not.toThrow();
  expect(() => encodeFrame('000000000161', 0x14, bytesOf('03 01 00 04'))).toThrow(RangeError);
  for (const control of [0x08, 0x1a, 0x14, 0x15, 0x16, 0x17])
    expect(() => encodeFrame('000000000161', control as Control, Buffer.alloc(0))).toThrow(RangeError);
  expect(() => readExchange('99999999999', '00010000', 4).encode(0)).toThrow(RangeError);
});

test.each([
  ['bcd[4]', '26 00 00 00', { ok: true, value: 26 }],
  ['bcd[2]', '01 23', { ok: true, value: 2301 }],
  ['sbcd[3]', '23 51 80', { ok: true, value: -5123 }],
  ['bcd[2]', 'FF FF', { ok: false, absent: true }],
  ['bcd[2]', '0A 00', { ok: false, absent: false }],
  ['status[2]', '10 00', { ok: true, value: 16 }],
])('%s of %s', (type, bytes, decoded) => {
  expect(decodeBcd(type, bytesOf(bytes))).toMatchObject(decoded);
});

test('an order carries class, password, operator, order and the deadline', () => {
  const frame = relayExchange('000000000161', '1A', password, Date.UTC(2026, 10, 22, 14, 5, 9)).encode(0);
  const contents = Buffer.from(frame.subarray(14, -2).map((byte) => byte - 0x33));
  expect(contents.toString('hex')).toBe('0256341278563412' + '1a00' + '090514221126');
});

async function serve(meters: readonly SimulatedDltMeter[]): Promise<number> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    attachDltMeters(socket, meters);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closing.push(() => {
    for (const socket of sockets) socket.destroy();
    return new Promise<void>((resolve) => server.close(() => resolve()));
  });
  const address = server.address();
  return typeof address === 'object' && address !== null ? address.port : 0;
}

describe('a meter on a line', () => {
  const map = registerMapOf('dlt645-2007');
  const rows = polledRows(map);
  async function driverOf(
    meter: SimulatedDltMeter,
    known: SwitchPassword | null = password,
    lineClock = clock,
  ) {
    const port = await serve([meter]);
    const times = { timeoutMs: 2000, quietMs: 20, clock: lineClock };
    const line = dialLine({ kind: 'rtu-over-tcp', host: '127.0.0.1', port }, times);
    closing.push(() => line.close());
    const target = { address: '210000000042', map, rows };
    return { line, driver: dlt645Driver(line, target, { clock, passwordOf: () => Promise.resolve(known) }) };
  }

  test('is polled: what it has, signs and absent phases as they are', async () => {
    const { driver } = await driverOf(simulatedDltMeter('210000000042', 12_345_678));
    const { answer } = await driver.poll();
    expect(answer?.registers).toMatchObject([
      { register: 'energy.import.total', value: 12_345_678, scaler: 1, unit: 'Wh' },
    ]);
    expect(answer?.parameters).toEqual({
      'voltage.l1': 2301,
      'current.l1': -5123,
      'power.active.total': 11_780,
    });
    expect(answer?.relay).toBe('closed');
  });

  test('a count that is not the same when asked again is not believed', async () => {
    const meter = simulatedDltMeter('210000000042', 1000);
    const { driver } = await driverOf(meter);
    const counts = [Buffer.from('00100000', 'hex'), Buffer.from('00200000', 'hex')];
    meter.values.get = (id) => (id === '00010000' ? counts.shift() : undefined);
    const { answer, fault } = await driver.poll();
    expect(answer?.registers).toEqual([]);
    expect(fault).toMatchObject({ kind: 'impossible-value' });
  });

  test('tells its address to the one question for whoever is there', async () => {
    const { line } = await driverOf(simulatedDltMeter('210000000042', 1));
    const answer = await line.ask(readAddressExchange());
    expect(answer.ok && Buffer.from(answer.words).reverse().toString('hex')).toBe('210000000042');
  });

  test('is switched off and on, proven by its status word, and never shows the password', async () => {
    const meter = simulatedDltMeter('210000000042', 1);
    const { driver } = await driverOf(meter);
    const off = await driver.switchSupply('disconnect');
    expect(off).toMatchObject({ kind: 'confirmed', relay: 'open' });
    expect(meter.open).toBe(true);
    const on = await driver.switchSupply('connect');
    expect(on).toMatchObject({ kind: 'confirmed', relay: 'closed' });
    expect(meter.orders).toEqual([0x1a, 0x1c]);
    expect(off.evidence + on.evidence).not.toMatch(/123456|563412/);
  });

  test('is not switched without a password, or with a wrong one', async () => {
    const meter = simulatedDltMeter('210000000042', 1);
    const without = await (await driverOf(meter, null)).driver.switchSupply('disconnect');
    expect(without.kind).toBe('refused');
    expect(without.evidence).toContain('none is stored');
    const wrong = { ...password, password: '000000' };
    expect(await (await driverOf(meter, wrong)).driver.switchSupply('disconnect')).toMatchObject({
      kind: 'refused',
      evidence: '1C 1A: refused (wrong password or not authorised)',
    });
    expect(meter.open).toBe(false);
  });

  const time = (utc: string) => ({ zone: 'Asia/Shanghai', nowMs: () => Date.parse(utc) });

  test('shows its clock, and is set to the time of its project with the password', async () => {
    const meter = simulatedDltMeter('210000000042', 1);
    const now = time('2026-11-22T06:05:09.500Z');
    const { driver } = await driverOf(meter, password, now);
    expect(await driver.readClock?.(now)).toMatchObject({ driftSeconds: null });
    const setting = { kind: 'clock', byteOrderConfirmed: false } as const;
    const set = await driver.writeSetting?.(setting, now);
    expect(set).toMatchObject({ kind: 'confirmed' });
    // Sunday 22 November 2026, 14:05:09, least significant first.
    expect(meter.values.get('04000101')?.toString('hex')).toBe('00221126');
    expect(meter.values.get('04000102')?.toString('hex')).toBe('090514');
    expect(set?.evidence).not.toMatch(/123456|563412/);
    const without = await (await driverOf(meter, null)).driver.writeSetting?.(setting, now);
    expect(without).toMatchObject({ kind: 'refused', evidence: expect.stringContaining('none is stored') });
  });

  test('tells no drift around midnight, when date and time may be of two days', async () => {
    const meter = simulatedDltMeter('210000000042', 1);
    const { driver } = await driverOf(meter);
    meter.values.set('04000101', bytesOf('00 22 11 26'));
    meter.values.set('04000102', bytesOf('40 59 23'));
    expect(await driver.readClock?.(time('2026-11-22T15:59:50Z'))).toMatchObject({ driftSeconds: null });
    const setting = { kind: 'clock', byteOrderConfirmed: false } as const;
    expect(await driver.writeSetting?.(setting, time('2026-11-22T15:59:50Z'))).toMatchObject({
      kind: 'unreachable',
    });
  });

  test('whose clock runs behind says by how much', async () => {
    const meter = simulatedDltMeter('210000000042', 1);
    const { driver } = await driverOf(meter);
    const shown = new Date(Date.now() + 8 * 3_600_000 - 240_000).toISOString().replaceAll(/\D/g, '');
    meter.values.set('04000101', Buffer.from(`${shown.slice(2, 8)}00`, 'hex').reverse());
    meter.values.set('04000102', Buffer.from(shown.slice(8, 14), 'hex').reverse());
    const look = await driver.readClock?.({ zone: 'Asia/Shanghai', nowMs: () => Date.now() });
    expect(Math.abs((look?.driftSeconds ?? 0) + 240)).toBeLessThanOrEqual(2);
  });

  test('another meter on the line does not answer for it', async () => {
    const { driver } = await driverOf(simulatedDltMeter('210000000043', 1));
    const { answer, fault } = await driver.poll();
    expect({ answer, kind: fault?.kind }).toEqual({ answer: null, kind: 'no-answer' });
  });
});
