// SPDX-License-Identifier: Apache-2.0
/**
 * Goal: a list says to the last unit what its version will post, and a version approved and withdrawn leaves every account as if
 * it had never been. Method: random energy, accounts and prices (tiers by month and year, seasons, demand, fixed charges, minimum,
 * tax), told to two projects alike; in one of them a random version is listed, approved for the past with crashes in the middle of
 * its notice, outlived by late slots, and withdrawn, crashing again.
 */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { Registry } from 'prom-client';
import { slotsOfLocalDay, type IntervalEnergy, type TariffCalendar } from '@wattledger/contracts';
import type { PriceTerms } from '@wattledger/contracts/http/billing';
import { createBillingService, type BillingService } from '../billing-service.ts';
import { chargeBatch } from '../charging/charging-consumer.ts';
import { Crash, createCrashes } from '../testing/crashes.ts';
import { energy } from '../testing/messages.ts';
import {
  approver,
  approvePrices,
  cashier,
  drafter,
  failingChecks,
  finance,
  pointAndMeter,
  pointSnapshot,
  projectSnapshot,
  startTestSite,
  type TestSite,
} from '../testing/test-site.ts';

const zone = 'Europe/Berlin';
/** Two months' ends, a year's end. */
const days = ['2025-11-30', '2025-12-01', '2025-12-02', '2025-12-31', '2026-01-01', '2026-01-15'];
const nowMs = Date.parse('2026-01-20T12:05:00+01:00');
const slotMs = 1_800_000;
const startMs = slotsOfLocalDay(zone, '2025-11-29', 30).firstSlotMs;
const slotsMax = Math.floor((nowMs - startMs) / slotMs) - 48;

const calendar: TariffCalendar = {
  id: 'two',
  name: 'Two seasons',
  dayProfiles: {
    work: [
      { fromMinute: 0, period: 'valley' },
      { fromMinute: 480, period: 'peak' },
    ],
  },
  seasons: [
    { name: 'summer', fromMonthDay: '01-10', weekday: new Array<string>(7).fill('work') },
    { name: 'winter', fromMonthDay: '12-02', weekday: new Array<string>(7).fill('work') },
  ],
  specialDays: {},
};

const rate = fc.integer({ min: -100_000, max: 2_500_000 });
const rates = fc.record({ peak: rate, valley: rate });
const terms: fc.Arbitrary<PriceTerms> = fc.record({
  seasonRates: fc.oneof(fc.constant({}), fc.record({ winter: rates })),
  tiers: fc.option(
    fc.record({
      span: fc.constantFrom('month' as const, 'year' as const),
      steps: fc.tuple(
        fc.record({ above: fc.integer({ min: 1, max: 20_000 }), rates, seasonRates: fc.constant({}) }),
        fc.record({ above: fc.integer({ min: 20_001, max: 60_000 }), rates, seasonRates: fc.constant({}) }),
      ),
    }),
    { freq: 2 },
  ),
  priceSeriesId: fc.constant(null),
  demand: fc.array(
    fc.record({
      name: fc.constant('Demand'),
      period: fc.constantFrom(null, 'peak' as const),
      window: fc.constantFrom('block' as const, 'sliding' as const),
      windowMinutes: fc.constantFrom(30 as const, 60 as const),
      rateMicros: fc.integer({ min: 0, max: 20_000_000 }),
      seasonRatesMicros: fc.constantFrom({}, { winter: 7_777_777 }),
    }),
    { maxLength: 1 },
  ),
  fixed: fc.array(
    fc.record({
      name: fc.constant('Standing'),
      per: fc.constantFrom('day' as const, 'month' as const),
      basis: fc.constant('point' as const),
      amountMicros: fc.integer({ min: 0, max: 50_000_000 }),
    }),
    { maxLength: 1 },
  ),
  minimumMonthMicros: fc.constantFrom(0, 0, 60_000_000),
  adjustments: fc.constantFrom<PriceTerms['adjustments']>(
    [],
    [{ name: 'VAT', component: 'tax', basis: 'share', value: 190_000, of: ['energy', 'demand', 'fixed'] }],
  ),
});
const version = fc.record({ slot: fc.integer({ min: 0, max: slotsMax }), rates, terms });
const reading = fc.record({
  point: fc.integer({ min: 0, max: 2 }),
  day: fc.constantFrom(...days),
  fromSlot: fc.integer({ min: 0, max: 40 }),
  consumption: fc.array(fc.integer({ min: -200, max: 8_000 }), { minLength: 1, maxLength: 8 }),
});
const history = fc.record({
  first: version,
  second: fc.option(version),
  tried: version,
  /** The second account's point has another tenant from here on. */
  closing: fc.integer({ min: 48, max: slotsMax }),
  readings: fc.array(reading, { minLength: 3, maxLength: 25 }),
  late: fc.array(reading, { maxLength: 8 }),
  crashes: fc.array(fc.integer({ min: 0, max: 60 }), { minLength: 6, maxLength: 6 }),
});
type History = typeof history extends fc.Arbitrary<infer T> ? T : never;
type Version = History['tried'];
type Reading = History['late'][number];

