// SPDX-License-Identifier: Apache-2.0
/**
 * Money that passes the counter joins the open shift of the person who takes or gives it. Called inside the transaction
 * that moves the money, after its postings are claimed and before any ledger account is held: shifts come before ledger
 * accounts in the order of locks. The shift is held FOR SHARE, so it cannot close over money that is not committed yet.
 */
import { idPrefixes } from '@wattledger/contracts';
import type { PaymentMeans } from '@wattledger/contracts/http/billing';
import { RequestError, type Transaction } from '@wattledger/platform';
import type { Who } from '../ledger/posting.ts';
import { loadCounterPolicy } from './counter-policy.ts';

export interface CounterMovement {
  readonly postingId: string;
  readonly by: Who;
  readonly kind: 'vend' | 'reversal' | 'refund';
  readonly means: PaymentMeans;
  /** In positive, out negative. */
  readonly amountMicros: number;
}

/** People stand at counters; keys and providers do not. */
const isPerson = (who: Who): boolean => who.id.startsWith(`${idPrefixes.staff}_`);

/**
 * Adds the movements to the open shifts of those who made them; answers the shift of each, null where there is none.
 * @throws RequestError 409 shift-required
 */
export async function joinShifts(
  transaction: Transaction,
  projectId: string,
  movements: readonly CounterMovement[],
): Promise<readonly (string | null)[]> {
  const atCounter = movements.filter(({ by, means }) => means !== 'online' && isPerson(by));
  if (atCounter.length === 0) return movements.map(() => null);
  const shifts = await holdOpenShifts(transaction, projectId, [...new Set(atCounter.map(({ by }) => by.id))]);
  const outside = atCounter.find(({ by }) => !shifts.has(by.id));
  if (outside !== undefined && (await loadCounterPolicy(transaction, projectId)).shiftRequired) {
    throw shiftRequired();
  }
  const shiftOf = (movement: CounterMovement): string | null =>
    movement.means === 'online' ? null : (shifts.get(movement.by.id) ?? null);
  const joining = movements.filter((movement) => shiftOf(movement) !== null);
  await transaction.query(
    `INSERT INTO billing.shift_postings (posting_id, shift_id, kind, means, amount_micros)
     SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::bigint[])`,
    [
      joining.map((movement) => movement.postingId),
      joining.map(shiftOf),
      joining.map((movement) => movement.kind),
      joining.map((movement) => movement.means),
      joining.map((movement) => movement.amountMicros),
    ],
  );
  return movements.map(shiftOf);
}

async function holdOpenShifts(
  transaction: Transaction,
  projectId: string,
  cashierIds: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  const { rows } = await transaction.query<{ cashier_id: string; shift_id: string }>(
    `SELECT shift.cashier_id, shift.shift_id
       FROM billing.cashier_shifts AS shift
      WHERE shift.project_id = $1 AND shift.cashier_id = ANY ($2::text[]) AND shift.state = 'open'
      ORDER BY shift.shift_id
        FOR SHARE OF shift`,
    [projectId, cashierIds],
  );
  return new Map(rows.map((row) => [row.cashier_id, row.shift_id]));
}

const shiftRequired = (): RequestError =>
  new RequestError({
    status: 409,
    code: 'shift-required',
    message: 'This project takes money at the counter only in an open shift, and you have none.',
    hint: 'Count your float and open a shift at the counter, then try again.',
  });
