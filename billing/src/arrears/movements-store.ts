// SPDX-License-Identifier: Apache-2.0
/** SQL of what lessens an arrears agreement, and of the state it is in. */
import type { ArrearsMovementKind, ArrearsState } from '@wattledger/contracts/http/billing';
import type { Transaction } from '@wattledger/platform';

export interface Movement {
  readonly postingId: string;
  readonly agreementId: string;
  readonly kind: ArrearsMovementKind;
  /** Positive lessens the debt. */
  readonly amountMicros: number;
  readonly localDay: string;
  readonly recordedAtMs: number;
}

export async function insertMovements(
  transaction: Transaction,
  movements: readonly Movement[],
): Promise<void> {
  if (movements.length === 0) return;
  await transaction.query(
    `INSERT INTO billing.arrears_movements (posting_id, agreement_id, kind, amount_micros, local_day, recorded_at_ms)
     SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::bigint[], $5::date[], $6::bigint[])`,
    [
      movements.map((movement) => movement.postingId),
      movements.map((movement) => movement.agreementId),
      movements.map((movement) => movement.kind),
      movements.map((movement) => movement.amountMicros),
      movements.map((movement) => movement.localDay),
      movements.map((movement) => movement.recordedAtMs),
    ],
  );
}

export async function setAgreementState(
  transaction: Transaction,
  agreementId: string,
  state: ArrearsState,
  nowMs: number,
  reason: string | null,
): Promise<void> {
  await transaction.query(
    `UPDATE billing.arrears_agreements SET state = $2, ended_at_ms = $3, end_reason = $4 WHERE agreement_id = $1`,
    [agreementId, state, state === 'active' ? null : nowMs, reason],
  );
}
