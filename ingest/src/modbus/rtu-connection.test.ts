// SPDX-License-Identifier: Apache-2.0
/** RTU frames through a socket: what no transaction id protects must be protected otherwise. */
import { Buffer } from 'node:buffer';
import { createServer, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, test } from '@jest/globals';
import type { ModbusRequest } from './frames.ts';
import { modbusLine, type ModbusLine } from '../testing/modbus-line.ts';
import type { ModbusAnswer } from './modbus-connection.ts';
import { deframeRtu, encodeRtuRequest } from './rtu-frames.ts';

const clock = { nowMs: () => Date.now() };
const closing: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});
const bytesOf = (hex: string): Buffer => Buffer.from(hex.replaceAll(' ', ''), 'hex');
const read = (unitId: number, address: number, count: number): ModbusRequest => ({
  kind: 'read',
  unitId,
  functionCode: 3,
  address,
  count,
});
const faultOf = (answer: ModbusAnswer): string => (answer.ok ? 'none' : answer.fault);
const shown = (answer: ModbusAnswer): string => (answer.ok ? answer.words.toString('hex') : answer.fault);

/** A serial server whose answers a test writes itself; `nth` counts requests over all connections. */
async function serve(
  answer: (request: Buffer, socket: Socket, nth: number) => void,
): Promise<{ readonly port: number; connections(): number }> {
  let connections = 0;
  let requests = 0;
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    connections += 1;
    sockets.add(socket);
    socket.on('error', () => undefined);
    socket.on('data', (chunk: Buffer) => answer(chunk, socket, requests++));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closing.push(() => {
    for (const socket of sockets) socket.destroy();
    return new Promise<void>((resolve) => server.close(() => resolve()));
  });
  const address = server.address();
  return {
    port: typeof address === 'object' && address !== null ? address.port : 0,
    connections: () => connections,
  };
}
function connectTo(port: number, timeoutMs = 2000, quietMs = 20): ModbusLine {
  const connection = modbusLine({
    transport: { kind: 'rtu-over-tcp', host: '127.0.0.1', port },
    timeoutMs,
    quietMs,
    reconnectMinMs: 1,
    reconnectMaxMs: 4,
    clock,
  });
  closing.push(() => connection.close());
  return connection;
}

