// SPDX-License-Identifier: Apache-2.0
/** SQL of what becomes of open accounts: the changes that are no postings. */
import type { AccountRecordKind } from '@wattledger/contracts/http/billing';
import type { Queryable, Transaction } from '@wattledger/platform';
import { requestIdReused } from '../ledger/ledger-store.ts';
import type { Who } from '../ledger/posting.ts';

export type AccountChangeKind = Exclude<AccountRecordKind, 'opened' | 'closed'>;

export interface ChangeRow<Facts> {
  readonly changeId: string;
  readonly projectId: string;
  readonly accountId: string;
  readonly requestId: string;
  readonly contentHash: string;
  readonly kind: AccountChangeKind;
  readonly effectiveAtMs: number;
  readonly recordedAtMs: number;
  readonly recordedBy: Who;
  readonly reason: string | null;
  readonly facts: Facts;
}

interface ChangeSqlRow<Facts> extends Omit<ChangeRow<Facts>, 'recordedBy'> {
  readonly recordedById: string;
  readonly recordedByName: string;
}

const columns = `change.change_id AS "changeId", change.project_id AS "projectId", change.account_id AS "accountId",
       change.request_id AS "requestId", change.content_hash AS "contentHash", change.kind,
       change.effective_at_ms AS "effectiveAtMs", change.recorded_at_ms AS "recordedAtMs",
       change.recorded_by_id AS "recordedById", change.recorded_by_name AS "recordedByName", change.reason, change.facts`;

const toRow = <Facts>({ recordedById, recordedByName, ...row }: ChangeSqlRow<Facts>): ChangeRow<Facts> => ({
  ...row,
  recordedBy: { id: recordedById, name: recordedByName },
});

/**
 * The change that this request made before, if any. Asked after what the command holds is held, so that of two at once
 * the second sees the first's.
 * @throws RequestError 409 request-id-reused when the id was used for something else
 */
export async function findRepeated<Facts>(
  transaction: Transaction,
  request: { readonly projectId: string; readonly requestId: string; readonly contentHash: string },
): Promise<ChangeRow<Facts> | undefined> {
  const { rows } = await transaction.query<ChangeSqlRow<Facts>>(
    `SELECT ${columns} FROM billing.account_changes AS change WHERE change.project_id = $1 AND change.request_id = $2`,
    [request.projectId, request.requestId],
  );
  const [row] = rows;
  if (row === undefined) return undefined;
  if (row.contentHash !== request.contentHash) throw requestIdReused(request.requestId);
  return toRow(row);
}

export async function loadChange<Facts>(
  queryable: Queryable,
  accountId: string,
  changeId: string,
): Promise<ChangeRow<Facts> | undefined> {
  const { rows } = await queryable.query<ChangeSqlRow<Facts>>(
    `SELECT ${columns} FROM billing.account_changes AS change WHERE change.change_id = $1 AND change.account_id = $2`,
    [changeId, accountId],
  );
  return rows[0] === undefined ? undefined : toRow(rows[0]);
}

/** @throws RequestError 409 request-id-reused when another command took the id meanwhile */
export async function insertChange(transaction: Transaction, change: ChangeRow<unknown>): Promise<void> {
  const { rowCount } = await transaction.query(
    `INSERT INTO billing.account_changes (change_id, project_id, account_id, request_id, content_hash, kind, effective_at_ms,
            recorded_at_ms, recorded_by_id, recorded_by_name, reason, facts)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
     ON CONFLICT (project_id, request_id) DO NOTHING`,
    [
      change.changeId,
      change.projectId,
      change.accountId,
      change.requestId,
      change.contentHash,
      change.kind,
      change.effectiveAtMs,
      change.recordedAtMs,
      change.recordedBy.id,
      change.recordedBy.name,
      change.reason,
      JSON.stringify(change.facts),
    ],
  );
  if (rowCount !== 1) throw requestIdReused(change.requestId);
}
