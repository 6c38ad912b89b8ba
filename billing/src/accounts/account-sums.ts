// SPDX-License-Identifier: Apache-2.0
/** What an account's balance is made of: of vends, charges, runs, refunds and agreements, not of entries, so that both bear each other out. */

/** Columns of one `account`: what moved its balance since it was opened. */
export const accountSumsSql = `
  (SELECT coalesce(sum(CASE WHEN carried.to_account_id = account.account_id THEN carried.amount_micros
                            ELSE -carried.amount_micros END), 0)::bigint
     FROM billing.carry_overs AS carried
    WHERE carried.to_account_id = account.account_id OR carried.from_account_id = account.account_id) AS carried_micros,
  (SELECT coalesce(sum(vend.amount_micros), 0)::bigint FROM billing.vends AS vend
     LEFT JOIN billing.vend_reversals AS reversal ON reversal.vend_id = vend.vend_id
    WHERE vend.account_id = account.account_id AND reversal.vend_id IS NULL) AS vended_micros,
  (SELECT coalesce(sum(day.amount_micros), 0)::bigint FROM billing.charge_days AS day
    WHERE day.account_id = account.account_id) AS charged_micros,
  (SELECT coalesce(sum(line.amount_micros + line.tax_micros), 0)::bigint FROM billing.shared_cost_lines AS line
    WHERE line.account_id = account.account_id) AS shared_costs_micros,
  (SELECT coalesce(sum(refund.amount_micros), 0)::bigint FROM billing.refunds AS refund
    WHERE refund.account_id = account.account_id) AS refunded_micros,
  -- Written down is what never comes back to the balance.
  (SELECT coalesce(sum(
            CASE WHEN agreement.origin = 'balance' THEN agreement.amount_micros ELSE 0 END
            - (SELECT coalesce(sum(movement.amount_micros), 0) FROM billing.arrears_movements AS movement
                WHERE movement.agreement_id = agreement.agreement_id AND movement.kind <> 'written-down')), 0)::bigint
     FROM billing.arrears_agreements AS agreement
    WHERE agreement.account_id = account.account_id) AS arrears_micros`;

/** Breaks of: balance = vended + carried + arrears − charged − shared costs − refunded. */
export const accountSumFaultsSql = `
  SELECT sums.* FROM (
    SELECT account.account_id, coalesce(ledger.balance_micros, 0) AS balance_micros, ${accountSumsSql}
      FROM billing.accounts AS account
      LEFT JOIN billing.ledger_accounts AS ledger
        ON ledger.project_id = account.project_id AND ledger.kind = 'tenant-balance' AND ledger.owner_id = account.account_id) AS sums
   WHERE sums.balance_micros <> sums.vended_micros + sums.carried_micros + sums.arrears_micros - sums.charged_micros
                                - sums.shared_costs_micros - sums.refunded_micros`;
