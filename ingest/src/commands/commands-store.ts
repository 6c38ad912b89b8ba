// SPDX-License-Identifier: Apache-2.0
/** Commands on their way. A command leaves `waiting` once, in the transaction that appends its outcome. */
import type {
  CommandKind,
  CommandOutcome,
  MeterCommand,
  CommandedSetting,
  RelayState,
  SupplyAction,
} from '@wattledger/contracts';
import type { CommandRecord } from '@wattledger/contracts/http/ingest';
import type { Queryable, Transaction } from '@wattledger/platform';

export interface PendingCommand {
  readonly commandId: string;
  readonly projectId: string;
  readonly meterId: string;
  readonly kind: CommandKind;
  readonly action: SupplyAction | null;
  readonly setting: CommandedSetting | null;
  readonly expiresAtMs: number;
  readonly attempts: number;
  readonly reportedRelay: RelayState;
  readonly evidence: string;
}

interface StoredCommand {
  readonly command_id: string;
  readonly project_id: string;
  readonly meter_id: string;
  readonly kind: CommandKind;
  readonly action: SupplyAction | null;
  readonly setting: CommandedSetting | null;
  readonly reason: string;
  readonly requested_by: string;
  readonly requested_at_ms: number;
  readonly expires_at_ms: number;
  readonly state: CommandRecord['state'];
  readonly attempts: number;
  readonly reported_relay: RelayState;
  readonly evidence: string;
  readonly finished_at_ms: number | null;
}

function pendingOf(row: StoredCommand): PendingCommand {
  return {
    commandId: row.command_id,
    projectId: row.project_id,
    meterId: row.meter_id,
    kind: row.kind,
    action: row.action,
    setting: row.setting,
    expiresAtMs: row.expires_at_ms,
    attempts: row.attempts,
    reportedRelay: row.reported_relay,
    evidence: row.evidence,
  };
}

export type DoableCommand = Exclude<MeterCommand, { kind: 'cancel' }>;

/**
 * Stores commands in the log's order; one that is known already is left as it is. The gateway only shares out the turns:
 * a meter that moves meanwhile is found on its new line.
 * @returns how many are new
 */
export async function acceptCommands(
  transaction: Transaction,
  commands: readonly DoableCommand[],
  gatewayOf: (meterId: string) => string | null,
): Promise<number> {
  const inserted = await transaction.query(
    `INSERT INTO ingest.pending_commands (command_id, project_id, meter_id, kind, action, reason, requested_by, requested_at_ms, expires_at_ms,
            next_attempt_ms, setting, bulk, gateway_id)
     SELECT c.command_id, c.project_id, c.meter_id, c.kind, c.action, c.reason, c.requested_by, c.requested_at_ms, c.expires_at_ms, 0,
            c.setting::jsonb, c.bulk, c.gateway_id
     FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::bigint[], $9::bigint[], $10::text[],
       $11::boolean[], $12::text[]) WITH ORDINALITY
       AS c (command_id, project_id, meter_id, kind, action, reason, requested_by, requested_at_ms, expires_at_ms, setting, bulk, gateway_id, ord)
     ORDER BY c.ord
     ON CONFLICT (command_id) DO NOTHING`,
    [
      commands.map((command) => command.commandId),
      commands.map((command) => command.projectId),
      commands.map((command) => command.meterId),
      commands.map((command) => command.kind),
      commands.map((command) => (command.kind === 'switch-supply' ? command.action : null)),
      commands.map((command) => command.reason),
      commands.map((command) => command.requestedBy),
      commands.map((command) => command.requestedAt),
      commands.map((command) => command.expiresAt),
      commands.map((command) => (command.kind === 'write-setting' ? JSON.stringify(command.setting) : null)),
      commands.map((command) => command.bulk ?? false),
      commands.map((command) => gatewayOf(command.meterId)),
    ],
  );
  return inserted.rowCount;
}

/** Of several switch commands that wait for one meter only the newest means anything. @returns those that ended */
export async function endSuperseded(
  transaction: Transaction,
  meterIds: readonly string[],
  nowMs: number,
): Promise<readonly PendingCommand[]> {
  const ended = await transaction.query<StoredCommand>(
    `UPDATE ingest.pending_commands older
     SET state = 'expired', finished_at_ms = $2, evidence = trim(older.evidence || ' superseded by ' || newest.command_id)
     FROM (
       SELECT DISTINCT ON (p.meter_id) p.meter_id, p.sequence, p.command_id
       FROM ingest.pending_commands p
       WHERE p.state = 'waiting' AND p.kind = 'switch-supply' AND p.meter_id = ANY ($1::text[])
       ORDER BY p.meter_id, p.sequence DESC
     ) newest
     WHERE older.state = 'waiting' AND older.kind = 'switch-supply' AND older.meter_id = newest.meter_id AND older.sequence < newest.sequence
     RETURNING older.*`,
    [meterIds, nowMs],
  );
  return ended.rows.map(pendingOf);
}

/** @returns commands past their expiry, ended */
export async function endOverdue(
  transaction: Transaction,
  nowMs: number,
): Promise<readonly PendingCommand[]> {
  const ended = await transaction.query<StoredCommand>(
    `UPDATE ingest.pending_commands c
     SET state = 'expired', finished_at_ms = $1,
       evidence = CASE WHEN c.evidence = '' THEN 'never tried: the meter is polled by no gateway, or its gateway was out of reach' ELSE c.evidence END
     WHERE c.state = 'waiting' AND c.expires_at_ms <= $1
     RETURNING c.*`,
    [nowMs],
  );
  return ended.rows.map(pendingOf);
}

