// SPDX-License-Identifier: Apache-2.0
import type { Queryable, Transaction } from '@wattledger/platform';
import type { ChainedRow, ChainHead } from './action-chain.ts';

interface Row {
  readonly sequence: number;
  readonly at_ms: number;
  readonly principal_kind: ChainedRow['principalKind'];
  readonly principal_id: string;
  readonly principal_name: string;
  readonly project_id: string | null;
  readonly action: string;
  readonly subject: string;
  readonly before: string | null;
  readonly after: string | null;
  readonly remote_address: string;
  readonly previous_hash: string;
  readonly hash: string;
}

function fromRow(row: Row): ChainedRow {
  return {
    sequence: row.sequence,
    atMs: row.at_ms,
    principalKind: row.principal_kind,
    principalId: row.principal_id,
    principalName: row.principal_name,
    projectId: row.project_id,
    action: row.action,
    subject: row.subject,
    before: row.before,
    after: row.after,
    remoteAddress: row.remote_address,
    previousHash: row.previous_hash,
    hash: row.hash,
  };
}

const columns = `a.sequence, a.at_ms, a.principal_kind, a.principal_id, a.principal_name, a.project_id, a.action, a.subject,
  a.before, a.after, a.remote_address, a.previous_hash, a.hash`;

/** The head, locked until the transaction ends: appenders wait for one another, so the numbers have no holes. */
export async function lockHead(transaction: Transaction): Promise<ChainHead> {
  const { rows } = await transaction.query<ChainHead>(
    'select h.sequence, h.hash from registry.action_head h for update',
  );
  const [head] = rows;
  if (head === undefined)
    throw new Error('registry.action_head has lost its row: restore the database from a backup');
  return head;
}

export async function readHead(queryable: Queryable): Promise<ChainHead | undefined> {
  return (await queryable.query<ChainHead>('select h.sequence, h.hash from registry.action_head h')).rows[0];
}

export async function insertActions(
  transaction: Transaction,
  rows: readonly ChainedRow[],
  head: ChainHead,
): Promise<void> {
  await transaction.query(
    `insert into registry.actions (sequence, at_ms, principal_kind, principal_id, principal_name, project_id, action,
       subject, before, after, remote_address, previous_hash, hash)
     select r."sequence", r."atMs", r."principalKind", r."principalId", r."principalName", r."projectId", r."action",
       r."subject", r."before", r."after", r."remoteAddress", r."previousHash", r."hash"
     from json_to_recordset($1::json) as r("sequence" bigint, "atMs" bigint, "principalKind" text, "principalId" text,
       "principalName" text, "projectId" text, "action" text, "subject" text, "before" text, "after" text,
       "remoteAddress" text, "previousHash" text, "hash" text)`,
    [JSON.stringify(rows)],
  );
  await transaction.query('update registry.action_head set sequence = $1, hash = $2', [
    head.sequence,
    head.hash,
  ]);
}

/** Rows after a number, in order; for verification and export. `projectId` null: all of them. */
export async function readActionsAfter(
  queryable: Queryable,
  sequence: number,
  limit: number,
  projectId: string | null = null,
): Promise<readonly ChainedRow[]> {
  const { rows } = await queryable.query<Row>(
    `select ${columns} from registry.actions a
     where a.sequence > $1 and ($3::text is null or a.project_id = $3)
     order by a.sequence limit $2`,
    [sequence, limit, projectId],
  );
  return rows.map(fromRow);
}

export interface ActionFilter {
  /** Null: of every project and of none. */
  readonly projectId: string | null;
  readonly fromMs: number | null;
  readonly toMs: number | null;
  readonly principalId: string | null;
  readonly action: string | null;
  readonly subject: string | null;
}

/** Newest first, below a number. */
export async function listActions(
  queryable: Queryable,
  filter: ActionFilter,
  below: number | null,
  limit: number,
): Promise<readonly ChainedRow[]> {
  const { rows } = await queryable.query<Row>(
    `select ${columns} from registry.actions a
     where ($1::text is null or a.project_id = $1)
       and ($2::bigint is null or a.at_ms >= $2)
       and ($3::bigint is null or a.at_ms < $3)
       and ($4::text is null or a.principal_id = $4)
       and ($5::text is null or a.action = $5)
       and ($6::text is null or a.subject = $6)
       and ($7::bigint is null or a.sequence < $7)
     order by a.sequence desc limit $8`,
    [
      filter.projectId,
      filter.fromMs,
      filter.toMs,
      filter.principalId,
      filter.action,
      filter.subject,
      below,
      limit,
    ],
  );
  return rows.map(fromRow);
}
