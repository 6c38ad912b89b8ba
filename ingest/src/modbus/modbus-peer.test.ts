// SPDX-License-Identifier: Apache-2.0
/** Our client against a server somebody else wrote. */
import { afterEach, expect, test } from '@jest/globals';
import { ServerTCP } from 'modbus-serial';
import { modbusLine } from '../testing/modbus-line.ts';

let close: (() => Promise<void>) | null = null;
afterEach(async () => {
  await close?.();
});

test('modbus-serial as the server: reads, writes of one and several registers, exceptions, several units', async () => {
  const registers = new Map<string, number>([
    ['3:0', 0x0001],
    ['3:1', 0xe240],
    ['7:0', 5],
  ]);
  const server = new ServerTCP(
    {
      getHoldingRegister: (address: number, unit: number) => {
        const value = registers.get(`${unit}:${address}`);
        if (value === undefined) throw Object.assign(new Error('no such register'), { modbusErrorCode: 2 });
        return value;
      },
      getInputRegister: (address: number, unit: number) => address + unit,
      setRegister: (address: number, value: number, unit: number) =>
        void registers.set(`${unit}:${address}`, value),
    },
    { host: '127.0.0.1', port: 0, unitID: 255 },
  );
  const port = await new Promise<number>((resolve) => {
    server.on('initialized', () => {
      const inner = (server as unknown as { _server: { address(): { port: number } } })._server;
      resolve(inner.address().port);
    });
  });
  const connection = modbusLine({
    transport: { kind: 'modbus-tcp', host: '127.0.0.1', port },
    timeoutMs: 2000,
    clock: { nowMs: () => Date.now() },
  });
  close = async () => {
    connection.close();
    await new Promise<void>((resolve) => server.close(() => resolve()));
  };
  const words = async (
    unitId: number,
    functionCode: 3 | 4,
    address: number,
    count: number,
  ): Promise<string> => {
    const answer = await connection.ask({ kind: 'read', unitId, functionCode, address, count });
    return answer.ok ? answer.words.toString('hex') : `${answer.fault}: ${answer.reason}`;
  };
  expect(await words(3, 3, 0, 2)).toBe('0001e240');
  expect(await words(7, 3, 0, 1)).toBe('0005');
  expect(await words(9, 4, 100, 2)).toBe('006d006e');
  expect(await words(3, 3, 50, 1)).toBe('exception: exception 2 (illegal data address)');
  expect(
    (await connection.ask({ kind: 'write', unitId: 3, functionCode: 16, address: 0x57, values: [1, 1] })).ok,
  ).toBe(true);
  expect(
    (await connection.ask({ kind: 'write', unitId: 7, functionCode: 6, address: 0, values: [6] })).ok,
  ).toBe(true);
  expect(await words(3, 3, 0x57, 2)).toBe('00010001');
  expect(await words(7, 3, 0, 1)).toBe('0006');
});
