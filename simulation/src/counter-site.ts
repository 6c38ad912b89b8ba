// SPDX-License-Identifier: Apache-2.0
/**
 * A small arcade with a counter, for trials that follow money to the last unit: flat price, readings pushed on the quarter hour,
 * three accounts that were paid by transfer, one metering point that is free. It is late morning to early afternoon there,
 * whatever the machine's clock says, so that no trial runs over midnight.
 */
import { localDayOf } from '@wattledger/contracts';
import type { Tree } from '@wattledger/contracts/http/registry';
import { signIn, type Api } from './api.ts';
import { flatProject } from './flat-project.ts';
import { drained } from './torment.ts';

export const slotMs = 1_800_000;
const readEveryMs = 900_000;
const hourMs = 3_600_000;
const dayMs = 86_400_000;
/** 1.00 a kilowatt-hour. */
const rateMicros = 1_000_000;
/** Every meter counts 0.25 kWh in a quarter of an hour: 0.50 a slot. */
const countsPerReading = 25;
export const slotChargeMicros = 500_000;
const countsAtStart = 120_000;
/** Offsets eight hours apart that never change: it is always working time in one of them. */
const zones = [
  { zone: 'Asia/Shanghai', aheadMs: 8 * hourMs },
  { zone: 'Africa/Abidjan', aheadMs: 0 },
  { zone: 'Pacific/Pitcairn', aheadMs: -8 * hourMs },
] as const;

export const shops = {
  noodles: { code: 'T1', name: 'Noodle House 面馆', point: 'P1', paidMicros: 30_000_000 },
  bakery: { code: 'T2', name: 'Corner Bakery 街角面包', point: 'P2', paidMicros: 80_000_000 },
  tailor: { code: 'T3', name: 'Fine Tailor 细针裁缝', point: 'P3', paidMicros: 200_000_000 },
  tea: { code: 'T4', name: 'Tea Room 茶室', point: 'P4', paidMicros: 0 },
} as const;
export type Shop = keyof typeof shops;
const shopNames = Object.keys(shops) as Shop[];

export interface Person {
  readonly login: string;
  readonly name: string;
  readonly password: string;
}

export interface CounterSite {
  readonly projectId: string;
  /** Beginning of the project's paths over HTTP. */
  readonly project: string;
  readonly zone: string;
  readonly today: string;
  /** When the three accounts were opened: yesterday's first instant. */
  readonly openedAtMs: number;
  readonly admin: Api;
  readonly cashier: Person;
  readonly signer: Person;
  accountOf(shop: Shop): string;
  /** Pushes what the meters counted until now and waits until it is charged. @returns the last slot boundary */
  readMeters(): Promise<number>;
}

/** Where it is between eight and four o'clock now. */
function workingZone(nowMs: number): { readonly zone: string; readonly midnightMs: number } {
  for (const { zone, aheadMs } of zones) {
    const sinceMidnightMs = (nowMs + aheadMs) % dayMs;
    if (sinceMidnightMs >= 8 * hourMs && sinceMidnightMs < 16 * hourMs)
      return { zone, midnightMs: nowMs - sinceMidnightMs };
  }
  throw new Error('three zones eight hours apart cover the day');
}

const siteFileOf = (zone: string): string => {
  const { project, ...calendar } = flatProject({
    code: 'arcade',
    name: 'West Arcade 西廊',
    pollIntervalSeconds: 600,
  });
  return JSON.stringify({
    ...calendar,
    project: { ...(project as object), zone, currency: 'CNY', slot_minutes: slotMs / 60_000 },
    places: [
      { code: 'A', name: 'Arcade', kind: 'building' },
      ...shopNames.map((_, index) => ({
        code: `R${String(index + 1)}`,
        name: `Room ${String(index + 1)}`,
        kind: 'room',
        parent: 'A',
      })),
    ],
    tenants: shopNames.map((shop) => ({ code: shops[shop].code, name: shops[shop].name, class: 'shop' })),
    meters: shopNames.map((shop) => ({ serial: serialOf(shop) })),
    metering_points: shopNames.map((shop, index) => ({
      code: shops[shop].point,
      name: `Meter of room ${String(index + 1)}`,
      medium: 'electricity',
      role: 'sub',
      sub_item: 'tenant',
      place: `R${String(index + 1)}`,
      tenant: shops[shop].code,
      meter_serial: serialOf(shop),
      register: 'energy.active.total',
    })),
  });
};
const serialOf = (shop: Shop): string => `2411-${shops[shop].point}`;

