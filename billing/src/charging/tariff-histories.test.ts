// SPDX-License-Identifier: Apache-2.0
/**
 * Goal: with every kind of price (tiers by month and year, seasons, demand, fixed charges, minimum, taxes) the ledger depends on the
 * facts alone. Method: random facts about some accounts, told in random order with repetitions and crashes, beside the same facts
 * told in order; both must stand alike, line by line, agree with the naive way, and come to nothing when all is undone. Days of 46 and
 * 50 half-hours, a leap day, a year's end, zones west and east of UTC.
 */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { Registry } from 'prom-client';
import {
  slotLengthMs,
  slotsOfLocalDay,
  type IntervalEnergy,
  type TariffCalendar,
} from '@wattledger/contracts';
import { plainTerms, type PriceTerms } from '@wattledger/contracts/http/billing';
import type { Parts } from '@wattledger/platform';
import { createBillingService, type BillingService } from '../billing-service.ts';
import { Crash, createCrashes } from '../testing/crashes.ts';
import { energy } from '../testing/messages.ts';
import {
  approvePrices,
  cashier,
  drafter,
  failingChecks,
  pointAndMeter,
  pointSnapshot,
  projectSnapshot,
  startTestSite,
  type TestSite,
} from '../testing/test-site.ts';
import { chargeBatch } from './charging-consumer.ts';
import { loadItemsBehind } from './month-items-store.ts';

/** Two seasons that change within every stretch of days below, two periods. */
const calendarOf = (seasonFrom: string): TariffCalendar => ({
  id: 'two',
  name: 'Two seasons',
  dayProfiles: {
    work: [
      { fromMinute: 0, period: 'valley' },
      { fromMinute: 420, period: 'peak' },
    ],
    rest: [{ fromMinute: 0, period: 'valley' }],
  },
  seasons: [
    {
      name: 'summer',
      fromMonthDay: '01-01',
      weekday: ['work', 'work', 'work', 'work', 'work', 'rest', 'rest'],
    },
    {
      name: 'winter',
      fromMonthDay: seasonFrom,
      weekday: ['work', 'rest', 'work', 'work', 'work', 'work', 'rest'],
    },
  ],
  specialDays: {},
});

/** Days that lie around a change of the clocks, a month's end, a leap day or a year's end. */
const worlds = [
  {
    zone: 'America/Los_Angeles',
    days: ['2024-03-08', '2024-03-09', '2024-03-10', '2024-03-11'],
    seasonFrom: '03-10',
  },
  {
    zone: 'Asia/Shanghai',
    days: ['2024-02-28', '2024-02-29', '2024-03-01', '2024-03-02'],
    seasonFrom: '02-29',
  },
  {
    zone: 'Pacific/Auckland',
    days: ['2024-12-30', '2024-12-31', '2025-01-01', '2025-01-02'],
    seasonFrom: '12-31',
  },
  {
    zone: 'Europe/London',
    days: ['2025-10-25', '2025-10-26', '2025-10-31', '2025-11-01'],
    seasonFrom: '10-26',
  },
  {
    zone: 'Asia/Kolkata',
    days: ['2025-01-30', '2025-01-31', '2025-02-01', '2025-02-28'],
    seasonFrom: '02-01',
  },
  {
    zone: 'Australia/Lord_Howe',
    days: ['2025-04-05', '2025-04-06', '2025-04-07', '2025-05-01'],
    seasonFrom: '04-06',
  },
] as const;
type World = (typeof worlds)[number];
const slotMs = slotLengthMs(30);
const nowMs = Date.parse('2025-12-04T10:00:00Z');

const rate = fc.integer({ min: -200_000, max: 3_000_000 });
const rates = fc.record({ peak: rate, valley: rate });
const seasonRates = fc.oneof(fc.constant({}), fc.record({ winter: rates }));
const steps = fc
  .uniqueArray(fc.integer({ min: 1, max: 40_000 }), { minLength: 1, maxLength: 3 })
  .chain((boundaries) =>
    fc.tuple(
      ...[...boundaries]
        .sort((a, b) => a - b)
        .map((above) => fc.record({ above: fc.constant(above), rates, seasonRates })),
    ),
  );
