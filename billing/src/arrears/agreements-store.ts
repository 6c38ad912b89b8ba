// SPDX-License-Identifier: Apache-2.0
/** SQL of arrears agreements. */
import type {
  ArrearsAgreement,
  ArrearsMovementKind,
  ArrearsState,
  Instalment,
} from '@wattledger/contracts/http/billing';
import type { Queryable, Transaction } from '@wattledger/platform';
import type { Who } from '../ledger/posting.ts';

export interface NewAgreement {
  readonly agreementId: string;
  readonly projectId: string;
  readonly accountId: string;
  readonly postingId: string;
  readonly origin: 'balance' | 'brought';
  readonly amountMicros: number;
  readonly sharePpm: number;
  readonly capPerVendMicros: number | null;
  readonly capPerMonthMicros: number | null;
  readonly instalments: readonly Instalment[];
  readonly holder: string;
  readonly signedBy: string;
  readonly reason: string;
  readonly evidence: string | null;
  readonly madeBy: Who;
  readonly madeAtMs: number;
}

export async function insertAgreement(transaction: Transaction, agreement: NewAgreement): Promise<void> {
  await transaction.query(
    `INSERT INTO billing.arrears_agreements (agreement_id, project_id, account_id, posting_id, state, origin, amount_micros,
            share_ppm, cap_per_vend_micros, cap_per_month_micros, instalments, holder, signed_by, reason, evidence, made_by_id,
            made_by_name, made_at_ms)
     VALUES ($1, $2, $3, $4, 'active', $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17)`,
    [
      agreement.agreementId,
      agreement.projectId,
      agreement.accountId,
      agreement.postingId,
      agreement.origin,
      agreement.amountMicros,
      agreement.sharePpm,
      agreement.capPerVendMicros,
      agreement.capPerMonthMicros,
      JSON.stringify(agreement.instalments),
      agreement.holder,
      agreement.signedBy,
      agreement.reason,
      agreement.evidence,
      agreement.madeBy.id,
      agreement.madeBy.name,
      agreement.madeAtMs,
    ],
  );
}

export interface AgreementFilter {
  readonly projectId: string;
  readonly accountId?: string | undefined;
  readonly agreementId?: string | undefined;
  readonly postingId?: string | undefined;
  readonly state?: ArrearsState | undefined;
}

export type StoredAgreement = Omit<
  ArrearsAgreement,
  'tenantName' | 'overdueMicros' | 'paidThisMonthMicros'
> & { readonly tenantId: string };

interface AgreementSqlRow {
  readonly agreement_id: string;
  readonly account_id: string;
  readonly tenant_id: string;
  readonly state: ArrearsState;
  readonly origin: 'balance' | 'brought';
  readonly amount_micros: number;
  readonly share_ppm: number;
  readonly cap_per_vend_micros: number | null;
  readonly cap_per_month_micros: number | null;
  readonly instalments: Instalment[];
  readonly holder: string;
  readonly signed_by: string;
  readonly reason: string;
  readonly evidence: string | null;
  readonly made_by_id: string;
  readonly made_by_name: string;
  readonly made_at_ms: number;
  readonly ended_at_ms: number | null;
  readonly end_reason: string | null;
  readonly movements: {
    postingId: string;
    kind: ArrearsMovementKind;
    amountMicros: number;
    localDay: string;
    recordedAtMs: number;
  }[];
}

/** Agreements in one answer at most; a project has some per hundred accounts. */
const agreementsMax = 5000;

/** Newest first. */
export async function loadAgreements(
  queryable: Queryable,
  filter: AgreementFilter,
): Promise<readonly StoredAgreement[]> {
  const { rows } = await queryable.query<AgreementSqlRow>(
    `SELECT agreement.agreement_id, agreement.account_id, account.tenant_id, agreement.state, agreement.origin,
            agreement.amount_micros, agreement.share_ppm, agreement.cap_per_vend_micros, agreement.cap_per_month_micros,
            agreement.instalments, agreement.holder, agreement.signed_by, agreement.reason, agreement.evidence,
            agreement.made_by_id, agreement.made_by_name, agreement.made_at_ms, agreement.ended_at_ms, agreement.end_reason,
            (SELECT coalesce(json_agg(json_build_object('postingId', movement.posting_id, 'kind', movement.kind,
                      'amountMicros', movement.amount_micros, 'localDay', movement.local_day,
                      'recordedAtMs', movement.recorded_at_ms) ORDER BY movement.recorded_at_ms, movement.posting_id), '[]')
               FROM billing.arrears_movements AS movement
              WHERE movement.agreement_id = agreement.agreement_id) AS movements
       FROM billing.arrears_agreements AS agreement
       JOIN billing.accounts AS account ON account.account_id = agreement.account_id
      WHERE agreement.project_id = $1
        AND ($2::text IS NULL OR agreement.account_id = $2)
        AND ($3::text IS NULL OR agreement.agreement_id = $3)
        AND ($4::text IS NULL OR agreement.posting_id = $4)
        AND ($5::text IS NULL OR agreement.state = $5)
      ORDER BY agreement.made_at_ms DESC, agreement.agreement_id
      LIMIT ${agreementsMax}`,
    [
      filter.projectId,
      filter.accountId ?? null,
      filter.agreementId ?? null,
      filter.postingId ?? null,
      filter.state ?? null,
    ],
  );
  return rows.map(toAgreement);
}

const toAgreement = (row: AgreementSqlRow): StoredAgreement => ({
  agreementId: row.agreement_id,
  accountId: row.account_id,
  tenantId: row.tenant_id,
  state: row.state,
  origin: row.origin,
  amountMicros: row.amount_micros,
  restMicros: row.amount_micros - row.movements.reduce((sum, movement) => sum + movement.amountMicros, 0),
  sharePpm: row.share_ppm,
  capPerVendMicros: row.cap_per_vend_micros,
  capPerMonthMicros: row.cap_per_month_micros,
  instalments: row.instalments,
  holder: row.holder,
  signedBy: row.signed_by,
  reason: row.reason,
  evidence: row.evidence,
  madeBy: { id: row.made_by_id, name: row.made_by_name },
  madeAtMs: row.made_at_ms,
  endedAtMs: row.ended_at_ms,
  endReason: row.end_reason,
  movements: row.movements,
});

export interface Debtor {
  readonly accountId: string;
  readonly tenantId: string;
  readonly balanceMicros: number;
}

/** Open accounts whose balance is below zero, deepest first. */
export async function loadDebtors(queryable: Queryable, projectId: string): Promise<readonly Debtor[]> {
  const { rows } = await queryable.query<Debtor>(
    `SELECT account.account_id AS "accountId", account.tenant_id AS "tenantId", ledger.balance_micros AS "balanceMicros"
       FROM billing.ledger_accounts AS ledger
       JOIN billing.accounts AS account ON account.account_id = ledger.owner_id
      WHERE ledger.project_id = $1 AND ledger.kind = 'tenant-balance' AND ledger.balance_micros < 0 AND account.state = 'open'
      ORDER BY ledger.balance_micros, account.account_id
      LIMIT ${agreementsMax}`,
    [projectId],
  );
  return rows;
}
