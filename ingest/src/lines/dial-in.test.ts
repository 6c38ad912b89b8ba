// SPDX-License-Identifier: Apache-2.0
import { Buffer } from 'node:buffer';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, expect, test } from '@jest/globals';
import { crcOf } from '../modbus/hostile-framings.ts';
import { rtuExchange } from '../modbus/exchanges.ts';
import { createDialIn, type DialIn, type DialInTransport, type UnknownCall } from './dial-in.ts';
import type { LineConnection } from './line-connection.ts';
import { lineOpener } from './open-line.ts';

const clock = { nowMs: () => Date.now() };
const closing: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

interface Listening {
  readonly dialIn: DialIn;
  readonly unknown: UnknownCall[];
  lineOf(transport: Partial<DialInTransport> & { readonly registration: string }): LineConnection;
  /** Calls, says what it has to say, and answers each question with its number. */
  call(first: string | Buffer, number?: number): Promise<Socket>;
}

async function listen(callsPerSecondMax = 1e6): Promise<Listening> {
  const unknown: UnknownCall[] = [];
  const dialIn = createDialIn({
    clock,
    redialMs: 2_000,
    callsPerSecondMax,
    onUnknownCaller: (call) => unknown.push(call),
  });
  await dialIn.listen({ host: '127.0.0.1', port: 0 });
  closing.push(() => dialIn.stop());
  const open = lineOpener(dialIn);
  return {
    dialIn,
    unknown,
    lineOf: (transport) => {
      const whole = {
        kind: 'rtu-dial-in',
        registrationOn: 'connect',
        heartbeat: null,
        ...transport,
      } as const;
      const line = open(whole, { timeoutMs: 1_000, quietMs: 20, clock });
      closing.push(() => line.close());
      return line;
    },
    call: async (first, number = 1) => {
      const socket = connect({ host: '127.0.0.1', port: dialIn.port ?? 0 });
      closing.push(() => void socket.destroy());
      socket.on('error', () => undefined);
      socket.on('data', (question: Buffer) => {
        const words = Array.from({ length: question.readUInt16BE(4) }, () => [0, number]).flat();
        const body = Buffer.from([question[0] ?? 0, 3, words.length, ...words]);
        socket.write(Buffer.concat([body, crcOf(body)]));
      });
      await once(socket, 'connect');
      socket.write(first);
      return socket;
    },
  };
}

const ask = async (line: LineConnection, unitId = 1): Promise<unknown> => {
  const answer = await line.ask(rtuExchange({ kind: 'read', unitId, functionCode: 3, address: 0, count: 1 }));
  return answer.ok ? answer.words.readUInt16BE(0) : answer.fault;
};

test('a gateway that calls in is asked on the line it opened, and again after it was asked the same', async () => {
  const { lineOf, call } = await listen();
  const line = lineOf({ registration: 'GATE-1' });
  await call('GATE-1', 7);
  expect([await ask(line), await ask(line), await ask(line, 2)]).toEqual([7, 7, 7]);
  expect(line.counters).toMatchObject({ connects: 1, strays: 0 });
});

test('names in bytes, in pieces, and such that begin like another', async () => {
  const { lineOf, call } = await listen();
  const [short, long, bytes] = ['AB', 'ABC', 'hex:00ff10'].map((registration) => lineOf({ registration }));
  await call('AB', 1);
  const inPieces = await call('A', 2);
  inPieces.write('BC');
  await call(Buffer.from('00ff10', 'hex'), 3);
  if (short === undefined || long === undefined || bytes === undefined) throw new Error('no line');
  expect([await ask(short), await ask(long), await ask(bytes)]).toEqual([1, 2, 3]);
});

test('who is unknown is told once, kept, and taken when somebody claims it', async () => {
  const { lineOf, call, unknown } = await listen();
  await call('STRANGER', 5);
  for (let tries = 0; unknown.length === 0 && tries < 400; tries += 1) await sleep(5);
  expect(unknown).toEqual([{ registration: 'STRANGER', remoteAddress: '127.0.0.1' }]);
  expect(await ask(lineOf({ registration: 'STRANGER' }))).toBe(5);
});

test('a second call with the same name takes the place of the first', async () => {
  const { lineOf, call } = await listen();
  const line = lineOf({ registration: 'GATE' });
  const first = await call('GATE', 1);
  expect(await ask(line)).toBe(1);
  const hungUp = once(first, 'close');
  await call('GATE', 2);
  await hungUp;
  expect(await ask(line)).toBe(2);
});

test('a gateway that calls again and again is refused; the line it has stays', async () => {
  const { lineOf, call } = await listen(0);
  const line = lineOf({ registration: 'STORM' });
  const calls: Socket[] = [];
  for (let number = 1; number <= 10; number += 1) {
    const before = calls.at(-1);
    const replaced = before === undefined ? Promise.resolve() : once(before, 'close');
    calls.push(await call('STORM', number));
    await replaced;
  }
  expect(await ask(line)).toBe(10);
  const refused = await call('STORM', 99);
  await once(refused, 'close');
  expect(await ask(line)).toBe(10);
  expect(calls.at(-1)?.destroyed).toBe(false);
});

test('heartbeats before, between and after answers are no answers', async () => {
  const { lineOf, call } = await listen();
  const line = lineOf({ registration: 'GATE', heartbeat: 'hex:aa' });
  const socket = await call('GATE', 3);
  expect(await ask(line)).toBe(3);
  socket.write(Buffer.from('aaaa', 'hex'));
  await sleep(30);
  expect(await ask(line, 2)).toBe(3);
  expect(line.counters).toMatchObject({ connects: 1, strays: 0 });
});

test('after a time-out the line is closed, and the gateway is waited for', async () => {
  const { lineOf, call } = await listen();
  const line = lineOf({ registration: 'MUTE' });
  const mute = await call('MUTE');
  mute.removeAllListeners('data');
  const hungUp = once(mute, 'close');
  expect(await ask(line)).toBe('no-answer');
  await hungUp;
  const asked = ask(line);
  await call('MUTE', 4);
  expect(await asked).toBe(4);
});

test('a gateway that does not call is not there', async () => {
  const { lineOf } = await listen();
  const line = lineOf({ registration: 'NOBODY' });
  line.hurry();
  expect(await ask(line)).toBe('no-connection');
});
