// SPDX-License-Identifier: Apache-2.0
import { Buffer } from 'node:buffer';
import { createServer, type Server, type Socket } from 'node:net';
import { afterEach, describe, expect, test } from '@jest/globals';
import { modbusLine, type ModbusLine } from '../testing/modbus-line.ts';
import type { ModbusAnswer } from './modbus-connection.ts';
import type { ModbusRequest } from './frames.ts';

const clock = { nowMs: () => Date.now() };
const closing: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

/** A server whose answers a test writes itself. */
async function serve(
  answer: (request: Buffer, socket: Socket) => void,
): Promise<{ port: number; server: Server; connections: () => number }> {
  let connections = 0;
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    connections += 1;
    sockets.add(socket);
    socket.on('error', () => undefined);
    socket.on('data', (chunk: Buffer) => answer(chunk, socket));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closing.push(() => {
    for (const socket of sockets) socket.destroy();
    return new Promise<void>((resolve) => server.close(() => resolve()));
  });
  const address = server.address();
  return {
    port: typeof address === 'object' && address !== null ? address.port : 0,
    server,
    connections: () => connections,
  };
}
function connectTo(
  port: number,
  timeoutMs = 2000,
  more: { reconnectMinMs?: number; reconnectMaxMs?: number } = {},
): ModbusLine {
  const connection = modbusLine({
    transport: { kind: 'modbus-tcp', host: '127.0.0.1', port },
    timeoutMs,
    clock,
    ...more,
  });
  closing.push(() => connection.close());
  return connection;
}
const read = (unitId: number, address: number, count: number): ModbusRequest => ({
  kind: 'read',
  unitId,
  functionCode: 3,
  address,
  count,
});
const faultOf = (answer: ModbusAnswer): string => (answer.ok ? 'none' : answer.fault);
const frame = (hex: string): Buffer => Buffer.from(hex.replaceAll(' ', ''), 'hex');
/** Answer of one register 0x0042 to any read, with the request's own transaction id and unit. */
const goodAnswer = (request: Buffer): Buffer =>
  Buffer.concat([request.subarray(0, 2), frame('0000 0005'), request.subarray(6, 8), frame('02 0042')]);

