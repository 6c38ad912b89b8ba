// SPDX-License-Identifier: Apache-2.0
/** Income: money received by means and charged by medium, by local day, and where the balances stand. */
import type { Income, IncomeRow } from '@wattledger/contracts/http/billing';
import type { Queryable } from '@wattledger/platform';

export type IncomeGrain = 'day' | 'month' | 'year';
const spanLength: Readonly<Record<IncomeGrain, number>> = { day: 10, month: 7, year: 4 };

/**
 * A reversed vend is taken off the means it came by, on the day of the reversal; a closing's refund is shown apart.
 * Charges stand on the day the energy flowed.
 */
const incomeSql = `
  WITH facts AS (
    SELECT vend.local_day, 1 AS vends,
           CASE WHEN vend.means = 'cash' THEN vend.amount_micros ELSE 0 END AS cash,
           CASE WHEN vend.means = 'card' THEN vend.amount_micros ELSE 0 END AS card,
           CASE WHEN vend.means = 'transfer' THEN vend.amount_micros ELSE 0 END AS transfer,
           0::bigint AS reversed, 0::bigint AS refunded, 0::bigint AS electricity, 0::bigint AS water, 0::bigint AS gas,
           0::bigint AS electricity_wh, 0::bigint AS water_litres, 0::bigint AS gas_dm3
      FROM billing.vends AS vend
     WHERE vend.project_id = $1 AND vend.local_day BETWEEN $2::date AND $3::date
    UNION ALL
    SELECT reversal.local_day, 0,
           CASE WHEN vend.means = 'cash' THEN -vend.amount_micros ELSE 0 END,
           CASE WHEN vend.means = 'card' THEN -vend.amount_micros ELSE 0 END,
           CASE WHEN vend.means = 'transfer' THEN -vend.amount_micros ELSE 0 END,
           vend.amount_micros, 0, 0, 0, 0, 0, 0, 0
      FROM billing.vend_reversals AS reversal
      JOIN billing.vends AS vend ON vend.vend_id = reversal.vend_id
     WHERE reversal.project_id = $1 AND reversal.local_day BETWEEN $2::date AND $3::date
    UNION ALL
    SELECT refund.local_day, 0, 0, 0, 0, 0, refund.amount_micros, 0, 0, 0, 0, 0, 0
      FROM billing.refunds AS refund
     WHERE refund.project_id = $1 AND refund.local_day BETWEEN $2::date AND $3::date
    UNION ALL
    SELECT day.local_day, 0, 0, 0, 0, 0, 0,
           CASE WHEN day.medium = 'electricity' THEN day.amount_micros ELSE 0 END,
           CASE WHEN day.medium = 'water' THEN day.amount_micros ELSE 0 END,
           CASE WHEN day.medium = 'gas' THEN day.amount_micros ELSE 0 END,
           CASE WHEN day.medium = 'electricity' THEN day.consumption ELSE 0 END,
           CASE WHEN day.medium = 'water' THEN day.consumption ELSE 0 END,
           CASE WHEN day.medium = 'gas' THEN day.consumption ELSE 0 END
      FROM billing.project_charge_days AS day
     WHERE day.project_id = $1 AND day.local_day BETWEEN $2::date AND $3::date
  )
  SELECT left(facts.local_day::text, $4) AS span, sum(facts.vends) AS vends, sum(facts.cash)::bigint AS "cashMicros",
         sum(facts.card)::bigint AS "cardMicros", sum(facts.transfer)::bigint AS "transferMicros",
         sum(facts.reversed)::bigint AS "reversedMicros", sum(facts.refunded)::bigint AS "refundedMicros",
         coalesce(sum(facts.electricity), 0)::bigint AS "electricityMicros", coalesce(sum(facts.water), 0)::bigint AS "waterMicros",
         coalesce(sum(facts.gas), 0)::bigint AS "gasMicros", coalesce(sum(facts.electricity_wh), 0)::bigint AS "electricityWh",
         coalesce(sum(facts.water_litres), 0)::bigint AS "waterLitres", coalesce(sum(facts.gas_dm3), 0)::bigint AS "gasDm3"
    FROM facts
   GROUP BY 1
   ORDER BY 1`;

export async function loadIncomeRows(
  queryable: Queryable,
  question: {
    readonly projectId: string;
    readonly fromDay: string;
    readonly toDay: string;
    readonly grain: IncomeGrain;
  },
): Promise<readonly IncomeRow[]> {
  const { rows } = await queryable.query<IncomeRow>(incomeSql, [
    question.projectId,
    question.fromDay,
    question.toDay,
    spanLength[question.grain],
  ]);
  return rows;
}

export function totalIncome(rows: readonly IncomeRow[]): Income['total'] {
  const total = {
    vends: 0,
    cashMicros: 0,
    cardMicros: 0,
    transferMicros: 0,
    reversedMicros: 0,
    refundedMicros: 0,
    electricityMicros: 0,
    waterMicros: 0,
    gasMicros: 0,
    electricityWh: 0,
    waterLitres: 0,
    gasDm3: 0,
  };
  const names = Object.keys(total) as (keyof typeof total)[];
  for (const row of rows) for (const name of names) total[name] += row[name];
  return total;
}

export async function loadAccountSums(
  queryable: Queryable,
  projectId: string,
): Promise<Pick<Income, 'balancesMicros' | 'accountsOpen' | 'accountsByStage' | 'accountsDisconnected'>> {
  const { rows } = await queryable.query<{
    balances_micros: number;
    open: number;
    normal: number;
    alarm1: number;
    alarm2: number;
    arrears: number;
    disconnected: number;
  }>(
    `SELECT (SELECT coalesce(sum(ledger.balance_micros), 0)::bigint FROM billing.ledger_accounts AS ledger
              WHERE ledger.project_id = $1 AND ledger.kind = 'tenant-balance') AS balances_micros,
            count(*) AS open, count(*) FILTER (WHERE account.stage = 'normal') AS normal,
            count(*) FILTER (WHERE account.stage = 'alarm-1') AS alarm1, count(*) FILTER (WHERE account.stage = 'alarm-2') AS alarm2,
            count(*) FILTER (WHERE account.stage = 'arrears') AS arrears,
            count(*) FILTER (WHERE EXISTS (
              SELECT FROM billing.supply_meters AS meter
               WHERE meter.account_id = account.account_id AND meter.reported = 'open')) AS disconnected
       FROM billing.accounts AS account
      WHERE account.project_id = $1 AND account.state = 'open'`,
    [projectId],
  );
  const [row] = rows;
  if (row === undefined) throw new Error('an aggregate without GROUP BY has one row');
  return {
    balancesMicros: row.balances_micros,
    accountsOpen: row.open,
    accountsByStage: {
      normal: row.normal,
      'alarm-1': row.alarm1,
      'alarm-2': row.alarm2,
      arrears: row.arrears,
    },
    accountsDisconnected: row.disconnected,
  };
}