const terms: fc.Arbitrary<PriceTerms> = fc.record({
  seasonRates,
  tiers: fc.option(fc.record({ span: fc.constantFrom('month' as const, 'year' as const), steps }), {
    freq: 3,
  }),
  priceSeriesId: fc.constant(null),
  demand: fc.array(
    fc.record({
      name: fc.constant('Demand'),
      period: fc.constantFrom(null, 'peak' as const),
      window: fc.constantFrom('block' as const, 'sliding' as const),
      windowMinutes: fc.constantFrom(15 as const, 30 as const, 60 as const),
      rateMicros: fc.integer({ min: 0, max: 20_000_000 }),
      seasonRatesMicros: fc.constantFrom({}, { winter: 7_777_777 }),
    }),
    { maxLength: 1 },
  ),
  fixed: fc.array(
    fc.record({
      name: fc.constant('Standing'),
      per: fc.constantFrom('day' as const, 'month' as const),
      basis: fc.constantFrom('point' as const, 'kw' as const),
      amountMicros: fc.integer({ min: 0, max: 50_000_000 }),
    }),
    { maxLength: 1 },
  ),
  minimumMonthMicros: fc.constantFrom(0, 0, 90_000_000),
  adjustments: fc.constantFrom<PriceTerms['adjustments']>(
    [],
    [{ name: 'VAT', component: 'tax', basis: 'share', value: 190_000, of: ['energy', 'demand', 'fixed'] }],
    [
      { name: 'Levy', component: 'surcharge', basis: 'unit', value: 20_333, of: ['energy'] },
      { name: 'Rebate', component: 'rebate', basis: 'share', value: -50_000, of: ['energy'] },
      { name: 'VAT', component: 'tax', basis: 'share', value: 77_000, of: ['energy', 'surcharge', 'rebate'] },
    ],
  ),
});

const points = ['a', 'b'] as const;
const message = fc.record({
  kind: fc.constant('energy' as const),
  point: fc.constantFrom(...points),
  segment: fc.constantFrom('1', '1', '2'),
  day: fc.integer({ min: 0, max: 3 }),
  revision: fc.integer({ min: 1, max: 60 }),
  slots: fc.dictionary(fc.integer({ min: 0, max: 45 }).map(String), fc.integer({ min: -300, max: 9000 }), {
    minKeys: 1,
    maxKeys: 10,
  }),
});
const version = fc.record({
  kind: fc.constant('version' as const),
  slot: fc.integer({ min: -200, max: 900 }),
  rates,
  terms,
});
const facts = fc.record({
  world: fc.constantFrom(...worlds),
  openings: fc.record({ a: fc.integer({ min: -96, max: 100 }), b: fc.integer({ min: -96, max: 100 }) }),
  /** After how many slots the first account of a point leaves it to a second; null: it stays. */
  closings: fc.record({
    a: fc.option(fc.integer({ min: 1, max: 90 })),
    b: fc.option(fc.integer({ min: 1, max: 90 })),
  }),
  versions: fc.array(version, { minLength: 1, maxLength: 3 }),
  energies: fc.array(message, { minLength: 4, maxLength: 30 }),
  order: fc.array(fc.nat(1000), { minLength: 60, maxLength: 60 }),
  crashes: fc.array(fc.option(fc.integer({ min: 0, max: 30 }), { freq: 2 }), {
    minLength: 60,
    maxLength: 60,
  }),
});
type Facts = typeof facts extends fc.Arbitrary<infer T> ? T : never;

/** One thing to tell a project. */
type Fact =
  | { readonly kind: 'energy'; readonly values: readonly IntervalEnergy[] }
  | { readonly kind: 'open' | 'close' | 'open-second'; readonly point: (typeof points)[number] }
  | { readonly kind: 'version'; readonly place: number }
  | { readonly kind: 'clock'; readonly hours: number };

