// SPDX-License-Identifier: Apache-2.0
/** SQL of orders for meters without an account. */
import type { CommandOutcome, RelayState, Telemetry } from '@wattledger/contracts';
import type { MeterOrder } from '@wattledger/contracts/http/commands';
import type { DesiredRelay } from '@wattledger/contracts/http/billing';
import type { Queryable, Transaction } from '@wattledger/platform';
import type { OrderFacts } from './order-plan.ts';

export type OrderAction = MeterOrder['action'];
export const desiredOf = (action: OrderAction): DesiredRelay =>
  action === 'connect' || action === 'forced-on' ? 'closed' : 'open';

export interface OrderRow extends OrderFacts {
  readonly meterId: string;
  readonly projectId: string;
  readonly batchId: string | null;
  readonly action: OrderAction;
  readonly reason: string;
  readonly orderedById: string;
  readonly orderedByName: string;
  readonly orderedAtMs: number;
  readonly reportedAtMs: number | null;
  readonly commandId: string | null;
  /** An account was opened for the meter meanwhile. */
  readonly governed: boolean;
}

interface OrderSqlRow {
  readonly meter_id: string;
  readonly project_id: string;
  readonly batch_id: string | null;
  readonly action: OrderAction;
  readonly desired: DesiredRelay;
  readonly reason: string;
  readonly ordered_by_id: string;
  readonly ordered_by_name: string;
  readonly ordered_at_ms: number;
  readonly reported: RelayState;
  readonly reported_at_ms: number | null;
  readonly online: boolean | null;
  readonly confirmed_at_ms: number | null;
  readonly command_id: string | null;
  readonly command_expires_at_ms: number | null;
  readonly command_done: boolean;
  readonly attempts: number;
  readonly next_attempt_at_ms: number | null;
  readonly failures: number;
  readonly failed_at_ms: number | null;
  readonly alarm_raised: boolean;
  readonly governed: boolean;
}

const rowOf = (row: OrderSqlRow): OrderRow => ({
  meterId: row.meter_id,
  projectId: row.project_id,
  batchId: row.batch_id,
  action: row.action,
  desired: row.desired,
  reason: row.reason,
  orderedById: row.ordered_by_id,
  orderedByName: row.ordered_by_name,
  orderedAtMs: row.ordered_at_ms,
  reported: row.reported,
  reportedAtMs: row.reported_at_ms,
  online: row.online,
  confirmedAtMs: row.confirmed_at_ms,
  commandId: row.command_id,
  commandExpiresAtMs: row.command_expires_at_ms,
  commandDone: row.command_done,
  attempts: row.attempts,
  nextAttemptAtMs: row.next_attempt_at_ms,
  failures: row.failures,
  failedAtMs: row.failed_at_ms,
  alarmRaised: row.alarm_raised,
  governed: row.governed,
});

const columns = `o.*, EXISTS (
  SELECT FROM billing.supply_meters AS meter WHERE meter.meter_id = o.meter_id AND meter.account_id IS NOT NULL) AS governed`;

/** Orders whose time has come; those another process is looking at are passed over. */
export async function holdDueOrders(
  transaction: Transaction,
  nowMs: number,
  limit: number,
): Promise<readonly OrderRow[]> {
  const { rows } = await transaction.query<OrderSqlRow>(
    `SELECT ${columns} FROM billing.meter_orders AS o
      WHERE o.due_at_ms <= $1 ORDER BY o.due_at_ms, o.meter_id LIMIT $2 FOR UPDATE SKIP LOCKED`,
    [nowMs, limit],
  );
  return rows.map(rowOf);
}

export async function loadOrders(
  queryable: Queryable,
  projectId: string,
  meterIds: readonly string[] | null,
): Promise<readonly OrderRow[]> {
  const { rows } = await queryable.query<OrderSqlRow>(
    `SELECT ${columns} FROM billing.meter_orders AS o
      WHERE o.project_id = $1 AND ($2::text[] IS NULL OR o.meter_id = ANY ($2::text[])) ORDER BY o.meter_id`,
    [projectId, meterIds],
  );
  return rows.map(rowOf);
}

