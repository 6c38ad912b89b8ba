// SPDX-License-Identifier: Apache-2.0
/** SQL of rules and their versions. */
import type { SharedCostKind, SharedCostTerms, SharedCostVersion } from '@wattledger/contracts/http/billing';
import type { Queryable, Transaction } from '@wattledger/platform';
import type { Who } from '../ledger/posting.ts';

export interface Rule {
  readonly ruleId: string;
  readonly projectId: string;
  readonly name: string;
  readonly kind: SharedCostKind;
}

/** False when the name is taken. */
export async function insertRule(queryable: Queryable, rule: Rule): Promise<boolean> {
  const { rowCount } = await queryable.query(
    `INSERT INTO billing.shared_cost_rules (rule_id, project_id, name, kind) VALUES ($1, $2, $3, $4)
     ON CONFLICT (project_id, name) DO NOTHING`,
    [rule.ruleId, rule.projectId, rule.name, rule.kind],
  );
  return rowCount === 1;
}

export async function loadRules(
  queryable: Queryable,
  projectId: string,
  ruleId: string | null = null,
): Promise<readonly Rule[]> {
  const { rows } = await queryable.query<Rule>(
    `SELECT rule.rule_id AS "ruleId", rule.project_id AS "projectId", rule.name, rule.kind
       FROM billing.shared_cost_rules AS rule
      WHERE rule.project_id = $1 AND ($2::text IS NULL OR rule.rule_id = $2)
      ORDER BY rule.name, rule.rule_id`,
    [projectId, ruleId],
  );
  return rows;
}

/** Holds a rule: its runs are posted one after the other. */
export async function holdRule(transaction: Transaction, ruleId: string): Promise<void> {
  await transaction.query('SELECT FROM billing.shared_cost_rules WHERE rule_id = $1 FOR UPDATE', [ruleId]);
}

export async function insertVersion(
  queryable: Queryable,
  version: {
    readonly versionId: string;
    readonly ruleId: string;
    readonly fromMonth: string;
    readonly toMonth: string | null;
    readonly terms: SharedCostTerms;
    readonly by: Who;
    readonly nowMs: number;
  },
): Promise<void> {
  await queryable.query(
    `INSERT INTO billing.shared_cost_versions (version_id, rule_id, number, state, from_month, to_month, terms, drafted_by_id,
            drafted_by_name, drafted_at_ms)
     SELECT $1, $2, coalesce(max(version.number), 0) + 1, 'draft', $3, $4, $5, $6, $7, $8
       FROM billing.shared_cost_versions AS version WHERE version.rule_id = $2`,
    [
      version.versionId,
      version.ruleId,
      version.fromMonth,
      version.toMonth,
      JSON.stringify(version.terms),
      version.by.id,
      version.by.name,
      version.nowMs,
    ],
  );
}

/** False when the version is no draft. */
export async function moveVersion(
  queryable: Queryable,
  versionId: string,
  state: 'approved' | 'withdrawn',
  by: Who,
  nowMs: number,
): Promise<boolean> {
  const approved = state === 'approved';
  const { rowCount } = await queryable.query(
    `UPDATE billing.shared_cost_versions
        SET state = $2, approved_by_id = $3, approved_by_name = $4, approved_at_ms = $5
      WHERE version_id = $1 AND state = 'draft'`,
    [versionId, state, approved ? by.id : null, approved ? by.name : null, approved ? nowMs : null],
  );
  return rowCount === 1;
}

interface VersionSqlRow {
  readonly version_id: string;
  readonly rule_id: string;
  readonly number: number;
  readonly state: SharedCostVersion['state'];
  readonly from_month: string;
  readonly to_month: string | null;
  readonly terms: SharedCostTerms;
  readonly drafted_by_id: string;
  readonly drafted_by_name: string;
  readonly drafted_at_ms: number;
  readonly approved_by_id: string | null;
  readonly approved_by_name: string | null;
  readonly approved_at_ms: number | null;
}

/** Newest first. */
export async function loadVersions(
  queryable: Queryable,
  ruleIds: readonly string[],
): Promise<readonly (SharedCostVersion & { readonly ruleId: string })[]> {
  const { rows } = await queryable.query<VersionSqlRow>(
    `SELECT version.version_id, version.rule_id, version.number, version.state, version.from_month, version.to_month,
            version.terms, version.drafted_by_id, version.drafted_by_name, version.drafted_at_ms, version.approved_by_id,
            version.approved_by_name, version.approved_at_ms
       FROM billing.shared_cost_versions AS version
      WHERE version.rule_id = ANY ($1::text[])
      ORDER BY version.number DESC`,
    [ruleIds],
  );
  return rows.map((row) => ({
    versionId: row.version_id,
    ruleId: row.rule_id,
    number: row.number,
    state: row.state,
    fromMonth: row.from_month,
    toMonth: row.to_month,
    terms: row.terms,
    draftedBy: { id: row.drafted_by_id, name: row.drafted_by_name },
    draftedAtMs: row.drafted_at_ms,
    approvedBy:
      row.approved_by_id === null ? null : { id: row.approved_by_id, name: row.approved_by_name ?? '' },
    approvedAtMs: row.approved_at_ms,
  }));
}

/** The version that holds in a month: approved before draft, then the one that began last. */
export function versionFor(
  versions: readonly SharedCostVersion[],
  month: string,
): SharedCostVersion | undefined {
  const rank = ({ state, fromMonth, number }: SharedCostVersion): string =>
    `${state === 'approved' ? 1 : 0} ${fromMonth} ${String(number).padStart(9, '0')}`;
  return versions
    .filter(
      ({ state, fromMonth, toMonth }) =>
        state !== 'withdrawn' && fromMonth <= month && (toMonth === null || month <= toMonth),
    )
    .sort((a, b) => (rank(a) < rank(b) ? 1 : -1))[0];
}