describe('golden frames', () => {
  test.each<[string, ModbusRequest, string]>([
    ['Acrel: total energy', read(1, 0, 2), '01 03 00 00 00 02 C4 0B'],
    ['Acrel: five energies', read(1, 0, 10), '01 03 00 00 00 0A C5 CD'],
    ['Acrel DDSY: U to Hz, past the local code', read(1, 0x0b, 7), '01 03 00 0B 00 07 75 CA'],
    ['Acrel: events, as the maker prints it', read(1, 0x3001, 6), '01 03 30 01 00 06 9B 08'],
    ['Acrel: switch read back', read(1, 0x57, 2), '01 03 00 57 00 02 75 DB'],
    [
      'Acrel: off',
      { kind: 'write', unitId: 1, functionCode: 16, address: 0x57, values: [1, 1] },
      '01 10 00 57 00 02 04 00 01 00 01 27 75',
    ],
    [
      'Acrel: on',
      { kind: 'write', unitId: 1, functionCode: 16, address: 0x57, values: [1, 0] },
      '01 10 00 57 00 02 04 00 01 00 00 E6 B5',
    ],
    [
      'Acrel: released',
      { kind: 'write', unitId: 1, functionCode: 16, address: 0x57, values: [0, 0] },
      '01 10 00 57 00 02 04 00 00 00 00 B7 75',
    ],
    [
      'Eastron: import energy',
      { kind: 'read', unitId: 1, functionCode: 4, address: 0x48, count: 2 },
      '01 04 00 48 00 02 F1 DD',
    ],
  ])('%s', (_name, request, frame) => {
    expect(encodeRtuRequest(request).toString('hex')).toBe(bytesOf(frame).toString('hex'));
  });

  test.each([
    ['Acrel: 1234.56 kWh', '01 03 04 00 01 E2 40 E2 A3', '03 04 0001e240'],
    [
      'Acrel DDSY: U to Hz',
      '01 03 0E 08 FD 02 0B 04 AE 00 3C 04 B4 03 E3 13 8A AC 88',
      '03 0e 08fd020b04ae003c04b403e3138a',
    ],
    ['Acrel: written', '01 10 00 57 00 02 F0 18', '10 0057 0002'],
    ['Acrel: illegal address', '01 83 02 C0 F1', '83 02'],
    ['Eastron: 1234.5 kWh', '01 04 04 44 9A 50 00 F3 5B', '04 04 449a5000'],
    ['ABB: 123456.78 kWh', '01 03 08 00 00 00 00 00 BC 61 4E FD 97', '03 08 0000000000bc614e'],
    ['Carlo Gavazzi: 12345.6 kWh', '01 04 04 E2 40 00 01 0D E8', '04 04 e2400001'],
    ['Xintai: 0.545 m3', '01 03 04 1E 85 0B 3F AA D2', '03 04 1e850b3f'],
  ])('%s is an answer; any one bit of it wrong is none', (_name, frame, pdu) => {
    const good = bytesOf(frame);
    const whole = deframeRtu(good);
    expect(whole).toMatchObject({ kind: 'frame', frame: { transactionId: null, unitId: 1 } });
    expect(whole.kind === 'frame' && whole.frame.pdu.toString('hex')).toBe(pdu.replaceAll(' ', ''));
    for (let length = 0; length < good.length; length += 1)
      expect(deframeRtu(good.subarray(0, length)).kind).toBe('more');
    for (let bit = 0; bit < 8 * good.length; bit += 1) {
      const bad = Buffer.from(good);
      bad.writeUInt8(bad.readUInt8(bit >> 3) ^ (1 << (bit & 7)), bit >> 3);
      expect(deframeRtu(bad).kind).not.toBe('frame');
    }
  });
});

const answer1234 = bytesOf('01 03 04 00 01 E2 40 E2 A3');
/** The same meter a moment later: 1234.57 kWh. */
const answer1235 = bytesOf('01 03 04 00 01 E2 41 23 63');

