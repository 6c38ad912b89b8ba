// SPDX-License-Identifier: Apache-2.0
/** SQL of relays: what each meter's switch was told and reports. */
import type { CommandOutcome, RelayState } from '@wattledger/contracts';
import type { DesiredRelay } from '@wattledger/contracts/http/billing';
import type { Queryable, Transaction } from '@wattledger/platform';
import type { RelayFacts } from './relay-control.ts';

export interface RelayRow extends RelayFacts {
  readonly meterId: string;
  readonly accountId: string;
  readonly meteringPointId: string;
  readonly reportedAtMs: number | null;
  readonly heldBy: readonly string[];
}

interface RelaySqlRow {
  readonly meter_id: string;
  readonly account_id: string;
  readonly metering_point_id: string;
  readonly desired: DesiredRelay;
  readonly reported: RelayState;
  readonly reported_at_ms: number | null;
  readonly command_action: 'connect' | 'disconnect' | null;
  readonly command_expires_at_ms: number | null;
  readonly command_done: boolean;
  readonly attempts: number;
  readonly next_attempt_at_ms: number | null;
  readonly mismatch_since_ms: number | null;
  readonly alarm_raised: boolean;
  readonly held_by: string[];
}

export async function loadRelays(
  queryable: Queryable,
  accountIds: readonly string[],
): Promise<readonly RelayRow[]> {
  const { rows } = await queryable.query<RelaySqlRow>(
    `SELECT meter.meter_id, meter.account_id, meter.metering_point_id, meter.desired, meter.reported, meter.reported_at_ms,
            meter.command_action, meter.command_expires_at_ms, meter.command_done, meter.attempts, meter.next_attempt_at_ms,
            meter.mismatch_since_ms, meter.alarm_raised, meter.held_by
       FROM billing.supply_meters AS meter
      WHERE meter.account_id = ANY ($1::text[])
      ORDER BY meter.meter_id`,
    [accountIds],
  );
  return rows.map((row) => ({
    meterId: row.meter_id,
    accountId: row.account_id,
    meteringPointId: row.metering_point_id,
    desired: row.desired,
    reported: row.reported,
    reportedAtMs: row.reported_at_ms,
    commandAction: row.command_action,
    commandExpiresAtMs: row.command_expires_at_ms,
    commandDone: row.command_done,
    attempts: row.attempts,
    nextAttemptAtMs: row.next_attempt_at_ms,
    mismatchSinceMs: row.mismatch_since_ms,
    alarmRaised: row.alarm_raised,
    heldBy: row.held_by,
  }));
}

export interface WantedRelay {
  readonly meterId: string;
  readonly projectId: string;
  readonly accountId: string;
  readonly meteringPointId: string;
  readonly desired: DesiredRelay;
}

/**
 * Binds meters to their accounts with the desired state. A meter that comes from another account begins afresh;
 * what it reports stays.
 */
export async function bindRelays(transaction: Transaction, relays: readonly WantedRelay[]): Promise<void> {
  if (relays.length === 0) return;
  await transaction.query(
    `INSERT INTO billing.supply_meters AS meter (meter_id, project_id, account_id, metering_point_id, desired)
     SELECT wanted.meter_id, wanted.project_id, wanted.account_id, wanted.metering_point_id, wanted.desired
       FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[])
         AS wanted (meter_id, project_id, account_id, metering_point_id, desired)
      ORDER BY wanted.meter_id
         ON CONFLICT (meter_id) DO UPDATE
        SET account_id = excluded.account_id, metering_point_id = excluded.metering_point_id, desired = excluded.desired,
            attempts = CASE WHEN meter.account_id IS DISTINCT FROM excluded.account_id THEN 0 ELSE meter.attempts END,
            next_attempt_at_ms = CASE WHEN meter.account_id IS DISTINCT FROM excluded.account_id THEN NULL ELSE meter.next_attempt_at_ms END
      WHERE (meter.account_id, meter.metering_point_id, meter.desired)
            IS DISTINCT FROM (excluded.account_id, excluded.metering_point_id, excluded.desired)`,
    [
      relays.map((relay) => relay.meterId),
      relays.map((relay) => relay.projectId),
      relays.map((relay) => relay.accountId),
      relays.map((relay) => relay.meteringPointId),
      relays.map((relay) => relay.desired),
    ],
  );
}

