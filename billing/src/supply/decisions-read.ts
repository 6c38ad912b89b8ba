// SPDX-License-Identifier: Apache-2.0
/** Decisions with the commands they led to, newest first. */
import type { SupplyDecision } from '@wattledger/contracts/http/billing';
import type { Queryable } from '@wattledger/platform';

/** Where a page ended: several decisions may be of the same instant. */
export interface DecisionPlace {
  readonly atMs: number;
  readonly decisionId: string;
}
export const decisionPlaceText = (place: DecisionPlace): string => `${place.atMs}.${place.decisionId}`;
/** Undefined when the text is no place. */
export function parseDecisionPlace(text: string | undefined): DecisionPlace | undefined {
  const match = /^(\d{1,15})\.([a-z0-9_-]{1,64})$/.exec(text ?? '');
  return match === null ? undefined : { atMs: Number(match[1]), decisionId: match[2] as string };
}

export interface DecisionFilter {
  readonly projectId: string;
  readonly accountId?: string | undefined;
  /** Decisions older than this one. */
  readonly before?: DecisionPlace | undefined;
  readonly limit: number;
}

export async function loadDecisions(
  queryable: Queryable,
  filter: DecisionFilter,
): Promise<readonly (Omit<SupplyDecision, 'tenantName'> & { readonly tenantId: string })[]> {
  const { rows } = await queryable.query<Omit<SupplyDecision, 'tenantName'> & { readonly tenantId: string }>(
    `SELECT decision.decision_id AS "decisionId", decision.account_id AS "accountId", account.tenant_id AS "tenantId",
            decision.at_ms AS "atMs", decision.action, decision.cause, decision.desired_before AS "desiredBefore",
            decision.desired_after AS "desiredAfter", decision.balance_micros AS "balanceMicros", decision.gates,
            (SELECT coalesce(json_agg(json_build_object(
                      'commandId', command.command_id, 'meterId', command.meter_id, 'action', command.action,
                      'requestedAtMs', command.requested_at_ms, 'outcome', command.outcome,
                      'outcomeAtMs', command.outcome_at_ms, 'evidence', command.evidence)
                      ORDER BY command.requested_at_ms, command.command_id), '[]')
               FROM billing.supply_commands AS command
              WHERE command.decision_id = decision.decision_id) AS commands
       FROM billing.supply_decisions AS decision
       JOIN billing.accounts AS account ON account.account_id = decision.account_id
      WHERE decision.project_id = $1
        AND ($2::text IS NULL OR decision.account_id = $2)
        AND ($3::bigint IS NULL OR (decision.at_ms, decision.decision_id) < ($3, $4))
      ORDER BY decision.at_ms DESC, decision.decision_id DESC
      LIMIT $5`,
    [
      filter.projectId,
      filter.accountId ?? null,
      filter.before?.atMs ?? null,
      filter.before?.decisionId ?? null,
      filter.limit,
    ],
  );
  return rows;
}
