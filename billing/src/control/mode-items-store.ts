// SPDX-License-Identifier: Apache-2.0
/** SQL of items that changed an account's mode: they end when the account's controller has brought the relay there. */
import type { Queryable, Transaction } from '@wattledger/platform';

/**
 * Ends the items whose relay agrees with what the account wants now that the controller has looked at the new mode; those
 * whose mode somebody has changed since, or whose account is closed; and marks those whose meter refused or disobeyed. A
 * marked one ends well when a later attempt succeeds.
 * @returns how many changed
 */
export async function settleModeItems(transaction: Transaction, nowMs: number): Promise<number> {
  const { rowCount } = await transaction.query(
    `WITH seen AS (
       SELECT item.batch_id, item.meter_id, meter.reported, last.evidence, meter.reported_at_ms, meter.command_id,
              CASE WHEN account.state = 'closed' OR meter.account_id IS DISTINCT FROM item.account_id AND supply.due_cause = 'timer'
                     OR supply.mode <> batch.action THEN 'superseded'
                   WHEN supply.due_cause = 'mode' OR meter.account_id IS DISTINCT FROM item.account_id THEN item.state
                   WHEN meter.desired = meter.reported THEN 'confirmed'
                   WHEN last.outcome = 'failed' AND last.requested_at_ms >= batch.requested_at_ms THEN 'failed'
                   ELSE item.state END AS state
         FROM billing.batch_items AS item
         JOIN billing.command_batches AS batch ON batch.batch_id = item.batch_id
         JOIN billing.accounts AS account ON account.account_id = item.account_id
         JOIN billing.supply_states AS supply ON supply.account_id = item.account_id
         LEFT JOIN billing.supply_meters AS meter ON meter.meter_id = item.meter_id
         LEFT JOIN billing.supply_commands AS last ON last.command_id = meter.command_id
        WHERE item.account_id IS NOT NULL AND item.state IN ('waiting', 'failed')
        LIMIT 10000
     )
     UPDATE billing.batch_items AS item
        SET state = seen.state, reported = coalesce(seen.reported, 'unknown'), command_id = seen.command_id, told = false,
            finished_at_ms = CASE WHEN seen.state = 'waiting' THEN NULL ELSE $1::bigint END,
            evidence = CASE seen.state
              WHEN 'superseded' THEN 'the account is closed, has left the meter, or its mode was changed again'
              ELSE concat_ws('; ', 'relay reported ' || seen.reported || ' at ' || to_char(to_timestamp(seen.reported_at_ms / 1000.0) AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'),
                             seen.evidence) END
       FROM seen
      WHERE item.batch_id = seen.batch_id AND item.meter_id = seen.meter_id AND item.state <> seen.state`,
    [nowMs],
  );
  return rowCount;
}

/** Sets the mode of many accounts at once; held in id order, as everywhere. @returns those that were open */
export async function writeModes(
  transaction: Transaction,
  accountIds: readonly string[],
  change: {
    readonly mode: 'automatic' | 'forced-on' | 'forced-off';
    readonly reason: string;
    readonly by: { readonly id: string; readonly name: string };
    readonly nowMs: number;
  },
): Promise<ReadonlySet<string>> {
  if (accountIds.length === 0) return new Set();
  const forced = change.mode !== 'automatic';
  const { rows } = await transaction.query<{ account_id: string }>(
    `WITH held AS (
       SELECT supply.account_id FROM billing.supply_states AS supply
         JOIN billing.accounts AS account ON account.account_id = supply.account_id AND account.state = 'open'
        WHERE supply.account_id = ANY ($1::text[]) ORDER BY supply.account_id FOR UPDATE OF supply
     )
     UPDATE billing.supply_states AS supply
        SET mode = $2, forced_by_id = $3, forced_by_name = $4, forced_reason = $5, due_at_ms = least(supply.due_at_ms, $6::bigint), due_cause = 'mode'
       FROM held WHERE supply.account_id = held.account_id
     RETURNING supply.account_id`,
    [
      accountIds,
      change.mode,
      forced ? change.by.id : null,
      forced ? change.by.name : null,
      forced ? change.reason : null,
      change.nowMs,
    ],
  );
  return new Set(rows.map((row) => row.account_id));
}

