// SPDX-License-Identifier: Apache-2.0
/** SQL of batches and their items. */
import type { CommandOutcome, MeterSetting, RelayState } from '@wattledger/contracts';
import {
  batchItemStates,
  type BatchAction,
  type BatchItem,
  type BatchItemState,
  type CommandBatch,
  type ControlRefusal,
} from '@wattledger/contracts/http/commands';
import type { Queryable, Transaction } from '@wattledger/platform';

export interface NewBatch {
  readonly batchId: string;
  readonly projectId: string;
  readonly requestId: string;
  readonly contentHash: string;
  readonly action: BatchAction;
  readonly setting: MeterSetting | null;
  readonly reason: string;
  readonly by: { readonly id: string; readonly name: string; readonly kind: 'staff' | 'api-key' };
  readonly remoteAddress: string;
  readonly requestedAtMs: number;
  readonly expiresAtMs: number | null;
}

/** @returns the batch that has the request id: this one, or an earlier one */
export async function claimBatch(
  transaction: Transaction,
  batch: NewBatch,
): Promise<{ readonly batchId: string; readonly contentHash: string }> {
  const { rows } = await transaction.query<{ batch_id: string; content_hash: string }>(
    // Touching the earlier row waits for its transaction and returns it.
    `INSERT INTO billing.command_batches AS b (batch_id, project_id, request_id, content_hash, action, setting, reason, requested_by_id,
            requested_by_name, requested_by_kind, remote_address, requested_at_ms, expires_at_ms)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)
     ON CONFLICT (project_id, request_id) DO UPDATE SET request_id = excluded.request_id
     RETURNING b.batch_id, b.content_hash`,
    [
      batch.batchId,
      batch.projectId,
      batch.requestId,
      batch.contentHash,
      batch.action,
      batch.setting === null ? null : JSON.stringify(batch.setting),
      batch.reason,
      batch.by.id,
      batch.by.name,
      batch.by.kind,
      batch.remoteAddress,
      batch.requestedAtMs,
      batch.expiresAtMs,
    ],
  );
  const row = rows[0];
  if (row === undefined) throw new Error('an upsert returns its row');
  return { batchId: row.batch_id, contentHash: row.content_hash };
}

export interface NewItem {
  readonly meterId: string;
  readonly serial: string;
  readonly accountId: string | null;
  readonly state: BatchItemState;
  readonly refusal: ControlRefusal | null;
  readonly previous: unknown;
  readonly commandId: string | null;
  readonly evidence: string;
}

export async function insertItems(
  transaction: Transaction,
  batchId: string,
  items: readonly NewItem[],
  nowMs: number,
): Promise<void> {
  await transaction.query(
    `INSERT INTO billing.batch_items (batch_id, meter_id, serial, account_id, state, refusal, previous, command_id, attempts, evidence, finished_at_ms)
     SELECT $1, i.meter_id, i.serial, i.account_id, i.state, i.refusal, i.previous::jsonb, i.command_id,
            (i.command_id IS NOT NULL)::integer, i.evidence, CASE WHEN i.state = 'waiting' THEN NULL ELSE $10::bigint END
       FROM unnest($2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[], $9::text[])
         AS i (meter_id, serial, account_id, state, refusal, previous, command_id, evidence)`,
    [
      batchId,
      items.map((item) => item.meterId),
      items.map((item) => item.serial),
      items.map((item) => item.accountId),
      items.map((item) => item.state),
      items.map((item) => item.refusal),
      items.map((item) => (item.previous === null ? null : JSON.stringify(item.previous))),
      items.map((item) => item.commandId),
      items.map((item) => item.evidence),
      nowMs,
    ],
  );
}

interface BatchSqlRow {
  readonly batch_id: string;
  readonly project_id: string;
  readonly action: BatchAction;
  readonly setting: MeterSetting | null;
  readonly reason: string;
  readonly requested_by_id: string;
  readonly requested_by_name: string;
  readonly requested_at_ms: number;
  readonly expires_at_ms: number | null;
  readonly counts: Partial<Record<BatchItemState, number>> | null;
}

/** Newest first; with `batchId` only that one. */
export async function loadBatches(
  queryable: Queryable,
  projectId: string,
  { batchId, limit }: { readonly batchId: string | null; readonly limit: number },
): Promise<readonly CommandBatch[]> {
  const { rows } = await queryable.query<BatchSqlRow>(
    `SELECT b.batch_id, b.project_id, b.action, b.setting, b.reason, b.requested_by_id, b.requested_by_name, b.requested_at_ms, b.expires_at_ms,
            (SELECT json_object_agg(c.state, c.n) FROM (
               SELECT item.state, count(*) AS n FROM billing.batch_items AS item WHERE item.batch_id = b.batch_id GROUP BY item.state) AS c) AS counts
       FROM billing.command_batches AS b
      WHERE b.project_id = $1 AND ($2::text IS NULL OR b.batch_id = $2)
      ORDER BY b.requested_at_ms DESC, b.batch_id LIMIT $3`,
    [projectId, batchId, limit],
  );
  return rows.map((row) => {
    const counts = Object.fromEntries(
      batchItemStates.map((state) => [state, row.counts?.[state] ?? 0]),
    ) as Record<BatchItemState, number>;
    return {
      batchId: row.batch_id,
      projectId: row.project_id,
      action: row.action,
      setting: row.setting,
      reason: row.reason,
      requestedById: row.requested_by_id,
      requestedByName: row.requested_by_name,
      requestedAtMs: row.requested_at_ms,
      expiresAtMs: row.expires_at_ms,
      meters: Object.values(counts).reduce((sum, count) => sum + count, 0),
      counts,
    };
  });
}