/** @param adminPassword as printed at the first start */
export async function makeCounterSite(address: () => string, adminPassword: string): Promise<CounterSite> {
  const admin = await signIn(address, 'admin', adminPassword);
  const { zone, midnightMs } = workingZone(Date.now());
  const { projectId } = await admin.post<{ projectId: string }>(
    '/api/projects/import-site',
    siteFileOf(zone),
  );
  const project = `/api/projects/${projectId}`;
  const person = async (login: string, name: string, role: string, everywhere = false): Promise<Person> => {
    const body = { login, name, roles: [{ projectId: everywhere ? '*' : projectId, role }] };
    const { initialPassword } = await admin.post<{ initialPassword: string }>('/api/staff', body);
    // The first sign-in has to change it.
    await signIn(address, login, initialPassword);
    return { login, name, password: `${initialPassword}-${login}'s-own` };
  };
  const approver = await person('approver', 'Price approver', 'administrator', true);
  const second = await signIn(address, approver.login, approver.password);
  const openedAtMs = midnightMs - dayMs;
  const priceSchemeId = await approvedPrice(admin, second, project, openedAtMs - dayMs);
  const tree = await admin.get<Tree>(`${project}/tree`);
  const accounts = new Map<Shop, string>();
  for (const shop of shopNames.filter((name) => shops[name].paidMicros > 0))
    accounts.set(shop, await openPaidAccount(admin, project, { tree, shop, openedAtMs, priceSchemeId }));
  await admin.put(`${project}/counter-policy`, {
    shiftRequired: true,
    reversalRules: ['same-day', 'same-shift', 'balance-suffices'],
  });
  return {
    projectId,
    project,
    zone,
    today: localDayOf(zone, Date.now()),
    openedAtMs,
    admin,
    cashier: await person('lin', 'Lin Yue 林悦', 'finance'),
    signer: await person('mei', 'Mei Ran 梅然', 'finance'),
    accountOf: (shop) => accounts.get(shop) ?? '',
    readMeters: () => readMeters(admin, projectId, openedAtMs),
  };
}

async function approvedPrice(admin: Api, second: Api, project: string, fromMs: number): Promise<string> {
  const { priceSchemeId } = await admin.post<{ priceSchemeId: string }>(`${project}/price-schemes`, {
    name: 'Shops',
    medium: 'electricity',
  });
  const versions = `${project}/price-schemes/${priceSchemeId}/versions`;
  const { priceVersionId } = await admin.post<{ priceVersionId: string }>(versions, {
    effectiveFromMs: fromMs,
    rates: { flat: rateMicros },
  });
  await admin.post(`${versions}/${priceVersionId}/submit`, {});
  await second.post(`${versions}/${priceVersionId}/approve`, {});
  return priceSchemeId;
}

interface PaidAccount {
  readonly tree: Tree;
  readonly shop: Shop;
  readonly openedAtMs: number;
  readonly priceSchemeId: string;
}
/** Paid by transfer, with the reference that the bank's file has. */
async function openPaidAccount(admin: Api, project: string, wanted: PaidAccount): Promise<string> {
  const { code, point, paidMicros } = shops[wanted.shop];
  const { accountId } = await admin.post<{ accountId: string }>(
    `${project}/accounts`,
    {
      tenantId: wanted.tree.tenants.find((tenant) => tenant.code === code)?.id,
      points: [
        {
          meteringPointId: wanted.tree.points.find((one) => one.code === point)?.id,
          priceSchemeId: wanted.priceSchemeId,
        },
      ],
      openedAtMs: wanted.openedAtMs,
      alarm1Micros: 20_000_000,
      alarm2Micros: 5_000_000,
    },
    `open-account-${code}`,
  );
  const vend = { amountMicros: paidMicros, means: 'transfer', reference: bankReferenceOf(wanted.shop) };
  await admin.post(`${project}/accounts/${accountId}/vends`, vend, `paid-by-transfer-${code}`);
  return accountId;
}
export const bankReferenceOf = (shop: Shop): string => `BANK-${shops[shop].code}`;

async function readMeters(admin: Api, projectId: string, fromMs: number): Promise<number> {
  const nowMs = Date.now();
  const readings = shopNames.flatMap((shop) =>
    Array.from({ length: Math.floor((nowMs - fromMs) / readEveryMs) + 1 }, (_, index) => ({
      serial: serialOf(shop),
      register: 'energy.active.total',
      instant: fromMs + index * readEveryMs,
      value: countsAtStart + index * countsPerReading,
      // Hundredths of a kilowatt-hour.
      scaler: 1,
    })),
  );
  // The same reading again has no second effect.
  await admin.post('/api/readings', { projectId, readings });
  await drained(admin);
  return fromMs + Math.floor((nowMs - fromMs) / slotMs) * slotMs;
}
