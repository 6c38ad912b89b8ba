// SPDX-License-Identifier: Apache-2.0
/** SQL of credits on their way to meters. */
import type { MeterBalanceRead, Medium } from '@wattledger/contracts';
import type { MeterCredit, MeterCreditState, MeterTerms } from '@wattledger/contracts/http/billing';
import type { Queryable, Transaction } from '@wattledger/platform';
import type { CreditFix } from './meter-prepayment.ts';

export interface CreditRow {
  readonly meterCreditId: string;
  readonly projectId: string;
  readonly accountId: string;
  readonly meteringPointId: string;
  readonly medium: Medium;
  readonly terms: MeterTerms;
  readonly amountMicros: number;
  readonly quantity: number | null;
  readonly state: MeterCreditState;
  readonly tries: number;
  readonly madeAtMs: number;
  readonly fix: CreditFix | null;
  /** As last read from the meter. */
  readonly balance: MeterBalanceRead | null;
}

interface CreditSqlRow {
  readonly meter_credit_id: string;
  readonly project_id: string;
  readonly account_id: string;
  readonly metering_point_id: string;
  readonly medium: Medium;
  readonly terms: MeterTerms;
  readonly amount_micros: number;
  readonly quantity: number | null;
  readonly state: MeterCreditState;
  readonly tries: number;
  readonly made_at_ms: number;
  readonly token_identifier: number | null;
  readonly token_random: number | null;
  readonly purchase_number: number | null;
  readonly purchased_before_micros: number | null;
  readonly balance_micros: number | null;
  readonly purchase_count: number | null;
  readonly purchased_micros: number | null;
}

const creditSql = `
  SELECT credit.meter_credit_id, credit.project_id, credit.account_id, credit.metering_point_id, credit.medium, credit.terms,
         credit.amount_micros, credit.quantity, credit.state, credit.tries, credit.made_at_ms, credit.token_identifier,
         credit.token_random, credit.purchase_number, credit.purchased_before_micros,
         side.balance_micros, side.purchase_count, side.purchased_micros
    FROM billing.meter_credits AS credit
    JOIN billing.meter_side_points AS side
      ON side.account_id = credit.account_id AND side.metering_point_id = credit.metering_point_id`;

function creditOf(row: CreditSqlRow): CreditRow {
  return {
    meterCreditId: row.meter_credit_id,
    projectId: row.project_id,
    accountId: row.account_id,
    meteringPointId: row.metering_point_id,
    medium: row.medium,
    terms: row.terms,
    amountMicros: row.amount_micros,
    quantity: row.quantity,
    state: row.state,
    tries: row.tries,
    madeAtMs: row.made_at_ms,
    fix: fixOf(row),
    balance:
      row.balance_micros === null
        ? null
        : {
            balanceMicros: row.balance_micros,
            purchaseCount: row.purchase_count ?? 0,
            purchasedMicros: row.purchased_micros ?? 0,
          },
  };
}

function fixOf(row: CreditSqlRow): CreditFix | null {
  const { token_identifier: tokenIdentifier, purchase_number: purchaseNumber } = row;
  if (tokenIdentifier !== null) return { kind: 'token', tokenIdentifier, random: row.token_random ?? 0 };
  if (purchaseNumber === null) return null;
  return {
    kind: 'register-write',
    purchaseNumber,
    purchasedBeforeMicros: row.purchased_before_micros ?? 0,
  };
}

/**
 * Holds credits whose time has come, oldest first; of each point only the first that is on its way, since a meter takes
 * one after the other.
 */
export async function holdDueCredits(
  transaction: Transaction,
  nowMs: number,
  limit: number,
): Promise<readonly CreditRow[]> {
  const { rows } = await transaction.query<CreditSqlRow>(
    `${creditSql}
      WHERE credit.state = 'made' AND credit.due_at_ms <= $1
        AND NOT EXISTS (
              SELECT FROM billing.meter_credits AS earlier
               WHERE earlier.metering_point_id = credit.metering_point_id AND earlier.sequence < credit.sequence
                 AND (earlier.state = 'made' OR (earlier.state = 'delivered' AND earlier.token IS NULL)))
      ORDER BY credit.due_at_ms, credit.sequence
      LIMIT $2
        FOR UPDATE OF credit SKIP LOCKED`,
    [nowMs, limit],
  );
  return rows.map(creditOf);
}

/** The credit, held; null when it is no longer to be sent. */
export async function holdCreditToSend(
  transaction: Transaction,
  meterCreditId: string,
): Promise<CreditRow | null> {
  const { rows } = await transaction.query<CreditSqlRow>(
    `${creditSql} WHERE credit.meter_credit_id = $1 AND credit.state = 'made' FOR UPDATE OF credit`,
    [meterCreditId],
  );
  return rows[0] === undefined ? null : creditOf(rows[0]);
}

/** Credits whose command has ended, held. */
export async function holdCreditsOfCommands(
  transaction: Transaction,
  commandIds: readonly string[],
): Promise<ReadonlyMap<string, CreditRow>> {
  const { rows } = await transaction.query<CreditSqlRow & { readonly command_id: string }>(
    `${creditSql.replace('SELECT ', 'SELECT credit.command_id, ')}
      WHERE credit.command_id = ANY ($1::text[]) AND credit.state = 'delivered' FOR UPDATE OF credit`,
    [commandIds],
  );
  return new Map(rows.map((row) => [row.command_id, creditOf(row)]));
}

/** The last identifier that a meter was given, whoever's account it was. */
export async function lastTokenIdentifier(queryable: Queryable, meterPan: string): Promise<number | null> {
  const { rows } = await queryable.query<{ last: number | null }>(
    `SELECT max(credit.token_identifier) AS last FROM billing.meter_credits AS credit
      WHERE credit.meter_pan = $1 AND credit.token_identifier IS NOT NULL`,
    [meterPan],
  );
  return rows[0]?.last ?? null;
}

