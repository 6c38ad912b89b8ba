// SPDX-License-Identifier: Apache-2.0
/**
 * What vends take for arrears and emergency credit, and what a reversal brings back. Whoever calls holds the accounts'
 * balances: an agreement is made, ended and written down only under them, so what is read here stays true.
 */
import type { ProjectSnapshot } from '@wattledger/contracts';
import type { VendParts } from '@wattledger/contracts/http/billing';
import type { Queryable, Transaction } from '@wattledger/platform';
import {
  clearingAccount,
  tenantArrears,
  tenantBalance,
  type LedgerAccountKey,
  type NewEntry,
} from '../ledger/posting.ts';
import { dayInProject } from '../parts.ts';
import { allocateVend, emergencyUsed } from '../vending/allocation.ts';
import { insertMovements, setAgreementState, type Movement } from './movements-store.ts';

interface CreditState {
  readonly agreementId: string | null;
  owedMicros: number;
  readonly sharePpm: number;
  readonly capPerVendMicros: number | null;
  readonly capPerMonthMicros: number | null;
  /** Taken of vends by local month, YYYY-MM. */
  readonly paidByMonth: Map<string, number>;
  emergencyCreditId: string | null;
  readonly emergencyMicros: number;
}

interface VendToDivide {
  readonly accountId: string;
  readonly amountMicros: number;
  /** Before the vend. */
  readonly balanceMicros: number;
  readonly effectiveAtMs: number;
}

export interface Recovery {
  /** Ledger accounts to hold beside the balances. */
  readonly keys: readonly LedgerAccountKey[];
  /** Of the emergency credit, what a balance has used. */
  emergencyOwed(accountId: string, balanceMicros: number): number;
  /** Parts of a vend as things stand; changes nothing. */
  divide(vend: VendToDivide): VendParts;
  /** Divides a vend and remembers what follows from it for the next ones and for `write`. */
  take(vend: VendToDivide & { readonly postingId: string }): VendParts;
  write(transaction: Transaction, nowMs: number): Promise<void>;
}

export async function loadRecovery(
  queryable: Queryable,
  project: ProjectSnapshot,
  accountIds: readonly string[],
): Promise<Recovery> {
  const states = await loadCreditStates(queryable, accountIds);
  const movements: (Omit<Movement, 'recordedAtMs'> & { readonly paidOff: boolean })[] = [];
  const repaid: { readonly emergencyCreditId: string; readonly postingId: string }[] = [];
  const emergencyOwed = (accountId: string, balanceMicros: number): number =>
    owedOf(states.get(accountId), balanceMicros);
  const divide = (vend: VendToDivide): VendParts => partsOf(project, states.get(vend.accountId), vend);
  return {
    keys: [...states]
      .filter(([, state]) => state.agreementId !== null)
      .map(([accountId]) => tenantArrears(project.id, accountId)),
    emergencyOwed,
    divide,
    take(vend) {
      const parts = divide(vend);
      const state = states.get(vend.accountId);
      if (state === undefined) return parts;
      const localDay = dayInProject(project, vend.effectiveAtMs);
      if (state.agreementId !== null && parts.arrearsMicros > 0) {
        const month = localDay.slice(0, 7);
        state.owedMicros -= parts.arrearsMicros;
        state.paidByMonth.set(month, (state.paidByMonth.get(month) ?? 0) + parts.arrearsMicros);
        movements.push({
          postingId: vend.postingId,
          agreementId: state.agreementId,
          kind: 'payment',
          amountMicros: parts.arrearsMicros,
          localDay,
          paidOff: state.owedMicros === 0,
        });
      }
      const balanceAfterMicros = vend.balanceMicros + vend.amountMicros - parts.arrearsMicros;
      if (state.emergencyCreditId !== null && balanceAfterMicros >= 0) {
        repaid.push({ emergencyCreditId: state.emergencyCreditId, postingId: vend.postingId });
        state.emergencyCreditId = null;
      }
      return parts;
    },
    async write(transaction, nowMs) {
      await insertMovements(
        transaction,
        movements.map(({ paidOff: _, ...movement }) => ({ ...movement, recordedAtMs: nowMs })),
      );
      for (const movement of movements.filter(({ paidOff }) => paidOff))
        await setAgreementState(transaction, movement.agreementId, 'paid', nowMs, null);
      for (const { emergencyCreditId, postingId } of repaid)
        await repayEmergency(transaction, emergencyCreditId, postingId, nowMs);
    },
  };
}

