// SPDX-License-Identifier: Apache-2.0
/**
 * Our client and our simulated gateways against pymodbus, which somebody else wrote, in both framings. Skipped where
 * python3 has no pymodbus (`pip install pymodbus`).
 */
import type { Buffer } from 'node:buffer';
import { execFile, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterEach, describe, expect, test } from '@jest/globals';
import { flatCalendar } from '@wattledger/contracts';
import { createSimulatedFleet } from '../simulated-fleet/index.ts';
import type { ModbusRequest } from './frames.ts';
import { modbusLine } from '../testing/modbus-line.ts';

const python = 'python3';
const isThere = spawnSync(python, ['-c', 'import pymodbus.simulator']).status === 0;
if (!isThere) process.stderr.write('skipped: pymodbus as a peer (python3 has no pymodbus)\n');
const describeWithPeer = isThere ? describe : describe.skip;

const closing: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});
const clock = { nowMs: () => Date.now() };

async function startPeer(framer: string): Promise<number> {
  const script = fileURLToPath(new URL('./pymodbus-peer.py', import.meta.url));
  const peer = spawn(python, [script, framer], { stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = once(peer, 'exit');
  closing.push(async () => {
    peer.kill();
    await ended;
  });
  const [line] = (await Promise.race([once(peer.stdout, 'data'), ended])) as [Buffer];
  return Number(line.toString());
}

const transports: readonly ['modbus-tcp' | 'rtu-over-tcp', string][] = [
  ['modbus-tcp', 'socket'],
  ['rtu-over-tcp', 'rtu'],
];

describeWithPeer('pymodbus', () => {
  test.each(transports)(
    '%s: as the server, read, written, refusing',
    async (transport, framer) => {
      const connection = modbusLine({
        transport: { kind: transport, host: '127.0.0.1', port: await startPeer(framer) },
        timeoutMs: 5000,
        clock,
      });
      closing.push(() => connection.close());
      const ask = async (request: ModbusRequest): Promise<string> => {
        const answer = await connection.ask(request);
        return answer.ok ? answer.words.toString('hex') : answer.fault;
      };
      const read = (unitId: number, functionCode: 3 | 4, address: number, count: number): Promise<string> =>
        ask({ kind: 'read', unitId, functionCode, address, count });
      expect(await read(1, 3, 5, 2)).toBe('0069006a');
      expect(await read(7, 4, 0, 3)).toBe('02bc02bd02be');
      expect((await read(1, 3, 0, 125)).length).toBe(500);
      expect(await read(1, 3, 300, 1)).toBe('exception');
      expect(await ask({ kind: 'write', unitId: 7, functionCode: 16, address: 87, values: [1, 0] })).toBe('');
      expect(await ask({ kind: 'write', unitId: 7, functionCode: 6, address: 90, values: [513] })).toBe('');
      expect(await read(7, 3, 87, 4)).toBe('0001000003150201');
      // The same question twice: RTU takes a new connection for it.
      expect(await read(1, 3, 7, 2)).toBe('006b006c');
      expect(connection.counters).toMatchObject({ strays: 0, closedGarbled: 0 });
    },
    60_000,
  );

  test.each(transports)(
    '%s: as the client of a simulated gateway',
    async (transport, framer) => {
      const fleet = createSimulatedFleet({
        seed: 3,
        directory: null,
        historyDays: 1,
        clock,
        answerDelayMs: [0, 1],
        sites: [
          {
            code: 'S',
            zone: 'UTC',
            calendar: flatCalendar,
            gateways: ['G'],
            rtuGateways: transport === 'rtu-over-tcp' ? ['G'] : [],
            meters: [
              {
                serial: 'M',
                gateway: 'G',
                unitId: 9,
                modelId: 'acrel-dtsy1352',
                parent: null,
                load: { kind: 'shop', dayConsumption: 0, seed: 1 },
                registerAtStart: 1_234_560,
              },
            ],
          },
        ],
      });
      await fleet.start();
      closing.push(() => fleet.stop());
      const script = `
import sys
from pymodbus import FramerType
from pymodbus.client import ModbusTcpClient
client = ModbusTcpClient("127.0.0.1", port=int(sys.argv[1]), framer=FramerType(sys.argv[2]), timeout=5)
client.connect()
print(client.read_holding_registers(0, count=2, device_id=9).registers)
print(client.write_registers(87, [1, 1], device_id=9).isError())
print(client.read_holding_registers(87, count=2, device_id=9).registers)
print(client.read_holding_registers(40000, count=2, device_id=9).exception_code)
client.close()
`;
      const { stdout } = await promisify(execFile)(python, [
        '-c',
        script,
        String(fleet.portOf('S', 'G')),
        framer,
      ]);
      expect(stdout.trim().split('\n')).toEqual(['[1, 57920]', 'False', '[1, 1]', '2']);
      expect(fleet.isSupplyClosed('S', 'M')).toBe(false);
    },
    60_000,
  );
});
