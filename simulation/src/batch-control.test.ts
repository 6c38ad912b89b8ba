// SPDX-License-Identifier: Apache-2.0
/**
 * Goal: a batch reaches every meter, however the product fares. Method: a hundred simulated meters on five gateways, ten of
 * them silent, are disconnected in one batch; the product is killed in the middle and started again. Ninety are done with
 * their registers read back, ten wait; when they answer again they are done by themselves. The relays are asked of the
 * simulated meters, not believed from the product.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { flatCalendar } from '@wattledger/contracts';
import type { CommandBatch, CommandBatchDetail } from '@wattledger/contracts/http/commands';
import type { MeterStates } from '@wattledger/contracts/http/ingest';
import type { ActionList } from '@wattledger/contracts/http/registry';
import { createSimulatedFleet, type SimulatedFleet } from '@wattledger/ingest';
import { signIn, type Api } from './api.ts';
import { flatProject } from './flat-project.ts';
import { startProduct, type StartedProduct } from './product-process.ts';

const gateways = ['G1', 'G2', 'G3', 'G4', 'G5'];
const metersOfGateway = 20;
const meters = gateways.flatMap((gateway) =>
  Array.from({ length: metersOfGateway }, (_, index) => ({
    serial: `${gateway}-${index + 1}`,
    gateway,
    unitId: index + 1,
    modelId: 'acrel-ddsy1352',
    parent: null,
    load: { kind: 'shop' as const, dayConsumption: 90_000, seed: index },
    registerAtStart: 1_000,
  })),
);
const silent = meters.filter(({ unitId }) => unitId <= 2);

let directory: string;
let fleet: SimulatedFleet;
let product: StartedProduct;
let api: Api;
let project: string;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'wattledger-batch-'));
  fleet = createSimulatedFleet({
    seed: 5,
    directory: null,
    historyDays: 2,
    clock: { nowMs: () => Date.now() },
    answerDelayMs: [20, 60],
    sites: [{ code: 'S', zone: 'UTC', calendar: flatCalendar, gateways, meters }],
  });
  await fleet.start();
  product = await startProduct(join(directory, 'data'), ['--empty']);
  const password = /as admin with password (\S+)/.exec(product.output())?.[1] ?? '';
  api = await signIn(() => product.url, 'admin', password);
  await makeSite();
}, 120_000);

afterAll(async () => {
  await product.stop();
  await fleet.stop();
  await rm(directory, { recursive: true, force: true });
}, 60_000);

async function makeSite(): Promise<void> {
  const { projectId } = await api.post<{ projectId: string }>(
    '/api/projects/import-site',
    JSON.stringify({
      ...flatProject({ code: 'batch', name: 'Batch', pollIntervalSeconds: 3 }),
      gateways: gateways.map((code) => ({
        code,
        name: code,
        host: '127.0.0.1',
        port: fleet.portOf('S', code),
        timeout_ms: 300,
      })),
      meters: meters.map(({ serial, gateway, unitId, modelId }) => ({
        serial,
        model: modelId,
        gateway,
        unit_id: unitId,
        switchable: 'yes',
      })),
      metering_points: meters.map(({ serial }) => ({
        code: serial,
        name: serial,
        medium: 'electricity',
        role: 'sub',
        sub_item: 'tenant',
        meter_serial: serial,
        register: 'energy.active.total',
      })),
    }),
  );
  project = `/api/projects/${projectId}`;
}

/** Waits for a fact of the product; says the last state when it does not come. */
async function until<T>(what: string, ask: () => Promise<T>, holds: (value: T) => boolean): Promise<T> {
  const deadlineMs = Date.now() + 120_000;
  let value = await ask();
  while (!holds(value)) {
    if (Date.now() > deadlineMs)
      throw new Error(`${what} did not come; last: ${JSON.stringify(value).slice(0, 2_000)}`);
    await sleep(200);
    value = await ask();
  }
  return value;
}

const closedOf = (these: readonly { serial: string }[]): number =>
  these.filter(({ serial }) => fleet.isSupplyClosed('S', serial)).length;

test('a hundred disconnected, ten out of reach, the product killed in the middle', async () => {
  const statesOf = (): Promise<MeterStates> => api.get<MeterStates>(`${project}/meter-states`);
  await until(
    'all meters online',
    statesOf,
    (states) =>
      states.meters.length === meters.length && states.meters.every(({ online }) => online === true),
  );
  const lifts = silent.map(({ gateway, unitId }) =>
    fleet.setFault({ site: 'S', gateway, unitId }, { kind: 'silent' }),
  );
  const request = {
    action: 'disconnect',
    filter: { medium: 'electricity' },
    reason: 'the riser is rebuilt',
    metersExpected: meters.length,
  };
  const given = await api.post<CommandBatch>(`${project}/command-batches`, request, 'batch-of-a-hundred');
  const detailOf = (): Promise<CommandBatchDetail> =>
    api.get<CommandBatchDetail>(`${project}/command-batches/${given.batchId}`);
  await until('the batch half way', detailOf, ({ batch }) => (batch.counts.confirmed ?? 0) >= 20);
  await product.kill();
  product = await startProduct(join(directory, 'data'));
  // Whoever repeats the request after the crash gets the same batch.
  const again = await api.post<CommandBatch>(`${project}/command-batches`, request, 'batch-of-a-hundred');
  expect(again.batchId).toBe(given.batchId);

  const { batch, items } = await until(
    'ninety',
    detailOf,
    (found) => (found.batch.counts.confirmed ?? 0) >= 90,
  );
  expect(batch.counts).toMatchObject({ confirmed: 90, waiting: 10, failed: 0, expired: 0, refused: 0 });
  const confirmed = items.filter(({ state }) => state === 'confirmed');
  expect(confirmed.every(({ evidence }) => /read back 0x0057 = 1 1$/.test(evidence))).toBe(true);
  expect([closedOf(meters), closedOf(silent)]).toEqual([10, 10]);

  for (const lift of lifts) lift();
  const done = await until('the ten', detailOf, (found) => (found.batch.counts.confirmed ?? 0) >= 100);
  expect(done.batch.counts).toMatchObject({ confirmed: 100, waiting: 0 });
  expect(closedOf(meters)).toBe(0);
  const recorded = await until(
    'the log of actions',
    () => api.get<ActionList>(`${project}/actions?action=meter.disconnect&limit=200`),
    ({ actions }) => new Set(actions.map(({ subject }) => subject)).size === 100,
  );
  expect(recorded.actions[0]?.after).toMatchObject({ outcome: 'confirmed', reason: 'the riser is rebuilt' });
}, 400_000);