/** Commands taken back while they wait. @returns those that ended */
export async function endCancelled(
  transaction: Transaction,
  cancels: readonly Extract<MeterCommand, { kind: 'cancel' }>[],
  nowMs: number,
): Promise<readonly PendingCommand[]> {
  if (cancels.length === 0) return [];
  const ended = await transaction.query<StoredCommand>(
    `UPDATE ingest.pending_commands c
     SET state = 'expired', finished_at_ms = $3, evidence = trim(c.evidence || ' taken back by ' || gone.requested_by)
     FROM unnest($1::text[], $2::text[]) AS gone (command_id, requested_by)
     WHERE c.command_id = gone.command_id AND c.state = 'waiting'
     RETURNING c.*`,
    [cancels.map((cancel) => cancel.commandId), cancels.map((cancel) => cancel.requestedBy), nowMs],
  );
  return ended.rows.map(pendingOf);
}

/**
 * Commands whose turn has come: of each gateway a few, so that none waits for another's, those that came alone before
 * those of a batch, then oldest first.
 */
export async function waitingCommands(
  queryable: Queryable,
  nowMs: number,
  limits: { readonly perGateway: number; readonly inAll: number },
): Promise<readonly PendingCommand[]> {
  const found = await queryable.query<StoredCommand>(
    `SELECT turn.* FROM (
       SELECT c.*, row_number() OVER (PARTITION BY c.gateway_id ORDER BY c.bulk, c.sequence) AS place
       FROM ingest.pending_commands c
       WHERE c.state = 'waiting' AND c.next_attempt_ms <= $1 AND c.expires_at_ms > $1
     ) turn
     WHERE turn.place <= $2 OR turn.gateway_id IS NULL
     ORDER BY turn.place, turn.bulk, turn.sequence LIMIT $3`,
    [nowMs, limits.perGateway, limits.inAll],
  );
  return found.rows.map(pendingOf);
}

export async function postponeCommand(
  queryable: Queryable,
  commandId: string,
  next: { readonly nextAttemptMs: number; readonly reportedRelay: RelayState; readonly evidence: string },
): Promise<void> {
  await queryable.query(
    `UPDATE ingest.pending_commands
     SET attempts = attempts + 1, next_attempt_ms = $2, reported_relay = $3, evidence = $4
     WHERE command_id = $1 AND state = 'waiting'`,
    [commandId, next.nextAttemptMs, next.reportedRelay, next.evidence],
  );
}

/** @returns the outcome to tell; null when the command has ended otherwise meanwhile */
export async function endCommand(
  transaction: Transaction,
  commandId: string,
  end: {
    readonly outcome: 'confirmed' | 'failed';
    readonly reportedRelay: RelayState;
    readonly evidence: string;
    readonly nowMs: number;
  },
): Promise<CommandOutcome | null> {
  const ended = await transaction.query<StoredCommand>(
    `UPDATE ingest.pending_commands
     SET state = $2, attempts = attempts + 1, reported_relay = $3, evidence = $4, finished_at_ms = $5
     WHERE command_id = $1 AND state = 'waiting'
     RETURNING *`,
    [commandId, end.outcome, end.reportedRelay, end.evidence, end.nowMs],
  );
  const row = ended.rows[0];
  return row === undefined ? null : outcomeOf(pendingOf(row), end.outcome, end.nowMs);
}

export function outcomeOf(
  command: PendingCommand,
  outcome: CommandOutcome['outcome'],
  at: number,
): CommandOutcome {
  const { commandId, projectId, meterId, kind, action, reportedRelay, evidence, attempts } = command;
  return { commandId, projectId, meterId, kind, action, outcome, reportedRelay, evidence, attempts, at };
}

/** Newest first. */
export async function commandsOfMeter(
  queryable: Queryable,
  meterId: string,
  limit: number,
): Promise<readonly CommandRecord[]> {
  const found = await queryable.query<StoredCommand>(
    'SELECT c.* FROM ingest.pending_commands c WHERE c.meter_id = $1 ORDER BY c.sequence DESC LIMIT $2',
    [meterId, limit],
  );
  return found.rows.map((row) => ({
    commandId: row.command_id,
    meterId: row.meter_id,
    kind: row.kind,
    action: row.action,
    reason: row.reason,
    requestedBy: row.requested_by,
    requestedAtMs: row.requested_at_ms,
    expiresAtMs: row.expires_at_ms,
    state: row.state,
    attempts: row.attempts,
    reportedRelay: row.reported_relay,
    evidence: row.evidence,
    finishedAtMs: row.finished_at_ms,
  }));
}

/** Commands past their expiry that nobody has ended. */
export async function countOverdue(queryable: Queryable, beforeMs: number): Promise<number> {
  const found = await queryable.query<{ n: number }>(
    `SELECT count(*)::int AS n FROM ingest.pending_commands c WHERE c.state = 'waiting' AND c.expires_at_ms < $1`,
    [beforeMs],
  );
  return found.rows[0]?.n ?? 0;
}

export async function countWaiting(queryable: Queryable): Promise<number> {
  const found = await queryable.query<{ n: number }>(
    `SELECT count(*)::int AS n FROM ingest.pending_commands c WHERE c.state = 'waiting'`,
  );
  return found.rows[0]?.n ?? 0;
}

/** Forgets commands that ended before an instant. @returns how many */
export async function forgetCommands(queryable: Queryable, beforeMs: number): Promise<number> {
  const gone = await queryable.query(
    `DELETE FROM ingest.pending_commands WHERE state <> 'waiting' AND finished_at_ms < $1`,
    [beforeMs],
  );
  return gone.rowCount;
}
