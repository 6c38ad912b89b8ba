// SPDX-License-Identifier: Apache-2.0
/** Breaks of the laws of shared costs: Σ lines = pot, and what a posting took from a balance is its lines with their tax. */
export const sharedCostFaultsSql = `
  WITH sums AS (
    SELECT line.run_id, sum(line.amount_micros) AS amount, sum(line.tax_micros) AS tax
      FROM billing.shared_cost_lines AS line GROUP BY line.run_id),
  posted AS (
    SELECT line.posting_id, sum(line.amount_micros + line.tax_micros) AS amount
      FROM billing.shared_cost_lines AS line WHERE line.posting_id IS NOT NULL GROUP BY line.posting_id),
  taken AS (
    SELECT entry.posting_id, -sum(entry.amount_micros) AS amount
      FROM billing.postings AS posting
      JOIN billing.entries AS entry ON entry.posting_id = posting.posting_id
      JOIN billing.ledger_accounts AS ledger ON ledger.ledger_account_id = entry.ledger_account_id AND ledger.kind = 'tenant-balance'
     WHERE posting.kind = 'shared-cost' GROUP BY entry.posting_id)
  SELECT run.run_id AS id, run.pot_micros AS expected, coalesce(sums.amount, 0) AS found
    FROM billing.shared_cost_runs AS run LEFT JOIN sums ON sums.run_id = run.run_id
   WHERE run.pot_micros <> coalesce(sums.amount, 0) OR run.tax_micros <> coalesce(sums.tax, 0)
  UNION ALL
  SELECT coalesce(posted.posting_id, taken.posting_id), posted.amount, taken.amount
    FROM posted FULL JOIN taken ON taken.posting_id = posted.posting_id
   WHERE coalesce(posted.amount, 0) <> coalesce(taken.amount, 0)`;
