// SPDX-License-Identifier: Apache-2.0
/** The credit of a vend: made in the vend's own transaction, so that neither is ever without the other. */
import { newId, type Medium } from '@wattledger/contracts';
import type { MeterTerms } from '@wattledger/contracts/http/billing';
import { RequestError, type Transaction } from '@wattledger/platform';
import { quantityBought } from './sts/quantity-bought.ts';

/** A vend as far as its credit needs it. */
export interface CreditedVend {
  readonly vendId: string;
  readonly projectId: string;
  readonly accountId: string;
  readonly amountMicros: number;
  readonly parts: { readonly arrearsMicros: number };
}

interface SideRow {
  readonly account_id: string;
  readonly metering_point_id: string;
  readonly terms: MeterTerms;
  readonly medium: Medium;
}

/** The point of an open account whose meter keeps the credit; an account has at most one. */
const sidesSql = `
  SELECT side.account_id, side.metering_point_id, side.terms, span.medium
    FROM billing.meter_side_points AS side
    JOIN billing.account_points AS span
      ON span.account_id = side.account_id AND span.metering_point_id = side.metering_point_id AND span.closed_at_ms IS NULL
   WHERE side.account_id = ANY ($1::text[]) AND side.terms IS NOT NULL`;

/** Makes the credits of new vends. What recovers arrears was spent before and reaches no meter. */
export async function makeMeterCredits(
  transaction: Transaction,
  vends: readonly CreditedVend[],
  nowMs: number,
): Promise<void> {
  const { rows } = await transaction.query<SideRow>(sidesSql, [vends.map((vend) => vend.accountId)]);
  if (rows.length === 0) return;
  const sides = new Map(rows.map((row) => [row.account_id, row]));
  for (const vend of vends) {
    const side = sides.get(vend.accountId);
    const amountMicros = vend.amountMicros - vend.parts.arrearsMicros;
    if (side === undefined || amountMicros <= 0) continue;
    const quantity = quantityBought(side.terms, amountMicros);
    const tooLittle = quantity === 0;
    await transaction.query(
      `INSERT INTO billing.meter_credits (meter_credit_id, project_id, account_id, metering_point_id, vend_id, medium, terms,
              amount_micros, quantity, state, evidence, made_at_ms, due_at_ms)
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $12)`,
      [
        newId('meterCredit'),
        vend.projectId,
        vend.accountId,
        side.metering_point_id,
        vend.vendId,
        side.medium,
        JSON.stringify(side.terms),
        amountMicros,
        tooLittle ? null : quantity,
        tooLittle ? 'failed' : 'made',
        tooLittle ? 'the amount buys less than a tenth of a unit' : '',
        nowMs,
      ],
    );
  }
}

/**
 * Takes the credit of a vend back with the vend. Nothing is undone in a meter: where the meter may hold the credit, a
 * person must say that it is to be so.
 * @throws RequestError 409 meter-credit-delivered
 */
export async function withdrawMeterCredit(
  transaction: Transaction,
  vendId: string,
  override: boolean,
): Promise<void> {
  const { rows } = await transaction.query<{ state: string; uncertain: boolean; has_token: boolean }>(
    `SELECT credit.state, credit.uncertain, credit.token IS NOT NULL AS has_token
       FROM billing.meter_credits AS credit WHERE credit.vend_id = $1 FOR UPDATE`,
    [vendId],
  );
  const [credit] = rows;
  if (credit === undefined) return;
  const outside = credit.has_token || credit.uncertain || credit.state === 'confirmed';
  if (outside && !override) throw meterCreditDelivered();
  await transaction.query(
    `UPDATE billing.meter_credits AS credit
        SET state = 'cancelled', evidence = trim(credit.evidence || $2)
      WHERE credit.vend_id = $1`,
    [vendId, outside ? ' the vend was reversed; the meter may hold the credit' : ' the vend was reversed'],
  );
}

const meterCreditDelivered = (): RequestError =>
  new RequestError({
    status: 409,
    code: 'meter-credit-delivered',
    message: 'The credit of this top up has left for the meter, and a meter gives nothing back.',
    hint: 'A person with the right account:write may override this when the credit is known to be lost or cleared.',
  });
