// SPDX-License-Identifier: Apache-2.0
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { topics } from '@wattledger/contracts';
import { energy, projectId } from '../testing/messages.ts';
import {
  approver,
  failingChecks,
  openAccount,
  peakRates,
  setPrices,
  startTestSite,
  type TestSite,
} from '../testing/test-site.ts';

const monday = '2026-02-02';
const openedAtMs = Date.parse('2026-02-01T00:00:00+01:00');

describe('charging over the event log', () => {
  let site: TestSite;
  let accountId: string;
  beforeAll(async () => {
    site = await startTestSite({ name: 'charging' });
    const { priceSchemeId } = await setPrices(site.billing, { fromMs: openedAtMs, rates: peakRates });
    accountId = await openAccount(site.billing, { priceSchemeId, openedAtMs, firstVendMicros: 100_000_000 });
  }, 60_000);
  afterAll(async () => await site.stop());

  const append = async (...messages: Parameters<typeof energy>[0][]): Promise<void> => {
    await site.parts.eventLog.append(
      topics.intervalEnergy,
      messages.map((message) => ({ key: message.meteringPointId ?? 'pnt_a', value: energy(message) })),
    );
    await site.parts.drain();
  };
  const balance = async (): Promise<number> =>
    (await site.billing.accounts.row(projectId, accountId)).balanceMicros;

  test('a slot is charged at the price of its period, once', async () => {
    // 07:30 is valley, 08:00 peak.
    await append({ day: monday, revision: 1, slots: { 15: 1000, 16: 500 } });
    expect(await balance()).toBe(100_000_000 - 400_777 - 600_167);
    await append({ day: monday, revision: 1, slots: { 15: 1000, 16: 500 } });
    expect(await balance()).toBe(100_000_000 - 400_777 - 600_167);
    expect(await failingChecks(site.billing)).toEqual([]);
  });

  test('a later revision is charged as a difference, an earlier one not at all', async () => {
    await append(
      { day: monday, revision: 3, slots: { 16: 200 } },
      { day: monday, revision: 2, slots: { 16: 900, 17: 1000 } },
    );
    expect(await balance()).toBe(100_000_000 - 400_777 - 240_067 - 1_200_333);
    expect(await failingChecks(site.billing)).toEqual([]);
  });
});

describe('a change of the project’s grid', () => {
  let site: TestSite;
  beforeAll(async () => void (site = await startTestSite({ name: 'grids' })), 60_000);
  afterAll(async () => await site.stop());

  test('zone and slot length lay the charge anew; nothing is charged twice or lost', async () => {
    const { billing, parts } = site;
    const { priceSchemeId } = await setPrices(billing, {
      fromMs: 0,
      rates: { peak: 1_000_000, valley: 1_000_000 },
    });
    const accountId = await openAccount(billing, { priceSchemeId, openedAtMs, firstVendMicros: 100_000_000 });
    const append = async (...messages: Parameters<typeof energy>[0][]): Promise<number> => {
      await parts.eventLog.append(
        topics.intervalEnergy,
        messages.map((message) => ({ key: 'pnt_a', value: energy(message) })),
      );
      await parts.drain();
      expect(await failingChecks(billing)).toEqual([]);
      return (await billing.accounts.row(projectId, accountId)).balanceMicros;
    };
    expect(
      await append({ day: monday, revision: 1, slots: 100 }, { day: '2026-02-03', revision: 1, slots: 100 }),
    ).toBe(100_000_000 - 96 * 100_000);
    // Shanghai's 3 February begins at 17:00 of Berlin's 2 February: nothing new but one slot.
    expect(await append({ day: '2026-02-03', revision: 2, slots: { 0: 300 }, zone: 'Asia/Shanghai' })).toBe(
      100_000_000 - 95 * 100_000 - 300_000,
    );
    expect(await append({ day: monday, revision: 1, slots: 100 })).toBe(100_000_000 - 95 * 100_000 - 300_000);
    expect(
      await append({ day: monday, revision: 3, slots: 50, slotMinutes: 15, zone: 'Asia/Shanghai' }),
    ).toBe(100_000_000 - 96 * 50_000);
  });
});

describe('an account opened where nothing had flowed', () => {
  let site: TestSite;
  beforeAll(async () => void (site = await startTestSite({ name: 'nothing-flowed' })), 60_000);
  afterAll(async () => await site.stop());

  test('its empty slots count by quality in its day and in the project’s', async () => {
    const { billing, parts } = site;
    const { priceSchemeId } = await setPrices(billing, { fromMs: openedAtMs, rates: peakRates });
    const tell = async (revision: number, slots: Record<number, number>): Promise<void> => {
      await parts.eventLog.append(topics.intervalEnergy, [
        { key: 'pnt_a', value: energy({ day: monday, revision, slots }) },
      ]);
      await parts.drain();
    };
    await tell(1, { 0: 0, 1: 0 });
    await openAccount(billing, { priceSchemeId, openedAtMs });
    expect(await failingChecks(billing)).toEqual([]);
    await tell(2, { 2: 500 });
    expect(await failingChecks(billing)).toEqual([]);
  });
});

describe('a meter whose clock is ahead', () => {
  let site: TestSite;
  beforeAll(async () => void (site = await startTestSite({ name: 'clock-ahead' })), 60_000);
  afterAll(async () => await site.stop());

  test('a price approved and withdrawn before it holds leaves nothing on energy told too early', async () => {
    const { billing, parts } = site;
    parts.clock.set(openedAtMs + 12 * 3_600_000);
    const { priceSchemeId } = await setPrices(billing, { fromMs: openedAtMs, rates: peakRates });
    const account = await openAccount(billing, { priceSchemeId, openedAtMs, firstVendMicros: 100_000_000 });
    await parts.eventLog.append(topics.intervalEnergy, [
      { key: 'pnt_a', value: energy({ day: monday, revision: 1, slots: { 15: 1000, 16: 500 } }) },
    ]);
    await parts.drain();
    const balance = async (): Promise<number> =>
      (await billing.accounts.row(projectId, account)).balanceMicros;
    const before = await balance();
    const { priceVersionId } = await setPrices(billing, {
      fromMs: Date.parse('2026-02-02T00:00:00+01:00'),
      rates: { peak: 2_000_000, valley: 1_000_000 },
      priceSchemeId,
    });
    await billing.settle();
    expect(await balance()).toBe(100_000_000 - 1_000_000 - 1_000_000);
    await billing.prices.withdraw(projectId, priceSchemeId, priceVersionId, approver);
    await billing.settle();
    expect(await balance()).toBe(before);
    expect(await failingChecks(billing)).toEqual([]);
  });
});
