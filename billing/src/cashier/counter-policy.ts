// SPDX-License-Identifier: Apache-2.0
/** What a project asks of its counter. */
import type { CounterPolicy, ReversalRule } from '@wattledger/contracts/http/billing';
import type { Queryable } from '@wattledger/platform';
import type { Who } from '../ledger/posting.ts';

export const defaultCounterPolicy: CounterPolicy = {
  shiftRequired: false,
  reversalRules: ['same-day', 'same-shift', 'balance-suffices'],
};

export async function loadCounterPolicy(queryable: Queryable, projectId: string): Promise<CounterPolicy> {
  const { rows } = await queryable.query<{ shift_required: boolean; reversal_rules: ReversalRule[] }>(
    `SELECT policy.shift_required, policy.reversal_rules FROM billing.counter_policies AS policy
      WHERE policy.project_id = $1`,
    [projectId],
  );
  const [row] = rows;
  if (row === undefined) return defaultCounterPolicy;
  return { shiftRequired: row.shift_required, reversalRules: row.reversal_rules };
}

export async function saveCounterPolicy(
  queryable: Queryable,
  projectId: string,
  policy: CounterPolicy,
  change: { readonly by: Who; readonly atMs: number },
): Promise<void> {
  await queryable.query(
    `INSERT INTO billing.counter_policies (project_id, shift_required, reversal_rules, changed_at_ms, changed_by_id, changed_by_name)
     VALUES ($1, $2, $3, $4, $5, $6)
     ON CONFLICT (project_id) DO UPDATE
        SET shift_required = excluded.shift_required, reversal_rules = excluded.reversal_rules,
            changed_at_ms = excluded.changed_at_ms, changed_by_id = excluded.changed_by_id, changed_by_name = excluded.changed_by_name`,
    [
      projectId,
      policy.shiftRequired,
      [...new Set(policy.reversalRules)],
      change.atMs,
      change.by.id,
      change.by.name,
    ],
  );
}