function partsOf(project: ProjectSnapshot, state: CreditState | undefined, vend: VendToDivide): VendParts {
  const { amountMicros } = vend;
  if (state === undefined) return allocateVend({ amountMicros, arrears: null, emergencyOwedMicros: 0 });
  const month = dayInProject(project, vend.effectiveAtMs).slice(0, 7);
  const monthLeftMicros =
    state.capPerMonthMicros === null
      ? null
      : Math.max(0, state.capPerMonthMicros - (state.paidByMonth.get(month) ?? 0));
  const { owedMicros, sharePpm, capPerVendMicros } = state;
  return allocateVend({
    amountMicros,
    arrears: state.agreementId === null ? null : { owedMicros, sharePpm, capPerVendMicros, monthLeftMicros },
    emergencyOwedMicros: owedOf(state, vend.balanceMicros),
  });
}

const owedOf = (state: CreditState | undefined, balanceMicros: number): number =>
  state === undefined || state.emergencyCreditId === null
    ? 0
    : emergencyUsed(state.emergencyMicros, balanceMicros);

/** Entries of a vend: what came in, to the arrears and to the balance. A reversal is the same with the sign turned. */
export function vendEntries(vend: {
  readonly projectId: string;
  readonly accountId: string;
  readonly means: Parameters<typeof clearingAccount>[1];
  readonly amountMicros: number;
  readonly arrearsMicros: number;
}): readonly NewEntry[] {
  const { projectId, accountId, amountMicros, arrearsMicros } = vend;
  return [
    { key: clearingAccount(projectId, vend.means), amountMicros: -amountMicros },
    { key: tenantArrears(projectId, accountId), amountMicros: arrearsMicros },
    { key: tenantBalance(projectId, accountId), amountMicros: amountMicros - arrearsMicros },
  ].filter((entry) => entry.amountMicros !== 0);
}

/** Accounts that have an agreement or an emergency credit. */
async function loadCreditStates(
  queryable: Queryable,
  accountIds: readonly string[],
): Promise<ReadonlyMap<string, CreditState>> {
  const { rows } = await queryable.query<{
    account_id: string;
    agreement_id: string | null;
    owed_micros: number;
    share_ppm: number;
    cap_per_vend_micros: number | null;
    cap_per_month_micros: number | null;
    paid_by_month: Readonly<Record<string, number>> | null;
    emergency_credit_id: string | null;
    emergency_micros: number;
  }>(
    `SELECT account.account_id, agreement.agreement_id,
            coalesce(agreement.amount_micros - (SELECT coalesce(sum(movement.amount_micros), 0)
               FROM billing.arrears_movements AS movement WHERE movement.agreement_id = agreement.agreement_id), 0)::bigint AS owed_micros,
            coalesce(agreement.share_ppm, 0) AS share_ppm, agreement.cap_per_vend_micros, agreement.cap_per_month_micros,
            (SELECT json_object_agg(months.month, months.paid) FROM (
               SELECT left(movement.local_day::text, 7) AS month, sum(movement.amount_micros)::bigint AS paid
                 FROM billing.arrears_movements AS movement
                WHERE movement.agreement_id = agreement.agreement_id AND movement.kind IN ('payment', 'reversal')
                GROUP BY 1) AS months) AS paid_by_month,
            credit.emergency_credit_id, coalesce(credit.amount_micros, 0) AS emergency_micros
       FROM unnest($1::text[]) AS account (account_id)
       LEFT JOIN billing.arrears_agreements AS agreement
         ON agreement.account_id = account.account_id AND agreement.state = 'active'
       LEFT JOIN billing.emergency_credits AS credit
         ON credit.account_id = account.account_id AND credit.repaid_at_ms IS NULL
      WHERE agreement.agreement_id IS NOT NULL OR credit.emergency_credit_id IS NOT NULL`,
    [accountIds],
  );
  return new Map(
    rows.map((row): [string, CreditState] => [
      row.account_id,
      {
        agreementId: row.agreement_id,
        owedMicros: row.owed_micros,
        sharePpm: row.share_ppm,
        capPerVendMicros: row.cap_per_vend_micros,
        capPerMonthMicros: row.cap_per_month_micros,
        paidByMonth: new Map(Object.entries(row.paid_by_month ?? {})),
        emergencyCreditId: row.emergency_credit_id,
        emergencyMicros: row.emergency_micros,
      },
    ]),
  );
}