interface World {
  readonly name: string;
  readonly project: string;
  readonly priceSchemeId: string;
  readonly accounts: string[];
}

describe('lists and undoing over random histories', () => {
  let site: TestSite;
  const crashes = createCrashes();
  let billing: BillingService;
  let runs = 0;
  beforeAll(async () => {
    site = await startTestSite({ name: 'notice-histories', nowMs });
    const parts = { ...site.parts, database: crashes.wrap(site.parts.database), metrics: new Registry() };
    billing = createBillingService(parts, { works: false });
    await billing.migrate();
  }, 60_000);
  afterAll(async () => await site.stop());

  const instant = (slot: number): number => startMs + slot * slotMs;
  const pointId = (world: World, point: number): string => `pnt_${world.name}_${point}`;

  /** Again until it goes through. */
  async function insist(crashAt: number | undefined, work: () => Promise<unknown>): Promise<void> {
    crashes.arm(crashAt ?? null);
    for (;;) {
      try {
        await work();
        break;
      } catch (error) {
        if (!(error instanceof Crash)) throw error;
      }
    }
    crashes.arm(null);
  }

  async function tell(world: World, readings: readonly Reading[], revision: number): Promise<void> {
    const values = readings.map((told, place): IntervalEnergy =>
      energy({
        projectId: world.project,
        meteringPointId: pointId(world, told.point),
        day: told.day,
        zone,
        revision: revision + place,
        slots: Object.fromEntries(told.consumption.map((wh, index) => [told.fromSlot + index, wh])),
      }),
    );
    const records = values.map((value, offset) => ({
      key: value.meteringPointId,
      value,
      offset,
      recordedAtMs: 0,
    }));
    await chargeBatch(site.parts, {
      records,
      commit: async (transaction) => void (await transaction.query('SELECT 1')),
    });
  }

  const draft = async (world: World, given: Version): Promise<string> => {
    const { priceVersionId } = await site.billing.prices.draftVersion(
      world.project,
      world.priceSchemeId,
      { effectiveFromMs: instant(given.slot), rates: given.rates, terms: given.terms },
      drafter,
    );
    await site.billing.prices.submit(world.project, world.priceSchemeId, priceVersionId, drafter);
    return priceVersionId;
  };

  async function begin(given: History): Promise<World> {
    const name = `w${(runs += 1)}`;
    const project = `prj_${name}`;
    const tenant = {
      id: `tnt_${name}`,
      projectId: project,
      code: name,
      name,
      tenantClass: 'shop',
      phone: null,
      email: null,
    };
    const bare = { name, project, priceSchemeId: '', accounts: [] };
    await site.tell([
      {
        entity: 'project',
        id: project,
        projectId: project,
        snapshot: projectSnapshot({ id: project, code: name, zone, calendar }),
      },
      ...[0, 1, 2].flatMap((point) =>
        pointAndMeter(pointSnapshot(pointId(bare, point), 'electricity', { projectId: project })),
      ),
      { entity: 'tenant', id: tenant.id, projectId: project, snapshot: tenant as never },
    ]);
    await billing.whenRegistryKnown();
    const scheme = { name: 'Prices', medium: 'electricity' as const };
    const { priceSchemeId } = await site.billing.prices.createScheme(project, scheme, drafter);
    const world: World = { ...bare, priceSchemeId, accounts: [] };
    for (const first of [given.first, ...(given.second === null ? [] : [given.second])])
      await approvePrices(site.billing, {
        projectId: project,
        priceSchemeId,
        priceVersionId: await draft(world, first),
      });
    const open = async (points: readonly number[], openedAtMs: number): Promise<void> => {
      const ids = points.map((point) => ({ meteringPointId: pointId(world, point), priceSchemeId }));
      const requestId = `open-${name}-${world.accounts.length}`;
      const alarms = { alarm1Micros: 1_000_000, alarm2Micros: 100_000, protectedSupply: false };
      const opening = { requestId, tenantId: tenant.id, points: ids, openedAtMs, ...alarms };
      world.accounts.push(...(await site.billing.accounts.open(project, [opening], cashier)));
    };
    await open([0, 2], instant(10));
    await open([1], instant(0));
    await tell(world, given.readings, 1);
    const closedAtMs = instant(given.closing);
    const closing = {
      requestId: `close-${name}-1`,
      accountId: world.accounts[1] as string,
      closedAtMs,
      reason: 'moved out',
    };
    await site.billing.accounts.close(
      project,
      { ...closing, refundMeans: 'cash', acceptIncomplete: true },
      cashier,
    );
    await open([1], closedAtMs);
    await site.billing.settle();
    return world;
  }

  async function amounts(
    world: World,
    where = 'true',
    parameters: readonly unknown[] = [],
  ): Promise<readonly number[]> {
    const { rows } = await site.parts.database.query<{ account_id: string; amount: number }>(
      `SELECT line.account_id, sum(line.amount_micros)::bigint AS amount
         FROM billing.charge_lines AS line JOIN billing.postings AS posting ON posting.posting_id = line.posting_id
        WHERE line.account_id = ANY ($1::text[]) AND ${where} GROUP BY line.account_id`,
      [world.accounts, ...parameters],
    );
    const found = new Map(rows.map((row) => [row.account_id, row.amount]));
    return world.accounts.map((accountId) => found.get(accountId) ?? 0);
  }

  async function balances(world: World): Promise<readonly number[]> {
    return await Promise.all(
      world.accounts.map(async (accountId) => {
        const { balanceMicros, refundedMicros } = await site.billing.accounts.detail(
          world.project,
          accountId,
        );
        return balanceMicros + refundedMicros;
      }),
    );
  }

  test('a list foretells what is posted; approved and withdrawn is as if it had never been', async () => {
    let listed = 0;
    await fc.assert(
      fc.asyncProperty(history, async (given) => {
        const world = await begin(given);
        const twin = await begin(given);
        const before = await balances(world);
        const priceVersionId = await draft(world, given.tried);
        const ids = { projectId: world.project, priceSchemeId: world.priceSchemeId, priceVersionId };
        const { state } = await site.billing.prices.approve(
          world.project,
          world.priceSchemeId,
          priceVersionId,
          approver,
        );
        if (state === 'listed') {
          listed += 1;
          expect(await balances(world)).toEqual(before);
          await insist(given.crashes[0], async () => await billing.settle());
          const rows = await site.billing.lists.rows(ids, { limit: 100, offset: 0 });
          const expected = new Map(rows.map((row) => [row.accountId, row.differenceMicros]));
          await site.billing.lists.approve(ids, finance);
          await insist(given.crashes[1], async () => await billing.settle());
          const posted = await amounts(
            world,
            `posting.notice_version_id = $2 AND posting.cause = 'price-notice'`,
            [priceVersionId],
          );
          expect(posted).toEqual(world.accounts.map((accountId) => expected.get(accountId) ?? 0));
        }
        await insist(given.crashes[2], async () => await billing.settle());
        for (const each of [world, twin]) await tell(each, given.late, 100);
        await insist(given.crashes[3], async () =>
          billing.prices
            .withdraw(world.project, world.priceSchemeId, priceVersionId, approver)
            .catch((error: unknown) => {
              // After a crash behind the commit it is withdrawn already.
              if (!(error instanceof Error) || !('code' in error)) throw error;
            }),
        );
        await insist(given.crashes[4], async () => await billing.settle());
        await site.billing.settle();
        expect(await balances(world)).toEqual(await balances(twin));
        expect(await amounts(world)).toEqual(await amounts(twin));
      }),
      { numRuns: Number(process.env['WATTLEDGER_HISTORIES'] ?? 15) },
    );
    expect(listed).toBeGreaterThan(2);
    expect(await failingChecks(site.billing)).toEqual([]);
    const { rows } = await site.parts.database.query(
      'SELECT sum(amount_micros)::bigint AS sum FROM billing.entries',
    );
    expect(rows).toEqual([{ sum: 0 }]);
  }, 300_000);
});
