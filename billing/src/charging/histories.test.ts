// SPDX-License-Identifier: Apache-2.0
/**
 * Goal: the laws of money hold for any history. Method: random histories (slots in any order, repeated, revised; accounts
 * opened and closed for the past; prices approved late; vends and reversals), each step crashing at a random query or just
 * after its commit and then repeated; afterwards every law is asked, and everything is charged again the naive way.
 */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { Registry } from 'prom-client';
import {
  slotLengthMs,
  slotsOfLocalDay,
  topics,
  type ChargeDay,
  type IntervalEnergy,
} from '@wattledger/contracts';
import { RequestError, type Parts } from '@wattledger/platform';
import { createBillingService, type BillingService } from '../billing-service.ts';
import { chargeBatch } from './charging-consumer.ts';
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

const zone = 'Europe/Berlin';
const slotMs = slotLengthMs(30);
// Around the changes of the clocks: 48, 46 and 48 slots in spring, 48, 50 and 48 in autumn.
const seasons = {
  spring: ['2026-03-28', '2026-03-29', '2026-03-30'],
  autumn: ['2026-10-24', '2026-10-25', '2026-10-26'],
} as const;
const slotsOf = (days: readonly string[]): number =>
  days.reduce((sum, day) => sum + slotsOfLocalDay(zone, day, 30).slotCount, 0);
const firstOf = (days: readonly string[]): number => slotsOfLocalDay(zone, days[0] as string, 30).firstSlotMs;
const nowMs = firstOf(seasons.autumn) + slotsOf(seasons.autumn) * slotMs;
const points = ['e', 'f', 'w'] as const;

const slotNumber = fc.integer({ min: 0, max: 142 });
const crash = fc.option(fc.integer({ min: 0, max: 25 }), { nil: null, freq: 2 });
const message = fc.record({
  point: fc.constantFrom(...points),
  segment: fc.constantFrom('1', '2'),
  day: fc.integer({ min: 0, max: 2 }),
  revision: fc.integer({ min: 1, max: 40 }),
  quality: fc.constantFrom(0, 0, 0, 1, 2),
  slots: fc.dictionary(fc.integer({ min: 0, max: 45 }).map(String), fc.integer({ min: -200, max: 3000 }), {
    minKeys: 1,
    maxKeys: 12,
  }),
});
const rates = fc.record({
  peak: fc.integer({ min: 0, max: 3_000_000 }),
  valley: fc.integer({ min: 0, max: 3_000_000 }),
});

const step = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant('energy' as const),
      messages: fc.array(message, { minLength: 1, maxLength: 6 }),
      crash,
    }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('again' as const), back: fc.nat(5), crash }) },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('open' as const),
      points: fc.uniqueArray(fc.constantFrom(...points), { minLength: 1 }),
      slot: slotNumber,
      vendMicros: fc.option(fc.integer({ min: 1, max: 10 ** 7 }), { nil: undefined }),
      crash,
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('close' as const),
      account: fc.nat(9),
      slot: slotNumber,
      crash,
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('settle' as const), account: fc.nat(9), crash }) },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('vend' as const),
      account: fc.nat(9),
      amountMicros: fc.integer({ min: 1, max: 10 ** 7 }),
      crash,
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('reverse' as const), vend: fc.nat(9), crash }) },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('price' as const),
      medium: fc.constantFrom('electricity' as const, 'water' as const),
      slot: slotNumber,
      rates,
      crash,
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('notices' as const), crash }) },
);
type MessageOf = typeof message extends fc.Arbitrary<infer T> ? T : never;
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

describe('any history', () => {
  let site: TestSite;
  let billing: BillingService;
  let crashing: Parts;
  const crashes = createCrashes();
  beforeAll(async () => {
    site = await startTestSite({ name: 'histories', nowMs });
    crashing = { ...site.parts, database: crashes.wrap(site.parts.database), metrics: new Registry() };
    billing = createBillingService(crashing, { works: false });
  }, 60_000);
  afterAll(async () => await site.stop());

  /** Repeats a command, as a caller does, until it was carried out or refused. */
  async function insist(
    crashAt: number | null,
    command: () => Promise<unknown>,
  ): Promise<'done' | 'refused'> {
    crashes.arm(crashAt);
    for (;;) {
      try {
        await command();
        crashes.arm(null);
        return 'done';
      } catch (error) {
        if (error instanceof Crash) continue;
        crashes.arm(null);
        if (error instanceof RequestError && error.status !== 404) return 'refused';
        throw error;
      }
    }
  }

  let run = 0;
  async function play(days: readonly string[], history: readonly Step[]): Promise<void> {
    run += 1;
    const world = await createWorld(site, billing, crashing, { run, days });
    for (const [index, item] of history.entries()) await world.take(item, `run-${run}-${index}`, insist);
    crashes.arm(null);
    await billing.settle();
    expect(await failingChecks(billing)).toEqual([]);
    expect(await world.slotsStored()).toEqual(world.slotsExpected());
    await world.checkBalances();
    await world.checkChargeDays();
  }

  test.each(['spring', 'autumn'] as const)(
    'closes in %s: ledger, lines, days, slots and the naive way agree',
    async (season) => {
      await fc.assert(
        fc.asyncProperty(
          fc.array(step, { minLength: 5, maxLength: 40 }),
          async (history) => await play(seasons[season], history),
        ),
        { numRuns: Number(process.env['WATTLEDGER_HISTORIES'] ?? 15), endOnFailure: true },
      );
    },
    600_000,
  );
});