async function repayEmergency(
  transaction: Transaction,
  emergencyCreditId: string,
  postingId: string,
  nowMs: number,
): Promise<void> {
  await transaction.query(
    `UPDATE billing.emergency_credits SET repaid_posting_id = $2, repaid_at_ms = $3 WHERE emergency_credit_id = $1`,
    [emergencyCreditId, postingId, nowMs],
  );
}

/** What a vend paid of an agreement that a reversal can still give back to it. */
export interface RecoveredPart {
  readonly agreementId: string;
  readonly amountMicros: number;
  readonly localDay: string;
}

/**
 * The arrears part of a vend. Null when it had none, or when the agreement ended meanwhile: then its rest went back to the
 * balance, and so does what the reversal brings back.
 */
export async function loadRecoveredPart(
  queryable: Queryable,
  vendPostingId: string,
): Promise<RecoveredPart | null> {
  const { rows } = await queryable.query<RecoveredPart>(
    `SELECT movement.agreement_id AS "agreementId", movement.amount_micros AS "amountMicros", movement.local_day AS "localDay"
       FROM billing.arrears_movements AS movement
       JOIN billing.arrears_agreements AS agreement ON agreement.agreement_id = movement.agreement_id
      WHERE movement.posting_id = $1 AND movement.kind = 'payment'
        AND (agreement.state = 'active' OR agreement.state = 'paid' AND NOT EXISTS (
              SELECT FROM billing.arrears_agreements AS other
               WHERE other.account_id = agreement.account_id AND other.state = 'active'))`,
    [vendPostingId],
  );
  return rows[0] ?? null;
}

/** Brings back what the reversed vend had paid: the agreement is active again, and so is the emergency credit. */
export async function bringBack(
  transaction: Transaction,
  reversal: {
    readonly vendPostingId: string;
    readonly postingId: string;
    readonly recovered: RecoveredPart | null;
    readonly nowMs: number;
  },
): Promise<void> {
  const { recovered, nowMs } = reversal;
  if (recovered !== null) {
    const { agreementId, amountMicros, localDay } = recovered;
    await insertMovements(transaction, [
      {
        postingId: reversal.postingId,
        agreementId,
        kind: 'reversal',
        amountMicros: -amountMicros,
        localDay,
        recordedAtMs: nowMs,
      },
    ]);
    await setAgreementState(transaction, agreementId, 'active', nowMs, null);
  }
  await transaction.query(
    `UPDATE billing.emergency_credits AS credit SET repaid_posting_id = NULL, repaid_at_ms = NULL
      WHERE credit.repaid_posting_id = $1
        AND NOT EXISTS (SELECT FROM billing.emergency_credits AS other
                         WHERE other.account_id = credit.account_id AND other.repaid_at_ms IS NULL)`,
    [reversal.vendPostingId],
  );
}
