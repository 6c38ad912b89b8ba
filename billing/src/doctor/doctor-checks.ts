// SPDX-License-Identifier: Apache-2.0
/** Billing's invariants, asked of the stores. */
import type { DoctorCheck, Queryable } from '@wattledger/platform';
import { accountSumFaultsSql } from '../accounts/account-sums.ts';
import { countRunningNotices, loadClosure } from '../closure/closure-store.ts';
import { arrearsFaultsSql } from '../arrears/arrears-faults.ts';
import type { BillingParts } from '../parts.ts';
import { sharedCostFaultsSql } from '../shared-costs/shared-cost-faults.ts';
import { chargeAllAgain } from './charge-again.ts';
import { compareWithWarehouse } from './warehouse-check.ts';

/** A check that lists the rows which break a law. */
function noRows(
  name: string,
  queryable: Queryable,
  sql: string,
  parameters: readonly unknown[] = [],
): DoctorCheck {
  return {
    name,
    check: async () => {
      const { rows } = await queryable.query<Record<string, unknown>>(`${sql} LIMIT 20`, parameters);
      return {
        ok: rows.length === 0,
        detail: rows.length === 0 ? 'holds' : rows.map((row) => JSON.stringify(row)).join('; '),
      };
    },
  };
}

export function billingDoctorChecks(parts: BillingParts): readonly DoctorCheck[] {
  return [
    ...ledgerChecks(parts.database),
    ...chargeChecks(parts),
    ...vendChecks(parts.database),
    noRows(
      'accounts: balance = vended + carried + arrears − charged − shared costs − refunded',
      parts.database,
      accountSumFaultsSql,
    ),
    noRows('arrears: what is owed by agreement is what the ledger holds', parts.database, arrearsFaultsSql),
    noRows('shared costs: Σ lines = pot = what was posted', parts.database, sharedCostFaultsSql),
    relayCheck(parts),
  ];
}

function ledgerChecks(database: Queryable): readonly DoctorCheck[] {
  return [
    {
      name: 'ledger: Σ of all entries is zero',
      check: async () => {
        const { rows } = await database.query<{ sum: string; entries: number }>(
          'SELECT coalesce(sum(entry.amount_micros), 0)::text AS sum, count(*) AS entries FROM billing.entries AS entry',
        );
        return { ok: rows[0]?.sum === '0', detail: `Σ = ${rows[0]?.sum} over ${rows[0]?.entries} entries` };
      },
    },
    noRows(
      'ledger: each posting sums to zero',
      database,
      `SELECT entry.posting_id, sum(entry.amount_micros) AS sum FROM billing.entries AS entry
        GROUP BY entry.posting_id HAVING sum(entry.amount_micros) <> 0`,
    ),
    noRows(
      'ledger: every balance is the sum of its entries',
      database,
      `SELECT ledger.project_id, ledger.kind, ledger.owner_id, ledger.balance_micros, coalesce(sums.sum, 0) AS entries_sum,
              ledger.entries, coalesce(sums.entries, 0) AS entries_found
         FROM billing.ledger_accounts AS ledger
         LEFT JOIN (SELECT entry.ledger_account_id, sum(entry.amount_micros) AS sum, count(*) AS entries, max(entry.sequence) AS newest
                      FROM billing.entries AS entry GROUP BY entry.ledger_account_id) AS sums
           ON sums.ledger_account_id = ledger.ledger_account_id
        WHERE ledger.balance_micros <> coalesce(sums.sum, 0) OR ledger.entries <> coalesce(sums.entries, 0)
           OR ledger.entries <> coalesce(sums.newest, 0)`,
    ),
    noRows(
      'ledger: each entry carries on the balance before it',
      database,
      `SELECT chain.ledger_account_id, chain.sequence FROM (
         SELECT entry.ledger_account_id, entry.sequence, entry.balance_after_micros, entry.amount_micros,
                coalesce(lag(entry.balance_after_micros) OVER (PARTITION BY entry.ledger_account_id ORDER BY entry.sequence), 0) AS before_micros
           FROM billing.entries AS entry) AS chain
        WHERE chain.balance_after_micros <> chain.before_micros + chain.amount_micros`,
    ),
    noRows(
      'ledger: what tenants are charged is what the lines say',
      database,
      `SELECT coalesce(entries.posting_id, lines.posting_id) AS posting_id, entries.amount AS entries_amount, lines.amount AS lines_amount
         FROM (SELECT entry.posting_id, -sum(entry.amount_micros) AS amount
                 FROM billing.entries AS entry
                 JOIN billing.ledger_accounts AS ledger ON ledger.ledger_account_id = entry.ledger_account_id AND ledger.kind = 'tenant-balance'
                 JOIN billing.postings AS posting ON posting.posting_id = entry.posting_id AND posting.kind = 'charge'
                GROUP BY entry.posting_id) AS entries
         FULL JOIN (SELECT line.posting_id, sum(line.amount_micros) AS amount FROM billing.charge_lines AS line GROUP BY line.posting_id) AS lines
           USING (posting_id)
        WHERE coalesce(entries.amount, 0) <> coalesce(lines.amount, 0)`,
    ),
  ];
}