export async function writeFix(
  transaction: Transaction,
  credit: Pick<CreditRow, 'meterCreditId' | 'terms'>,
  fix: CreditFix,
): Promise<void> {
  const token = fix.kind === 'token' ? fix : null;
  const write = fix.kind === 'register-write' ? fix : null;
  await transaction.query(
    `UPDATE billing.meter_credits
        SET meter_pan = $2, token_identifier = $3, token_random = $4, purchase_number = $5, purchased_before_micros = $6
      WHERE meter_credit_id = $1`,
    [
      credit.meterCreditId,
      credit.terms.provider === 'sts' ? credit.terms.meterPan : null,
      token?.tokenIdentifier ?? null,
      token?.random ?? null,
      write?.purchaseNumber ?? null,
      write?.purchasedBeforeMicros ?? null,
    ],
  );
}

export async function writeToken(
  transaction: Transaction,
  meterCreditId: string,
  token: string,
  nowMs: number,
): Promise<void> {
  await transaction.query(
    `UPDATE billing.meter_credits
        SET state = 'delivered', token = $2, tries = tries + 1, delivered_at_ms = $3, evidence = ''
      WHERE meter_credit_id = $1`,
    [meterCreditId, token, nowMs],
  );
}

export async function writeSent(
  transaction: Transaction,
  meterCreditId: string,
  sent: { readonly commandId: string; readonly meterId: string; readonly nowMs: number },
): Promise<void> {
  await transaction.query(
    `UPDATE billing.meter_credits
        SET state = 'delivered', command_id = $2, meter_id = $3, tries = tries + 1, delivered_at_ms = $4, uncertain = true
      WHERE meter_credit_id = $1`,
    [meterCreditId, sent.commandId, sent.meterId, sent.nowMs],
  );
}

export interface CreditTurn {
  readonly state: 'made' | 'confirmed' | 'failed';
  readonly evidence: string;
  readonly nowMs: number;
  readonly dueAtMs?: number;
  /** The meter is known not to hold it: it may be fixed anew. */
  readonly absent?: boolean;
  /** One more try that came to nothing before anything was sent. */
  readonly tried?: boolean;
}

export async function writeTurn(
  queryable: Queryable,
  meterCreditId: string,
  turn: CreditTurn,
): Promise<void> {
  await queryable.query(
    `UPDATE billing.meter_credits
        SET state = $2, evidence = $3, due_at_ms = $4, tries = tries + $5,
            confirmed_at_ms = CASE WHEN $2 = 'confirmed' THEN $6::bigint ELSE confirmed_at_ms END,
            uncertain = uncertain AND $2 <> 'confirmed' AND NOT $7,
            purchase_number = CASE WHEN $7 THEN NULL ELSE purchase_number END,
            purchased_before_micros = CASE WHEN $7 THEN NULL ELSE purchased_before_micros END
      WHERE meter_credit_id = $1`,
    [
      meterCreditId,
      turn.state,
      turn.evidence,
      turn.dueAtMs ?? turn.nowMs,
      turn.tried === true ? 1 : 0,
      turn.nowMs,
      turn.absent === true,
    ],
  );
}

/** A failed credit may go again. @returns its account when there is one in that state */
export async function writeRetry(
  queryable: Queryable,
  ids: { readonly projectId: string; readonly accountId: string; readonly meterCreditId: string },
  nowMs: number,
): Promise<boolean> {
  const { rowCount } = await queryable.query(
    `UPDATE billing.meter_credits
        SET state = 'made', tries = 0, due_at_ms = $4
      WHERE project_id = $1 AND account_id = $2 AND meter_credit_id = $3 AND state = 'failed'
        AND (quantity IS NOT NULL OR terms ->> 'provider' = 'vendor-registers')`,
    [ids.projectId, ids.accountId, ids.meterCreditId, nowMs],
  );
  return rowCount === 1;
}

interface ListedRow extends CreditSqlRow {
  readonly vend_id: string;
  readonly receipt_number: number;
  readonly token: string | null;
  readonly evidence: string;
  readonly delivered_at_ms: number | null;
  readonly confirmed_at_ms: number | null;
}

const listedMax = 200;

/** Newest first. */
export async function loadCredits(
  queryable: Queryable,
  ids: { readonly projectId: string; readonly accountId: string; readonly meterCreditId?: string },
): Promise<readonly MeterCredit[]> {
  const { rows } = await queryable.query<ListedRow>(
    `SELECT credit.*, vend.receipt_number
       FROM billing.meter_credits AS credit
       JOIN billing.vends AS vend ON vend.vend_id = credit.vend_id
      WHERE credit.project_id = $1 AND credit.account_id = $2 AND ($3::text IS NULL OR credit.meter_credit_id = $3)
      ORDER BY credit.sequence DESC
      LIMIT $4`,
    [ids.projectId, ids.accountId, ids.meterCreditId ?? null, listedMax],
  );
  return rows.map((row) => ({
    meterCreditId: row.meter_credit_id,
    accountId: row.account_id,
    meteringPointId: row.metering_point_id,
    vendId: row.vend_id,
    receiptNumber: row.receipt_number,
    provider: row.terms.provider,
    medium: row.medium,
    amountMicros: row.amount_micros,
    quantity: row.quantity,
    state: row.state,
    tries: row.tries,
    hasToken: row.token !== null,
    token: row.token,
    evidence: row.evidence,
    madeAtMs: row.made_at_ms,
    deliveredAtMs: row.delivered_at_ms,
    confirmedAtMs: row.confirmed_at_ms,
  }));
}
