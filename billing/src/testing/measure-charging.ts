// SPDX-License-Identifier: Apache-2.0
/**
 * How fast slots become charges in the full ledger, and how that compares with only inserting the same rows. The raw side
 * replays the very statements that charging sent to its tables, in equal transactions, into equal tables without
 * triggers and references: what is left out is reading, rating, locking, balances, announcements and position.
 */
import { DateTime } from 'luxon';
import { topics, type IntervalEnergy } from '@wattledger/contracts';
import { plainTerms, type PriceTerms } from '@wattledger/contracts/http/billing';
import type { Database, Queryable } from '@wattledger/platform';
import { chargeBatch } from '../charging/charging-consumer.ts';
import { energy, projectId } from './messages.ts';
import {
  cashier,
  peakRates,
  pointSnapshot,
  setPrices,
  startTestSite,
  tenantId,
  type TestSite,
} from './test-site.ts';

export interface MeasureOptions {
  readonly points: number;
  /** Days of back-fill, one record per point and day. */
  readonly days: number;
  /** Rounds of live slots: one record of two slots per point and round. */
  readonly liveRounds: number;
  /** Records per batch. */
  readonly batch?: number;
  /** Rates by period alone, or with tiers, seasons, demand, fixed charges and tax. Default: rates alone. */
  readonly prices?: 'rates' | 'everything';
}
export interface ChargingFigures {
  readonly backFillSlotsPerSecond: number;
  readonly rawSlotsPerSecond: number;
  /** Back-fill against raw: 0.25 = a quarter as fast. */
  readonly ratio: number;
  readonly liveSlotsPerSecond: number;
  /** Time to charge a whole month of all points anew, after a retroactive price. */
  readonly monthAnewMs: number;
  readonly slots: number;
  readonly batch: number;
}

interface Statement {
  readonly text: string;
  readonly parameters: readonly unknown[];
}

/** Asks for everything there is: a month's tiers are crossed, each day moves demand, fixed charges and tax. */
export const everything: PriceTerms = {
  ...plainTerms,
  tiers: {
    span: 'month',
    steps: [
      { above: 150_000, rates: { peak: 1_300_333, valley: 500_777 }, seasonRates: {} },
      { above: 350_000, rates: { peak: 1_500_333, valley: 700_777 }, seasonRates: {} },
    ],
  },
  demand: [
    {
      name: 'Demand',
      period: 'peak',
      window: 'sliding',
      windowMinutes: 60,
      rateMicros: 9_000_000,
      seasonRatesMicros: {},
    },
  ],
  fixed: [{ name: 'Standing', per: 'day', basis: 'point', amountMicros: 250_000 }],
  adjustments: [
    { name: 'VAT', component: 'tax', basis: 'share', value: 190_000, of: ['energy', 'demand', 'fixed'] },
  ],
};

export const zone = 'Europe/Berlin';
const rowTables = /INSERT INTO billing\.(slot_days|charge_days|charge_lines|postings|entries)\b/;

export async function measureCharging(options: MeasureOptions): Promise<ChargingFigures> {
  const { batch = 1000 } = options;
  const names = Array.from({ length: options.points }, (_, index) => `pnt_${String(index).padStart(5, '0')}`);
  const start = DateTime.fromISO('2025-01-01', { zone });
  const nowMs = start.plus({ days: options.days + 2 }).toMillis();
  const site = await startTestSite({
    name: 'measure',
    nowMs,
    points: names.map((id) => pointSnapshot(id)),
    tenants: options.points,
  });
  try {
    const terms = options.prices === 'everything' ? everything : plainTerms;
    const priceSchemeId = await openAll(site, names, start.toMillis(), terms);
    const days = Array.from(
      { length: options.days },
      (_, index) => start.plus({ days: index }).toISODate() as string,
    );
    const backFill = days.flatMap((day, dayIndex) =>
      names.map((meteringPointId, index) =>
        energy({ meteringPointId, day, revision: dayIndex + 1, slots: 150 + ((index * 7 + dayIndex) % 400) }),
      ),
    );
    const slots = backFill.reduce((sum, message) => sum + message.index.length, 0);
    const recorded: Statement[][] = [];
    const recording = { ...site.parts, database: recordingDatabase(site.parts.database, recorded) };
    const backFillMs = await chargeAll(recording, batchesOf(backFill, batch), site);
    const live = liveMessages(names, start.plus({ days: options.days }).toISODate() as string, options);
    const liveMs = await chargeAll(site.parts, batchesOf(live, batch), site);
    const rawMs = await replay(site, recorded);
    const monthAnewMs = await chargeMonthAnew(site, priceSchemeId, start.toMillis(), terms);
    return {
      backFillSlotsPerSecond: (slots / backFillMs) * 1000,
      rawSlotsPerSecond: (slots / rawMs) * 1000,
      ratio: rawMs / backFillMs,
      liveSlotsPerSecond: (live.reduce((sum, message) => sum + message.index.length, 0) / liveMs) * 1000,
      monthAnewMs,
      slots,
      batch,
    };
  } finally {
    await site.stop();
  }
}