/** Orders that commands were sent for, held. */
export async function holdOrdersOfCommands(
  transaction: Transaction,
  commandIds: readonly string[],
): Promise<readonly OrderRow[]> {
  const { rows } = await transaction.query<OrderSqlRow>(
    `SELECT ${columns} FROM billing.meter_orders AS o
      WHERE o.command_id = ANY ($1::text[]) ORDER BY o.meter_id FOR UPDATE`,
    [commandIds],
  );
  return rows.map(rowOf);
}

export interface NewOrder {
  readonly meterId: string;
  readonly projectId: string;
  readonly batchId: string | null;
  readonly action: OrderAction;
  readonly reason: string;
  readonly orderedById: string;
  readonly orderedByName: string;
}

/** Puts orders in place of what was wanted before. What a meter reports is known from before. */
export async function putOrders(
  transaction: Transaction,
  orders: readonly NewOrder[],
  nowMs: number,
): Promise<void> {
  if (orders.length === 0) return;
  await transaction.query(
    `INSERT INTO billing.meter_orders AS o (meter_id, project_id, batch_id, action, desired, reason, ordered_by_id, ordered_by_name,
            ordered_at_ms, reported, reported_at_ms, due_at_ms)
     SELECT given.meter_id, given.project_id, given.batch_id, given.action, given.desired, given.reason, given.by_id, given.by_name,
            $9::bigint, coalesce(meter.reported, 'unknown'), meter.reported_at_ms, $9::bigint
       FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[])
         AS given (meter_id, project_id, batch_id, action, desired, reason, by_id, by_name)
       LEFT JOIN billing.supply_meters AS meter ON meter.meter_id = given.meter_id
      ORDER BY given.meter_id
         ON CONFLICT (meter_id) DO UPDATE
        SET batch_id = excluded.batch_id, action = excluded.action, desired = excluded.desired, reason = excluded.reason,
            ordered_by_id = excluded.ordered_by_id, ordered_by_name = excluded.ordered_by_name, ordered_at_ms = excluded.ordered_at_ms,
            confirmed_at_ms = NULL, command_id = NULL, command_done = true, attempts = 0, next_attempt_at_ms = NULL,
            failures = 0, failed_at_ms = NULL, due_at_ms = excluded.due_at_ms`,
    [
      orders.map((order) => order.meterId),
      orders.map((order) => order.projectId),
      orders.map((order) => order.batchId),
      orders.map((order) => order.action),
      orders.map((order) => desiredOf(order.action)),
      orders.map((order) => order.reason),
      orders.map((order) => order.orderedById),
      orders.map((order) => order.orderedByName),
      nowMs,
    ],
  );
}

/** @returns the orders that are no more */
export async function removeOrders(
  transaction: Transaction,
  meterIds: readonly string[],
): Promise<readonly OrderRow[]> {
  const { rows } = await transaction.query<OrderSqlRow>(
    'DELETE FROM billing.meter_orders AS o WHERE o.meter_id = ANY ($1::text[]) RETURNING o.*, false AS governed',
    [meterIds],
  );
  return rows.map(rowOf);
}

export interface OrderProgress {
  readonly meterId: string;
  readonly attempts: number;
  readonly nextAttemptAtMs: number | null;
  readonly failures: number;
  readonly alarmRaised: boolean;
  readonly dueAtMs: number;
  /** null: none was sent. */
  readonly command: { readonly commandId: string; readonly expiresAtMs: number } | null;
}

export async function writeOrderProgress(
  transaction: Transaction,
  progress: readonly OrderProgress[],
): Promise<void> {
  if (progress.length === 0) return;
  await transaction.query(
    `UPDATE billing.meter_orders AS o
        SET attempts = p.attempts, next_attempt_at_ms = p.next_ms, failures = p.failures, alarm_raised = p.alarm, due_at_ms = p.due_ms,
            command_id = coalesce(p.command_id, o.command_id), command_expires_at_ms = coalesce(p.expires_ms, o.command_expires_at_ms),
            command_done = o.command_done AND p.command_id IS NULL
       FROM unnest($1::text[], $2::integer[], $3::bigint[], $4::integer[], $5::boolean[], $6::bigint[], $7::text[], $8::bigint[])
         AS p (meter_id, attempts, next_ms, failures, alarm, due_ms, command_id, expires_ms)
      WHERE o.meter_id = p.meter_id`,
    [
      progress.map((order) => order.meterId),
      progress.map((order) => order.attempts),
      progress.map((order) => order.nextAttemptAtMs),
      progress.map((order) => order.failures),
      progress.map((order) => order.alarmRaised),
      progress.map((order) => order.dueAtMs),
      progress.map((order) => order.command?.commandId ?? null),
      progress.map((order) => order.command?.expiresAtMs ?? null),
    ],
  );
}