export interface GoverningAccount {
  readonly accountId: string;
  readonly meteringPointIds: readonly string[];
  readonly mode: 'automatic' | 'forced-on' | 'forced-off';
  readonly protectedSupply: boolean;
  readonly forcedReason: string | null;
}

/** Open accounts of a project with the electricity points they pay for. */
export async function loadGoverningAccounts(
  queryable: Queryable,
  projectId: string,
): Promise<readonly GoverningAccount[]> {
  const { rows } = await queryable.query<{
    account_id: string;
    points: string[];
    mode: GoverningAccount['mode'];
    protected_supply: boolean;
    forced_reason: string | null;
  }>(
    `SELECT account.account_id, supply.mode, account.protected_supply, supply.forced_reason,
            array_agg(point.metering_point_id ORDER BY point.metering_point_id) AS points
       FROM billing.accounts AS account
       JOIN billing.supply_states AS supply ON supply.account_id = account.account_id
       JOIN billing.account_points AS point ON point.account_id = account.account_id AND point.medium = 'electricity'
       AND point.closed_at_ms IS NULL
      WHERE account.project_id = $1 AND account.state = 'open'
      GROUP BY account.account_id, supply.mode, account.protected_supply, supply.forced_reason`,
    [projectId],
  );
  return rows.map((row) => ({
    accountId: row.account_id,
    meteringPointIds: row.points,
    mode: row.mode,
    protectedSupply: row.protected_supply,
    forcedReason: row.forced_reason,
  }));
}

/** Accounts whose batch failed: their meters' next attempt is now. */
export async function hurryAccounts(
  transaction: Transaction,
  accountIds: readonly string[],
  nowMs: number,
): Promise<void> {
  await transaction.query(
    'UPDATE billing.supply_meters AS meter SET next_attempt_at_ms = $2 WHERE meter.account_id = ANY ($1::text[]) AND meter.mismatch_since_ms IS NOT NULL',
    [accountIds, nowMs],
  );
}

export interface EndedItem {
  readonly batchId: string;
  readonly projectId: string;
  readonly meterId: string;
  readonly action: string;
  readonly reason: string;
  readonly state: string;
  readonly evidence: string;
  readonly attempts: number;
  readonly finishedAtMs: number;
  readonly byId: string;
  readonly byName: string;
  readonly byKind: 'staff' | 'api-key';
  readonly remoteAddress: string;
}

/** Items whose end is not in the log of actions yet. */
export async function loadUntold(queryable: Queryable, limit: number): Promise<readonly EndedItem[]> {
  const { rows } = await queryable.query<EndedItem>(
    `SELECT item.batch_id AS "batchId", batch.project_id AS "projectId", item.meter_id AS "meterId", batch.action, batch.reason, item.state,
            item.evidence, item.attempts, item.finished_at_ms AS "finishedAtMs", batch.requested_by_id AS "byId",
            batch.requested_by_name AS "byName", batch.requested_by_kind AS "byKind", batch.remote_address AS "remoteAddress"
       FROM billing.batch_items AS item
       JOIN billing.command_batches AS batch ON batch.batch_id = item.batch_id
      WHERE item.state NOT IN ('waiting', 'refused') AND NOT item.told
      ORDER BY item.finished_at_ms LIMIT $1`,
    [limit],
  );
  return rows;
}

export async function markTold(queryable: Queryable, item: EndedItem): Promise<void> {
  await queryable.query(
    `UPDATE billing.batch_items AS item SET told = true
      WHERE item.batch_id = $1 AND item.meter_id = $2 AND item.state = $3 AND item.finished_at_ms = $4`,
    [item.batchId, item.meterId, item.state, item.finishedAtMs],
  );
}
