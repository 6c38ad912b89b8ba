// SPDX-License-Identifier: Apache-2.0
/** SQL of templates, activations and company heads. */
import type {
  CompanyHead,
  DocumentKind,
  DocumentTemplate,
  TemplateText,
  TemplateVersion,
} from '@wattledger/contracts/http/billing';
import type { Queryable, Transaction } from '@wattledger/platform';
import type { Who } from '../ledger/posting.ts';
import { builtInTemplate, textHashOf } from './built-in-template.ts';
import { logoAddress, type Logo } from './logo.ts';

/** Keeps a text under the hash of its contents; the same text again is the same row. */
export async function keepText(queryable: Queryable, text: TemplateText): Promise<string> {
  const textHash = textHashOf(text);
  await queryable.query(
    'INSERT INTO billing.document_texts (text_hash, html, css, paper) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING',
    [textHash, text.html, text.css, text.paper],
  );
  return textHash;
}

/** The text in force at an instant. */
export async function loadActiveText(
  queryable: Queryable,
  projectId: string,
  kind: DocumentKind,
  atMs: number,
): Promise<TemplateText> {
  const { rows } = await queryable.query<TemplateText>(
    `SELECT made.html, made.css, made.paper
       FROM (SELECT activation.version FROM billing.document_activations AS activation
              WHERE activation.project_id = $1 AND activation.kind = $2 AND activation.active_from_ms <= $3
              ORDER BY activation.active_from_ms DESC, activation.activation_id DESC LIMIT 1) AS active
       JOIN billing.document_templates AS template
         ON template.project_id = $1 AND template.kind = $2 AND template.version = active.version
       JOIN billing.document_texts AS made ON made.text_hash = template.text_hash`,
    [projectId, kind, atMs],
  );
  return rows[0] ?? builtInTemplate(kind);
}

export const emptyHead: CompanyHead = { name: '', address: '', taxNumber: '', phone: '', note: '' };
export interface KeptHead {
  readonly head: CompanyHead;
  readonly logoHash: string | null;
}
export async function loadHead(queryable: Queryable, projectId: string): Promise<KeptHead> {
  const { rows } = await queryable.query<{ head: CompanyHead; logo_hash: string | null }>(
    `SELECT company.head, company.logo_hash FROM billing.company_heads AS company
      WHERE company.project_id = $1 ORDER BY company.company_head_id DESC LIMIT 1`,
    [projectId],
  );
  return { head: rows[0]?.head ?? emptyHead, logoHash: rows[0]?.logo_hash ?? null };
}

export async function insertHead(
  transaction: Transaction,
  kept: KeptHead & {
    readonly projectId: string;
    readonly logo: Logo | null;
    readonly atMs: number;
    readonly by: Who;
  },
): Promise<void> {
  if (kept.logo !== null) {
    await transaction.query(
      'INSERT INTO billing.document_logos (logo_hash, media_type, bytes) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING',
      [kept.logo.logoHash, kept.logo.mediaType, kept.logo.bytes],
    );
  }
  await transaction.query(
    `INSERT INTO billing.company_heads (project_id, head, logo_hash, set_at_ms, set_by_id, set_by_name)
     VALUES ($1, $2, $3, $4, $5, $6)`,
    [kept.projectId, JSON.stringify(kept.head), kept.logoHash, kept.atMs, kept.by.id, kept.by.name],
  );
}

/** As a data: address; null: none. */
export async function loadLogo(queryable: Queryable, logoHash: string | null): Promise<string | null> {
  if (logoHash === null) return null;
  const { rows } = await queryable.query<{ media_type: Logo['mediaType']; bytes: Buffer }>(
    'SELECT logo.media_type, logo.bytes FROM billing.document_logos AS logo WHERE logo.logo_hash = $1',
    [logoHash],
  );
  return rows[0] === undefined ? null : logoAddress({ mediaType: rows[0].media_type, bytes: rows[0].bytes });
}

