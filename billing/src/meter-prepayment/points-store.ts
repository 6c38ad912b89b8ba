// SPDX-License-Identifier: Apache-2.0
/** SQL of metering points whose meter keeps the credit. */
import type { MeterBalanceRead, Medium } from '@wattledger/contracts';
import type { MeterTerms } from '@wattledger/contracts/http/billing';
import { RequestError, type Queryable, type Transaction } from '@wattledger/platform';
import { presentTimeSql } from '../accounts/accounts-store.ts';
import type { Who } from '../ledger/posting.ts';

export interface PointRow {
  readonly metering_point_id: string;
  readonly medium: Medium;
  readonly terms: MeterTerms | null;
  readonly changed_at_ms: number | null;
  readonly changed_by_id: string | null;
  readonly changed_by_name: string | null;
  readonly balance_micros: number | null;
  readonly purchase_count: number | null;
  readonly purchased_micros: number | null;
  readonly read_at_ms: number | null;
  readonly credited_micros: number;
  /** Credits that are on their way. */
  readonly waiting: number;
}

/** The points that the account has now (a closed one: had last), each with what is set for it. */
export async function loadPoints(
  queryable: Queryable,
  projectId: string,
  accountId: string,
): Promise<readonly PointRow[]> {
  const { rows } = await queryable.query<PointRow>(
    `SELECT span.metering_point_id, span.medium, side.terms, side.changed_at_ms, side.changed_by_id, side.changed_by_name,
            side.balance_micros, side.purchase_count, side.purchased_micros, side.read_at_ms,
            (SELECT coalesce(sum(credit.amount_micros), 0)::bigint FROM billing.meter_credits AS credit
              WHERE credit.account_id = account.account_id AND credit.metering_point_id = span.metering_point_id
                AND credit.state IN ('made', 'delivered', 'confirmed')) AS credited_micros,
            (SELECT count(*) FROM billing.meter_credits AS credit
              WHERE credit.account_id = account.account_id AND credit.metering_point_id = span.metering_point_id
                AND (credit.state = 'made' OR (credit.state = 'delivered' AND credit.token IS NULL))) AS waiting
       FROM billing.accounts AS account
       JOIN billing.account_points AS span ON span.account_id = account.account_id AND ${presentTimeSql}
       LEFT JOIN billing.meter_side_points AS side
         ON side.account_id = account.account_id AND side.metering_point_id = span.metering_point_id
      WHERE account.project_id = $1 AND account.account_id = $2
      ORDER BY span.metering_point_id`,
    [projectId, accountId],
  );
  return rows;
}

/**
 * Refuses an account of several points one of which has a meter that keeps the credit. Holds the account, so that neither a point nor
 * such a meter comes meanwhile. @throws RequestError 409 meter-side-alone
 */
export async function requireMeterSideAlone(
  transaction: Transaction,
  projectId: string,
  accountId: string,
): Promise<void> {
  await holdAccount(transaction, projectId, accountId);
  const points = await loadPoints(transaction, projectId, accountId);
  if (points.length > 1 && points.some(({ terms }) => terms !== null)) throw notAlone(points.length);
}

export const notAlone = (points: number): RequestError =>
  new RequestError({
    status: 409,
    code: 'meter-side-alone',
    message: `The account would have ${points} metering points: one top up cannot be split between a meter and the ledger.`,
    hint: 'Give the metering point whose meter keeps the credit an account of its own.',
  });

/** @returns whether the account is open; null: the project has no such account */
export async function holdAccount(
  transaction: Transaction,
  projectId: string,
  accountId: string,
): Promise<boolean | null> {
  const { rows } = await transaction.query<{ state: string }>(
    `SELECT account.state FROM billing.accounts AS account
      WHERE account.project_id = $1 AND account.account_id = $2 FOR UPDATE`,
    [projectId, accountId],
  );
  return rows[0] === undefined ? null : rows[0].state === 'open';
}

