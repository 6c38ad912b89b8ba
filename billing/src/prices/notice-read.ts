// SPDX-License-Identifier: Apache-2.0
/** The list of differences a retroactive notice posted: one posting per account and step. */
import type { PriceNotice } from '@wattledger/contracts/http/billing';
import type { BillingParts } from '../parts.ts';

export async function loadNotice(
  parts: Pick<BillingParts, 'database' | 'registry'>,
  question: {
    readonly projectId: string;
    readonly priceSchemeId: string;
    readonly priceVersionId: string;
    /** Postings with a greater id. */
    readonly after: string | null;
    readonly limit: number;
  },
): Promise<readonly PriceNotice['differences'][number][]> {
  const { rows } = await parts.database.query<{
    account_id: string;
    tenant_id: string;
    posting_id: string;
    recorded_at_ms: number;
    consumption: number;
    amount_micros: number;
  }>(
    `SELECT posting.account_id, account.tenant_id, posting.posting_id, posting.recorded_at_ms,
            sum(line.consumption) FILTER (WHERE line.price_version_id = version.price_version_id)::bigint AS consumption,
            sum(line.amount_micros)::bigint AS amount_micros
       FROM billing.price_versions AS version
       JOIN billing.postings AS posting ON posting.notice_version_id = version.price_version_id
       JOIN billing.accounts AS account ON account.account_id = posting.account_id
       JOIN billing.charge_lines AS line ON line.posting_id = posting.posting_id
      WHERE version.price_version_id = $1 AND version.price_scheme_id = $2 AND version.project_id = $3
        AND ($4::text IS NULL OR posting.posting_id > $4)
      GROUP BY posting.posting_id, account.tenant_id, version.price_version_id
      ORDER BY posting.posting_id
      LIMIT $5`,
    [question.priceVersionId, question.priceSchemeId, question.projectId, question.after, question.limit],
  );
  return rows.map((row) => ({
    accountId: row.account_id,
    tenantName: parts.registry.get('tenant', row.tenant_id)?.name ?? row.tenant_id,
    postingId: row.posting_id,
    recordedAtMs: row.recorded_at_ms,
    // Consumption that moved to the new price.
    consumption: row.consumption ?? 0,
    amountMicros: row.amount_micros,
  }));
}