function chargeChecks(parts: BillingParts): readonly DoctorCheck[] {
  const { database } = parts;
  return [
    {
      name: 'charging: charged + unpriced = Σ slots, per metering point and day',
      check: async () => {
        const sums = await loadClosure(database, null, null, null);
        const totals = `${sums.slotsConsumption} = ${sums.chargedConsumption} charged + ${sums.unpricedConsumption} unpriced over ${sums.pointDays} point days`;
        return {
          ok: sums.faults.length === 0,
          detail:
            sums.faults.length === 0 ? totals : sums.faults.map((fault) => JSON.stringify(fault)).join('; '),
        };
      },
    },
    {
      name: 'charging: charged again the naive way gives the same lines',
      check: async () => {
        const running = await countRunningNotices(database, null);
        if (running > 0)
          return {
            ok: true,
            detail: `${running} retroactive price notices are still being posted: ask again when they are done`,
          };
        // One instant for all its statements: charging goes on meanwhile.
        const { slots, faults } = await database.transaction(
          async (transaction) => await chargeAllAgain(transaction, 20),
          { isolation: 'repeatable read' },
        );
        return {
          ok: faults.length === 0,
          detail:
            faults.length === 0
              ? `${slots} slots charged again`
              : faults.map((fault) => `${fault.where}: ${fault.key}`).join('; '),
        };
      },
    },
    noRows(
      "charging: the project's days are the sums of its accounts' days",
      database,
      `SELECT coalesce(sums.project_id, day.project_id) AS project_id, coalesce(sums.local_day, day.local_day) AS local_day,
              coalesce(sums.medium, day.medium) AS medium, sums.amount_micros AS accounts_amount, day.amount_micros AS day_amount
         FROM (SELECT account_day.project_id, account_day.local_day, account_day.medium, sum(account_day.consumption) AS consumption,
                      sum(account_day.amount_micros) AS amount_micros, sum(account_day.unpriced_consumption) AS unpriced_consumption,
                      sum(account_day.slots_measured) AS measured, sum(account_day.slots_estimated) AS estimated,
                      sum(account_day.slots_edited) AS edited, sum(account_day.slots_missing) AS missing
                 FROM billing.charge_days AS account_day GROUP BY 1, 2, 3) AS sums
         FULL JOIN billing.project_charge_days AS day USING (project_id, local_day, medium)
        WHERE (coalesce(sums.consumption, 0), coalesce(sums.amount_micros, 0), coalesce(sums.unpriced_consumption, 0),
               coalesce(sums.measured, 0), coalesce(sums.estimated, 0), coalesce(sums.edited, 0), coalesce(sums.missing, 0))
              IS DISTINCT FROM
              (coalesce(day.consumption, 0), coalesce(day.amount_micros, 0), coalesce(day.unpriced_consumption, 0),
               coalesce(day.slots_measured, 0), coalesce(day.slots_estimated, 0), coalesce(day.slots_edited, 0), coalesce(day.slots_missing, 0))`,
    ),
    {
      name: "charging: billing's slots are the warehouse's slots",
      acrossSteps: true,
      check: async () => await compareWithWarehouse(parts),
    },
  ];
}

/** What a posting of a vend or its reversal moved on the tenant's side. */
const tenantCredits = (postingId: string): string =>
  `SELECT sum(entry.amount_micros)::bigint AS amount_micros
     FROM billing.entries AS entry
     JOIN billing.ledger_accounts AS ledger ON ledger.ledger_account_id = entry.ledger_account_id
    WHERE entry.posting_id = ${postingId} AND ledger.owner_id = vend.account_id
      AND ledger.kind IN ('tenant-balance', 'tenant-arrears')`;

function vendChecks(database: Queryable): readonly DoctorCheck[] {
  return [
    noRows(
      'vending: Σ parts = amount = what the tenant was credited, in arrears and balance',
      database,
      `SELECT vend.vend_id, vend.amount_micros, credits.amount_micros AS credited
         FROM billing.vends AS vend
         LEFT JOIN LATERAL (${tenantCredits('vend.posting_id')}) AS credits ON true
        WHERE vend.arrears_micros + vend.emergency_micros + vend.credit_micros <> vend.amount_micros
           OR credits.amount_micros IS DISTINCT FROM vend.amount_micros`,
    ),
    noRows(
      'vending: receipt numbers have no gaps',
      database,
      `SELECT counter.project_id, counter.last_number, count(vend.vend_id) AS vends, max(vend.receipt_number) AS newest
         FROM billing.receipt_counters AS counter
         LEFT JOIN billing.vends AS vend ON vend.project_id = counter.project_id
        GROUP BY counter.project_id, counter.last_number
       HAVING count(vend.vend_id) <> counter.last_number OR coalesce(max(vend.receipt_number), 0) <> counter.last_number`,
    ),
    noRows(
      'vending: a reversal takes back the whole amount',
      database,
      `SELECT reversal.vend_id
         FROM billing.vend_reversals AS reversal
         JOIN billing.vends AS vend ON vend.vend_id = reversal.vend_id
         LEFT JOIN LATERAL (${tenantCredits('reversal.posting_id')}) AS credits ON true
        WHERE credits.amount_micros IS DISTINCT FROM -vend.amount_micros`,
    ),
  ];
}

/** The controller looks at a relay at the latest a minute after its alarm is due. */
const relaySlackMs = 90_000;

const relayCheck = (parts: BillingParts): DoctorCheck => ({
  name: 'supply: a relay that differs from what is wanted for too long has an alarm',
  check: async () =>
    await noRows(
      '',
      parts.database,
      `SELECT meter.meter_id, meter.desired, meter.reported, meter.mismatch_since_ms
         FROM billing.supply_meters AS meter
         LEFT JOIN billing.supply_policies AS policy ON policy.project_id = meter.project_id
        WHERE meter.desired IS NOT NULL AND meter.mismatch_since_ms IS NOT NULL AND NOT meter.alarm_raised
          AND meter.mismatch_since_ms + coalesce((policy.policy ->> 'relayAlarmMinutes')::bigint, 10) * 60000 < $1`,
      [parts.clock.nowMs() - relaySlackMs],
    ).check(),
});