describe('any history of any tariff', () => {
  let site: TestSite;
  let billing: BillingService;
  let crashing: Parts;
  const crashes = createCrashes();
  beforeAll(async () => {
    site = await startTestSite({ name: 'tariffs', nowMs });
    crashing = { ...site.parts, database: crashes.wrap(site.parts.database), metrics: new Registry() };
    billing = createBillingService(crashing, { works: false });
  }, 60_000);
  afterAll(async () => await site.stop());

  async function insist(crashAt: number | null, command: () => Promise<unknown>): Promise<void> {
    crashes.arm(crashAt);
    for (;;) {
      try {
        await command();
        return crashes.arm(null);
      } catch (error) {
        if (!(error instanceof Crash)) throw error;
      }
    }
  }

  let run = 0;
  /** Tells the facts to a project of its own, in the order given. */
  async function tell(given: Facts, ordered: boolean) {
    run += 1;
    const name = `${run}`;
    const world = await createWorld(site, billing, crashing, given, name);
    // Drawn facts come as time passes, the others when all of it is long past.
    site.parts.clock.set(ordered ? nowMs : world.instant(200));
    for (const [index, fact] of world.facts(ordered).entries()) {
      const crashAt = ordered ? null : (given.crashes[index % given.crashes.length] ?? null);
      await insist(crashAt, async () => await world.take(fact));
    }
    site.parts.clock.set(nowMs);
    await billing.settle();
    return world;
  }

  test('any order, with repetitions and crashes, ends in one ledger; undone, in none', async () => {
    await fc.assert(
      fc.asyncProperty(facts, async (given) => {
        const any = await tell(given, false);
        const inOrder = await tell(given, true);
        expect(await failingChecks(billing)).toEqual([]);
        expect(await loadItemsBehind(site.parts.database, site.parts.clock.nowMs(), 10)).toEqual([]);
        expect(await any.standing()).toEqual(await inOrder.standing());
        await any.undo(insist);
        expect(await any.charged()).toEqual([]);
        expect(await failingChecks(billing)).toEqual([]);
      }),
      { numRuns: Number(process.env['WATTLEDGER_HISTORIES'] ?? 12), endOnFailure: true },
    );
  }, 600_000);
});

