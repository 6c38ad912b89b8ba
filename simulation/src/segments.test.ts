// SPDX-License-Identifier: Apache-2.0
/**
 * Goal: exchange, rollover, restart and change of ratio on a charged account, proposed by rule, confirmed and undone: energy and
 * money close at each step, and when all is undone every table is as it was. Method: the product as a process; what each state
 * must have counted and charged is worked out here from the readings by hand, span by span.
 */
import { mkdirSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { AccountDetail, Closure } from '@wattledger/contracts/http/billing';
import type { MountingAnswer, Tree } from '@wattledger/contracts/http/registry';
import type { SegmentProposals } from '@wattledger/contracts/http/segment-proposals';
import type { EnergyClosure } from '@wattledger/contracts/http/stream';
import type { DoctorReport } from '@wattledger/contracts/http/system';
import { Refused, signIn, type Api } from './api.ts';
import { findChromium, openBrowser, violationsOn } from './browser.ts';
import { startProduct, type StartedProduct } from './product-process.ts';
import { differences, readTables } from './tables.ts';
import { drained } from './torment.ts';
import { microsOf, rates, type Span } from './naive-charge.ts';
import { eventKinds, makeHistory, type EventKind, type PointHistory } from './segment-history.ts';

const chromium = findChromium();
const shots = join(import.meta.dirname, '..', '..', 'test-output', 'pages');
const paidMicros = 5_000_000_000;
const beginMs = Date.parse('2026-03-02T00:00:00Z');
/** One point meets everything in turn, the others one event each. */
const histories: readonly PointHistory[] = [
  makeHistory('ALL', eventKinds, beginMs),
  ...eventKinds.map((kind) => makeHistory(kind.toUpperCase(), [kind], beginMs)),
];

let directory: string;
let product: StartedProduct;
let api: Api;
let project: string;
let account: string;
let adminPassword: string;
const pointIds = new Map<string, string>();

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'wattledger-segments-'));
  product = await startProduct(join(directory, 'data'), ['--empty']);
  const password = /as admin with password (\S+)/.exec(product.output())?.[1] ?? '';
  api = await signIn(() => product.url, 'admin', password);
  // The first one had to be changed.
  adminPassword = `${password}-admin's-own`;
  await makeSite();
}, 180_000);

afterAll(async () => {
  await product.stop();
  await rm(directory, { recursive: true, force: true });
}, 60_000);

async function makeSite(): Promise<void> {
  const weekday = Object.fromEntries(
    ['monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday', 'sunday'].map((day) => [day, 'all']),
  );
  const imported = await api.post<{ projectId: string; faults: unknown[] }>(
    '/api/projects/import-site',
    JSON.stringify({
      project: {
        code: 'segments',
        name: 'Segments',
        zone: 'UTC',
        currency: 'EUR',
        slot_minutes: 30,
        poll_interval_seconds: 600,
        calendar_id: 'two',
        calendar_name: 'Two rates',
      },
      day_profiles: [
        ['00:00', 'valley'],
        ['08:00', 'peak'],
        ['22:00', 'valley'],
      ].map(([from, period]) => ({ profile: 'all', from, period })),
      seasons: [{ name: 'year', from: '01-01', ...weekday }],
      tenants: [{ code: 'T', name: 'Tenant', class: 'shop' }],
      meters: histories.map(({ code }) => ({ serial: `M-${code}` })),
      metering_points: histories.map(({ code, powerMax }) => ({
        code,
        name: code,
        medium: 'electricity',
        role: 'sub',
        sub_item: 'tenant',
        tenant: 'T',
        meter_serial: `M-${code}`,
        register: 'energy.active.total',
        multiplier: 20,
        power_max: powerMax,
      })),
    }),
  );
  expect(imported.faults).toEqual([]);
  const { projectId } = imported;
  project = `/api/projects/${projectId}`;
  const { initialPassword } = await api.post<{ initialPassword: string }>('/api/staff', {
    login: 'second',
    name: 'Second',
    roles: [{ projectId: '*', role: 'administrator' }],
  });
  const second = await signIn(() => product.url, 'second', initialPassword);
  const { priceSchemeId } = await api.post<{ priceSchemeId: string }>(`${project}/price-schemes`, {
    name: 'Two rates',
    medium: 'electricity',
  });
  const versions = `${project}/price-schemes/${priceSchemeId}/versions`;
  const { priceVersionId } = await api.post<{ priceVersionId: string }>(versions, {
    effectiveFromMs: beginMs - 86_400_000,
    rates,
  });
  await api.post(`${versions}/${priceVersionId}/submit`, {});
  await second.post(`${versions}/${priceVersionId}/approve`, {});
  const tree = await api.get<Tree>(`${project}/tree`);
  for (const { id, code } of tree.points) pointIds.set(code, id);
  const opened = await api.post<{ accountId: string }>(
    `${project}/accounts`,
    {
      tenantId: tree.tenants[0]?.id,
      points: tree.points.map(({ id }) => ({ meteringPointId: id, priceSchemeId })),
      openedAtMs: beginMs,
      alarm1Micros: 500_000,
      alarm2Micros: 200_000,
      firstVend: { amountMicros: paidMicros, means: 'cash' },
    },
    'open-the-account',
  );
  account = `${project}/accounts/${opened.accountId}`;
  await api.post('/api/readings', {
    projectId,
    readings: histories.flatMap(({ code, readings }) =>
      readings.map(({ atMs, value }) => ({
        serial: `M-${code}`,
        register: 'energy.active.total',
        instant: atMs,
        value,
        scaler: 1,
      })),
    ),
  });
}

