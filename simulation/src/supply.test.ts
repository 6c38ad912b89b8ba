// SPDX-License-Identifier: Apache-2.0
/**
 * Goal: money moves a real relay register. Method: the product as a process polls a simulated meter over its socket; an
 * account runs dry and is cut, but not in protected hours; a top-up brings the supply back. The relay is read by a
 * Modbus master of the test's own, not believed from the product.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { flatCalendar } from '@wattledger/contracts';
import type {
  AccountDetail,
  DryRun,
  SupplyDecisionList,
  SupplyPolicy,
} from '@wattledger/contracts/http/billing';
import type { Tree } from '@wattledger/contracts/http/registry';
import { createSimulatedFleet, type SimulatedFleet } from '@wattledger/ingest';
import { signIn, type Api } from './api.ts';
import { flatProject } from './flat-project.ts';
import { startProduct, type StartedProduct } from './product-process.ts';

const unitId = 7;
let directory: string;
let fleet: SimulatedFleet;
let product: StartedProduct;
let api: Api;
let project: string;
let account: string;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'wattledger-supply-'));
  // A heavy load, so that every poll finds the register moved.
  fleet = createSimulatedFleet({
    seed: 3,
    directory: null,
    historyDays: 2,
    clock: { nowMs: () => Date.now() },
    timeScale: 60,
    sites: [
      {
        code: 'S',
        zone: 'UTC',
        calendar: flatCalendar,
        gateways: ['G1'],
        meters: [
          {
            serial: 'SHOP',
            gateway: 'G1',
            unitId,
            modelId: 'acrel-dtsy1352',
            parent: null,
            load: { kind: 'server-room', dayConsumption: 480_000, seed: 1 },
            registerAtStart: 0,
          },
        ],
      },
    ],
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
      ...flatProject({ code: 'supply', name: 'Supply', pollIntervalSeconds: 1 }),
      tenants: [{ code: 'T', name: 'Tenant', class: 'shop' }],
      gateways: [
        { code: 'G1', name: 'G1', host: '127.0.0.1', port: fleet.portOf('S', 'G1'), timeout_ms: 500 },
      ],
      meters: [
        { serial: 'SHOP', model: 'acrel-dtsy1352', gateway: 'G1', unit_id: unitId, switchable: 'yes' },
      ],
      metering_points: [
        {
          code: 'P',
          name: 'Shop',
          medium: 'electricity',
          role: 'sub',
          sub_item: 'tenant',
          tenant: 'T',
          meter_serial: 'SHOP',
          register: 'energy.active.total',
        },
      ],
    }),
  );
  project = `/api/projects/${projectId}`;
  const { initialPassword } = await api.post<{ initialPassword: string }>('/api/staff', {
    login: 'second',
    name: 'Second',
    roles: [{ projectId: '*', role: 'administrator' }],
  });
  const second = await signIn(() => product.url, 'second', initialPassword);
  const { priceSchemeId } = await api.post<{ priceSchemeId: string }>(`${project}/price-schemes`, {
    name: 'Dear',
    medium: 'electricity',
  });
  const versions = `${project}/price-schemes/${priceSchemeId}/versions`;
  const beginMs = Math.floor(Date.now() / 900_000) * 900_000;
  const { priceVersionId } = await api.post<{ priceVersionId: string }>(versions, {
    effectiveFromMs: beginMs - 86_400_000,
    rates: { flat: 100_000_000 },
  });
  await api.post(`${versions}/${priceVersionId}/submit`, {});
  await second.post(`${versions}/${priceVersionId}/approve`, {});
  const { calendarId } = await api.post<{ calendarId: string }>(`${project}/protection-calendars`, {
    name: 'Always',
    spans: [{ weekdays: [1, 2, 3, 4, 5, 6, 7], fromMinute: 0, toMinute: 1440 }],
    days: [],
  });
  await setPolicy({ automatic: true, calendarIds: [calendarId] });
  const tree = await api.get<Tree>(`${project}/tree`);
  const opened = await api.post<{ accountId: string }>(
    `${project}/accounts`,
    {
      tenantId: tree.tenants[0]?.id,
      points: [{ meteringPointId: tree.points[0]?.id, priceSchemeId }],
      openedAtMs: beginMs,
      alarm1Micros: 500_000,
      alarm2Micros: 200_000,
      firstVend: { amountMicros: 1_000_000, means: 'cash' },
    },
    'open-the-account',
  );
  account = `${project}/accounts/${opened.accountId}`;
}

async function setPolicy(change: Partial<SupplyPolicy>): Promise<void> {
  const policy = await api.get<SupplyPolicy>(`${project}/supply-policy`);
  await api.put(`${project}/supply-policy`, {
    ...policy,
    disconnectThresholdMicros: 0,
    graceMinutes: 0,
    ...change,
  });
}

/** Waits for a fact of the product or of the meter; says the last state when it does not come. */
async function until<T>(
  what: string,
  ask: () => Promise<T>,
  holds: (value: T) => boolean,
  msMax: number,
): Promise<T> {
  const deadlineMs = Date.now() + msMax;
  let value = await ask();
  while (!holds(value)) {
    if (Date.now() > deadlineMs)
      throw new Error(`${what} did not come; last: ${JSON.stringify(value).slice(0, 2_000)}`);
    await sleep(200);
    value = await ask();
  }
  return value;
}

