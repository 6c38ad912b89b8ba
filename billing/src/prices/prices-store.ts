// SPDX-License-Identifier: Apache-2.0
/** SQL of price schemes and versions. */
import type { Medium, TariffCalendar } from '@wattledger/contracts';
import {
  priceTermsShape,
  type PriceScheme,
  type PriceTerms,
  type PriceTermsBody,
  type PriceVersion,
  type PriceVersionState,
  type Rates,
} from '@wattledger/contracts/http/billing';
import type { Queryable } from '@wattledger/platform';
import type { Who } from '../ledger/posting.ts';

interface VersionRow {
  readonly price_version_id: string;
  readonly price_scheme_id: string;
  readonly number: number;
  readonly state: PriceVersionState;
  readonly effective_from_ms: number;
  readonly rates: Rates;
  readonly terms: PriceTermsBody;
  readonly calendar: TariffCalendar;
  readonly note: string | null;
  readonly drafted_by_id: string;
  readonly drafted_by_name: string;
  readonly drafted_at_ms: number;
  readonly submitted_by_id: string | null;
  readonly submitted_by_name: string | null;
  readonly submitted_at_ms: number | null;
  readonly approved_by_id: string | null;
  readonly approved_by_name: string | null;
  readonly approved_at_ms: number | null;
  readonly withdrawn_by_id: string | null;
  readonly withdrawn_by_name: string | null;
  readonly withdrawn_at_ms: number | null;
  readonly notice_state: 'running' | 'done' | null;
  readonly notice_accounts: number;
  readonly notice_postings: number;
  readonly notice_amount_micros: number;
  readonly points_done: number | null;
  readonly points_total: number | null;
}

export interface StoredVersion extends Omit<PriceVersion, 'inForce'> {
  readonly projectId: string;
}

const who = (id: string | null, name: string | null): Who | null =>
  id === null ? null : { id, name: name ?? '' };

function toVersion(row: VersionRow): Omit<PriceVersion, 'inForce'> {
  return {
    priceVersionId: row.price_version_id,
    priceSchemeId: row.price_scheme_id,
    number: row.number,
    state: row.state,
    effectiveFromMs: row.effective_from_ms,
    rates: row.rates,
    terms: priceTermsShape.parse(row.terms),
    calendar: row.calendar,
    note: row.note,
    draftedBy: { id: row.drafted_by_id, name: row.drafted_by_name },
    draftedAtMs: row.drafted_at_ms,
    submittedBy: who(row.submitted_by_id, row.submitted_by_name),
    submittedAtMs: row.submitted_at_ms,
    approvedBy: who(row.approved_by_id, row.approved_by_name),
    approvedAtMs: row.approved_at_ms,
    withdrawnBy: who(row.withdrawn_by_id, row.withdrawn_by_name),
    withdrawnAtMs: row.withdrawn_at_ms,
    notice:
      row.notice_state === null
        ? null
        : {
            state: row.notice_state,
            accounts: row.notice_accounts,
            postings: row.notice_postings,
            amountMicros: row.notice_amount_micros,
            pointsDone: row.points_done ?? 0,
            pointsTotal: row.points_total ?? 0,
          },
  };
}

/** A notice's amount is what it took from the tenants: Σ of its charge lines. Of a version withdrawn after it held, the undoing. */
const versionsSql = `
  SELECT version.*, notice.state AS notice_state, notice.points_done, notice.points_total,
         coalesce(differences.accounts, 0) AS notice_accounts, coalesce(differences.postings, 0) AS notice_postings,
         coalesce(differences.amount_micros, 0)::bigint AS notice_amount_micros
    FROM billing.price_versions AS version
    LEFT JOIN billing.price_notices AS notice ON notice.price_version_id = version.price_version_id
    LEFT JOIN LATERAL (
      SELECT count(DISTINCT posting.account_id) AS accounts, count(DISTINCT posting.posting_id) AS postings,
             sum(line.amount_micros) AS amount_micros
        FROM billing.postings AS posting
        JOIN billing.charge_lines AS line ON line.posting_id = posting.posting_id
       WHERE posting.notice_version_id = version.price_version_id
         AND posting.cause = CASE WHEN version.state = 'withdrawn' THEN 'price-withdrawn' ELSE 'price-notice' END
    ) AS differences ON notice.price_version_id IS NOT NULL
   WHERE version.project_id = $1 AND ($2::text IS NULL OR version.price_scheme_id = $2)
   ORDER BY version.price_scheme_id, version.number`;

export async function loadVersions(
  queryable: Queryable,
  projectId: string,
  priceSchemeId: string | null,
): Promise<readonly Omit<PriceVersion, 'inForce'>[]> {
  const { rows } = await queryable.query<VersionRow>(versionsSql, [projectId, priceSchemeId]);
  return rows.map(toVersion);
}

