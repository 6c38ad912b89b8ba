// SPDX-License-Identifier: Apache-2.0
/** Goal: each check finds what it is there to find. Method: a sound site, then one row spoilt at a time behind the triggers' back. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { topics } from '@wattledger/contracts';
import { migrateWarehouse } from '@wattledger/platform';
import { energy, projectId } from '../testing/messages.ts';
import {
  cashier,
  openAccount,
  openPolicy,
  peakRates,
  pointSnapshot,
  setPrices,
  startTestSite,
  type TestSite,
} from '../testing/test-site.ts';

const monday = '2026-02-02';
const openedAtMs = Date.parse('2026-02-02T00:00:00+01:00');

describe('doctor', () => {
  let site: TestSite;
  beforeAll(async () => {
    site = await startTestSite({
      name: 'doctor',
      nowMs: Date.parse('2026-02-03T12:00:00+01:00'),
      points: [pointSnapshot('pnt_a'), pointSnapshot('pnt_m')],
    });
    // The stream's published tables.
    await migrateWarehouse(site.parts.warehouse, {
      name: 'stream',
      directory: new URL('../../../stream/warehouse/', import.meta.url),
    });
    const { priceSchemeId } = await setPrices(site.billing, { fromMs: openedAtMs, rates: peakRates });
    const accountId = await openAccount(site.billing, {
      priceSchemeId,
      openedAtMs,
      firstVendMicros: 9_000_000,
    });
    const wrong = await site.billing.vends.vend(
      projectId,
      { requestId: 'doctor-vend', accountId, amountMicros: 5_000_000, means: 'card' },
      cashier,
    );
    await site.billing.vends.reverse(
      projectId,
      { requestId: 'doctor-reverse', accountId, vendId: wrong.vendId, reason: 'wrong', override: false },
      cashier,
      false,
    );
    await site.billing.supply.setPolicy(projectId, openPolicy, cashier);
    const messages = [
      energy({ day: monday, revision: 1, slots: 100 }),
      energy({ day: monday, revision: 2, slots: { 20: 300 } }),
      energy({ meteringPointId: 'pnt_m', day: monday, revision: 1, slots: 500 }),
    ];
    await site.parts.eventLog.append(
      topics.intervalEnergy,
      messages.map((value) => ({ key: value.meteringPointId, value })),
    );
    await site.parts.drain();
    await site.billing.settle();
    const rows = messages.flatMap((message) =>
      message.index.map((index, item) => [
        projectId,
        message.meteringPointId,
        message.quantity,
        message.segmentId,
        (message.firstSlotMs + index * 1_800_000) / 1000,
        message.consumption[item] as number,
        0,
        message.revision,
      ]),
    );
    await site.parts.warehouse.insert(
      'slots',
      [
        'project_id',
        'metering_point_id',
        'quantity',
        'segment_id',
        'slot_start',
        'consumption',
        'quality',
        'revision',
      ],
      rows,
    );
  }, 60_000);
  afterAll(async () => await site.stop());

  const failing = async (): Promise<readonly string[]> => {
    const names: string[] = [];
    for (const { name, check } of site.billing.doctorChecks) if (!(await check()).ok) names.push(name);
    return names;
  };
  /** Runs a statement without triggers, asks, and undoes it. */
  const spoil = async (sql: string, undo: string): Promise<readonly string[]> => {
    const bare = async (text: string): Promise<void> =>
      await site.parts.database.transaction(async (transaction) => {
        await transaction.query("SET LOCAL session_replication_role = 'replica'");
        expect((await transaction.query(text)).rowCount).toBeGreaterThan(0);
      });
    await bare(sql);
    const found = await failing();
    await bare(undo);
    return found;
  };

  test('a sound site passes every check', async () => {
    expect(await failing()).toEqual([]);
  });

  test.each<[string, string, string, string[]]>([
    [
      'an entry that was changed',
      'UPDATE billing.entries SET amount_micros = amount_micros + 7 WHERE sequence = 1 AND ledger_account_id = (SELECT min(ledger_account_id) FROM billing.entries)',
      'UPDATE billing.entries SET amount_micros = amount_micros - 7 WHERE sequence = 1 AND ledger_account_id = (SELECT min(ledger_account_id) FROM billing.entries)',
      [
        'ledger: Σ of all entries is zero',
        'ledger: each posting sums to zero',
        'ledger: every balance is the sum of its entries',
        'ledger: each entry carries on the balance before it',
        'vending: Σ parts = amount = what the tenant was credited, in arrears and balance',
      ],
    ],
    [
      'a balance that was changed',
      "UPDATE billing.ledger_accounts SET balance_micros = balance_micros + 1 WHERE kind = 'cash'",
      "UPDATE billing.ledger_accounts SET balance_micros = balance_micros - 1 WHERE kind = 'cash'",
      ['ledger: every balance is the sum of its entries'],
    ],
    [
      'consumption that no line charges',
      `UPDATE billing.slot_days SET consumption[5] = consumption[5] + 1 WHERE metering_point_id = 'pnt_a'`,
      `UPDATE billing.slot_days SET consumption[5] = consumption[5] - 1 WHERE metering_point_id = 'pnt_a'`,
      [
        'charging: charged + unpriced = Σ slots, per metering point and day',
        'charging: charged again the naive way gives the same lines',
        "charging: billing's slots are the warehouse's slots",
      ],
    ],
    [
      'a slot of a point without account that the warehouse has otherwise',
      `UPDATE billing.slot_days SET consumption[5] = consumption[5] + 1 WHERE metering_point_id = 'pnt_m'`,
      `UPDATE billing.slot_days SET consumption[5] = consumption[5] - 1 WHERE metering_point_id = 'pnt_m'`,
      ["charging: billing's slots are the warehouse's slots"],
    ],
    [
      'a line at another price',
      'UPDATE billing.charge_lines SET amount_micros = amount_micros + 1 WHERE line = 1',
      'UPDATE billing.charge_lines SET amount_micros = amount_micros - 1 WHERE line = 1',
      [
        'ledger: what tenants are charged is what the lines say',
        'charging: charged again the naive way gives the same lines',
      ],
    ],
    [
      'a summed day that says something else',
      `UPDATE billing.charge_days SET lines = jsonb_set(lines, '{0,amountMicros}', '1')`,
      `UPDATE billing.charge_days SET lines = (SELECT jsonb_agg(jsonb_build_object('period', line.period, 'priceVersionId', line.version, 'unpricedReason', NULL, 'consumption', line.consumption, 'amountMicros', line.amount)) FROM (SELECT period, price_version_id AS version, sum(consumption)::bigint AS consumption, sum(amount_micros)::bigint AS amount FROM billing.charge_lines GROUP BY 1, 2) AS line)`,
      ['charging: charged again the naive way gives the same lines'],
    ],
    [
      'a project day that its accounts do not bear out',
      'UPDATE billing.project_charge_days SET slots_estimated = slots_estimated + 1',
      'UPDATE billing.project_charge_days SET slots_estimated = slots_estimated - 1',
      ["charging: the project's days are the sums of its accounts' days"],
    ],
    [
      'a receipt number left out',
      'UPDATE billing.receipt_counters SET last_number = last_number + 1',
      'UPDATE billing.receipt_counters SET last_number = last_number - 1',
      ['vending: receipt numbers have no gaps'],
    ],
    [
      'a reversal of another amount',
      `UPDATE billing.vend_reversals SET posting_id = posting_id || 'x'`,
      `UPDATE billing.vend_reversals SET posting_id = left(posting_id, -1)`,
      ['vending: a reversal takes back the whole amount'],
    ],
    [
      'a relay that has differed for an hour without an alarm',
      `UPDATE billing.supply_meters SET mismatch_since_ms = ${openedAtMs}, reported = 'open'`,
      `UPDATE billing.supply_meters SET mismatch_since_ms = NULL, reported = 'unknown'`,
      ['supply: a relay that differs from what is wanted for too long has an alarm'],
    ],
  ])('finds %s', async (_, sql, undo, names) => {
    expect(await spoil(sql, undo)).toEqual(names);
    expect(await failing()).toEqual([]);
  });
});