/** Registers 0x0057 (forced mode) and 0x0058 (1 = open) as the meter shows them. */
function relayRegisters(): Promise<readonly [number, number]> {
  return new Promise((resolve, reject) => {
    const socket = connect(fleet.portOf('S', 'G1'), '127.0.0.1', () => {
      socket.write(Buffer.from([0, 9, 0, 0, 0, 6, unitId, 3, 0, 0x57, 0, 2]));
    });
    socket.once('data', (frame: Buffer) => {
      socket.destroy();
      resolve([frame.readUInt16BE(9), frame.readUInt16BE(11)]);
    });
    socket.once('error', reject);
  });
}

const detail = (): Promise<AccountDetail> => api.get<AccountDetail>(account);

test('run dry in protected hours: not cut; after them: cut, with the register read back; topped up: back', async () => {
  await until('a balance below zero', detail, ({ balanceMicros }) => balanceMicros < 0, 60_000);
  // The whole day is protected: the decision says so, and the relay stays closed.
  const dryRun = await api.get<DryRun>(`${project}/supply-dry-run?all=true`);
  expect(dryRun.rows[0]?.gates.filter(({ passes }) => !passes).map(({ gate }) => gate)).toEqual([
    'protected-hours',
  ]);
  await sleep(3_000);
  expect((await detail()).supply).toMatchObject({ desiredRelay: 'closed', reportedRelay: 'closed' });
  expect(fleet.isSupplyClosed('S', 'SHOP')).toBe(true);

  await setPolicy({ automatic: true, calendarIds: [] });
  const cut = await until(
    'the disconnection',
    detail,
    ({ supply }) => supply.reportedRelay === 'open',
    60_000,
  );
  expect(cut.supply.desiredRelay).toBe('open');
  expect(await relayRegisters()).toEqual([1, 1]);
  const standing = fleet.countAt('S', 'SHOP', Date.now());
  await sleep(2_000);
  expect(fleet.countAt('S', 'SHOP', Date.now())).toBe(standing);

  const { decisions } = await api.get<SupplyDecisionList>(`${project}/supply-decisions`);
  const decision = decisions.find(({ action }) => action === 'disconnect');
  expect(decision?.gates.every(({ passes }) => passes)).toBe(true);
  expect(decision?.commands[0]).toMatchObject({ action: 'disconnect', outcome: 'confirmed' });

  const paidMs = Date.now();
  await api.post(`${account}/vends`, { amountMicros: 900_000_000, means: 'cash' }, 'top-up-after-cut');
  await until('the reconnection', detail, ({ supply }) => supply.reportedRelay === 'closed', 60_000);
  expect(Date.now() - paidMs).toBeLessThan(60_000);
  expect((await relayRegisters())[1]).toBe(0);
  expect(fleet.isSupplyClosed('S', 'SHOP')).toBe(true);
}, 240_000);