/** Lets go of meters that no longer hang at their account's points; answers those whose alarm was raised. */
export async function releaseRelays(
  transaction: Transaction,
  meterIds: readonly string[],
): Promise<readonly { readonly meterId: string; readonly projectId: string }[]> {
  if (meterIds.length === 0) return [];
  const { rows } = await transaction.query<{ meter_id: string; project_id: string }>(
    `WITH alarmed AS (
       SELECT meter.meter_id, meter.project_id FROM billing.supply_meters AS meter
        WHERE meter.meter_id = ANY ($1::text[]) AND meter.alarm_raised
     ), released AS (
       UPDATE billing.supply_meters AS meter
          SET account_id = NULL, metering_point_id = NULL, desired = NULL, attempts = 0, next_attempt_at_ms = NULL,
              mismatch_since_ms = NULL, alarm_raised = false, held_by = '{}'
        WHERE meter.meter_id = ANY ($1::text[])
     )
     SELECT alarmed.meter_id, alarmed.project_id FROM alarmed`,
    [meterIds],
  );
  return rows.map((row) => ({ meterId: row.meter_id, projectId: row.project_id }));
}

export interface RelayProgress {
  readonly meterId: string;
  readonly attempts: number;
  readonly nextAttemptAtMs: number | null;
  readonly mismatchSinceMs: number | null;
  readonly alarmRaised: boolean;
  readonly heldBy: readonly string[];
}

export async function writeRelayProgress(
  transaction: Transaction,
  relays: readonly RelayProgress[],
): Promise<void> {
  if (relays.length === 0) return;
  await transaction.query(
    `UPDATE billing.supply_meters AS meter
        SET attempts = changed.attempts, next_attempt_at_ms = changed.next_attempt_at_ms,
            mismatch_since_ms = changed.mismatch_since_ms, alarm_raised = changed.alarm_raised,
            held_by = string_to_array(changed.held_by, ' ')
       FROM unnest($1::text[], $2::integer[], $3::bigint[], $4::bigint[], $5::boolean[], $6::text[])
         AS changed (meter_id, attempts, next_attempt_at_ms, mismatch_since_ms, alarm_raised, held_by)
      WHERE meter.meter_id = changed.meter_id`,
    [
      relays.map((relay) => relay.meterId),
      relays.map((relay) => relay.attempts),
      relays.map((relay) => relay.nextAttemptAtMs),
      relays.map((relay) => relay.mismatchSinceMs),
      relays.map((relay) => relay.alarmRaised),
      relays.map((relay) => relay.heldBy.join(' ')),
    ],
  );
}

export interface SentCommand {
  readonly commandId: string;
  readonly projectId: string;
  readonly accountId: string;
  readonly decisionId: string | null;
  readonly meterId: string;
  readonly action: 'connect' | 'disconnect';
  readonly requestedAtMs: number;
  readonly expiresAtMs: number;
}

export async function writeCommands(
  transaction: Transaction,
  commands: readonly SentCommand[],
): Promise<void> {
  if (commands.length === 0) return;
  const columns = [
    commands.map((command) => command.commandId),
    commands.map((command) => command.projectId),
    commands.map((command) => command.accountId),
    commands.map((command) => command.decisionId),
    commands.map((command) => command.meterId),
    commands.map((command) => command.action),
    commands.map((command) => command.requestedAtMs),
    commands.map((command) => command.expiresAtMs),
  ];
  // A repeated command belongs to the decision that first wanted it.
  await transaction.query(
    `INSERT INTO billing.supply_commands (command_id, project_id, account_id, decision_id, meter_id, action, requested_at_ms, expires_at_ms)
     SELECT sent.command_id, sent.project_id, sent.account_id,
            coalesce(sent.decision_id, (
              SELECT decision.decision_id FROM billing.supply_decisions AS decision
               WHERE decision.account_id = sent.account_id ORDER BY decision.at_ms DESC LIMIT 1)),
            sent.meter_id, sent.action, sent.requested_at_ms, sent.expires_at_ms
       FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::bigint[], $8::bigint[])
         AS sent (command_id, project_id, account_id, decision_id, meter_id, action, requested_at_ms, expires_at_ms)`,
    columns,
  );
  await transaction.query(
    `UPDATE billing.supply_meters AS meter
        SET command_id = sent.command_id, command_action = sent.action, command_at_ms = sent.requested_at_ms,
            command_expires_at_ms = sent.expires_at_ms, command_done = false
       FROM unnest($1::text[], $2::text[], $3::text[], $4::bigint[], $5::bigint[])
         AS sent (command_id, meter_id, action, requested_at_ms, expires_at_ms)
      WHERE meter.meter_id = sent.meter_id`,
    [columns[0], columns[4], columns[5], columns[6], columns[7]],
  );
}