/** What was read belongs to the meter that was set before: with new terms it is asked again. */
export async function writeTerms(
  transaction: Transaction,
  ids: { readonly projectId: string; readonly accountId: string; readonly meteringPointId: string },
  terms: MeterTerms | null,
  change: { readonly by: Who; readonly atMs: number },
): Promise<void> {
  await transaction.query(
    `INSERT INTO billing.meter_side_points (account_id, metering_point_id, project_id, terms, changed_at_ms, changed_by_id, changed_by_name)
     VALUES ($1, $2, $3, $4, $5, $6, $7)
     ON CONFLICT (account_id, metering_point_id) DO UPDATE
        SET terms = excluded.terms, changed_at_ms = excluded.changed_at_ms, changed_by_id = excluded.changed_by_id,
            changed_by_name = excluded.changed_by_name, balance_micros = NULL, purchase_count = NULL, purchased_micros = NULL,
            read_at_ms = NULL, asked_command_id = NULL, asked_at_ms = NULL`,
    [
      ids.accountId,
      ids.meteringPointId,
      ids.projectId,
      terms === null ? null : JSON.stringify(terms),
      change.atMs,
      change.by.id,
      change.by.name,
    ],
  );
}

export interface AskedPoint {
  readonly account_id: string;
  readonly metering_point_id: string;
  readonly project_id: string;
  readonly medium: Medium;
  readonly terms: MeterTerms;
}

/** Meters to be read: never read, or not for a while, or a credit waits for it; no question is on its way. */
export async function holdPointsToRead(
  transaction: Transaction,
  limits: {
    readonly nowMs: number;
    readonly readBeforeMs: number;
    readonly askedBeforeMs: number;
    readonly limit: number;
  },
): Promise<readonly AskedPoint[]> {
  const { rows } = await transaction.query<AskedPoint>(
    `SELECT side.account_id, side.metering_point_id, side.project_id, span.medium, side.terms
       FROM billing.meter_side_points AS side
       JOIN billing.account_points AS span
         ON span.account_id = side.account_id AND span.metering_point_id = side.metering_point_id AND span.closed_at_ms IS NULL
      WHERE side.terms ->> 'provider' = 'vendor-registers'
        AND (side.read_at_ms IS NULL OR side.read_at_ms < $1)
        AND (side.asked_command_id IS NULL OR side.asked_at_ms < $2)
      ORDER BY side.asked_at_ms NULLS FIRST, side.account_id
      LIMIT $3
        FOR UPDATE OF side SKIP LOCKED`,
    [limits.readBeforeMs, limits.askedBeforeMs, limits.limit],
  );
  return rows;
}

export async function writeAsked(
  transaction: Transaction,
  point: Pick<AskedPoint, 'account_id' | 'metering_point_id'>,
  commandId: string,
  nowMs: number,
): Promise<void> {
  await transaction.query(
    `UPDATE billing.meter_side_points SET asked_command_id = $3, asked_at_ms = $4
      WHERE account_id = $1 AND metering_point_id = $2`,
    [point.account_id, point.metering_point_id, commandId, nowMs],
  );
}

/** What a meter said, by the question or the credit that asked for it. */
export async function writeRead(
  transaction: Transaction,
  commandId: string,
  read: MeterBalanceRead | null,
  atMs: number,
): Promise<void> {
  await transaction.query(
    `UPDATE billing.meter_side_points AS side
        SET balance_micros = coalesce($2, side.balance_micros), purchase_count = coalesce($3, side.purchase_count),
            purchased_micros = coalesce($4, side.purchased_micros),
            read_at_ms = CASE WHEN $2::bigint IS NULL THEN side.read_at_ms ELSE $5 END,
            asked_command_id = CASE WHEN side.asked_command_id = $1 THEN NULL ELSE side.asked_command_id END
      WHERE side.asked_command_id = $1
         OR EXISTS (SELECT FROM billing.meter_credits AS credit
                     WHERE credit.command_id = $1 AND credit.account_id = side.account_id
                       AND credit.metering_point_id = side.metering_point_id)`,
    [
      commandId,
      read?.balanceMicros ?? null,
      read?.purchaseCount ?? null,
      read?.purchasedMicros ?? null,
      atMs,
    ],
  );
}

/** Credits that waited for their meter to be read. */
export async function hurryCredits(
  transaction: Transaction,
  commandId: string,
  nowMs: number,
): Promise<void> {
  await transaction.query(
    `UPDATE billing.meter_credits AS credit SET due_at_ms = least(credit.due_at_ms, $2)
       FROM billing.meter_side_points AS side
      WHERE side.asked_command_id = $1 AND credit.account_id = side.account_id
        AND credit.metering_point_id = side.metering_point_id AND credit.state = 'made'`,
    [commandId, nowMs],
  );
}
