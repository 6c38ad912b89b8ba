// SPDX-License-Identifier: Apache-2.0
/** A serial port with meters of two protocols on its wire. Skipped where python3 has no pseudo-terminals. */
import { Buffer } from 'node:buffer';
import { afterEach, expect, test } from '@jest/globals';
import { readExchange } from '../dlt645/exchanges.ts';
import { attachDltMeters, simulatedDltMeter } from '../dlt645/simulated-meter.ts';
import { rtuExchange } from '../modbus/exchanges.ts';
import { crcOf } from '../modbus/hostile-framings.ts';
import { startPtyBridge, whyNoPty } from '../testing/pty-bridge.ts';
import type { Exchange } from './exchange.ts';
import { lineOpener } from './open-line.ts';

const clock = { nowMs: () => Date.now() };
const closing: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});
const noPty = whyNoPty();
if (noPty !== null) process.stderr.write(`skipped: serial ports (${noPty})\n`);
const testWithPty = noPty === null ? test : test.skip;

function serialLine(path: string) {
  const settings = { kind: 'serial', path, baud: 9600, parity: 'none', stopBits: 1 } as const;
  const line = lineOpener(null)(settings, { timeoutMs: 1_000, quietMs: 50, clock });
  closing.push(() => line.close());
  return async (exchange: Exchange): Promise<string> => {
    const answer = await line.ask(exchange);
    return answer.ok ? answer.words.toString('hex') : `${answer.fault}: ${answer.reason}`;
  };
}

testWithPty('Modbus and DL/T 645 share a wire; a second reader of the port is refused', async () => {
  const bridge = await startPtyBridge(1, (socket) => {
    attachDltMeters(socket, [simulatedDltMeter('210000000042', 1234)]);
    socket.on('data', (question: Buffer) => {
      if (question[0] !== 7) return;
      const words = Buffer.alloc(2 * question.readUInt16BE(4), 0x2a);
      const body = Buffer.concat([Buffer.from([7, 3, words.length]), words]);
      socket.write(Buffer.concat([body, crcOf(body)]));
    });
  });
  closing.push(() => bridge.stop());
  const path = bridge.paths[0] ?? '';
  const ask = serialLine(path);
  const modbus = rtuExchange({ kind: 'read', unitId: 7, functionCode: 3, address: 0, count: 2 });
  const dlt645 = readExchange('210000000042', '00010000', 4);
  expect([await ask(modbus), await ask(dlt645), await ask(modbus), await ask(dlt645)]).toEqual([
    '2a2a2a2a',
    '34120000',
    '2a2a2a2a',
    '34120000',
  ]);
  expect(await serialLine(path)(modbus)).toMatch(/^no-connection: /);
  expect(await ask(modbus)).toBe('2a2a2a2a');
});

test('a port that is not there is told', async () => {
  const modbus = rtuExchange({ kind: 'read', unitId: 7, functionCode: 3, address: 0, count: 2 });
  expect(await serialLine('/dev/ttyNOT-THERE')(modbus)).toMatch(/^no-connection: \/dev\/ttyNOT-THERE: /);
});