async function createWorld(
  site: TestSite,
  billing: BillingService,
  crashing: Parts,
  given: Facts,
  name: string,
) {
  const { zone, days, seasonFrom }: World = given.world;
  const project = `prj_${name}`;
  const pointId = (point: string): string => `pnt_${name}_${point}`;
  const calendar = calendarOf(seasonFrom);
  const snapshot = projectSnapshot({ id: project, code: project, zone, calendar });
  const tenant = {
    id: `tnt_${name}`,
    projectId: project,
    code: 't',
    name: 'T',
    tenantClass: 'shop' as const,
    phone: null,
    email: null,
  };
  await site.tell([
    { entity: 'project', id: project, projectId: project, snapshot },
    { entity: 'tenant', id: tenant.id, projectId: project, snapshot: tenant },
    ...points.flatMap((point) =>
      pointAndMeter(pointSnapshot(pointId(point), 'electricity', { projectId: project })),
    ),
  ]);
  await billing.migrate();
  const { priceSchemeId } = await billing.prices.createScheme(
    project,
    { name: 'All', medium: 'electricity' },
    drafter,
  );
  const beginMs = slotsOfLocalDay(zone, days[0], 30).firstSlotMs;
  const instant = (slot: number): number => beginMs + slot * slotMs;
  const accounts = new Map<string, string>();

  /** What one revision says of a slot is one thing. */
  const said = new Map<string, number>();
  const energies = given.energies.map((item): IntervalEnergy => {
    const day = days[item.day] as string;
    const { slotCount } = slotsOfLocalDay(zone, day, 30);
    const slots = Object.fromEntries(Object.entries(item.slots).filter(([slot]) => Number(slot) < slotCount));
    const value = energy({
      day,
      zone,
      slots: Object.keys(slots).length === 0 ? { 0: 1 } : slots,
      revision: item.revision,
      projectId: project,
      meteringPointId: pointId(item.point),
      segmentId: `seg_${name}_${item.point}${item.segment}`,
    });
    const consumption = value.index.map((slot, place) => {
      const key = `${value.segmentId}/${value.localDay}/${slot}/${value.revision}`;
      if (!said.has(key)) said.set(key, value.consumption[place] as number);
      return said.get(key) as number;
    });
    return { ...value, consumption };
  });

  /** In order: prices, openings, energy by day; else drawn, but a command comes after what it needs. */
  function facts(ordered: boolean): readonly Fact[] {
    const versions = given.versions.map((_, place): Fact => ({ kind: 'version', place }));
    const lives = points.map((point): readonly Fact[] =>
      given.closings[point] === null
        ? [{ kind: 'open', point }]
        : [
            { kind: 'open', point },
            { kind: 'close', point },
            { kind: 'open-second', point },
          ],
    );
    if (ordered) {
      const inTime = [...energies].sort((a, b) => a.firstSlotMs - b.firstSlotMs || a.revision - b.revision);
      return [
        ...versions,
        ...lives.flat(),
        ...inTime.map((value): Fact => ({ kind: 'energy', values: [value] })),
      ];
    }
    const queues: Fact[][] = [versions, ...lives.map((life) => [...life])].map((queue) => [...queue]);
    const told = energies.flatMap((value, index): Fact[] => {
      const fact: Fact = {
        kind: 'energy',
        values: [value, energies[(index * 7) % energies.length] as IntervalEnergy],
      };
      const hours = given.order[index] as number;
      return index % 4 === 0 ? [fact, { kind: 'clock', hours }] : [fact];
    });
    queues.push(
      told.filter((_, index) => index % 2 === 0),
      told.filter((_, index) => index % 2 === 1),
    );
    const drawn: Fact[] = [];
    for (let draw = 0; queues.some((queue) => queue.length > 0); draw += 1) {
      const left = queues.filter((queue) => queue.length > 0);
      const queue = left[(given.order[draw % given.order.length] as number) % left.length];
      drawn.push(queue?.shift() as Fact);
    }
    return drawn;
  }

  const drafted: string[] = [];
  for (const { slot, rates: versionRates, terms: versionTerms } of given.versions) {
    const draft = { effectiveFromMs: instant(slot), rates: versionRates, terms: versionTerms };
    const { priceVersionId } = await billing.prices.draftVersion(project, priceSchemeId, draft, drafter);
    await billing.prices.submit(project, priceSchemeId, priceVersionId, drafter);
    drafted.push(priceVersionId);
  }
  const approve = async (place: number): Promise<void> =>
    await approvePrices(billing, {
      projectId: project,
      priceSchemeId,
      priceVersionId: drafted[place] as string,
    });

  const open = async (point: (typeof points)[number], openedAtMs: number, key: string): Promise<void> => {
    const [accountId] = await billing.accounts.open(
      project,
      [
        {
          requestId: `open-${name}-${key}`,
          tenantId: tenant.id,
          points: [{ meteringPointId: pointId(point), priceSchemeId }],
          openedAtMs,
          alarm1Micros: 1_000_000,
          alarm2Micros: 100_000,
          protectedSupply: false,
        },
      ],
      cashier,
    );
    accounts.set(key, accountId as string);
  };
  const closingMs = (point: (typeof points)[number]): number =>
    instant(given.openings[point] + (given.closings[point] ?? 0));

  async function take(fact: Fact): Promise<void> {
    switch (fact.kind) {
      case 'energy': {
        const records = fact.values.map((value, offset) => ({
          key: value.meteringPointId,
          value,
          offset,
          recordedAtMs: 0,
        }));
        const commit = async (transaction: { query: (sql: string) => Promise<unknown> }): Promise<void> =>
          void (await transaction.query('SELECT 1'));
        await chargeBatch(crashing, { records, commit });
        return;
      }
      case 'open':
        return await open(fact.point, instant(given.openings[fact.point]), fact.point);
      case 'close':
        await billing.accounts.close(
          project,
          {
            requestId: `close-${name}-${fact.point}`,
            accountId: accounts.get(fact.point) as string,
            closedAtMs: closingMs(fact.point),
            reason: 'moved out',
            refundMeans: 'cash',
            acceptIncomplete: true,
          },
          cashier,
        );
        return;
      case 'open-second':
        return await open(fact.point, closingMs(fact.point), `${fact.point}2`);
      case 'version':
        return await approve(fact.place);
      case 'clock':
        site.parts.clock.advance(Math.min(fact.hours * 3_600_000, nowMs - site.parts.clock.nowMs()));
        return await billing.settle();
    }
  }

  /** Lines and balances with names that are the same in every project. */
  async function standing(): Promise<unknown> {
    const { rows: versions } = await site.parts.database.query<{ price_version_id: string; rank: string }>(
      `SELECT version.price_version_id, row_number() OVER (ORDER BY version.number)::text AS rank
         FROM billing.price_versions AS version WHERE version.project_id = $1`,
      [project],
    );
    const names = new Map([
      ...versions.map((row) => [row.price_version_id, `version ${row.rank}`] as const),
      ...[...accounts].map(([key, id]) => [id, key] as const),
    ]);
    const charged = (await chargedRows()).map((row) => ({
      ...row,
      account: names.get(row.account),
      version: names.get(row.version ?? '') ?? row.version,
      point: row.point.slice(pointId('').length),
      segment: row.segment.replace(`seg_${name}_`, ''),
    }));
    const balances: Record<string, number> = {};
    // What was paid out at a closing depends on what was known then; with it the balance does not.
    const paidInAll = async (accountId: string): Promise<number> => {
      const { balanceMicros, refundedMicros } = await billing.accounts.detail(project, accountId);
      return balanceMicros + refundedMicros;
    };
    for (const [key, accountId] of accounts) balances[key] = await paidInAll(accountId);
    return { charged: charged.map((row) => JSON.stringify(row)).sort(), balances };
  }

  async function chargedRows() {
    const { rows } = await site.parts.database.query<{
      account: string;
      point: string;
      segment: string;
      version: string | null;
    }>(
      `SELECT line.account_id AS account, line.metering_point_id AS point, line.segment_id AS segment, line.local_day AS day,
              line.period, coalesce(line.price_version_id, line.unpriced_reason) AS version, line.tier, line.season, line.component,
              line.item, sum(line.consumption)::bigint AS consumption, sum(line.amount_micros)::bigint AS amount
         FROM billing.charge_lines AS line
         JOIN billing.accounts AS account ON account.account_id = line.account_id
        WHERE account.project_id = $1
        GROUP BY line.account_id, line.metering_point_id, line.segment_id, line.local_day, line.period, line.price_version_id,
                 line.unpriced_reason, line.tier, line.season, line.component, line.item
       HAVING sum(line.consumption) <> 0 OR sum(line.amount_micros) <> 0`,
      [project],
    );
    return rows;
  }

  /** Takes the whole of it back: no consumption, and prices that ask for nothing. */
  async function undo(
    insist: (crashAt: number | null, command: () => Promise<unknown>) => Promise<void>,
  ): Promise<void> {
    const nothing = energies.map((value) => ({
      ...value,
      revision: 1000,
      consumption: value.consumption.map(() => 0),
    }));
    await insist(7, async () => await take({ kind: 'energy', values: nothing }));
    const draft = { effectiveFromMs: 0, rates: { peak: 0, valley: 0 }, terms: plainTerms };
    for (const { slot } of [...given.versions, { slot: -100_000 }]) {
      const at = { ...draft, effectiveFromMs: Math.max(0, instant(slot)) };
      const { priceVersionId } = await billing.prices.draftVersion(project, priceSchemeId, at, drafter);
      await billing.prices.submit(project, priceSchemeId, priceVersionId, drafter);
      await approvePrices(billing, { projectId: project, priceSchemeId, priceVersionId });
    }
    await billing.settle();
  }
  return { facts, take, standing, undo, instant, charged: chargedRows };
}
