// SPDX-License-Identifier: Apache-2.0
/** 10,000 questions on each kind of line to meters that answer wrongly in every way: no wrong value is taken. */
import { Buffer } from 'node:buffer';
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, expect, test } from '@jest/globals';
import { readExchange } from '../dlt645/exchanges.ts';
import { dlt645Framing } from '../dlt645/hostile-framing.ts';
import { rtuExchange, tcpExchange } from '../modbus/exchanges.ts';
import { rtuFraming, tcpFraming } from '../modbus/hostile-framings.ts';
import {
  hostileMeters,
  seededRandom,
  startHostileGateway,
  type Dress,
  type HostileFraming,
  type HostileMeters,
} from '../modbus/hostile-gateway.ts';
import type { Answer, Exchange } from './exchange.ts';
import { createDialIn } from './dial-in.ts';
import type { LineConnection } from './line-connection.ts';
import { dialLine, lineOpener, lineOn, type LineTimes } from './open-line.ts';
import { serialEnd } from './serial-end.ts';
import { startPtyBridge, whyNoPty } from '../testing/pty-bridge.ts';

const clock = { nowMs: () => Date.now() };
const closing: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

const polls = 10_000;
const timeoutMs = 30;
const lateMs = 45;
const heartbeat = 'www.usr.cn';
const faultOf = (answer: Answer): string => (answer.ok ? 'none' : answer.fault);

interface HostileLine {
  readonly line: LineConnection;
  truth(): Buffer | undefined;
}
interface Field {
  readonly kinds: readonly string[];
  readonly done: Readonly<Record<string, number>>;
  lineOf(index: number): Promise<HostileLine> | HostileLine;
}
type Question = (random: () => number) => Exchange;

/** Few shapes, so that a stray answer often has the very shape that is asked for. */
const modbusQuestion = (exchangeOf: typeof rtuExchange): Question => {
  return (random) =>
    exchangeOf({
      kind: 'read',
      unitId: 1 + Math.floor(random() * 3),
      functionCode: 3,
      address: 0,
      count: random() < 0.7 ? 2 : 10,
    });
};

interface Tally {
  readonly results: Record<string, number>;
  wrong: number;
  strays: number;
}

async function pollAll(field: Field, question: Question, lines: number, seed: number): Promise<Tally> {
  const tally: Tally = { results: {}, wrong: 0, strays: 0 };
  const poll = async (index: number): Promise<void> => {
    const { line, truth } = await field.lineOf(index);
    closing.push(() => line.close());
    const random = seededRandom(seed + index);
    for (let left = polls / lines; left > 0; left -= 1) {
      let answer = await line.ask(question(random));
      // The pause before the next connection is no poll.
      while (!answer.ok && answer.reason.includes('tried again')) {
        await sleep(2);
        answer = await line.ask(question(random));
      }
      tally.results[faultOf(answer)] = (tally.results[faultOf(answer)] ?? 0) + 1;
      if (answer.ok && truth()?.equals(answer.words) !== true) tally.wrong += 1;
    }
    tally.strays += line.counters.strays;
  };
  await Promise.all(Array.from({ length: lines }, async (_, index) => await poll(index)));
  return tally;
}

const times = (quietMs: number): LineTimes => ({
  timeoutMs,
  quietMs,
  reconnectMinMs: 1,
  reconnectMaxMs: 4,
  clock,
});

async function dialledField(
  framing: HostileFraming,
  kind: 'modbus-tcp' | 'rtu-over-tcp',
  seed: number,
): Promise<Field> {
  const gateway = await startHostileGateway({ framing, seed, lateMs });
  closing.push(() => gateway.close());
  return {
    ...gateway,
    lineOf: () => {
      const line = dialLine({ kind, host: '127.0.0.1', port: gateway.port }, times(15));
      return { line, truth: () => gateway.truthOf(line.localPort) };
    },
  };
}

/** Puts a heartbeat in front of, behind or into one of three packets. */
const withHeartbeats: Dress = (bytes, random) => {
  if (random() > 0.3) return bytes;
  const at = Math.floor(random() * (bytes.length + 1));
  return Buffer.concat([bytes.subarray(0, at), Buffer.from(heartbeat), bytes.subarray(at)]);
};

/** A serial server that calls again whenever it is hung up on, and breathes while nobody asks. */
function keepCalling(port: number, name: string, meters: HostileMeters, random: () => number): () => void {
  let stopped = false;
  let hangUp = (): void => undefined;
  const call = (): void => {
    if (stopped) return;
    const socket = connect({ host: '127.0.0.1', port });
    hangUp = () => socket.destroy();
    socket.once('connect', () => socket.write(name));
    meters.attach(socket, name);
    const breathing = setInterval(() => {
      const cut = Math.floor(random() * heartbeat.length);
      socket.write(heartbeat.slice(0, cut));
      socket.write(heartbeat.slice(cut));
    }, 40);
    socket.once('close', () => {
      clearInterval(breathing);
      setTimeout(call, 3);
    });
  };
  call();
  return () => {
    stopped = true;
    hangUp();
  };
}

