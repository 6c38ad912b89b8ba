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
    SELECT vend.local_day, 'vends' AS name, 1::bigint AS amount FROM billing.vends AS vend
     WHERE vend.project_id = $1 AND vend.local_day BETWEEN $2::date AND $3::date
    UNION ALL
    SELECT vend.local_day, vend.means || 'Micros', vend.amount_micros FROM billing.vends AS vend
     WHERE vend.project_id = $1 AND vend.local_day BETWEEN $2::date AND $3::date
    UNION ALL
    SELECT vend.local_day, 'arrearsMicros', vend.arrears_micros FROM billing.vends AS vend
     WHERE vend.project_id = $1 AND vend.local_day BETWEEN $2::date AND $3::date
    UNION ALL
    SELECT reversal.local_day, taken.name, taken.amount
      FROM billing.vend_reversals AS reversal
      JOIN billing.vends AS vend ON vend.vend_id = reversal.vend_id
     CROSS JOIN LATERAL (VALUES (vend.means || 'Micros', -vend.amount_micros), ('reversedMicros', vend.amount_micros),
                                ('arrearsMicros', -vend.arrears_micros)) AS taken (name, amount)
     WHERE reversal.project_id = $1 AND reversal.local_day BETWEEN $2::date AND $3::date
    UNION ALL
    SELECT refund.local_day, 'refundedMicros', refund.amount_micros FROM billing.refunds AS refund
     WHERE refund.project_id = $1 AND refund.local_day BETWEEN $2::date AND $3::date
    UNION ALL
    SELECT day.local_day, told.name, told.amount
      FROM billing.project_charge_days AS day
     CROSS JOIN LATERAL (VALUES
       (day.medium || 'Micros', day.amount_micros),
       (CASE day.medium WHEN 'electricity' THEN 'electricityWh' WHEN 'water' THEN 'waterLitres' ELSE 'gasDm3' END, day.consumption),
       ('energyMicros', day.amount_micros)) AS told (name, amount)
     WHERE day.project_id = $1 AND day.local_day BETWEEN $2::date AND $3::date
    UNION ALL
    -- What is no energy is taken off it and named.
    SELECT day.local_day, told.name, told.amount
      FROM billing.charge_days AS day
     CROSS JOIN LATERAL jsonb_to_recordset(day.lines) AS line (component text, "amountMicros" bigint)
     CROSS JOIN LATERAL (VALUES (line.component || 'Micros', line."amountMicros"), ('energyMicros', -line."amountMicros")) AS told (name, amount)
     WHERE day.project_id = $1 AND day.local_day BETWEEN $2::date AND $3::date
       AND day.lines @? '$[*].component' AND line.component <> 'energy'
    UNION ALL
    SELECT (to_timestamp(posting.effective_at_ms / 1000.0) AT TIME ZONE $5)::date,
           CASE ledger.kind WHEN 'shared-cost-revenue' THEN 'sharedCostMicros' ELSE 'propertyFeeMicros' END, entry.amount_micros
      FROM billing.ledger_accounts AS ledger
      JOIN billing.entries AS entry ON entry.ledger_account_id = ledger.ledger_account_id
      JOIN billing.postings AS posting ON posting.posting_id = entry.posting_id
     WHERE ledger.project_id = $1 AND ledger.kind IN ('shared-cost-revenue', 'property-fee-revenue')
       AND (to_timestamp(posting.effective_at_ms / 1000.0) AT TIME ZONE $5)::date BETWEEN $2::date AND $3::date
  ), sums AS (
    SELECT left(facts.local_day::text, $4) AS span, facts.name, sum(facts.amount)::bigint AS amount FROM facts GROUP BY 1, 2)
  SELECT sums.span, jsonb_object_agg(sums.name, sums.amount) AS amounts FROM sums GROUP BY sums.span ORDER BY sums.span`;

const nothing: Income['total'] = {
  vends: 0,
  cashMicros: 0,
  cardMicros: 0,
  transferMicros: 0,
  chequeMicros: 0,
  onlineMicros: 0,
  reversedMicros: 0,
  refundedMicros: 0,
  arrearsMicros: 0,
  electricityMicros: 0,
  waterMicros: 0,
  gasMicros: 0,
  electricityWh: 0,
  waterLitres: 0,
  gasDm3: 0,
  energyMicros: 0,
  demandMicros: 0,
  fixedMicros: 0,
  minimumMicros: 0,
  surchargeMicros: 0,
  taxMicros: 0,
  rebateMicros: 0,
  sharedCostMicros: 0,
  propertyFeeMicros: 0,
};

export async function loadIncomeRows(
  queryable: Queryable,
  question: {
    readonly projectId: string;
    readonly zone: string;
    readonly fromDay: string;
    readonly toDay: string;
    readonly grain: IncomeGrain;
  },
): Promise<readonly IncomeRow[]> {
  const { rows } = await queryable.query<{ span: string; amounts: Partial<Income['total']> }>(incomeSql, [
    question.projectId,
    question.fromDay,
    question.toDay,
    spanLength[question.grain],
    question.zone,
  ]);
  return rows.map(({ span, amounts }) => ({ span, ...nothing, ...amounts }));
}

export function totalIncome(rows: readonly IncomeRow[]): Income['total'] {
  const total = { ...nothing };
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