const byKey = (a: { readonly key: string }, b: { readonly key: string }): number => (a.key < b.key ? -1 : 1);

type Insist = (crashAt: number | null, command: () => Promise<unknown>) => Promise<'done' | 'refused'>;

/** One project of its own with everything that happened in it. */
async function createWorld(
  site: TestSite,
  billing: BillingService,
  crashing: Parts,
  { run, days }: { readonly run: number; readonly days: readonly string[] },
) {
  const project = `prj_${run}`;
  const pointId = (point: string): string => `pnt_${run}_${point}`;
  await site.tell([
    {
      entity: 'project',
      id: project,
      projectId: project,
      snapshot: projectSnapshot({ id: project, code: project }),
    },
    {
      entity: 'tenant',
      id: `tnt_${run}`,
      projectId: project,
      snapshot: {
        id: `tnt_${run}`,
        projectId: project,
        code: 't',
        name: 'T',
        tenantClass: 'shop',
        phone: null,
        email: null,
      },
    },
    ...points.flatMap((point) =>
      pointAndMeter(
        pointSnapshot(pointId(point), point === 'w' ? 'water' : 'electricity', { projectId: project }),
      ),
    ),
  ]);
  // The service that crashes has no consumers of its own: it reads what the other one stored.
  await billing.migrate();
  const scheme = async (medium: 'electricity' | 'water'): Promise<string> =>
    (await billing.prices.createScheme(project, { name: medium, medium }, drafter)).priceSchemeId;
  const schemes = { electricity: await scheme('electricity'), water: await scheme('water') };
  const schemeOf = (point: string): string => (point === 'w' ? schemes.water : schemes.electricity);
  const instant = (slot: number): number => firstOf(days) + slot * slotMs;
  const batches: IntervalEnergy[][] = [];
  const accounts: string[] = [];
  const vends: { readonly vendId: string; readonly accountId: string }[] = [];
  const pick = <T>(list: readonly T[], index: number): T | undefined =>
    list.length === 0 ? undefined : list[index % list.length];

  /** What one revision says of a slot is one thing: the stream never contradicts itself. */
  const said = new Map<string, number>();
  const toEnergy = ({ point, segment, ...item }: MessageOf): IntervalEnergy => {
    const imported = segment === '1' ? 'active-import' : 'active-export';
    const value = energy({
      ...item,
      day: days[item.day] as string,
      projectId: project,
      meteringPointId: pointId(point),
      segmentId: `seg_${run}_${point}${segment}`,
      quantity: point === 'w' ? 'water-volume' : imported,
      zone,
    });
    const consumption = value.index.map((slot, place) => {
      const key = `${value.segmentId}/${value.localDay}/${slot}/${value.revision}`;
      said.set(key, said.get(key) ?? (value.consumption[place] as number));
      return said.get(key) as number;
    });
    return { ...value, consumption };
  };
  const deliver = async (
    batch: readonly IntervalEnergy[],
    crashAt: number | null,
    insist: Insist,
  ): Promise<void> => {
    const records = batch.map((value, offset) => ({
      key: value.meteringPointId,
      value,
      offset,
      recordedAtMs: nowMs,
    }));
    await insist(
      crashAt,
      async () =>
        await chargeBatch(crashing, {
          records,
          commit: async (transaction) => void (await transaction.query('SELECT 1')),
        }),
    );
  };
  async function take(item: Step, name: string, insist: Insist): Promise<void> {
    switch (item.kind) {
      case 'energy': {
        const batch = item.messages.map(toEnergy);
        batches.push(batch);
        return await deliver(batch, item.crash, insist);
      }
      case 'again': {
        const batch = pick(batches.toReversed(), item.back);
        return batch === undefined ? undefined : await deliver(batch, item.crash, insist);
      }
      case 'open':
        await insist(item.crash, async () => {
          const [accountId] = await billing.accounts.open(
            project,
            [
              {
                requestId: name,
                tenantId: `tnt_${run}`,
                points: item.points.map((point) => ({
                  meteringPointId: pointId(point),
                  priceSchemeId: schemeOf(point),
                })),
                openedAtMs: instant(item.slot),
                alarm1Micros: 1_000_000,
                alarm2Micros: 100_000,
                protectedSupply: false,
                firstVend:
                  item.vendMicros === undefined
                    ? undefined
                    : { amountMicros: item.vendMicros, means: 'card' },
              },
            ],
            cashier,
          );
          accounts.push(accountId as string);
        });
        return;
      case 'close':
      case 'settle': {
        const accountId = pick(accounts, item.account);
        if (accountId === undefined) return;
        const request = { requestId: name, accountId, reason: 'moved out', refundMeans: 'cash' as const };
        await insist(item.crash, async () =>
          item.kind === 'close'
            ? await billing.accounts.close(
                project,
                { ...request, closedAtMs: instant(item.slot), acceptIncomplete: true },
                cashier,
              )
            : await billing.accounts.settle(project, request, cashier),
        );
        return;
      }
      case 'vend': {
        const accountId = pick(accounts, item.account);
        if (accountId === undefined) return;
        await insist(item.crash, async () => {
          const { vendId } = await billing.vends.vend(
            project,
            { requestId: name, accountId, amountMicros: item.amountMicros, means: 'cash' },
            cashier,
          );
          vends.push({ vendId, accountId });
        });
        return;
      }
      case 'reverse': {
        const vend = pick(vends, item.vend);
        if (vend === undefined) return;
        await insist(
          item.crash,
          async () =>
            await billing.vends.reverse(
              project,
              { requestId: name, ...vend, reason: 'typing error', override: true },
              cashier,
              true,
            ),
        );
        return;
      }
      case 'price': {
        const priceSchemeId = schemes[item.medium];
        const draft = { effectiveFromMs: instant(item.slot), rates: item.rates };
        const { priceVersionId } = await billing.prices.draftVersion(project, priceSchemeId, draft, drafter);
        await billing.prices.submit(project, priceSchemeId, priceVersionId, drafter);
        await insist(
          item.crash,
          async () => await approvePrices(billing, { projectId: project, priceSchemeId, priceVersionId }),
        );
        return;
      }
      case 'notices':
        await insist(item.crash, async () => await billing.settle());
        return;
    }
  }

  /** Newest revision of each slot over all that was ever delivered. */
  function slotsExpected(): Record<string, number> {
    const newest = new Map<string, { revision: number; consumption: number }>();
    for (const value of batches.flat()) {
      value.index.forEach((slot, item) => {
        const key = `${value.segmentId}/${value.localDay}/${slot}`;
        if ((newest.get(key)?.revision ?? -1) < value.revision)
          newest.set(key, { revision: value.revision, consumption: value.consumption[item] as number });
      });
    }
    return Object.fromEntries([...newest].map(([key, { consumption }]) => [key, consumption]).sort());
  }
  async function slotsStored(): Promise<Record<string, number>> {
    const { rows } = await site.parts.database.query<{ key: string; consumption: number }>(
      `SELECT day.segment_id || '/' || day.local_day || '/' || (slot.place - 1) AS key, slot.consumption
         FROM billing.slot_days AS day CROSS JOIN LATERAL unnest(day.consumption) WITH ORDINALITY AS slot (consumption, place)
        WHERE day.project_id = $1 AND slot.consumption IS NOT NULL`,
      [project],
    );
    return Object.fromEntries(rows.map((row) => [row.key, row.consumption] as const).sort());
  }
  /** Each account: vended − charged − refunded = balance, and a second look at the stage. */
  async function checkBalances(): Promise<void> {
    for (const accountId of accounts) {
      const account = await billing.accounts.detail(project, accountId);
      expect(account.vendedMicros - account.chargedMicros - account.refundedMicros).toBe(
        account.balanceMicros,
      );
      expect(account.stage === 'arrears').toBe(account.balanceMicros < 0);
    }
  }
  /** The newest record of each account's day in the log says what billing's own sums say. */
  async function checkChargeDays(): Promise<void> {
    const { rows: batchRows } = await site.parts.database.query<{ payload: string }>(
      'SELECT payload FROM event_log.batches WHERE topic = $1',
      [topics.chargeDays.name],
    );
    const newest = new Map<string, ChargeDay>();
    for (const [, day] of batchRows.flatMap((row) => JSON.parse(row.payload) as [string, ChargeDay][])) {
      const key = `${day.accountId}/${day.segmentId}/${day.localDay}`;
      if (day.projectId === project && day.revision > (newest.get(key)?.revision ?? 0)) newest.set(key, day);
    }
    const { rows } = await site.parts.database.query<{
      key: string;
      amount: number;
      consumption: number;
      unpriced: number;
    }>(
      `SELECT day.account_id || '/' || day.segment_id || '/' || day.local_day AS key, day.amount_micros AS amount, day.consumption,
              day.unpriced_consumption AS unpriced FROM billing.charge_days AS day WHERE day.project_id = $1`,
      [project],
    );
    expect(
      [...newest]
        .map(([key, day]) => ({
          key,
          amount: day.lines.reduce((sum, line) => sum + line.amountMicros, 0),
          consumption: day.lines.reduce((sum, line) => sum + line.consumption, 0),
          unpriced: day.unpricedConsumption,
        }))
        .sort(byKey),
    ).toEqual([...rows].sort(byKey));
  }
  return { take, slotsExpected, slotsStored, checkBalances, checkChargeDays };
}
