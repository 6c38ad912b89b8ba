// SPDX-License-Identifier: Apache-2.0
/** A model joins by one file: the guide's own example, put into a directory and nothing else done. */
import { Buffer } from 'node:buffer';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { pathToFileURL } from 'node:url';
import { afterEach, expect, test } from '@jest/globals';
import type { GatewaySnapshot, MeterSnapshot } from '@wattledger/contracts';
import { registerMapSummaryShape } from '@wattledger/contracts/http/ingest';
import { ServerTCP } from 'modbus-serial';
import { pollMeter } from '../collector/meter-poll.ts';
import { pollTargets } from '../collector/poll-targets.ts';
import { modbusLine } from '../testing/modbus-line.ts';
import { present } from '../testing/present.ts';
import { loadRegisterMaps, registerMaps, summaryOf } from './register-maps.ts';

const guide = new URL('../../../docs/guides/adding-a-meter-model.md', import.meta.url);
const closing: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

/** A Modbus server somebody else wrote, which tells which registers were asked. */
async function serve(registers: ReadonlyMap<number, number>, asked: string[]): Promise<number> {
  const server = new ServerTCP(
    {
      getInputRegister: (address: number) => registers.get(address) ?? 0,
      getHoldingRegister: (address: number) => {
        asked.push(`holding ${address}`);
        return 0;
      },
    },
    { host: '127.0.0.1', port: 0, unitID: 255 },
  );
  closing.push(() => new Promise<void>((resolve) => server.close(() => resolve())));
  return await new Promise<number>((resolve) => {
    server.on('initialized', () => {
      const inner = (server as unknown as { _server: { address(): { port: number } } })._server;
      resolve(inner.address().port);
    });
  });
}

const meter: MeterSnapshot = {
  id: 'mtr_1',
  projectId: 'prj_1',
  serial: 'E1',
  modelId: 'example-em1',
  gatewayId: 'gtw_1',
  unitId: 7,
  lineAddress: null,
  pollIntervalSeconds: null,
  switchable: false,
  enabled: true,
};
const gatewayAt = (port: number): GatewaySnapshot => ({
  id: 'gtw_1',
  projectId: 'prj_1',
  code: 'G',
  name: 'G',
  transport: { kind: 'modbus-tcp', host: '127.0.0.1', port },
  timeoutMs: 2000,
  pollIntervalSeconds: null,
  enabled: true,
});

test("the guide's example is polled, decoded and shown without a line of code", async () => {
  const example = present(/```json\n([^]*?)```/.exec(readFileSync(guide, 'utf8'))?.[1]);
  const directory = mkdtempSync(`${tmpdir()}/models-`);
  closing.push(() => rmSync(directory, { recursive: true }));
  writeFileSync(`${directory}/example-em1.json`, example);
  const maps = loadRegisterMaps(pathToFileURL(`${directory}/`));
  expect(registerMaps.has('example-em1')).toBe(false);

  // 12345.6 kWh, low word first; 1.5 kW; 50.02 Hz.
  const float = Buffer.alloc(4);
  float.writeFloatBE(1.5);
  const asked: string[] = [];
  const port = await serve(
    new Map([
      [2, 123456 & 0xffff],
      [3, 123456 >>> 16],
      [8, float.readUInt16BE(2)],
      [9, float.readUInt16BE(0)],
      [10, 5002],
    ]),
    asked,
  );
  const [target] = pollTargets(
    { projects: [], gateways: [gatewayAt(port)], meters: [meter], points: [] },
    maps,
  );
  const { ask } = present(target?.meters[0]);
  expect(present(ask).plan.map(({ functionCode, address, count }) => [functionCode, address, count])).toEqual(
    [[4, 2, 9]],
  );
  const connection = modbusLine({
    transport: { kind: 'modbus-tcp', host: '127.0.0.1', port },
    timeoutMs: 2000,
    clock: { nowMs: () => Date.now() },
  });
  closing.push(() => connection.close());
  const { answer, fault } = await pollMeter(connection, present(ask));
  expect(fault).toBeNull();
  expect(present(answer).registers).toMatchObject([
    { register: 'energy.import.total', value: 123456, scaler: 2, unit: 'Wh' },
  ]);
  expect(present(answer).parameters).toEqual({ 'power.active.total': 1500, frequency: 50.02 });
  expect(asked).toEqual([]);
  const summary = registerMapSummaryShape.parse(summaryOf(present(maps.get('example-em1'))));
  expect(summary.registers.map((row) => [row.name, row.confidence])).toContainEqual([
    'frequency',
    'inferred',
  ]);
});