export type SchemeHead = Omit<PriceScheme, 'versions'>;

export async function loadSchemes(
  queryable: Queryable,
  projectId: string,
  priceSchemeId: string | null,
): Promise<readonly SchemeHead[]> {
  const { rows } = await queryable.query<{
    price_scheme_id: string;
    name: string;
    medium: Medium;
    created_at_ms: number;
    created_by_id: string;
    created_by_name: string;
    points: number;
  }>(
    `SELECT scheme.price_scheme_id, scheme.name, scheme.medium, scheme.created_at_ms, scheme.created_by_id,
            scheme.created_by_name,
            (SELECT count(*) FROM billing.account_points AS point
              WHERE point.price_scheme_id = scheme.price_scheme_id AND point.closed_at_ms IS NULL) AS points
       FROM billing.price_schemes AS scheme
      WHERE scheme.project_id = $1 AND ($2::text IS NULL OR scheme.price_scheme_id = $2)
      ORDER BY scheme.medium, scheme.name`,
    [projectId, priceSchemeId],
  );
  return rows.map((row) => ({
    priceSchemeId: row.price_scheme_id,
    name: row.name,
    medium: row.medium,
    createdAtMs: row.created_at_ms,
    createdBy: { id: row.created_by_id, name: row.created_by_name },
    points: row.points,
  }));
}

export interface NewScheme {
  readonly priceSchemeId: string;
  readonly projectId: string;
  readonly name: string;
  readonly medium: Medium;
  readonly createdBy: Who;
  readonly createdAtMs: number;
}

/** False when the project has a scheme of that name. */
export async function insertScheme(queryable: Queryable, scheme: NewScheme): Promise<boolean> {
  const { rowCount } = await queryable.query(
    `INSERT INTO billing.price_schemes (price_scheme_id, project_id, name, medium, created_at_ms, created_by_id, created_by_name)
     VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT DO NOTHING`,
    [
      scheme.priceSchemeId,
      scheme.projectId,
      scheme.name,
      scheme.medium,
      scheme.createdAtMs,
      scheme.createdBy.id,
      scheme.createdBy.name,
    ],
  );
  return rowCount === 1;
}

/** Holds the scheme, so that its versions are numbered and approved one after the other. */
export async function holdScheme(
  queryable: Queryable,
  projectId: string,
  priceSchemeId: string,
): Promise<boolean> {
  const { rowCount } = await queryable.query(
    'SELECT FROM billing.price_schemes WHERE price_scheme_id = $1 AND project_id = $2 FOR UPDATE',
    [priceSchemeId, projectId],
  );
  return rowCount === 1;
}

export async function insertDraft(
  queryable: Queryable,
  draft: {
    readonly priceVersionId: string;
    readonly priceSchemeId: string;
    readonly projectId: string;
    readonly effectiveFromMs: number;
    readonly rates: Rates;
    readonly terms: PriceTerms;
    readonly calendar: TariffCalendar;
    readonly note: string | null;
    readonly draftedBy: Who;
    readonly draftedAtMs: number;
  },
): Promise<void> {
  await queryable.query(
    `INSERT INTO billing.price_versions (price_version_id, price_scheme_id, project_id, number, state, effective_from_ms,
            rates, terms, calendar, note, drafted_by_id, drafted_by_name, drafted_at_ms)
     SELECT $1, $2, $3, coalesce(max(version.number), 0) + 1, 'draft', $4, $5, $6, $7, $8, $9, $10, $11
       FROM billing.price_versions AS version WHERE version.price_scheme_id = $2`,
    [
      draft.priceVersionId,
      draft.priceSchemeId,
      draft.projectId,
      draft.effectiveFromMs,
      JSON.stringify(draft.rates),
      JSON.stringify(draft.terms),
      JSON.stringify(draft.calendar),
      draft.note,
      draft.draftedBy.id,
      draft.draftedBy.name,
      draft.draftedAtMs,
    ],
  );
}

/** Who lists a version is who approves it, the second person; finance decides on its list. */
const stepColumns = {
  submitted: 'submitted',
  listed: 'approved',
  approved: 'approved',
  withdrawn: 'withdrawn',
} as const;

export async function stepVersion(
  queryable: Queryable,
  priceVersionId: string,
  state: keyof typeof stepColumns,
  by: Who,
  atMs: number,
): Promise<void> {
  const column = stepColumns[state];
  await queryable.query(
    `UPDATE billing.price_versions
        SET state = $2, ${column}_by_id = $3, ${column}_by_name = $4, ${column}_at_ms = $5
      WHERE price_version_id = $1`,
    [priceVersionId, state, by.id, by.name, atMs],
  );
}
