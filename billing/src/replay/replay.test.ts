// SPDX-License-Identifier: Apache-2.0
/** Replays over real stores: what they find, that they charge nothing, go on after a crash, and find the same again. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { topics } from '@wattledger/contracts';
import { plainTerms, type PriceTerms } from '@wattledger/contracts/http/billing';
import { Crash, createCrashes } from '../testing/crashes.ts';
import { energy, projectId } from '../testing/messages.ts';
import {
  drafter,
  openAccount,
  peakRates,
  pointSnapshot,
  setPrices,
  startTestSite,
  type TestSite,
} from '../testing/test-site.ts';
import { stepReplay } from './replay-work.ts';

const nowMs = Date.parse('2026-03-10T12:05:00+01:00');
const openedAtMs = Date.parse('2026-01-15T00:00:00+01:00');

describe('replays', () => {
  let site: TestSite;
  let priceSchemeId: string;
  let accounts: string[];
  beforeAll(async () => {
    site = await startTestSite({
      name: 'billing-replay',
      nowMs,
      points: ['pnt_a', 'pnt_b', 'pnt_c'].map((id) => pointSnapshot(id)),
      tenants: 3,
    });
    ({ priceSchemeId } = await setPrices(site.billing, { fromMs: 0, rates: peakRates }));
    accounts = [];
    for (const [place, point] of ['pnt_a', 'pnt_b', 'pnt_c'].entries())
      accounts.push(
        await openAccount(site.billing, { priceSchemeId, points: [point], openedAtMs, tenant: place }),
      );
    // The first uses most at peak, the second in the valley; the third is not read on 2 February.
    const told = ['2026-01-20', '2026-02-02', '2026-02-03'].flatMap((day, place) => [
      energy({ meteringPointId: 'pnt_a', day, revision: place + 1, slots: { 20: 9000, 2: 1000 } }),
      energy({ meteringPointId: 'pnt_b', day, revision: place + 1, slots: { 20: 500, 2: 9500 } }),
      ...(place === 1
        ? []
        : [energy({ meteringPointId: 'pnt_c', day, revision: place + 1, slots: 100, quality: 1 })]),
    ]);
    await site.parts.eventLog.append(
      topics.intervalEnergy,
      told.map((value) => ({ key: value.meteringPointId, value })),
    );
    await site.parts.drain();
    await site.billing.settle();
  }, 60_000);
  afterAll(async () => await site.stop());

  const draft = async (terms: Partial<PriceTerms>, rates = { peak: 1_000_000, valley: 1_000_000 }) => {
    const version = await site.billing.prices.draftVersion(
      projectId,
      priceSchemeId,
      {
        effectiveFromMs: nowMs - (nowMs % 1_800_000) + 86_400_000,
        rates,
        terms: { ...plainTerms, ...terms },
      },
      drafter,
    );
    return { projectId, priceSchemeId, priceVersionId: version.priceVersionId };
  };
  const ledgerRows = async () =>
    (
      await site.parts.database.query(
        `SELECT (SELECT count(*) FROM billing.entries) AS entries, (SELECT count(*) FROM billing.charge_lines) AS lines,
                (SELECT sum(charge_revision) FROM billing.slot_days)::bigint AS days`,
      )
    ).rows;

  test('who pays more and who less, and nothing is charged', async () => {
    const before = await ledgerRows();
    const ids = await draft({});
    const started = await site.billing.replays.start(
      ids,
      { fromDay: '2026-01-01', toDay: '2026-02-28' },
      drafter,
    );
    expect(started).toMatchObject({ state: 'running', pointsDone: 0, pointsTotal: 3 });
    await site.billing.settle();
    const replay = await site.billing.replays.get(ids, started.replayId);
    expect(replay).toMatchObject({ state: 'done', pointsDone: 3, fromMonth: '2026-01', toMonth: '2026-02' });
    const { rows } = await site.billing.replays.rows(ids, started.replayId, {
      order: 'more-first',
      limit: 10,
      offset: 0,
    });
    const [a, b, c] = accounts;
    const beforeOf = (peakKwh: number, valleyKwh: number): number =>
      3 * (Math.round(peakKwh * 1_200_333) + Math.round(valleyKwh * 400_777));
    expect(rows.map((row) => row.accountId)).toEqual([b, c, a]);
    expect(rows[0]).toMatchObject({
      beforeMicros: beforeOf(0.5, 9.5),
      afterMicros: 30_000_000,
      consumption: 30_000,
    });
    expect(rows[2]).toMatchObject({ beforeMicros: beforeOf(9, 1), afterMicros: 30_000_000 });
    expect(rows[1]).toMatchObject({
      accountId: c,
      slotsKnown: 96,
      slotsEstimated: 96,
      slotsExpected: 45 * 48,
    });
    expect(replay.totals).toMatchObject({
      accounts: 3,
      paysMore: 2,
      paysLess: 1,
      paysSame: 0,
      paysMuchMore: 2,
      incomplete: 3,
      estimated: 1,
    });
    expect(replay.totals.distribution).toMatchObject([
      { fromPercent: -20, toPercent: -10, accounts: 1 },
      { fromPercent: 20, toPercent: null, accounts: 2 },
    ]);
    expect(await site.billing.replays.lines(ids, started.replayId, a as string)).toMatchObject([
      {
        month: '2026-01',
        component: 'energy',
        period: 'peak',
        consumptionBefore: 9000,
        afterMicros: 9_000_000,
      },
      { month: '2026-01', period: 'valley', beforeMicros: 400_777, afterMicros: 1_000_000 },
      { month: '2026-02', period: 'peak', consumptionAfter: 18_000 },
      { month: '2026-02', period: 'valley' },
    ]);
    expect(await ledgerRows()).toEqual(before);
  });

  test('tiers begin anew with each month, fixed charges count the days; the same again is the same', async () => {
    const ids = await draft({
      tiers: {
        span: 'month',
        steps: [{ above: 15_000, rates: { peak: 2_000_000, valley: 2_000_000 }, seasonRates: {} }],
      },
      fixed: [{ name: 'Standing', per: 'day', basis: 'point', amountMicros: 100_000 }],
    });
    const hashes: string[] = [];
    for (let time = 0; time < 2; time += 1) {
      const { replayId } = await site.billing.replays.start(
        ids,
        { fromDay: '2026-01-01', toDay: '2026-02-28', accountIds: [accounts[0] as string] },
        drafter,
      );
      await site.billing.settle();
      const { rows } = await site.billing.replays.rows(ids, replayId, {
        order: 'less-first',
        limit: 10,
        offset: 0,
      });
      // 10 kWh in January; 15 and 5 in February; 17 and 28 days.
      expect(rows).toMatchObject([{ afterMicros: 10_000_000 + 25_000_000 + 45 * 100_000 }]);
      hashes.push((await site.billing.replays.get(ids, replayId)).inputHash);
    }
    expect(hashes[0]).toBe(hashes[1]);
  });

  test('a span within a month: what was in force holds before and after it', async () => {
    const ids = await draft({}, { peak: 0, valley: 0 });
    const { replayId } = await site.billing.replays.start(
      ids,
      { fromDay: '2026-02-03', toDay: '2026-02-03' },
      drafter,
    );
    await site.billing.settle();
    const { rows } = await site.billing.replays.rows(ids, replayId, {
      order: 'less-first',
      limit: 1,
      offset: 0,
    });
    const dayMicros = 9 * 1_200_333 + 400_777;
    expect(rows).toMatchObject([
      { accountId: accounts[0], beforeMicros: 2 * dayMicros, afterMicros: dayMicros },
    ]);
  });

  test('killed anywhere it goes on and finds the same; cancelled it stops', async () => {
    const ids = await draft({});
    const asked = { fromDay: '2026-01-01', toDay: '2026-02-28' };
    const results: unknown[] = [];
    for (const crashAt of [null, 2, 5, 9, 12, 14]) {
      const { replayId } = await site.billing.replays.start(ids, asked, drafter);
      const crashes = createCrashes();
      const database = crashes.wrap(site.parts.database);
      crashes.arm(crashAt);
      const parts = { ...site.parts, database };
      try {
        await stepReplay(parts);
      } catch (error) {
        if (!(error instanceof Crash)) throw error;
      }
      await site.billing.settle();
      const page = { order: 'more-first', limit: 10, offset: 0 } as const;
      const { inputHash, state } = await site.billing.replays.get(ids, replayId);
      results.push({ inputHash, state, ...(await site.billing.replays.rows(ids, replayId, page)) });
    }
    for (const result of results) expect(result).toEqual(results[0]);
    const { replayId } = await site.billing.replays.start(ids, asked, drafter);
    expect(await site.billing.replays.cancel(ids, replayId)).toMatchObject({ state: 'cancelled' });
    await expect(site.billing.replays.cancel(ids, replayId)).rejects.toMatchObject({
      code: 'price-replay-over',
    });
    await site.billing.settle();
    expect(await site.billing.replays.get(ids, replayId)).toMatchObject({
      state: 'cancelled',
      pointsDone: 0,
    });
  });
});
