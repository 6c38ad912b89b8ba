// SPDX-License-Identifier: Apache-2.0
/**
 * SQL of the consumption-and-charge report. Everything stands on the local day it concerns: a vend on the day it was received,
 * a charge on the day the energy flowed. Balances are told from now backwards, so that only the days since are read.
 */
import type { ChargeComponent } from '@wattledger/contracts/http/billing';
import type { Medium } from '@wattledger/contracts';
import type { Queryable } from '@wattledger/platform';

export interface ReportSpan {
  readonly projectId: string;
  readonly zone: string;
  readonly fromDay: string;
  readonly toDay: string;
  /** Begin of the first day. */
  readonly fromMs: number;
}

export interface AccountMoney {
  readonly accountId: string;
  readonly tenantId: string;
  readonly openedAtMs: number;
  readonly closedAtMs: number | null;
  readonly balanceMicros: number;
  readonly vendedMicros: number;
  readonly refundedMicros: number;
  readonly otherMicros: number;
  readonly chargedMicros: number;
  /** What has moved since the span ended, charges negative. */
  readonly laterMicros: number;
}

/**
 * Every entry of a tenant's balance that is no charge, on its day, and every charged day. Σ over all days of an account is its
 * balance: the doctor's law that charge days are the sum of the lines posted.
 */
const moneySql = `
  WITH moved AS (
    SELECT posting.account_id, posting.kind, refund.posting_id IS NOT NULL AS paid_out, entry.amount_micros AS amount,
           coalesce(vend.local_day, reversal.local_day, refund.local_day,
                    (to_timestamp(posting.effective_at_ms / 1000.0) AT TIME ZONE $2)::date) AS local_day
      FROM billing.postings AS posting
      JOIN billing.entries AS entry ON entry.posting_id = posting.posting_id
      JOIN billing.ledger_accounts AS ledger ON ledger.ledger_account_id = entry.ledger_account_id AND ledger.kind = 'tenant-balance'
      LEFT JOIN billing.vends AS vend ON vend.posting_id = posting.posting_id
      LEFT JOIN billing.vend_reversals AS reversal ON reversal.posting_id = posting.posting_id
      LEFT JOIN billing.refunds AS refund ON refund.posting_id = posting.posting_id
     WHERE posting.project_id = $1 AND posting.kind <> 'charge' AND greatest(posting.effective_at_ms, posting.recorded_at_ms) >= $5
  ), money AS (
    SELECT moved.account_id,
           sum(moved.amount) FILTER (WHERE moved.local_day BETWEEN $3::date AND $4::date AND moved.kind IN ('vend', 'reversal')) AS vended,
           sum(-moved.amount) FILTER (WHERE moved.local_day BETWEEN $3::date AND $4::date AND moved.paid_out) AS refunded,
           sum(moved.amount) FILTER (WHERE moved.local_day BETWEEN $3::date AND $4::date AND moved.kind NOT IN ('vend', 'reversal')
                                       AND NOT moved.paid_out) AS other,
           sum(moved.amount) FILTER (WHERE moved.local_day > $4::date) AS later
      FROM moved GROUP BY moved.account_id
  ), charged AS (
    SELECT day.account_id, sum(day.amount_micros) FILTER (WHERE day.local_day <= $4::date) AS charged,
           sum(day.amount_micros) FILTER (WHERE day.local_day > $4::date) AS later
      FROM billing.charge_days AS day
     WHERE day.project_id = $1 AND day.local_day >= $3::date
     GROUP BY day.account_id)
  SELECT account.account_id AS "accountId", account.tenant_id AS "tenantId", account.opened_at_ms AS "openedAtMs",
         account.closed_at_ms AS "closedAtMs", coalesce(ledger.balance_micros, 0) AS "balanceMicros",
         coalesce(money.vended, 0)::bigint AS "vendedMicros", coalesce(money.refunded, 0)::bigint AS "refundedMicros",
         coalesce(money.other, 0)::bigint AS "otherMicros", coalesce(charged.charged, 0)::bigint AS "chargedMicros",
         (coalesce(money.later, 0) - coalesce(charged.later, 0))::bigint AS "laterMicros"
    FROM billing.accounts AS account
    LEFT JOIN billing.ledger_accounts AS ledger
      ON ledger.project_id = $1 AND ledger.kind = 'tenant-balance' AND ledger.owner_id = account.account_id
    LEFT JOIN money ON money.account_id = account.account_id
    LEFT JOIN charged ON charged.account_id = account.account_id
   WHERE account.project_id = $1
   ORDER BY account.account_id`;

export async function loadAccountMoney(
  queryable: Queryable,
  span: ReportSpan,
): Promise<readonly AccountMoney[]> {
  const { rows } = await queryable.query<AccountMoney>(moneySql, [
    span.projectId,
    span.zone,
    span.fromDay,
    span.toDay,
    span.fromMs,
  ]);
  return rows;
}

export interface ChargeLineSum {
  readonly accountId: string;
  readonly meteringPointId: string;
  readonly medium: Medium;
  readonly component: ChargeComponent;
  readonly period: string | null;
  readonly priced: boolean;
  readonly consumption: number;
  readonly amountMicros: number;
}

/** Charges of the span by account, point, component and period, from the days summed at charging. */
export async function loadChargeSums(
  queryable: Queryable,
  span: ReportSpan,
): Promise<readonly ChargeLineSum[]> {
  const { rows } = await queryable.query<ChargeLineSum>(
    `SELECT day.account_id AS "accountId", day.metering_point_id AS "meteringPointId", day.medium,
            coalesce(line.component, 'energy') AS component, line.period, line."priceVersionId" IS NOT NULL AS priced,
            sum(CASE WHEN coalesce(line.component, 'energy') = 'energy' THEN line.consumption ELSE 0 END)::bigint AS consumption,
            sum(line."amountMicros")::bigint AS "amountMicros"
       FROM billing.charge_days AS day
      CROSS JOIN LATERAL jsonb_to_recordset(day.lines)
         AS line (component text, period text, "priceVersionId" text, consumption bigint, "amountMicros" bigint)
      WHERE day.project_id = $1 AND day.local_day BETWEEN $2::date AND $3::date
      GROUP BY 1, 2, 3, 4, 5, 6
      ORDER BY 1, 2, 3, 4, 5, 6`,
    [span.projectId, span.fromDay, span.toDay],
  );
  return rows;
}

/** Points of the accounts that had them in the span. */
export async function loadReportPoints(
  queryable: Queryable,
  span: ReportSpan & { readonly toMs: number },
): Promise<
  readonly {
    readonly accountId: string;
    readonly meteringPointId: string;
    readonly fromMs: number;
    readonly toMs: number;
  }[]
> {
  const { rows } = await queryable.query<{
    accountId: string;
    meteringPointId: string;
    fromMs: number;
    toMs: number;
  }>(
    `SELECT point.account_id AS "accountId", point.metering_point_id AS "meteringPointId",
            greatest(min(point.opened_at_ms), $2) AS "fromMs", least(max(coalesce(point.closed_at_ms, $3)), $3) AS "toMs"
       FROM billing.account_points AS point
      WHERE point.project_id = $1 AND point.opened_at_ms < $3 AND coalesce(point.closed_at_ms > $2, true)
      GROUP BY point.account_id, point.metering_point_id
      ORDER BY 1, 2`,
    [span.projectId, span.fromMs, span.toMs],
  );
  return rows;
}