/** A price for the whole of January, followed by that of before: what January cost is charged anew. */
async function chargeMonthAnew(
  site: TestSite,
  priceSchemeId: string,
  januaryMs: number,
  terms: PriceTerms,
): Promise<number> {
  const fromMs = DateTime.fromMillis(januaryMs, { zone }).plus({ months: 1 }).toMillis();
  await setPrices(site.billing, { priceSchemeId, fromMs, rates: peakRates, terms });
  await site.billing.settle();
  const rates = { peak: 1_111_111, valley: 444_444 };
  await setPrices(site.billing, { priceSchemeId, fromMs: januaryMs, rates, terms });
  const began = performance.now();
  await site.billing.settle();
  return performance.now() - began;
}

export async function openAll(
  site: TestSite,
  names: readonly string[],
  openedAtMs: number,
  terms: PriceTerms,
): Promise<string> {
  const { priceSchemeId } = await setPrices(site.billing, { fromMs: 0, rates: peakRates, terms });
  await site.billing.accounts.open(
    projectId,
    names.map((meteringPointId, index) => ({
      requestId: `open-${meteringPointId}`,
      tenantId: tenantId(index),
      points: [{ meteringPointId, priceSchemeId }],
      openedAtMs,
      alarm1Micros: 20_000_000,
      alarm2Micros: 5_000_000,
      protectedSupply: false,
      firstVend: { amountMicros: 1_000_000_000, means: 'transfer' as const },
    })),
    cashier,
  );
  return priceSchemeId;
}

/** A reading closes one slot and opens the next: two slots a record. */
function liveMessages(
  names: readonly string[],
  day: string,
  options: MeasureOptions,
): readonly IntervalEnergy[] {
  const messages: IntervalEnergy[] = [];
  for (let round = 0; round < Math.min(options.liveRounds, 47); round += 1) {
    for (const meteringPointId of names) {
      messages.push(
        energy({
          meteringPointId,
          day,
          revision: 1_000_000 + round,
          slots: { [round]: 200 + round, [round + 1]: 20 },
        }),
      );
    }
  }
  return messages;
}

export function batchesOf(
  messages: readonly IntervalEnergy[],
  size: number,
): readonly (readonly IntervalEnergy[])[] {
  const batches: IntervalEnergy[][] = [];
  for (let from = 0; from < messages.length; from += size) batches.push(messages.slice(from, from + size));
  return batches;
}

/** Milliseconds for all batches, each in its transaction with its position, as the consumer does it. */
export async function chargeAll(
  parts: Parameters<typeof chargeBatch>[0],
  batches: readonly (readonly IntervalEnergy[])[],
  site: TestSite,
): Promise<number> {
  const began = performance.now();
  for (const batch of batches) {
    const records = batch.map((value, offset) => ({
      key: value.meteringPointId,
      value,
      offset,
      recordedAtMs: site.parts.clock.nowMs(),
    }));
    await chargeBatch(parts, {
      records,
      commit: async (transaction) =>
        void (await transaction.query(
          `UPDATE event_log.positions SET next_offset = next_offset WHERE consumer_group = 'billing-charging' AND topic = $1`,
          [topics.intervalEnergy.name],
        )),
    });
  }
  return performance.now() - began;
}

/** Keeps what is sent to the tables of charging, per transaction. */
function recordingDatabase(database: Database, recorded: Statement[][]): Database {
  return {
    query: async (text, parameters) => await database.query(text, parameters),
    listen: async (channel, handle) => await database.listen(channel, handle),
    close: async () => await database.close(),
    transaction: async (fn, options) =>
      await database.transaction(async (transaction) => {
        const statements: Statement[] = [];
        const mutable = transaction as { query: Queryable['query'] };
        const query = mutable.query.bind(transaction);
        mutable.query = async (text, parameters = []) => {
          if (rowTables.test(text)) statements.push({ text, parameters });
          return await query(text, parameters);
        };
        const result = await fn(transaction);
        recorded.push(statements);
        return result;
      }, options),
  };
}

/** The same rows into tables of the same shape, keys and indexes, and nothing else. */
async function replay(site: TestSite, recorded: readonly (readonly Statement[])[]): Promise<number> {
  const { database } = site.parts;
  await database.query('CREATE SCHEMA raw');
  for (const table of ['slot_days', 'charge_days', 'charge_lines', 'postings', 'entries']) {
    await database.query(
      `CREATE TABLE raw.${table} (LIKE billing.${table} INCLUDING INDEXES INCLUDING STORAGE INCLUDING DEFAULTS)`,
    );
  }
  const raw = recorded.map((statements) =>
    statements.map(({ text, parameters }) => ({
      text: text.replace('INSERT INTO billing.', 'INSERT INTO raw.'),
      parameters,
    })),
  );
  const began = performance.now();
  for (const statements of raw) {
    await database.transaction(async (transaction) => {
      for (const { text, parameters } of statements) await transaction.query(text, parameters);
    });
  }
  return performance.now() - began;
}