/** How many of each point's events are confirmed. */
type Confirmed = Readonly<Record<string, number>>;
const none: Confirmed = Object.fromEntries(histories.map(({ code }) => [code, 0]));

/** Everything that must close, closes; and it is what the readings say by hand. */
async function expectClosed(step: string, confirmed: Confirmed): Promise<void> {
  await drained(api);
  const spansOf = ({ code, spansAfter }: PointHistory): readonly Span[] =>
    spansAfter[confirmed[code] ?? 0] ?? [];
  let energy = 0;
  for (const history of histories) {
    const closure = await api.get<EnergyClosure>(
      `${project}/metering-points/${pointIds.get(history.code) ?? ''}/closure`,
    );
    const expected = spansOf(history).reduce((sum, { energyWh }) => sum + energyWh, 0);
    const { closes, slotsConsumption, registerConsumption } = closure;
    expect([step, history.code, closes, slotsConsumption, registerConsumption]).toEqual([
      step,
      history.code,
      true,
      expected,
      expected,
    ]);
    energy += expected;
  }
  const books = await api.get<Closure>(`${project}/charges-closure?fromDay=2026-03-01&toDay=2026-03-10`);
  expect([
    step,
    books.closes,
    books.slotsConsumption,
    books.chargedConsumption + books.unpricedConsumption,
  ]).toEqual([step, true, energy, energy]);
  const detail = await api.get<AccountDetail>(account);
  const charge = histories.reduce((sum, history) => sum + microsOf(spansOf(history)), 0);
  expect([step, detail.chargedMicros, detail.balanceMicros]).toEqual([step, charge, paidMicros - charge]);
  const doctor = await api.get<DoctorReport>('/api/doctor');
  expect([step, doctor.checks.filter(({ ok }) => !ok)]).toEqual([step, []]);
}

/** Confirms the best explanation of a point's register. @returns the change's id */
async function confirm(code: string, kind: EventKind): Promise<string> {
  const { proposals } = await api.get<SegmentProposals>(`${project}/segment-proposals`);
  const proposal = proposals.find(({ meteringPointId }) => meteringPointId === pointIds.get(code));
  const best = proposal?.explanations[0];
  expect([code, best?.kind, best?.confidence]).toEqual([code, kind, 'likely']);
  const answer = await api.post<MountingAnswer>(`${project}/mountings`, {
    ...best?.request,
    reason: `${kind} seen`,
  });
  // Worked out from what is no longer so.
  await expect(
    api.post(`${project}/mountings`, { ...best?.request, reason: 'a second time' }),
  ).rejects.toThrow('proposal-stale');
  return answer.change.id;
}
const undo = async (changeId: string): Promise<MountingAnswer> =>
  await api.post<MountingAnswer>(`${project}/mountings`, {
    action: 'undo',
    changeId,
    reason: 'it was not so',
  });

async function tablesNow(): Promise<Awaited<ReturnType<typeof readTables>>> {
  const dataDirectory = join(directory, 'data');
  expect(await product.stop()).toBe(0);
  const tables = await readTables(dataDirectory);
  product = await startProduct(dataDirectory, ['--empty']);
  return {
    ...tables,
    // A day from which all energy has been taken back stays in the books with nothing in it.
    charges: Object.fromEntries(
      Object.entries(tables['charges'] ?? {}).filter(([, content]) => content !== '0 0 0'),
    ),
    chargedSlots: Object.fromEntries(
      Object.entries(tables['chargedSlots'] ?? {})
        .map(([key, content]) => [key, slotsWithEnergy(content)] as const)
        .filter(([, slots]) => slots !== ''),
    ),
  };
}

