// SPDX-License-Identifier: Apache-2.0
/**
 * Breaks of the law of arrears: what active agreements leave to be paid is what stands in the ledger, nothing else does, and
 * an agreement that was paid has nothing left.
 */
export const arrearsFaultsSql = `
  WITH rests AS (
    SELECT agreement.account_id, agreement.state,
           agreement.amount_micros - coalesce((SELECT sum(movement.amount_micros) FROM billing.arrears_movements AS movement
             WHERE movement.agreement_id = agreement.agreement_id), 0) AS rest_micros
      FROM billing.arrears_agreements AS agreement),
  owed AS (
    SELECT rests.account_id, sum(rests.rest_micros) FILTER (WHERE rests.state = 'active') AS active_micros,
           bool_or(rests.rest_micros < 0 OR rests.state = 'paid' AND rests.rest_micros <> 0) AS wrong
      FROM rests GROUP BY rests.account_id)
  SELECT coalesce(owed.account_id, ledger.owner_id) AS account_id, owed.active_micros, ledger.balance_micros
    FROM owed
    FULL JOIN (SELECT * FROM billing.ledger_accounts AS account WHERE account.kind = 'tenant-arrears') AS ledger
      ON ledger.owner_id = owed.account_id
   WHERE coalesce(owed.wrong, false) OR coalesce(owed.active_micros, 0) <> -coalesce(ledger.balance_micros, 0)`;
