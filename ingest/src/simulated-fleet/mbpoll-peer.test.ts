// SPDX-License-Identifier: Apache-2.0
/**
 * Our simulated meters read and switched by mbpoll, a Modbus master that somebody else wrote on a library (libmodbus) that
 * shares nothing with us. Skipped where there is none (`apt-get install mbpoll`).
 */
import { execFile, spawnSync } from 'node:child_process';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { flatCalendar } from '@wattledger/contracts';
import { createSimulatedFleet, type MeterSpec, type SimulatedFleet } from './index.ts';

const isThere = spawnSync('mbpoll', ['-V']).error === undefined;
if (!isThere && process.env['WATTLEDGER_REQUIRE_ALL'] === '1') throw new Error('there is no mbpoll');
if (!isThere) process.stderr.write('skipped: mbpoll as a master (apt-get install mbpoll)\n');

let fleet: SimulatedFleet;
const meterOf = (serial: string, unitId: number, modelId: string, registerAtStart: number): MeterSpec => ({
  serial,
  gateway: 'G',
  unitId,
  modelId,
  parent: null,
  load: {
    kind: modelId === 'xintai-water' ? 'restaurant-water' : 'shop',
    dayConsumption: 0,
    seed: unitId,
  },
  registerAtStart,
});
beforeAll(async () => {
  fleet = createSimulatedFleet({
    seed: 11,
    directory: null,
    historyDays: 1,
    clock: { nowMs: () => Date.now() },
    answerDelayMs: [0, 1],
    sites: [
      {
        code: 'S',
        zone: 'UTC',
        calendar: flatCalendar,
        gateways: ['G'],
        meters: [
          meterOf('RELAY', 1, 'acrel-dtsy1352', 12_345_670),
          meterOf('FLOAT', 2, 'eastron-sdm630', 8_192_000),
          meterOf('WATER', 3, 'xintai-water', 545),
        ],
      },
    ],
  });
  await fleet.start();
});
afterAll(async () => {
  await fleet.stop();
});

/** What mbpoll prints of values ("[0]:  1234"), or of why there are none. */
async function mbpoll(...options: readonly string[]): Promise<string> {
  const line = ['-m', 'tcp', '-p', String(fleet.portOf('S', 'G')), '-0', '-1', '-o', '5'];
  // Options, the host, values to write: in that order.
  const at = options.indexOf('--');
  const [read, written] = at === -1 ? [options, []] : [options.slice(0, at), options.slice(at + 1)];
  const text = await new Promise<string>((resolve) => {
    execFile('mbpoll', [...line, ...read, '127.0.0.1', ...written], (_, out, trouble) =>
      resolve(out + trouble),
    );
  });
  const values = [...text.matchAll(/^\[\d+\]:\s+(\S+)/gm)].map(([, value]) => value);
  if (values.length > 0) return values.join(' ');
  return /(?:failed: |^)((?:Illegal|Target|Written).*)/m.exec(text)?.[1]?.trim() ?? text;
}

(isThere ? describe : describe.skip)('mbpoll', () => {
  test('reads whole numbers, floats and both address spaces', async () => {
    expect(await mbpoll('-a', '1', '-t', '4:int', '-B', '-r', '0', '-c', '1')).toBe('1234567');
    // 8,192 kWh, a float of input registers; the holding registers of the same numbers are others.
    expect(await mbpoll('-a', '2', '-t', '3:float', '-B', '-r', '72', '-c', '1')).toBe('8192');
    // 0.545 m³: the float 3F0B851F with its bytes reversed (the vendor's example, rounded down, ends in 1E).
    expect(await mbpoll('-a', '3', '-t', '4:hex', '-r', '1', '-c', '2')).toBe('0x1F85 0x0B3F');
  });

  test('is refused what the models refuse, and told who is not there', async () => {
    expect(await mbpoll('-a', '1', '-r', '40000', '-c', '2')).toBe('Illegal data address');
    expect(await mbpoll('-a', '2', '-t', '3', '-r', '1', '-c', '2')).toBe('Illegal data value');
    expect(await mbpoll('-a', '9', '-r', '0', '-c', '2')).toBe('Target device failed to respond');
  });

  test('switches by the one function code that a model knows', async () => {
    // One value goes by function 6, which this model refuses; two go by function 16.
    expect(await mbpoll('-a', '1', '-r', '87', '--', '1')).toBe('Illegal function');
    expect(fleet.isSupplyClosed('S', 'RELAY')).toBe(true);
    expect(await mbpoll('-a', '1', '-r', '87', '--', '1', '1')).toBe('Written 2 references.');
    expect(fleet.isSupplyClosed('S', 'RELAY')).toBe(false);
    expect(await mbpoll('-a', '1', '-r', '87', '-c', '2')).toBe('1 1');
    // The water meter's valve is the other way round: function 6, and 2 closes it.
    expect(await mbpoll('-a', '3', '-r', '28', '--', '2')).toBe('Written 1 references.');
    expect(fleet.isSupplyClosed('S', 'WATER')).toBe(false);
    expect(await mbpoll('-a', '3', '-r', '28', '--', '2', '2')).toBe('Illegal function');
  });
});