describe('without transaction ids', () => {
  test('a late answer is never taken for the next: any time-out closes the connection', async () => {
    const { port, connections } = await serve((_request, socket, nth) => {
      if (nth === 0) setTimeout(() => socket.write(answer1234), 500);
      else setTimeout(() => socket.write(answer1235), 200);
    });
    const connection = connectTo(port, 400);
    expect(faultOf(await connection.ask(read(1, 0, 2)))).toBe('no-answer');
    expect(connection.connected).toBe(false);
    expect(shown(await connection.ask(read(1, 0, 2)))).toBe('0001e241');
    expect(connections()).toBe(2);
  });

  test('after a time-out nothing is asked for a while: what is on the way meets nobody', async () => {
    const asked: number[] = [];
    const { port } = await serve((_request, socket, nth) => {
      asked.push(Date.now());
      if (nth > 0) socket.write(answer1235);
    });
    const connection = connectTo(port, 500, 150);
    await connection.ask(read(1, 0, 2));
    const endedMs = Date.now();
    expect(shown(await connection.ask(read(1, 0, 2)))).toBe('0001e241');
    expect((asked[1] ?? 0) - endedMs).toBeGreaterThanOrEqual(145);
  });

  test('the same question never goes twice over one connection, other questions do', async () => {
    const { port, connections } = await serve((request, socket) => {
      const count = request.readUInt16BE(4);
      const body = Buffer.concat([request.subarray(0, 2), Buffer.from([2 * count]), Buffer.alloc(2 * count)]);
      let crc = 0xffff;
      for (const byte of body) {
        crc ^= byte;
        for (let bit = 0; bit < 8; bit += 1) crc = (crc & 1) === 1 ? (crc >>> 1) ^ 0xa001 : crc >>> 1;
      }
      socket.write(Buffer.concat([body, Buffer.from([crc & 0xff, crc >>> 8])]));
    });
    const connection = connectTo(port);
    for (const request of [read(1, 0, 2), read(1, 0, 3), read(2, 0, 2)])
      expect(faultOf(await connection.ask(request))).toBe('none');
    expect(connections()).toBe(1);
    // Another address, but its answer would look the same.
    expect(faultOf(await connection.ask(read(1, 40, 2)))).toBe('none');
    expect(connections()).toBe(2);
    expect(connection.counters).toMatchObject({ connects: 2, renewals: 1, strays: 0, closedGarbled: 0 });
  });

  test('an answer that comes again while nothing is asked ends the connection', async () => {
    const { port, connections } = await serve((_request, socket, nth) => {
      socket.write(nth === 0 ? answer1234 : bytesOf('02 03 04 00 01 E2 40 D1 A3'));
      if (nth === 0) setTimeout(() => socket.write(answer1234), 5);
    });
    const connection = connectTo(port);
    expect(shown(await connection.ask(read(1, 0, 2)))).toBe('0001e240');
    await sleep(40);
    expect(connection.connected).toBe(false);
    expect(connection.counters.strays).toBe(1);
    expect(faultOf(await connection.ask(read(2, 0, 2)))).toBe('none');
    expect(connections()).toBe(2);
  });

  test.each<[string, string, string]>([
    ['a wrong check sum', '01 03 04 00 01 E2 40 E2 A4', 'garbled'],
    ['another unit', '02 03 04 00 01 E2 40 D1 A3', 'foreign-answer'],
    ['another function', '01 04 04 44 9A 50 00 F3 5B', 'foreign-answer'],
    ['other registers than asked', '01 03 08 00 00 00 00 00 BC 61 4E FD 97', 'wrong-length'],
    ['an exception', '01 83 02 C0 F1', 'exception'],
    ['a frame with the header of Modbus TCP', '00 01 00 00 00 07 01 03 04 00 01 E2 40', 'garbled'],
    ['words before the answer', '41 54 0D 0A 01 03 04 00 01 E2 40 E2 A3', 'garbled'],
    ['the answer twice in one piece', '01 03 04 00 01 E2 40 E2 A3 01 03 04 00 01 E2 40 E2 A3', 'garbled'],
    ['half an answer', '01 03 04 00', 'no-answer'],
  ])('%s is not believed, and the next question is asked afresh', async (_name, bytes, fault) => {
    const { port, connections } = await serve((_request, socket, nth) =>
      socket.write(nth === 0 ? bytesOf(bytes) : answer1234),
    );
    const connection = connectTo(port, 400);
    expect(faultOf(await connection.ask(read(1, 0, 2)))).toBe(fault);
    expect(shown(await connection.ask(read(1, 0, 2)))).toBe('0001e240');
    expect(connections()).toBe(2);
  });

  test('an answer in pieces is believed by its check sum, when nothing follows', async () => {
    const { port } = await serve((_request, socket) => {
      socket.write(answer1234.subarray(0, 4));
      setTimeout(() => socket.write(answer1234.subarray(4)), 5);
    });
    expect(shown(await connectTo(port).ask(read(1, 0, 2)))).toBe('0001e240');
  });

  test('a write is done when its echo says so', async () => {
    const { port } = await serve((_request, socket, nth) =>
      socket.write(bytesOf(nth === 0 ? '01 10 00 57 00 02 F0 18' : '01 10 00 56 00 02 A1 D8')),
    );
    const write: ModbusRequest = {
      kind: 'write',
      unitId: 1,
      functionCode: 16,
      address: 0x57,
      values: [1, 1],
    };
    const connection = connectTo(port);
    expect(faultOf(await connection.ask(write))).toBe('none');
    expect(faultOf(await connection.ask(write))).toBe('foreign-answer');
  });
});
