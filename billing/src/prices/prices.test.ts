// SPDX-License-Identifier: Apache-2.0
/** Drafts with terms and calendars, price series and previews, over HTTP and real stores. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { flatCalendar, rights, topics, type Principal, type Right } from '@wattledger/contracts';
import type {
  PricePreview,
  PriceScheme,
  PriceSeriesAddition,
  PriceSeriesList,
  PriceSeriesPoints,
  PriceVersion,
} from '@wattledger/contracts/http/billing';
import { serveRoutes, type TestHttp } from '@wattledger/platform/testing';
import { energy, projectId } from '../testing/messages.ts';
import {
  approver,
  drafter,
  openAccount,
  pointSnapshot,
  startTestSite,
  type TestSite,
} from '../testing/test-site.ts';

const nowMs = Date.parse('2026-02-02T12:05:00+01:00');
const openedAtMs = Date.parse('2026-02-02T00:00:00+01:00');
const base = `/api/projects/${projectId}`;

let site: TestSite;
let http: TestHttp;
let held: readonly Right[] = rights;
const scheme: Record<string, PriceScheme> = {};

beforeAll(async () => {
  site = await startTestSite({
    name: 'billing-prices',
    nowMs,
    points: [pointSnapshot('pnt_a'), pointSnapshot('pnt_w', 'water')],
  });
  const anna = (): Principal => ({
    kind: 'staff',
    id: 'anna',
    name: 'Anna',
    rightsByProject: { [projectId]: held },
  });
  http = await serveRoutes({
    parts: site.parts,
    routes: site.billing.routes,
    authenticator: { authenticate: async () => anna() },
  });
  for (const medium of ['electricity', 'water'] as const)
    scheme[medium] = await send<PriceScheme>('POST', '/price-schemes', { name: medium, medium }, 201);
}, 60_000);
afterAll(async () => {
  await http.stop();
  await site.stop();
});

let requests = 0;
async function send<T>(method: 'GET' | 'POST', path: string, body?: unknown, status = 200): Promise<T> {
  const key = { 'idempotency-key': `request-${(requests += 1)}` };
  const answer = await http.send(method, `${base}${path}`, body, method === 'GET' ? {} : key);
  expect({ path, status: answer.status, body: answer.body }).toMatchObject({ status });
  return answer.body as T;
}
const versionsOf = (medium: string): string =>
  `/price-schemes/${scheme[medium]?.priceSchemeId ?? ''}/versions`;

const ownCalendar = {
  ...flatCalendar,
  id: 'own',
  name: 'Own',
  dayProfiles: {
    all: [
      { fromMinute: 0, period: 'valley' },
      { fromMinute: 480, period: 'peak' },
    ],
  },
};

describe('versions', () => {
  test('a draft brings terms and a calendar of its own, and both stand as they were given', async () => {
    const terms = {
      tiers: { span: 'month', steps: [{ above: 10_000, rates: { peak: 2_000_000, valley: 900_000 } }] },
      demand: [{ name: 'kW', period: 'peak', window: 'sliding', windowMinutes: 30, rateMicros: 1_000_000 }],
      minimumMonthMicros: 5_000_000,
    };
    const draft = await send<PriceVersion>(
      'POST',
      versionsOf('electricity'),
      {
        effectiveFromMs: openedAtMs,
        rates: { peak: 1_000_000, valley: -50_000 },
        terms,
        calendar: ownCalendar,
      },
      201,
    );
    expect(draft).toMatchObject({ state: 'draft', calendar: ownCalendar, terms });
    const listed = await send<PriceScheme>('GET', `/price-schemes/${draft.priceSchemeId}`);
    expect(listed.versions).toEqual([draft]);
  });
  test('water has a price of its own calendar, whatever the periods of electricity', async () => {
    const body = { effectiveFromMs: openedAtMs, rates: { flat: 3_000_000 }, calendar: flatCalendar };
    expect(await send('POST', versionsOf('water'), body, 201)).toMatchObject({ rates: { flat: 3_000_000 } });
  });
  test.each([
    [
      'a calendar off the slot grid',
      {
        calendar: {
          ...ownCalendar,
          dayProfiles: {
            all: [
              { fromMinute: 0, period: 'peak' },
              { fromMinute: 495, period: 'valley' },
            ],
          },
        },
      },
      'calendar.dayProfiles.all.1',
    ],
    [
      'a calendar without its profile',
      { calendar: { ...ownCalendar, dayProfiles: {} } },
      'calendar.seasons.0.weekday.0',
    ],
    [
      'tiers that fall',
      {
        terms: {
          tiers: { span: 'year', steps: [10, 5].map((above) => ({ above, rates: { peak: 1, valley: 1 } })) },
        },
      },
      'terms.tiers.steps.1.above',
    ],
    ['a series that is none', { terms: { priceSeriesId: 'pse_none' }, rates: {} }, 'terms.priceSeriesId'],
  ])('%s is refused by field', async (_name, change, path) => {
    const body = { effectiveFromMs: openedAtMs, rates: { peak: 1, valley: 1 }, ...change };
    const refused = await send<{ code: string; faults: { path: string }[] }>(
      'POST',
      versionsOf('electricity'),
      body,
      422,
    );
    expect(refused).toMatchObject({ code: 'price-version-faulty' });
    expect(refused.faults[0]?.path).toBe(path);
  });
  test('a scheme that is not here is not here for drafts and previews either', async () => {
    const body = { effectiveFromMs: openedAtMs, rates: { peak: 1, valley: 1 } };
    expect(await send('POST', '/price-schemes/psc_none/versions', body, 404)).toMatchObject({
      code: 'price-scheme-unknown',
    });
  });
});

describe('the preview', () => {
  const sample = { month: '2026-02', consumption: 1_000_000, contractedDemandW: 10_000 };
  const preview = (body: object) => send<PricePreview>('POST', `${versionsOf('electricity')}/preview`, body);
  test('is the bill of a month by the arithmetic of charging', async () => {
    const { bill, faults } = await preview({
      rates: { flat: 1_000_000 },
      calendar: flatCalendar,
      terms: {
        tiers: { span: 'month', steps: [{ above: 600_000, rates: { flat: 2_000_000 } }] },
        fixed: [{ name: 'rent', per: 'month', basis: 'kw', amountMicros: 3_000_000 }],
        demand: [{ name: 'kW', period: null, window: 'block', windowMinutes: 30, rateMicros: 10_000_000 }],
        adjustments: [
          { name: 'VAT', component: 'tax', basis: 'share', value: 100_000, of: ['energy', 'fixed'] },
        ],
      },
      sample,
    });
    expect(faults).toEqual([]);
    expect(
      bill?.lines.map((line) => [line.component, line.tier, line.consumption, line.amountMicros]),
    ).toEqual([
      ['energy', 0, 600_000, 600_000_000],
      ['energy', 1, 400_000, 800_000_000],
      // 1000 kWh over 672 hours: the fullest half-hour has 745 Wh.
      ['demand', null, null, 14_900_000],
      ['fixed', null, null, 30_000_000],
      ['tax', null, null, 143_000_000],
    ]);
    expect(bill).toMatchObject({ totalMicros: 1_587_900_000, unpricedConsumption: 0 });
  });
  test('lists the faults of a draft instead', async () => {
    expect(await preview({ rates: { peak: 1 }, sample })).toMatchObject({
      faults: [{ path: 'rates.valley' }],
      bill: null,
    });
  });
  test("counts the year's tiers on as much in each month before", async () => {
    const body = {
      rates: { flat: 1_000_000 },
      calendar: flatCalendar,
      terms: { tiers: { span: 'year', steps: [{ above: 1_500_000, rates: { flat: 2_000_000 } }] } },
      sample,
    };
    expect((await preview(body)).bill?.totalMicros).toBe(500_000_000 + 2 * 500_000_000);
  });
});

describe('price series', () => {
  const add = (body: object, status = 200) =>
    send<PriceSeriesAddition & { code: string; faults: { path: string; line: number; code: string }[] }>(
      'POST',
      '/price-series',
      { name: 'Day ahead', medium: 'electricity', minutes: 60, ...body },
      status,
    );
  const csv = 'start;price\n2026-02-02 00:00;0,25\n2026-02-02 01:00;-0,05\n';

  test('a dry run lists the faults and writes nothing; the table itself is refused whole', async () => {
    const faulty =
      'start,price\n2026-02-02 00:00,0.25\n2026-02-02 00:30,0.2\nyesterday,1\n2026-02-02 02:00,cheap\n2026-02-02 00:00,0.3\n';
    const dry = await add({ csv: faulty, dryRun: true });
    expect(dry.faults.map(({ line, code }) => [line, code])).toEqual([
      [3, 'off-grid'],
      [4, 'unreadable-start'],
      [5, 'unreadable-price'],
      [6, 'repeated-start'],
    ]);
    expect(await add({ csv: faulty }, 422)).toMatchObject({ code: 'price-series-faulty' });
    expect((await add({ csv, dryRun: true })).added).toBe(2);
    expect((await send<PriceSeriesList>('GET', '/price-series')).series).toEqual([]);
  });

  test('begins, grows, passes over what stands, refuses another price for it', async () => {
    const begun = await add({ csv });
    expect(begun).toMatchObject({ added: 2, standing: 0, negative: 1 });
    const more = await add({ csv: `${csv}2026-02-02T02:00+01:00;0.3` });
    expect(more).toMatchObject({ added: 1, standing: 2, priceSeriesId: begun.priceSeriesId });
    expect(await add({ csv: '2026-02-02 01:00,0.06' }, 422)).toMatchObject({
      code: 'price-series-faulty',
      faults: [{ path: 'line 1' }],
    });
    expect(await add({ csv, minutes: 30 }, 409)).toMatchObject({ code: 'price-series-other' });
    const { series } = await send<PriceSeriesList>('GET', '/price-series');
    expect(series).toMatchObject([
      { name: 'Day ahead', points: 3, fromMs: openedAtMs, toMs: openedAtMs + 3 * 3_600_000 },
    ]);
    const span = `fromMs=${openedAtMs}&toMs=${openedAtMs + 2 * 3_600_000}`;
    const path = `/price-series/${begun.priceSeriesId ?? ''}/points`;
    expect((await send<PriceSeriesPoints>('GET', `${path}?${span}`)).points).toEqual([
      { startMs: openedAtMs, priceMicros: 250_000 },
      { startMs: openedAtMs + 3_600_000, priceMicros: -50_000 },
    ]);
    await send('GET', `/price-series/pse_none/points?${span}`, undefined, 404);
  });

  test('is changed by nobody, and added to by those who may write prices', async () => {
    await expect(
      site.parts.database.query('UPDATE billing.price_series_points SET price_micros = 0'),
    ).rejects.toThrow();
    await expect(site.parts.database.query('DELETE FROM billing.price_series_points')).rejects.toThrow();
    held = ['price:read'];
    await add({ csv }, 403);
    held = rights;
  });

  test('an hour that comes twice is read as the first passing, then the second; one left out is none', async () => {
    const rows = ['2026-10-25 02:00,1', '2026-10-25 02:00,2', '2026-03-29 02:00,3'].join('\n');
    const dry = await add({ name: 'Clock changes', csv: rows, dryRun: true });
    expect(dry).toMatchObject({ added: 2, faultCount: 1, faults: [{ line: 3, code: 'unreadable-start' }] });
    expect((dry.toMs ?? 0) - (dry.fromMs ?? 0)).toBe(2 * 3_600_000);
  });

  test('energy is charged by the hour; what has no price yet is charged when it comes', async () => {
    const { prices } = site.billing;
    const list = await send<PriceSeriesList>('GET', '/price-series');
    const terms = { priceSeriesId: list.series[0]?.priceSeriesId ?? '' };
    const path = '/price-schemes';
    const { priceSchemeId } = await send<PriceScheme>(
      'POST',
      path,
      { name: 'By the hour', medium: 'electricity' },
      201,
    );
    const body = { effectiveFromMs: openedAtMs, rates: {}, terms, calendar: flatCalendar };
    const { priceVersionId } = await send<PriceVersion>(
      'POST',
      `${path}/${priceSchemeId}/versions`,
      body,
      201,
    );
    await prices.submit(projectId, priceSchemeId, priceVersionId, drafter);
    await prices.approve(projectId, priceSchemeId, priceVersionId, approver);
    await openAccount(site.billing, { priceSchemeId, openedAtMs });
    // Half-hours of 1 kWh from midnight to 04:00; the series ends at 03:00.
    const slots = Object.fromEntries(Array.from({ length: 8 }, (_, slot) => [slot, 1000]));
    await site.parts.eventLog.append(topics.intervalEnergy, [
      { key: 'pnt_a', value: energy({ day: '2026-02-02', revision: 1, slots }) },
    ]);
    const charged = async () => {
      await site.parts.drain();
      await site.billing.settle();
      const { rows } = await site.parts.database.query<{ amount: number; unpriced: number }>(
        `SELECT coalesce(sum(amount_micros), 0)::bigint AS amount,
                coalesce(sum(consumption) FILTER (WHERE unpriced_reason IS NOT NULL), 0)::bigint AS unpriced
           FROM billing.charge_lines WHERE component = 'energy'`,
      );
      return rows[0];
    };
    expect(await charged()).toEqual({ amount: 2 * (250_000 - 50_000 + 300_000), unpriced: 2000 });
    await add({ csv: '2026-02-02T03:00+01:00,0.1' });
    expect(await charged()).toEqual({ amount: 2 * 600_000, unpriced: 0 });
  });
});