/** Accounts that control the meters, for holding them before the meters' rows are touched. */
export async function accountsOfMeters(
  queryable: Queryable,
  meterIds: readonly string[],
): Promise<readonly string[]> {
  const { rows } = await queryable.query<{ account_id: string }>(
    `SELECT DISTINCT meter.account_id FROM billing.supply_meters AS meter
      WHERE meter.meter_id = ANY ($1::text[]) AND meter.account_id IS NOT NULL`,
    [meterIds],
  );
  return rows.map((row) => row.account_id);
}

export interface ReportedRelay {
  readonly meterId: string;
  readonly projectId: string;
  readonly relay: 'closed' | 'open';
  readonly atMs: number;
}

/**
 * Notes what was reported, unless something newer is known, and answers the meters whose relay changed. Telemetry
 * writes only changes; an outcome is written in any case, because its instant bars older telemetry on its way.
 */
export async function writeReports(
  transaction: Transaction,
  reports: readonly ReportedRelay[],
  options: { readonly unchangedToo: boolean },
): Promise<readonly string[]> {
  if (reports.length === 0) return [];
  const { rows } = await transaction.query<{ meter_id: string }>(
    `WITH heard AS (
       SELECT heard.*, meter.reported IS DISTINCT FROM heard.relay AS changed
         FROM unnest($1::text[], $2::text[], $3::text[], $4::bigint[]) AS heard (meter_id, project_id, relay, at_ms)
         LEFT JOIN billing.supply_meters AS meter ON meter.meter_id = heard.meter_id
        WHERE meter.reported_at_ms IS NULL OR meter.reported_at_ms <= heard.at_ms
     ), written AS (
       INSERT INTO billing.supply_meters AS meter (meter_id, project_id, reported, reported_at_ms)
       SELECT heard.meter_id, heard.project_id, heard.relay, heard.at_ms FROM heard
        WHERE heard.changed OR $5
        ORDER BY heard.meter_id
           ON CONFLICT (meter_id) DO UPDATE SET reported = excluded.reported, reported_at_ms = excluded.reported_at_ms
     )
     SELECT heard.meter_id FROM heard WHERE heard.changed`,
    [
      reports.map((report) => report.meterId),
      reports.map((report) => report.projectId),
      reports.map((report) => report.relay),
      reports.map((report) => report.atMs),
      options.unchangedToo,
    ],
  );
  return rows.map((row) => row.meter_id);
}

/** Notes outcomes of commands; a command that is the meter's latest is done. */
export async function writeOutcomes(
  transaction: Transaction,
  outcomes: readonly CommandOutcome[],
): Promise<void> {
  if (outcomes.length === 0) return;
  await transaction.query(
    `UPDATE billing.supply_commands AS command
        SET outcome = heard.outcome, outcome_at_ms = heard.at_ms, evidence = heard.evidence
       FROM unnest($1::text[], $2::text[], $3::bigint[], $4::text[]) AS heard (command_id, outcome, at_ms, evidence)
      WHERE command.command_id = heard.command_id AND command.outcome IS NULL`,
    [
      outcomes.map((outcome) => outcome.commandId),
      outcomes.map((outcome) => outcome.outcome),
      outcomes.map((outcome) => outcome.at),
      outcomes.map((outcome) => outcome.evidence),
    ],
  );
  await transaction.query(
    `UPDATE billing.supply_meters AS meter SET command_done = true
      WHERE meter.command_id = ANY ($1::text[])`,
    [outcomes.map((outcome) => outcome.commandId)],
  );
}

/** Meters that came back and are not as desired: the next attempt is now. */
export async function hurryRelays(
  transaction: Transaction,
  meterIds: readonly string[],
  nowMs: number,
): Promise<void> {
  await transaction.query(
    `UPDATE billing.supply_meters AS meter SET next_attempt_at_ms = $2, command_done = true
      WHERE meter.meter_id = ANY ($1::text[]) AND meter.mismatch_since_ms IS NOT NULL`,
    [meterIds, nowMs],
  );
}
