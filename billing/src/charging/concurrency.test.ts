// SPDX-License-Identifier: Apache-2.0
/** Goal: writers that meet on the same points and accounts never lose or double anything. Method: all at once, then ask the laws. */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { topics } from '@wattledger/contracts';
import { plainTerms, type PriceTerms } from '@wattledger/contracts/http/billing';
import { energy, projectId } from '../testing/messages.ts';
import {
  approvePrices,
  cashier,
  drafter,
  failingChecks,
  openAccount,
  openPolicy,
  peakRates,
  pointSnapshot,
  setPrices,
  startTestSite,
  tenantId,
  type TestSite,
} from '../testing/test-site.ts';

const points = Array.from({ length: 24 }, (_, index) => `pnt_${String(index).padStart(2, '0')}`);
const days = ['2026-02-02', '2026-02-03', '2026-02-04', '2026-02-05'];
const openedAtMs = Date.parse('2026-02-02T06:00:00+01:00');
const nowMs = Date.parse('2026-02-06T00:00:00+01:00');

/** Tiers reach across days, items across the month: every writer touches what others touch. */
const terms: PriceTerms = {
  ...plainTerms,
  tiers: {
    span: 'month',
    steps: [{ above: 9000, rates: { peak: 1_500_001, valley: 900_001 }, seasonRates: {} }],
  },
  fixed: [{ name: 'Standing', per: 'day', basis: 'point', amountMicros: 333_333 }],
  adjustments: [{ name: 'VAT', component: 'tax', basis: 'share', value: 190_000, of: ['energy', 'fixed'] }],
};

let site: TestSite;
beforeAll(async () => {
  site = await startTestSite({
    name: 'concurrency',
    nowMs,
    points: points.map((id) => pointSnapshot(id)),
    tenants: points.length,
    partitionCountOf: () => 4,
    works: true,
  });
}, 60_000);
afterAll(async () => await site.stop());

test('slots, openings, closings, vends, notices and supply decisions all at once', async () => {
  const { billing, parts } = site;
  const { priceSchemeId } = await setPrices(billing, { fromMs: openedAtMs, rates: peakRates });
  await billing.supply.setPolicy(projectId, openPolicy, cashier);
  const pour = async (revision: number): Promise<void> => {
    for (const day of days) {
      const records = points.map((id, index) => ({
        key: id,
        value: energy({ meteringPointId: id, day, revision, slots: 100 + revision * 10 + index }),
      }));
      await parts.eventLog.append(topics.intervalEnergy, records);
    }
  };
  const live = async (index: number): Promise<void> => {
    const id = points[index] as string;
    const accountId = await openAccount(billing, {
      priceSchemeId,
      points: [id],
      openedAtMs,
      tenant: index,
      firstVendMicros: 5_000_000,
    });
    for (let vend = 0; vend < 5; vend += 1) {
      const request = {
        requestId: `vend-${index}-${vend}`,
        accountId,
        amountMicros: 1_000_000,
        means: 'cash' as const,
      };
      const sold = await billing.vends.vend(projectId, request, cashier);
      if (vend % 2 === 1) {
        const reversal = {
          requestId: `reverse-${index}-${vend}`,
          accountId,
          vendId: sold.vendId,
          reason: 'wrong',
          override: true,
        };
        await billing.vends.reverse(projectId, reversal, cashier, true);
      }
    }
    if (index % 3 !== 0) return;
    const closedAtMs = openedAtMs + 48 * 3_600_000;
    await billing.accounts.close(
      projectId,
      {
        requestId: `close-${index}`,
        accountId,
        closedAtMs,
        reason: 'moved',
        refundMeans: 'cash',
        acceptIncomplete: true,
      },
      cashier,
    );
    const [next] = await billing.accounts.open(
      projectId,
      [
        {
          requestId: `again-${index}`,
          tenantId: tenantId(index),
          points: [{ meteringPointId: id, priceSchemeId }],
          openedAtMs: closedAtMs,
          alarm1Micros: 10,
          alarm2Micros: 5,
          protectedSupply: false,
        },
      ],
      cashier,
    );
    expect(next).toBeDefined();
  };
  const notice = async (rate: number): Promise<void> => {
    const draft = {
      effectiveFromMs: openedAtMs + 24 * 3_600_000,
      rates: { peak: rate, valley: rate },
      terms,
    };
    const { priceVersionId } = await billing.prices.draftVersion(projectId, priceSchemeId, draft, drafter);
    await billing.prices.submit(projectId, priceSchemeId, priceVersionId, drafter);
    await approvePrices(billing, { projectId, priceSchemeId, priceVersionId });
  };
  await Promise.all([
    pour(1)
      .then(async () => await pour(2))
      .then(async () => await pour(3)),
    ...points.map(async (_, index) => await live(index)),
    notice(777_777).then(async () => await notice(999_999)),
  ]);
  await parts.drain();
  await billing.settle();
  expect(await failingChecks(billing)).toEqual([]);
  const { accounts } = await billing.accounts.list({ projectId, state: 'all', limit: 100 });
  expect(accounts).toHaveLength(points.length + points.length / 3);
}, 120_000);