/** Adds the next version of a kind; two at once get two numbers, because the second waits for the first. */
export async function insertVersion(
  transaction: Transaction,
  draft: {
    readonly projectId: string;
    readonly kind: DocumentKind;
    readonly text: TemplateText;
    readonly note: string | null;
    readonly atMs: number;
    readonly by: Who;
  },
): Promise<number> {
  await transaction.query('SELECT pg_advisory_xact_lock(hashtextextended($1, 0))', [
    `document-template/${draft.projectId}/${draft.kind}`,
  ]);
  const textHash = await keepText(transaction, draft.text);
  const { rows } = await transaction.query<{ version: number }>(
    `INSERT INTO billing.document_templates (project_id, kind, version, text_hash, note, drafted_at_ms, drafted_by_id, drafted_by_name)
     SELECT $1, $2, coalesce(max(template.version), 0) + 1, $3, $4, $5, $6, $7
       FROM billing.document_templates AS template WHERE template.project_id = $1 AND template.kind = $2
     RETURNING version`,
    [draft.projectId, draft.kind, textHash, draft.note, draft.atMs, draft.by.id, draft.by.name],
  );
  return rows[0]?.version ?? 1;
}

/** False: there is no such version. */
export async function insertActivation(
  queryable: Queryable,
  activation: {
    readonly projectId: string;
    readonly kind: DocumentKind;
    readonly version: number;
    readonly activeFromMs: number;
    readonly atMs: number;
    readonly by: Who;
  },
): Promise<boolean> {
  const { rowCount } = await queryable.query(
    `INSERT INTO billing.document_activations (project_id, kind, version, active_from_ms, activated_at_ms, activated_by_id, activated_by_name)
     SELECT $1, $2, $3, $4, $5, $6, $7
      WHERE $3 = 0 OR EXISTS (SELECT FROM billing.document_templates AS template
                               WHERE template.project_id = $1 AND template.kind = $2 AND template.version = $3)`,
    [
      activation.projectId,
      activation.kind,
      activation.version,
      activation.activeFromMs,
      activation.atMs,
      activation.by.id,
      activation.by.name,
    ],
  );
  return rowCount === 1;
}

const activationsShown = 50;

/** One kind with all its versions, the built-in one first. */
export async function loadTemplate(
  queryable: Queryable,
  projectId: string,
  kind: DocumentKind,
  nowMs: number,
): Promise<DocumentTemplate> {
  const [versions, activations] = await Promise.all([
    queryable.query<
      TemplateText & { version: number; note: string | null; at: number; by_id: string; by_name: string }
    >(
      `SELECT template.version, template.note, template.drafted_at_ms AS at, template.drafted_by_id AS by_id,
              template.drafted_by_name AS by_name, made.html, made.css, made.paper
         FROM billing.document_templates AS template
         JOIN billing.document_texts AS made ON made.text_hash = template.text_hash
        WHERE template.project_id = $1 AND template.kind = $2 ORDER BY template.version`,
      [projectId, kind],
    ),
    queryable.query<{ version: number; from_ms: number; at: number; by_id: string; by_name: string }>(
      `SELECT activation.version, activation.active_from_ms AS from_ms, activation.activated_at_ms AS at,
              activation.activated_by_id AS by_id, activation.activated_by_name AS by_name
         FROM billing.document_activations AS activation
        WHERE activation.project_id = $1 AND activation.kind = $2
        ORDER BY activation.active_from_ms DESC, activation.activation_id DESC LIMIT ${activationsShown}`,
      [projectId, kind],
    ),
  ]);
  const builtIn: TemplateVersion = {
    version: 0,
    note: null,
    draftedAtMs: null,
    draftedBy: null,
    ...builtInTemplate(kind),
  };
  return {
    kind,
    activeVersion: activations.rows.find(({ from_ms }) => from_ms <= nowMs)?.version ?? 0,
    activations: activations.rows.map((row) => ({
      version: row.version,
      activeFromMs: row.from_ms,
      activatedAtMs: row.at,
      activatedBy: { id: row.by_id, name: row.by_name },
    })),
    versions: [
      builtIn,
      ...versions.rows.map(({ at, by_id: id, by_name: name, ...version }) => ({
        ...version,
        draftedAtMs: at,
        draftedBy: { id, name },
      })),
    ],
  };
}