/** A slot that was told and taken back says "missing" where it said nothing before: neither holds energy or money. */
function slotsWithEnergy(content: string): string {
  const [consumption, quality, amount] = content.split(' ').map((array) => array.slice(1, -1).split(','));
  return (consumption ?? [])
    .map((energy, slot) => `${String(slot)}:${energy}:${quality?.[slot] ?? ''}:${amount?.[slot] ?? ''}`)
    .filter((text) => !/:(NULL:0|0:3):0$/.test(text))
    .join(' ');
}

test('confirmed one by one and undone, newest first at one point and oldest first at others: all closes, all comes back', async () => {
  await expectClosed('nothing decided', none);
  const first = await tablesNow();

  const changes: string[] = [];
  for (const [index, kind] of eventKinds.entries()) {
    changes.push(await confirm('ALL', kind));
    await expectClosed(`ALL: ${kind} confirmed`, { ...none, ALL: index + 1 });
  }
  // The segments that the first change made have been changed by the second.
  await expect(undo(changes[0] ?? '')).rejects.toThrow(Refused);
  for (const [index, kind] of [...eventKinds.entries()].reverse()) {
    await undo(changes[index] ?? '');
    await expectClosed(`ALL: ${kind} undone`, { ...none, ALL: index });
  }

  const ofKind = new Map<EventKind, string>();
  let confirmed = none;
  for (const kind of eventKinds) {
    const code = kind.toUpperCase();
    ofKind.set(kind, await confirm(code, kind));
    confirmed = { ...confirmed, [code]: 1 };
    await expectClosed(`${code} confirmed`, confirmed);
  }
  for (const kind of eventKinds) {
    const code = kind.toUpperCase();
    await undo(ofKind.get(kind) ?? '');
    confirmed = { ...confirmed, [code]: 0 };
    await expectClosed(`${code} undone`, confirmed);
  }
  expect(differences(first, await tablesNow())).toEqual([]);
}, 600_000);

(chromium === undefined ? test.skip : test)(
  'a person sees what may have happened, confirms it and takes it back on the page',
  async () => {
    mkdirSync(shots, { recursive: true });
    const browser = await openBrowser(chromium ?? '');
    const page = await browser.newPage({ viewport: { width: 1440, height: 1300 } });
    const faults: string[] = [];
    page.on('pageerror', (error) => faults.push(error.message));
    try {
      await page.goto(`${product.url}/p/${project.split('/').at(-1) ?? ''}/held-readings`);
      await page.locator('input[autocomplete=username]').fill('admin');
      await page.locator('input[type=password]').fill(adminPassword);
      await page.locator('button[type="submit"]').click();
      const card = page.locator('wl-proposal-card', { hasText: 'M-RESTART' });
      await card.waitFor();
      expect(await page.locator('wl-proposal-card').count()).toBe(histories.length);
      expect(await violationsOn(page)).toEqual([]);
      await page.screenshot({ path: join(shots, 'held-proposals.png') });
      await card.locator('.field input').last().fill('battery was changed');
      await card.getByRole('button', { name: 'Confirm' }).click();
      await card.waitFor({ state: 'detached' });
      await expectClosed('confirmed on the page', { ...none, RESTART: 1 });
      await page.locator('wl-notice-list').getByRole('button', { name: 'Undo' }).click();
      await card.waitFor();
      await expectClosed('taken back on the page', none);
      await card.locator('.field input').last().fill('bench test');
      await card.getByRole('button', { name: 'Leave as it is' }).click();
      await card.locator('.note', { hasText: 'bench test' }).waitFor();
      await card.getByRole('button', { name: 'Propose again' }).click();
      await card.getByRole('button', { name: 'Confirm' }).waitFor();
      await page.setViewportSize({ width: 390, height: 1100 });
      const overflow = await page.evaluate<number>(
        'document.documentElement.scrollWidth - document.documentElement.clientWidth',
      );
      expect(overflow).toBeLessThanOrEqual(0);
      await page.screenshot({ path: join(shots, 'held-proposals-390.png') });
      const chinese = await browser.newContext({
        colorScheme: 'dark',
        locale: 'zh-CN',
        viewport: { width: 390, height: 1100 },
        storageState: await page.context().storageState(),
      });
      const dark = await chinese.newPage();
      await dark.goto(page.url());
      await dark.getByText('换成了另一块表').first().waitFor();
      expect(await violationsOn(dark)).toEqual([]);
      await dark.screenshot({ path: join(shots, 'held-proposals-zh-dark.png') });
      expect(faults).toEqual([]);
    } finally {
      await browser.close();
    }
  },
  180_000,
);