async function dialledInField(
  framing: HostileFraming,
  registrationOn: 'connect' | 'every-packet',
  seed: number,
): Promise<Field> {
  const random = seededRandom(seed * 3);
  const dialIn = createDialIn({ clock, onUnknownCaller: () => undefined, callsPerSecondMax: 1e6 });
  await dialIn.listen({ host: '127.0.0.1', port: 0 });
  closing.push(() => dialIn.stop());
  const open = lineOpener(dialIn);
  const nameOf = (index: number): string => `LINE-${String(index).padStart(4, '0')}`;
  const fields: HostileMeters[] = [];
  return {
    get done() {
      const sum: Record<string, number> = {};
      for (const meters of fields)
        for (const [kind, often] of Object.entries(meters.done)) sum[kind] = (sum[kind] ?? 0) + often;
      return sum;
    },
    get kinds() {
      return fields[0]?.kinds ?? [];
    },
    lineOf: (index) => {
      const name = nameOf(index);
      const dress: Dress = (bytes, draw) =>
        registrationOn === 'connect'
          ? withHeartbeats(bytes, draw)
          : Buffer.concat([Buffer.from(name), withHeartbeats(bytes, draw)]);
      const meters = hostileMeters({ framing, seed: seed + index, lateMs, dress });
      fields.push(meters);
      const line = open({ kind: 'rtu-dial-in', registration: name, registrationOn, heartbeat }, times(60));
      closing.push(keepCalling(dialIn.port ?? 0, name, meters, random));
      return { line, truth: () => meters.truthOf(name) };
    },
  };
}

/** Serial ports of the machine, behind each a bad gateway. */
async function serialField(framing: HostileFraming, lines: number, seed: number): Promise<Field> {
  const meters = hostileMeters({ framing, seed, lateMs });
  const bridge = await startPtyBridge(lines, (socket, index) => meters.attach(socket, String(index)));
  closing.push(() => bridge.stop());
  return {
    ...meters,
    lineOf: (index) => {
      const path = bridge.paths[index] ?? '';
      const end = serialEnd({ kind: 'serial', path, baud: 115_200, parity: 'none', stopBits: 1 });
      return { line: lineOn(end, false, times(100)), truth: () => meters.truthOf(String(index)) };
    },
  };
}

interface Expectation {
  readonly faults: readonly string[];
  readonly straysMin: number;
  /** Of the polls, those that must get their answer. */
  readonly goodMin: number;
}

function judgeField(field: Field, tally: Tally, { faults, straysMin, goodMin }: Expectation): void {
  expect(tally.wrong).toBe(0);
  // The test is worth something only if every kind of trouble happened, strays came in, and good answers got through.
  for (const kind of field.kinds)
    expect({ kind, often: (field.done[kind] ?? 0) > 50 }).toEqual({ kind, often: true });
  expect(tally.strays).toBeGreaterThan(straysMin);
  expect(tally.results['none']).toBeGreaterThan(goodMin * polls);
  for (const fault of faults)
    expect({ fault, seen: (tally.results[fault] ?? 0) > 0 }).toEqual({ fault, seen: true });
}

const everyFault = ['no-answer', 'target-silent', 'exception', 'foreign-answer', 'wrong-length', 'garbled'];
const rtuQuestion = modbusQuestion(rtuExchange);

test('Modbus TCP', async () => {
  const seed = 20_261_101;
  const field = await dialledField(tcpFraming, 'modbus-tcp', seed);
  const tally = await pollAll(field, modbusQuestion(tcpExchange), 25, seed);
  judgeField(field, tally, { faults: [...everyFault, 'no-connection'], straysMin: 400, goodMin: 0.3 });
}, 120_000);

test('RTU, dialled', async () => {
  const seed = 20_261_120;
  const field = await dialledField(rtuFraming, 'rtu-over-tcp', seed);
  const tally = await pollAll(field, rtuQuestion, 50, seed);
  judgeField(field, tally, { faults: [...everyFault, 'no-connection'], straysMin: 50, goodMin: 0.3 });
}, 120_000);

test.each<['connect' | 'every-packet']>([['connect'], ['every-packet']])(
  'RTU, dialled in, registration on %s, heartbeats between and inside answers',
  async (registrationOn) => {
    const seed = 20_261_121;
    const field = await dialledInField(rtuFraming, registrationOn, seed);
    const tally = await pollAll(field, rtuQuestion, 50, seed);
    judgeField(field, tally, { faults: everyFault, straysMin: 50, goodMin: 0.3 });
  },
  300_000,
);

const noPty = whyNoPty();
if (noPty !== null) process.stderr.write(`skipped: a serial line with hostile meters (${noPty})\n`);
(noPty === null ? test : test.skip)(
  'RTU on a serial port',
  async () => {
    const seed = 20_261_122;
    const field = await serialField(rtuFraming, 50, seed);
    const tally = await pollAll(field, rtuQuestion, 50, seed);
    judgeField(field, tally, { faults: everyFault, straysMin: 50, goodMin: 0.3 });
  },
  300_000,
);

const dlt645Faults = ['no-answer', 'exception', 'foreign-answer', 'wrong-length', 'garbled'];
/** Two identifiers of four bytes, three meters. */
const dlt645Question: Question = (random) =>
  readExchange(`00000000010${1 + Math.floor(random() * 3)}`, random() < 0.7 ? '00010000' : '00020000', 4);

test('DL/T 645, dialled', async () => {
  const seed = 20_261_123;
  const field = await dialledField(dlt645Framing, 'rtu-over-tcp', seed);
  const tally = await pollAll(field, dlt645Question, 50, seed);
  judgeField(field, tally, { faults: [...dlt645Faults, 'no-connection'], straysMin: 50, goodMin: 0.3 });
}, 120_000);

test('DL/T 645, dialled in, heartbeats between and inside answers', async () => {
  const seed = 20_261_124;
  const field = await dialledInField(dlt645Framing, 'connect', seed);
  const tally = await pollAll(field, dlt645Question, 50, seed);
  judgeField(field, tally, { faults: dlt645Faults, straysMin: 50, goodMin: 0.3 });
}, 300_000);
