// SPDX-License-Identifier: Apache-2.0
/** Goal: what a tenant sees of tiers and of a month's items is right to the last unit. Method: one account, sums worked out by hand. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { rights, topics, type TariffCalendar } from '@wattledger/contracts';
import {
  plainTerms,
  type Charges,
  type Explain,
  type MonthItems,
  type PriceTerms,
} from '@wattledger/contracts/http/billing';
import { serveRoutes, type TestHttp } from '@wattledger/platform/testing';
import { energy, projectId } from '../testing/messages.ts';
import {
  cashier,
  failingChecks,
  openAccount,
  setPrices,
  startTestSite,
  type TestSite,
} from '../testing/test-site.ts';

const openedAtMs = Date.parse('2026-02-01T00:00:00+01:00');
const noonMs = Date.parse('2026-02-03T12:00:00+01:00');
const calendar: TariffCalendar = {
  id: 'flat',
  name: 'Flat',
  dayProfiles: { all: [{ fromMinute: 0, period: 'flat' }] },
  seasons: [
    { name: 'winter', fromMonthDay: '01-01', weekday: ['all', 'all', 'all', 'all', 'all', 'all', 'all'] },
  ],
  specialDays: {},
};
const terms: PriceTerms = {
  ...plainTerms,
  tiers: { span: 'month', steps: [{ above: 1000, rates: { flat: 3_000_000 }, seasonRates: {} }] },
  demand: [
    {
      name: 'Peak demand',
      period: null,
      window: 'sliding',
      windowMinutes: 60,
      rateMicros: 2_800_000,
      seasonRatesMicros: {},
    },
  ],
  fixed: [{ name: 'Standing charge', per: 'day', basis: 'point', amountMicros: 1_000_000 }],
  adjustments: [
    { name: 'VAT', component: 'tax', basis: 'share', value: 190_000, of: ['energy', 'demand', 'fixed'] },
  ],
};

describe('tiers and the items of a month', () => {
  let site: TestSite;
  let http: TestHttp;
  let accountId: string;
  beforeAll(async () => {
    site = await startTestSite({ name: 'tariffs', nowMs: noonMs, project: { calendar } });
    http = await serveRoutes({
      parts: site.parts,
      routes: site.billing.routes,
      authenticator: {
        authenticate: async () => ({
          kind: 'staff',
          id: 'stf_a',
          name: 'A',
          rightsByProject: { [projectId]: rights },
        }),
      },
    });
    const { priceSchemeId } = await setPrices(site.billing, {
      fromMs: openedAtMs,
      rates: { flat: 1_000_000 },
      terms,
    });
    accountId = await openAccount(site.billing, { priceSchemeId, openedAtMs, firstVendMicros: 100_000_000 });
  }, 60_000);
  afterAll(async () => {
    await http.stop();
    await site.stop();
  });

  const get = async <T>(path: string): Promise<T> => {
    const { status, body } = await http.send(
      'GET',
      `/api/projects/${projectId}/accounts/${accountId}/charges${path}`,
    );
    expect({ status, body }).toMatchObject({ status: 200 });
    return body as T;
  };
  const items = async (month = '2026-02'): Promise<MonthItems> =>
    await get<MonthItems>(`/items?meteringPointId=pnt_a&month=${month}`);
  const append = async (...messages: Parameters<typeof energy>[0][]): Promise<void> => {
    const records = messages.map((message) => ({ key: 'pnt_a', value: energy(message) }));
    await site.parts.eventLog.append(topics.intervalEnergy, records);
    await site.parts.drain();
  };
  const balances = async (): Promise<Record<string, number>> => {
    const { rows } = await site.parts.database.query<{ kind: string; balance_micros: number }>(
      'SELECT ledger.kind, ledger.balance_micros FROM billing.ledger_accounts AS ledger',
    );
    return Object.fromEntries(rows.map((row) => [row.kind, row.balance_micros]));
  };

  test('days that have ended are charged, without any reading; tax is no revenue', async () => {
    expect((await items()).items.map(({ item, amountMicros }) => [item, amountMicros])).toEqual([
      ['Standing charge', 2_000_000],
      ['VAT', 380_000],
    ]);
    expect(await balances()).toMatchObject({
      'tenant-balance': 97_620_000,
      'electricity-revenue': 2_000_000,
      'tax-payable': 380_000,
    });
    site.parts.clock.set(noonMs + 24 * 3_600_000);
    await site.billing.settle();
    const { items: later, asOfMs, postings } = await items();
    expect(later.map((item) => item.amountMicros)).toEqual([3_000_000, 570_000]);
    expect(asOfMs).toBe(site.parts.clock.nowMs());
    expect(postings.map(({ cause, amountMicros }) => [cause, amountMicros])).toEqual([
      ['account-opened', 2_380_000],
      ['month-items', 1_190_000],
    ]);
    expect(await failingChecks(site.billing)).toEqual([]);
  });

  test('an interval that crosses a boundary is split; late energy pushes what came after it up', async () => {
    await append({ day: '2026-02-03', revision: 1, slots: { 10: 600, 11: 600 } });
    const day = async (): Promise<Explain> =>
      await get<Explain>('/explain?meteringPointId=pnt_a&day=2026-02-03');
    const first = await day();
    expect(
      first.slots.map(({ position, parts }) => [
        position?.consumption,
        parts.map((part) => [part.tier, part.consumption, part.amountMicros]),
      ]),
    ).toEqual([
      [0, [[0, 600, 600_000]]],
      [
        600,
        [
          [0, 400, 400_000],
          [1, 200, 600_000],
        ],
      ],
    ]);
    expect(first.segments).toMatchObject([{ segmentId: 'seg_pnt_a', consumption: 1200 }]);
    await append({ day: '2026-02-02', revision: 2, slots: { 0: 900 } });
    const second = await day();
    expect(
      second.slots.map(({ position, parts }) => [
        position?.consumption,
        parts.map((part) => [part.tier, part.consumption]),
      ]),
    ).toEqual([
      [
        900,
        [
          [0, 100],
          [1, 500],
        ],
      ],
      [1500, [[1, 600]]],
    ]);
    expect(second.postings).toHaveLength(2);
    expect(second.amountMicros).toBe(100_000 + 1_500_000 + 1_800_000);
    expect(await failingChecks(site.billing)).toEqual([]);
  });

  test('demand, and the tax on it, explain themselves', async () => {
    const { items: found, energy: charged } = await items();
    // 600 Wh and 600 Wh in an hour: 1.2 kW; February's 28 days are all held.
    expect(found.map(({ item, amountMicros }) => [item, amountMicros])).toEqual([
      ['Peak demand', 3_360_000],
      ['Standing charge', 3_000_000],
      ['VAT', Math.round(0.19 * (3_360_000 + 3_000_000 + charged.amountMicros))],
    ]);
    expect(found[0]?.working).toMatchObject({
      kind: 'demand',
      peaks: [{ demandW: 1200, atMs: Date.parse('2026-02-03T05:00:00+01:00'), days: 28 }],
    });
    const { rows } = await get<Charges>('?fromDay=2026-02-01&toDay=2026-02-28&grain=month');
    expect(rows[0]?.items.map((item) => item.component)).toEqual(['demand', 'fixed', 'tax']);
    expect(rows[0]?.amountMicros).toBe(
      charged.amountMicros + found.reduce((sum, item) => sum + item.amountMicros, 0),
    );
  });

  test('what was used before a closing stays; the demand counts the days held; corrected to nothing, only days are left', async () => {
    site.parts.clock.set(Date.parse('2026-03-01T08:00:00+01:00'));
    await site.billing.settle();
    await site.billing.accounts.close(
      projectId,
      {
        requestId: 'close-tariffs',
        accountId,
        closedAtMs: Date.parse('2026-02-15T00:00:00+01:00'),
        reason: 'moved out',
        refundMeans: 'cash',
        acceptIncomplete: true,
      },
      cashier,
    );
    expect((await items()).items.slice(0, 2).map((item) => item.amountMicros)).toEqual([
      1_680_000, 14_000_000,
    ]);
    expect((await items('2026-03')).items).toEqual([]);
    await append(
      { day: '2026-02-02', revision: 9, slots: { 0: 0 } },
      { day: '2026-02-03', revision: 9, slots: { 10: 0, 11: 0 } },
    );
    expect((await items()).items.map((item) => item.amountMicros)).toEqual([14_000_000, 2_660_000]);
    expect(await failingChecks(site.billing)).toEqual([]);
  });
});