describe('one answer at a time', () => {
  test.each<[string, (request: Buffer) => Buffer, string]>([
    ['the right answer', goodAnswer, 'none'],
    [
      'another unit',
      (q) => Buffer.concat([q.subarray(0, 2), frame('0000 0005 09 03 02 0042')]),
      'foreign-answer',
    ],
    [
      'another function',
      (q) => Buffer.concat([q.subarray(0, 2), frame('0000 0005'), q.subarray(6, 7), frame('04 02 0042')]),
      'foreign-answer',
    ],
    [
      'a register too many',
      (q) => Buffer.concat([q.subarray(0, 2), frame('0000 0007'), q.subarray(6, 8), frame('04 0042 0043')]),
      'wrong-length',
    ],
    [
      'a byte count that lies',
      (q) => Buffer.concat([q.subarray(0, 2), frame('0000 0005'), q.subarray(6, 8), frame('04 0042')]),
      'garbled',
    ],
    [
      'an MBAP length of 0',
      (q) => Buffer.concat([q.subarray(0, 2), frame('0000 0000'), q.subarray(6, 8), frame('02 0042')]),
      'garbled',
    ],
    ['an RTU frame with its CRC', () => frame('01 03 04 00 01 E2 40 E2 A3'), 'garbled'],
    ['the answer twice in one piece', (q) => Buffer.concat([goodAnswer(q), goodAnswer(q)]), 'garbled'],
    [
      'exception 2',
      (q) => Buffer.concat([q.subarray(0, 2), frame('0000 0003'), q.subarray(6, 7), frame('83 02')]),
      'exception',
    ],
    [
      'exception 11',
      (q) => Buffer.concat([q.subarray(0, 2), frame('0000 0003'), q.subarray(6, 7), frame('83 0B')]),
      'target-silent',
    ],
  ])('%s', async (_name, answer, fault) => {
    const { port } = await serve((request, socket) => socket.write(answer(request)));
    expect(faultOf(await connectTo(port).ask(read(1, 0, 1)))).toBe(fault);
  });

  test('a late answer is not taken for the next one, and the connection goes on', async () => {
    let held: Buffer | null = null;
    const { port, connections } = await serve((request, socket) => {
      if (held === null) held = Buffer.concat([goodAnswer(request).subarray(0, -2), frame('FFFF')]);
      else socket.write(Buffer.concat([held, goodAnswer(request)]));
    });
    const connection = connectTo(port, 60);
    expect(faultOf(await connection.ask(read(1, 0, 1)))).toBe('no-answer');
    const answer = await connection.ask(read(1, 0, 1));
    expect(answer.ok && answer.words.toString('hex')).toBe('0042');
    expect([connections(), connection.counters.strays]).toEqual([1, 1]);
  });

  /** Sends header and body, or the registers themselves, in two pieces. */
  const inPieces = (at: number, spoil: (index: number) => string) => {
    let index = 0;
    return (request: Buffer, socket: Socket): void => {
      const whole = Buffer.concat([goodAnswer(request).subarray(0, -2), frame(spoil(index++))]);
      socket.write(whole.subarray(0, at));
      setTimeout(() => socket.write(whole.subarray(at)), 5);
    };
  };
  test.each<[string, number, (index: number) => string, string]>([
    ['header and body apart', 7, (index) => `004${index}`, '0040'],
    ['registers apart, twice the same', 10, () => '0042', '0042'],
    ['registers apart, and the next time others', 10, (index) => `004${index}`, 'garbled'],
  ])('an answer in pieces: %s', async (_name, at, spoil, expected) => {
    const { port } = await serve(inPieces(at, spoil));
    const answer = await connectTo(port).ask(read(1, 0, 1));
    expect(answer.ok ? answer.words.toString('hex') : answer.fault).toBe(expected);
  });

  test('an answer cut short ends the connection, so that its rest cannot be joined to the next', async () => {
    const { port, connections } = await serve((request, socket) =>
      socket.write(goodAnswer(request).subarray(0, connectionsSeen++ === 0 ? 8 : 11)),
    );
    let connectionsSeen = 0;
    const connection = connectTo(port, 60);
    expect(faultOf(await connection.ask(read(1, 0, 1)))).toBe('no-answer');
    expect(faultOf(await connection.ask(read(1, 0, 1)))).toBe('none');
    expect(connections()).toBe(2);
  });

  test('a write must be echoed as it was asked', async () => {
    const write: ModbusRequest = {
      kind: 'write',
      unitId: 1,
      functionCode: 16,
      address: 0x57,
      values: [1, 1],
    };
    const seen: string[] = [];
    const { port } = await serve((request, socket) => {
      seen.push(request.subarray(6).toString('hex'));
      const quantity = seen.length === 1 ? '0002' : '0001';
      socket.write(Buffer.concat([request.subarray(0, 2), frame('0000 0006 01 10 0057'), frame(quantity)]));
    });
    const connection = connectTo(port);
    expect(faultOf(await connection.ask(write))).toBe('none');
    expect(faultOf(await connection.ask(write))).toBe('foreign-answer');
    // The golden frame of the meter's maker, without address byte and CRC.
    expect(seen[0]).toBe('0110005700020400010001');
  });

  test('two requests at once are a mistake of ours', async () => {
    const { port } = await serve((request, socket) =>
      setTimeout(() => socket.write(goodAnswer(request)), 20),
    );
    const connection = connectTo(port);
    const first = connection.ask(read(1, 0, 1));
    await expect(connection.ask(read(2, 0, 1))).rejects.toThrow(/already in flight/);
    expect((await first).ok).toBe(true);
  });

  test('more registers than Modbus has room for are refused before anything is sent', async () => {
    const connection = connectTo(1);
    await expect(connection.ask(read(1, 0, 126))).rejects.toThrow(/126 registers/);
    await expect(
      connection.ask({ kind: 'write', unitId: 1, functionCode: 6, address: 0, values: [1, 2] }),
    ).rejects.toThrow(/one register/);
  });
});

describe('connecting', () => {
  test('a dead gateway is tried again only after a growing pause', async () => {
    let now = 0;
    const { port, server } = await serve(() => undefined);
    await new Promise((resolve) => server.close(resolve));
    const connection = modbusLine({
      transport: { kind: 'modbus-tcp', host: '127.0.0.1', port },
      timeoutMs: 500,
      reconnectMinMs: 1000,
      reconnectMaxMs: 3000,
      clock: { nowMs: () => now },
    });
    closing.push(() => connection.close());
    const tries: number[] = [];
    for (const at of [0, 500, 1000, 2500, 3000, 5999, 6000, 8999, 9000]) {
      now = at;
      expect(faultOf(await connection.ask(read(1, 0, 1)))).toBe('no-connection');
      tries.push(connection.counters.connectFailures);
    }
    // Pauses of 1, 2, 3 and again 3 s.
    expect(tries).toEqual([1, 1, 2, 2, 3, 3, 4, 4, 5]);
  });

  test('a connection dropped while idle is opened afresh within the same question', async () => {
    let first: Socket | null = null;
    const { port, connections } = await serve((request, socket) => {
      first ??= socket;
      socket.write(goodAnswer(request));
    });
    const connection = connectTo(port);
    expect((await connection.ask(read(1, 0, 1))).ok).toBe(true);
    (first as Socket | null)?.destroy();
    expect((await connection.ask(read(1, 0, 1))).ok).toBe(true);
    expect(connections()).toBe(2);
  });

  test('a closed connection opens nothing any more', async () => {
    const { port, connections } = await serve((request, socket) => socket.write(goodAnswer(request)));
    const connection = connectTo(port);
    connection.close();
    expect(faultOf(await connection.ask(read(1, 0, 1)))).toBe('no-connection');
    expect(connections()).toBe(0);
  });
});