/**
 * Takes up what polls saw: a relay that moved by itself counts as a failure, a meter that came back is attended to now.
 * @returns whether any order was touched
 */
export async function hearTelemetry(
  transaction: Transaction,
  heard: readonly Telemetry[],
  nowMs: number,
): Promise<boolean> {
  const newest = new Map(heard.map((value) => [value.meterId, value]));
  const values = [...newest.values()];
  const { rowCount } = await transaction.query(
    `UPDATE billing.meter_orders AS o
        SET online = heard.online,
            reported = CASE WHEN heard.news THEN heard.relay ELSE o.reported END,
            reported_at_ms = CASE WHEN heard.news THEN heard.at_ms ELSE o.reported_at_ms END,
            failures = o.failures + heard.turned::integer,
            failed_at_ms = CASE WHEN heard.turned THEN $5 ELSE o.failed_at_ms END,
            next_attempt_at_ms = CASE WHEN o.online IS FALSE AND heard.online THEN NULL ELSE o.next_attempt_at_ms END,
            due_at_ms = $5
       FROM (
         SELECT t.*, t.relay <> 'unknown' AND t.at_ms >= coalesce(known.reported_at_ms, 0) AND t.relay <> known.reported AS news,
                t.relay <> 'unknown' AND t.at_ms >= coalesce(known.reported_at_ms, 0) AND t.relay <> known.reported
                  AND known.confirmed_at_ms IS NOT NULL AND t.relay <> known.desired AS turned
           FROM unnest($1::text[], $2::text[], $3::bigint[], $4::boolean[]) AS t (meter_id, relay, at_ms, online)
           JOIN billing.meter_orders AS known ON known.meter_id = t.meter_id
       ) AS heard
      WHERE o.meter_id = heard.meter_id AND (heard.news OR o.online IS DISTINCT FROM heard.online)`,
    [
      values.map((value) => value.meterId),
      values.map((value) => value.relay),
      values.map((value) => value.at),
      values.map((value) => value.online),
      nowMs,
    ],
  );
  return rowCount > 0;
}

/** Takes up how commands of orders ended. */
export async function writeOrderOutcomes(
  transaction: Transaction,
  outcomes: readonly CommandOutcome[],
  nowMs: number,
): Promise<void> {
  await transaction.query(
    `UPDATE billing.meter_orders AS o
        SET command_done = true, due_at_ms = $5,
            reported = CASE WHEN heard.relay = 'unknown' THEN o.reported ELSE heard.relay END,
            reported_at_ms = CASE WHEN heard.relay = 'unknown' THEN o.reported_at_ms ELSE heard.at_ms END,
            confirmed_at_ms = CASE WHEN heard.outcome = 'confirmed' THEN heard.at_ms ELSE o.confirmed_at_ms END,
            failures = o.failures + (heard.outcome = 'failed')::integer,
            failed_at_ms = CASE WHEN heard.outcome = 'failed' THEN heard.at_ms ELSE o.failed_at_ms END
       FROM unnest($1::text[], $2::text[], $3::text[], $4::bigint[]) AS heard (command_id, outcome, relay, at_ms)
      WHERE o.command_id = heard.command_id`,
    [
      outcomes.map((outcome) => outcome.commandId),
      outcomes.map((outcome) => outcome.outcome),
      outcomes.map((outcome) => outcome.reportedRelay),
      outcomes.map((outcome) => outcome.at),
      nowMs,
    ],
  );
}

/** Orders of a batch whose commands failed: the next attempt is now. */
export async function hurryOrders(
  transaction: Transaction,
  batchId: string,
  meterIds: readonly string[],
  nowMs: number,
): Promise<readonly string[]> {
  const { rows } = await transaction.query<{ meter_id: string }>(
    `UPDATE billing.meter_orders AS o SET next_attempt_at_ms = NULL, due_at_ms = $3
      WHERE o.batch_id = $1 AND o.meter_id = ANY ($2::text[]) RETURNING o.meter_id`,
    [batchId, meterIds, nowMs],
  );
  return rows.map((row) => row.meter_id);
}
