// SPDX-License-Identifier: Apache-2.0
/** SQL of runs, their lines, and the differences they took along. */
import type { SharedCostPotResult, SharedCostRun, SharedCostSheet } from '@wattledger/contracts/http/billing';
import type { Queryable, Transaction } from '@wattledger/platform';

export type StoredRun = SharedCostRun & {
  readonly requestId: string;
  readonly contentHash: string;
  readonly pot: SharedCostPotResult;
  readonly weights: string;
};

export async function insertRun(
  transaction: Transaction,
  run: StoredRun & { readonly projectId: string },
): Promise<void> {
  await transaction.query(
    `INSERT INTO billing.shared_cost_runs (run_id, project_id, rule_id, version_id, month, kind, reverses_run_id, request_id,
            content_hash, pot, weights, pot_micros, charged_micros, owner_micros, tax_micros, posted_by_id, posted_by_name,
            posted_at_ms, reason)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19)`,
    [
      run.runId,
      run.projectId,
      run.ruleId,
      run.versionId,
      run.month,
      run.kind,
      run.reversesRunId,
      run.requestId,
      run.contentHash,
      JSON.stringify(run.pot),
      run.weights,
      run.potMicros,
      run.chargedMicros,
      run.ownerMicros,
      run.taxMicros,
      run.postedBy.id,
      run.postedBy.name,
      run.postedAtMs,
      run.reason,
    ],
  );
  if (run.reversesRunId !== null)
    await transaction.query('UPDATE billing.shared_cost_runs SET reversed_by_run_id = $2 WHERE run_id = $1', [
      run.reversesRunId,
      run.runId,
    ]);
  const carried = run.kind === 'run' ? run.pot.carried.filter((carry) => carry.carriedMicros !== 0) : [];
  await transaction.query(
    `INSERT INTO billing.shared_cost_carries (run_id, month, amount_micros)
     SELECT $1, * FROM unnest($2::text[], $3::bigint[])`,
    [run.runId, carried.map((carry) => carry.month), carried.map((carry) => carry.carriedMicros)],
  );
}

export type StoredLine = Omit<SharedCostSheet['lines'][number], 'tenantName'> & {
  readonly postingId: string | null;
};

export async function insertLines(
  transaction: Transaction,
  runId: string,
  lines: readonly StoredLine[],
): Promise<void> {
  await transaction.query(
    `INSERT INTO billing.shared_cost_lines (run_id, line, unit_id, unit_code, unit_name, account_id, days, measure, weight,
            amount_micros, tax_micros, posting_id)
     SELECT $1, * FROM unnest($2::integer[], $3::text[], $4::text[], $5::text[], $6::text[], $7::integer[], $8::bigint[],
            $9::text[], $10::bigint[], $11::bigint[], $12::text[])`,
    [
      runId,
      lines.map((_, index) => index + 1),
      lines.map((line) => line.unitId),
      lines.map((line) => line.unitCode),
      lines.map((line) => line.unitName),
      lines.map((line) => line.accountId),
      lines.map((line) => line.days),
      lines.map((line) => line.measure),
      lines.map((line) => line.weight),
      lines.map((line) => line.amountMicros),
      lines.map((line) => line.taxMicros),
      lines.map((line) => line.postingId),
    ],
  );
}

export async function loadLines(
  queryable: Queryable,
  runId: string,
): Promise<readonly (StoredLine & { readonly tenantId: string | null })[]> {
  const { rows } = await queryable.query<StoredLine & { readonly tenantId: string | null }>(
    `SELECT line.unit_id AS "unitId", line.unit_code AS "unitCode", line.unit_name AS "unitName", line.account_id AS "accountId",
            account.tenant_id AS "tenantId", line.days, line.measure, line.weight, line.amount_micros AS "amountMicros",
            line.tax_micros AS "taxMicros", line.posting_id AS "postingId"
       FROM billing.shared_cost_lines AS line
       LEFT JOIN billing.accounts AS account ON account.account_id = line.account_id
      WHERE line.run_id = $1
      ORDER BY line.line`,
    [runId],
  );
  return rows;
}

interface RunSqlRow {
  readonly run_id: string;
  readonly rule_id: string;
  readonly version_id: string;
  readonly month: string;
  readonly kind: SharedCostRun['kind'];
  readonly reverses_run_id: string | null;
  readonly reversed_by_run_id: string | null;
  readonly request_id: string;
  readonly content_hash: string;
  readonly pot: SharedCostPotResult;
  readonly weights: string;
  readonly pot_micros: number;
  readonly charged_micros: number;
  readonly owner_micros: number;
  readonly tax_micros: number;
  readonly posted_by_id: string;
  readonly posted_by_name: string;
  readonly posted_at_ms: number;
  readonly reason: string | null;
}

/** Newest first. */
export async function loadRuns(
  queryable: Queryable,
  filter: { readonly projectId: string; readonly ruleId?: string; readonly requestId?: string },
): Promise<readonly StoredRun[]> {
  const { rows } = await queryable.query<RunSqlRow>(
    `SELECT run.run_id, run.rule_id, run.version_id, run.month, run.kind, run.reverses_run_id, run.reversed_by_run_id,
            run.request_id, run.content_hash, run.pot, run.weights, run.pot_micros, run.charged_micros, run.owner_micros,
            run.tax_micros, run.posted_by_id, run.posted_by_name, run.posted_at_ms, run.reason
       FROM billing.shared_cost_runs AS run
      WHERE run.project_id = $1 AND ($2::text IS NULL OR run.rule_id = $2) AND ($3::text IS NULL OR run.request_id = $3)
      ORDER BY run.posted_at_ms DESC, run.run_id`,
    [filter.projectId, filter.ruleId ?? null, filter.requestId ?? null],
  );
  return rows.map((row) => ({
    runId: row.run_id,
    ruleId: row.rule_id,
    versionId: row.version_id,
    month: row.month,
    kind: row.kind,
    reversesRunId: row.reverses_run_id,
    reversedByRunId: row.reversed_by_run_id,
    requestId: row.request_id,
    contentHash: row.content_hash,
    pot: row.pot,
    weights: row.weights,
    potMicros: row.pot_micros,
    chargedMicros: row.charged_micros,
    ownerMicros: row.owner_micros,
    taxMicros: row.tax_micros,
    postedBy: { id: row.posted_by_id, name: row.posted_by_name },
    postedAtMs: row.posted_at_ms,
    reason: row.reason,
  }));
}

/** What was billed of each month by the runs that stand: its own pot and what later runs took along. */
export async function loadBilled(
  queryable: Queryable,
  ruleId: string,
): Promise<readonly { readonly month: string; readonly versionId: string; readonly billedMicros: number }[]> {
  const { rows } = await queryable.query<{ month: string; versionId: string; billedMicros: number }>(
    `SELECT run.month, run.version_id AS "versionId",
            ((run.pot ->> 'ownMicros')::bigint + coalesce((
               SELECT sum(carry.amount_micros) FROM billing.shared_cost_carries AS carry
                 JOIN billing.shared_cost_runs AS later ON later.run_id = carry.run_id
                WHERE later.rule_id = run.rule_id AND later.reversed_by_run_id IS NULL AND carry.month = run.month), 0))::bigint
            AS "billedMicros"
       FROM billing.shared_cost_runs AS run
      WHERE run.rule_id = $1 AND run.kind = 'run' AND run.reversed_by_run_id IS NULL
      ORDER BY run.month DESC
      LIMIT 24`,
    [ruleId],
  );
  return rows;
}