interface ItemSqlRow {
  readonly meter_id: string;
  readonly serial: string;
  readonly account_id: string | null;
  readonly state: BatchItemState;
  readonly refusal: ControlRefusal | null;
  readonly previous: unknown;
  readonly command_id: string | null;
  readonly attempts: number;
  readonly reported: RelayState;
  readonly evidence: string;
  readonly finished_at_ms: number | null;
}
export type StoredItem = BatchItem & { readonly previous: unknown };

/** What needs a look comes first. */
export async function loadItems(
  queryable: Queryable,
  batchId: string,
  { states, limit }: { readonly states: readonly BatchItemState[]; readonly limit: number },
): Promise<readonly StoredItem[]> {
  const { rows } = await queryable.query<ItemSqlRow>(
    `SELECT item.* FROM billing.batch_items AS item
      WHERE item.batch_id = $1 AND item.state = ANY ($2::text[])
      ORDER BY array_position(ARRAY['failed', 'expired', 'waiting', 'refused', 'superseded', 'cancelled', 'confirmed'], item.state),
               item.serial, item.meter_id
      LIMIT $3`,
    [batchId, states, limit],
  );
  return rows.map((row) => ({
    meterId: row.meter_id,
    serial: row.serial,
    accountId: row.account_id,
    state: row.state,
    refusal: row.refusal,
    previous: row.previous,
    commandId: row.command_id,
    attempts: row.attempts,
    reportedRelay: row.reported,
    evidence: row.evidence,
    finishedAtMs: row.finished_at_ms,
  }));
}

/** Ends items that still stand open, or opens them again ('waiting'). */
export async function turnItems(
  transaction: Transaction,
  batchId: string,
  meterIds: readonly string[],
  turn: { readonly state: BatchItemState; readonly evidence: string | null; readonly nowMs: number },
): Promise<void> {
  await transaction.query(
    `UPDATE billing.batch_items AS item
        SET state = $3, evidence = coalesce($4, item.evidence), told = false,
            finished_at_ms = CASE WHEN $3 = 'waiting' THEN NULL ELSE $5::bigint END
      WHERE item.batch_id = $1 AND item.meter_id = ANY ($2::text[]) AND item.state IN ('waiting', 'failed', 'expired')`,
    [batchId, meterIds, turn.state, turn.evidence, turn.nowMs],
  );
}

/** Items of other batches whose orders are replaced. */
export async function supersedeItems(
  transaction: Transaction,
  orders: readonly { readonly meterId: string; readonly batchId: string | null }[],
  evidence: string,
  nowMs: number,
): Promise<void> {
  const ofBatches = orders.filter((order) => order.batchId !== null);
  if (ofBatches.length === 0) return;
  await transaction.query(
    `UPDATE billing.batch_items AS item SET state = 'superseded', evidence = trim(item.evidence || ' ' || $3), finished_at_ms = $4
       FROM unnest($1::text[], $2::text[]) AS gone (batch_id, meter_id)
      WHERE item.batch_id = gone.batch_id AND item.meter_id = gone.meter_id AND item.state = 'waiting'`,
    [ofBatches.map((order) => order.batchId), ofBatches.map((order) => order.meterId), evidence, nowMs],
  );
}

/** The command that is now under way for an item. */
export async function noteCommands(
  transaction: Transaction,
  sent: readonly { readonly batchId: string; readonly meterId: string; readonly commandId: string }[],
): Promise<void> {
  if (sent.length === 0) return;
  await transaction.query(
    `UPDATE billing.batch_items AS item SET command_id = sent.command_id, attempts = item.attempts + 1
       FROM unnest($1::text[], $2::text[], $3::text[]) AS sent (batch_id, meter_id, command_id)
      WHERE item.batch_id = sent.batch_id AND item.meter_id = sent.meter_id AND item.state IN ('waiting', 'failed', 'expired')`,
    [sent.map((one) => one.batchId), sent.map((one) => one.meterId), sent.map((one) => one.commandId)],
  );
}

/**
 * Takes up outcomes for the items whose latest command they are. An order's item outlives its commands: one that expired
 * leaves it waiting, and one that failed may still be followed by one that succeeds.
 */
export async function writeItemOutcomes(
  transaction: Transaction,
  outcomes: readonly CommandOutcome[],
): Promise<void> {
  await transaction.query(
    `UPDATE billing.batch_items AS item
        SET state = heard.state, evidence = heard.evidence, reported = heard.relay, told = item.told AND item.state = heard.state,
            finished_at_ms = CASE WHEN heard.state = 'waiting' THEN NULL ELSE heard.at_ms END
       FROM (
         SELECT o.*, CASE WHEN o.kind = 'switch-supply' AND o.outcome = 'expired' THEN 'waiting' ELSE o.outcome END AS state
           FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::bigint[])
             AS o (command_id, kind, outcome, relay, evidence, at_ms)
       ) AS heard
      WHERE item.command_id = heard.command_id AND item.state IN ('waiting', 'failed')`,
    [
      outcomes.map((outcome) => outcome.commandId),
      outcomes.map((outcome) => outcome.kind),
      outcomes.map((outcome) => outcome.outcome),
      outcomes.map((outcome) => outcome.reportedRelay),
      outcomes.map((outcome) => outcome.evidence),
      outcomes.map((outcome) => outcome.at),
    ],
  );
}
