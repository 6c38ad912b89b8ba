// SPDX-License-Identifier: Apache-2.0
/**
 * Goal: meters that were made without us are read right. Method: pymodbus serves three models in one process, with registers that
 * its own script lays out and values drawn anew; the product as a process learns of them over its API, and every value
 * that it shows must be the one the script would show on the meter's display. Skipped where python3 has no pymodbus.
 */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { MeterState, MeterStates } from '@wattledger/contracts/http/ingest';
import { signIn, type Api } from './api.ts';
import { startProduct, type StartedProduct } from './product-process.ts';

const python = 'python3';
const isThere = spawnSync(python, ['-c', 'import pymodbus.simulator']).status === 0;
if (!isThere && process.env['WATTLEDGER_REQUIRE_ALL'] === '1') throw new Error('python3 has no pymodbus');
if (!isThere) process.stderr.write('skipped: foreign meters (python3 has no pymodbus)\n');

/** What the script tells: counted registers as text, as on a display in kWh or m³; the others as the numbers they are. */
interface Foreign {
  readonly port: number;
  readonly shown: Readonly<Record<string, Readonly<Record<string, string | number>>>>;
}
const models: readonly { readonly unitId: number; readonly modelId: string }[] = [
  { unitId: 11, modelId: 'eastron-sdm630' },
  { unitId: 12, modelId: 'acrel-dtsy1352' },
  { unitId: 13, modelId: 'xintai-water' },
];
const framings = [
  { kind: 'modbus-tcp', framer: 'socket' },
  { kind: 'rtu-over-tcp', framer: 'rtu' },
] as const;

(isThere ? describe : describe.skip)('meters that pymodbus serves', () => {
  let directory: string;
  let product: StartedProduct;
  let api: Api;
  let project: string;
  const endings: (() => Promise<unknown>)[] = [];

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'wattledger-foreign-'));
    product = await startProduct(join(directory, 'data'), ['--empty'], {
      ACREL_UPLOAD_PORT: 'off',
      DIAL_IN_PORT: 'off',
    });
    const password = /as admin with password (\S+)/.exec(product.output())?.[1] ?? '';
    api = await signIn(() => product.url, 'admin', password);
    const body = { code: 'foreign', name: 'Foreign', zone: 'Europe/Berlin', currency: 'EUR' };
    project = `/api/projects/${(await api.post<{ id: string }>('/api/projects', body)).id}`;
  }, 120_000);
  afterAll(async () => {
    await product.stop();
    for (const end of endings) await end();
    await rm(directory, { recursive: true, force: true });
  }, 60_000);

  async function startForeign(framer: string): Promise<Foreign> {
    const script = join(import.meta.dirname, 'foreign-meters.py');
    const peer = spawn(python, [script, framer], { stdio: ['ignore', 'pipe', 'inherit'] });
    const ended = once(peer, 'exit');
    endings.push(() => (peer.kill(), ended));
    let text = '';
    for await (const piece of peer.stdout.setEncoding('utf8') as AsyncIterable<string>) {
      text += piece;
      if (text.endsWith('\n')) break;
    }
    return JSON.parse(text) as Foreign;
  }

  /** A gateway and its three meters. @returns ids of the meters by their unit ids */
  async function onboard(kind: string, port: number): Promise<ReadonlyMap<number, string>> {
    const { id: gatewayId } = await api.post<{ id: string }>(`${project}/gateways`, {
      code: kind,
      name: kind,
      transport: { kind, host: '127.0.0.1', port },
      timeoutMs: 5_000,
      pollIntervalSeconds: 5,
    });
    const ids = new Map<number, string>();
    for (const { unitId, modelId } of models) {
      const serial = `${kind}-${String(unitId)}`;
      const meter = { serial, modelId, gatewayId, unitId, switchable: unitId === 12 };
      ids.set(unitId, (await api.post<{ id: string }>(`${project}/meters`, meter)).id);
    }
    return ids;
  }
  async function stateWhen(
    what: string,
    meterId: string,
    holds: (state: MeterState) => boolean,
  ): Promise<MeterState> {
    for (let tries = 0; tries < 300; tries += 1) {
      const { meters } = await api.get<MeterStates>(`${project}/meter-states`);
      const state = meters.find((meter) => meter.meterId === meterId);
      if (state !== undefined && holds(state)) return state;
      await sleep(200);
    }
    throw new Error(`${what} did not come`);
  }

  test.each(framings)(
    '$kind: every value is the one on the display, and the supply is switched',
    async ({ kind, framer }) => {
      const { port, shown } = await startForeign(framer);
      const ids = await onboard(kind, port);
      for (const { unitId } of models) {
        const state = await stateWhen(
          `the reading of unit ${String(unitId)}`,
          ids.get(unitId) ?? '',
          ({ lastReadingMs }) => lastReadingMs !== null,
        );
        expect(state.lastFault).toBeNull();
        const seen = Object.fromEntries([
          ...state.registers.map(({ register, value, scaler }) => [
            register,
            Math.round(value * 10 ** scaler),
          ]),
          ...Object.entries(state.parameters),
        ]) as Record<string, number>;
        // Wh and litres of what stands on a display in kWh and m³.
        const told = Object.entries(shown[String(unitId)] ?? {}).map(([name, value]) => [
          name,
          typeof value === 'number' ? value : Math.round(Number(value) * 1_000),
        ]);
        expect(seen).toMatchObject(Object.fromEntries(told) as Record<string, number>);
        expect(told.length).toBeGreaterThanOrEqual(5);
      }
      const water = await stateWhen('the valve', ids.get(13) ?? '', ({ relay }) => relay === 'closed');
      expect(water.parameters['status.pipe']).toBe(0xaa);
      const relayed = ids.get(12) ?? '';
      const order = { action: 'disconnect', reason: 'trial of a foreign meter' };
      await api.post(`${project}/meters/${relayed}/control`, order, `disconnect-${kind}`);
      await stateWhen('the open relay', relayed, ({ relay }) => relay === 'open');
    },
    120_000,
  );
});
