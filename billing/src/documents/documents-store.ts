// SPDX-License-Identifier: Apache-2.0
/** SQL of documents: numbers, rows, print runs. */
import { randomBytes } from 'node:crypto';
import type {
  DocumentDetail,
  DocumentFacts,
  DocumentKind,
  DocumentLanguage,
  DocumentPaper,
  DocumentRow,
  TemplateText,
} from '@wattledger/contracts/http/billing';
import type { Queryable, Transaction } from '@wattledger/platform';
import type { Who } from '../ledger/posting.ts';

/**
 * The first of `count` numbers of a kind. The counter's row is held until the transaction ends and goes back with it, so
 * numbers have no gaps.
 */
export async function takeNumbers(
  transaction: Transaction,
  projectId: string,
  kind: DocumentKind,
  count: number,
): Promise<number> {
  const { rows } = await transaction.query<{ last_number: number }>(
    `INSERT INTO billing.document_counters AS counter (project_id, kind, last_number) VALUES ($1, $2, $3)
     ON CONFLICT (project_id, kind) DO UPDATE SET last_number = counter.last_number + excluded.last_number
     RETURNING counter.last_number`,
    [projectId, kind, count],
  );
  return (rows[0]?.last_number ?? count) - count + 1;
}

const secretName = 'document-codes';
const secretBytes = 32;

/** The installation's secret, made at first use. It is part of every backup, so codes on paper outlive the machine. */
export async function loadSecret(queryable: Queryable): Promise<Buffer> {
  const read = async () =>
    await queryable.query<{ secret: Buffer }>(
      'SELECT kept.secret FROM billing.installation_secrets AS kept WHERE kept.name = $1',
      [secretName],
    );
  const { rows } = await read();
  if (rows[0] !== undefined) return rows[0].secret;
  await queryable.query(
    'INSERT INTO billing.installation_secrets (name, secret) VALUES ($1, $2) ON CONFLICT DO NOTHING',
    [secretName, randomBytes(secretBytes)],
  );
  const again = await read();
  if (again.rows[0] === undefined) throw new Error('a secret that was inserted is there');
  return again.rows[0].secret;
}

export interface NewDocument {
  readonly facts: DocumentFacts;
  readonly subjectId: string;
  readonly postingId: string | null;
  readonly tenantId: string | null;
  readonly textHash: string;
  readonly code: string;
}

export async function insertDocuments(
  transaction: Transaction,
  documents: readonly NewDocument[],
): Promise<void> {
  if (documents.length === 0) return;
  await transaction.query(
    `INSERT INTO billing.documents (document_id, project_id, kind, number, subject_id, posting_id, account_id, tenant_id, local_day,
            issued_at_ms, amount_micros, currency, facts, text_hash, code)
     SELECT *
       FROM unnest($1::text[], $2::text[], $3::text[], $4::bigint[], $5::text[], $6::text[], $7::text[], $8::text[], $9::date[],
            $10::bigint[], $11::bigint[], $12::text[], $13::jsonb[], $14::text[], $15::text[])`,
    [
      documents.map(({ facts }) => facts.documentId),
      documents.map(({ facts }) => facts.project.id),
      documents.map(({ facts }) => facts.kind),
      documents.map(({ facts }) => facts.number),
      documents.map((document) => document.subjectId),
      documents.map((document) => document.postingId),
      documents.map(({ facts }) => facts.accountId),
      documents.map((document) => document.tenantId),
      documents.map(({ facts }) => facts.localDay),
      documents.map(({ facts }) => facts.issuedAtMs),
      documents.map(({ facts }) => facts.amountMicros),
      documents.map(({ facts }) => facts.currency),
      documents.map(({ facts }) => JSON.stringify(facts)),
      documents.map((document) => document.textHash),
      documents.map((document) => document.code),
    ],
  );
}

interface Row {
  readonly document_id: string;
  readonly kind: DocumentKind;
  readonly number: number;
  readonly subject_id: string;
  readonly account_id: string | null;
  readonly local_day: string;
  readonly issued_at_ms: number;
  readonly amount_micros: number;
  readonly currency: string;
  readonly code: string;
  readonly prints: number;
}
const columns = `document.document_id, document.kind, document.number, document.subject_id, document.account_id, document.local_day,
         document.issued_at_ms, document.amount_micros, document.currency, document.code,
         (SELECT count(*) FROM billing.document_prints AS print WHERE print.document_id = document.document_id) AS prints`;
const toRow = (row: Row): DocumentRow => ({
  documentId: row.document_id,
  kind: row.kind,
  number: row.number,
  subjectId: row.subject_id,
  accountId: row.account_id,
  localDay: row.local_day,
  issuedAtMs: row.issued_at_ms,
  amountMicros: row.amount_micros,
  currency: row.currency,
  code: row.code,
  prints: row.prints,
});

export interface DocumentFilter {
  readonly projectId: string;
  readonly kind?: DocumentKind | undefined;
  readonly accountId?: string | undefined;
  readonly subjectId?: string | undefined;
  readonly fromDay?: string | undefined;
  readonly toDay?: string | undefined;
  readonly limit: number;
  /** `<issuedAtMs>_<documentId>` of the last one seen. */
  readonly before?: { readonly issuedAtMs: number; readonly documentId: string } | undefined;
}

/** Newest first. */
export async function loadDocuments(
  queryable: Queryable,
  filter: DocumentFilter,
): Promise<readonly DocumentRow[]> {
  const { rows } = await queryable.query<Row>(
    `SELECT ${columns}
       FROM billing.documents AS document
      WHERE document.project_id = $1
        AND ($2::text IS NULL OR document.kind = $2)
        AND ($3::text IS NULL OR document.account_id = $3)
        AND ($4::text IS NULL OR document.subject_id = $4)
        AND ($5::date IS NULL OR document.local_day >= $5)
        AND ($6::date IS NULL OR document.local_day <= $6)
        AND ($7::bigint IS NULL OR (document.issued_at_ms, document.document_id) < ($7, $8))
      ORDER BY document.issued_at_ms DESC, document.document_id DESC
      LIMIT $9`,
    [
      filter.projectId,
      filter.kind ?? null,
      filter.accountId ?? null,
      filter.subjectId ?? null,
      filter.fromDay ?? null,
      filter.toDay ?? null,
      filter.before?.issuedAtMs ?? null,
      filter.before?.documentId ?? null,
      filter.limit,
    ],
  );
  return rows.map(toRow);
}

export interface StoredDocument {
  readonly row: DocumentRow;
  readonly facts: DocumentFacts;
  readonly text: TemplateText;
}
type StoredRow = Row & { readonly facts: DocumentFacts } & TemplateText;
const storedColumns = `${columns}, document.facts, made.html, made.css, made.paper`;
const toStored = (row: StoredRow): StoredDocument => ({
  row: toRow(row),
  facts: row.facts,
  text: { html: row.html, css: row.css, paper: row.paper },
});

export async function loadDocument(
  queryable: Queryable,
  projectId: string,
  documentId: string,
): Promise<StoredDocument | undefined> {
  const { rows } = await queryable.query<StoredRow>(
    `SELECT ${storedColumns}
       FROM billing.documents AS document
       JOIN billing.document_texts AS made ON made.text_hash = document.text_hash
      WHERE document.project_id = $1 AND document.document_id = $2`,
    [projectId, documentId],
  );
  return rows[0] === undefined ? undefined : toStored(rows[0]);
}

export async function loadByCode(queryable: Queryable, code: string): Promise<StoredDocument | undefined> {
  const { rows } = await queryable.query<StoredRow>(
    `SELECT ${storedColumns}
       FROM billing.documents AS document
       JOIN billing.document_texts AS made ON made.text_hash = document.text_hash
      WHERE document.code = $1`,
    [code],
  );
  return rows[0] === undefined ? undefined : toStored(rows[0]);
}

/** Logs one run; two at once get two numbers, because the document's row is held meanwhile. */
export async function insertPrint(
  transaction: Transaction,
  print: {
    readonly documentId: string;
    readonly language: DocumentLanguage;
    readonly paper: DocumentPaper;
    readonly atMs: number;
    readonly by: Who;
  },
): Promise<number> {
  await transaction.query('SELECT FROM billing.documents WHERE document_id = $1 FOR UPDATE', [
    print.documentId,
  ]);
  const { rows } = await transaction.query<{ run: number }>(
    `INSERT INTO billing.document_prints (document_id, run, language, paper, printed_at_ms, printed_by_id, printed_by_name)
     SELECT $1, coalesce(max(print.run), 0) + 1, $2, $3, $4, $5, $6 FROM billing.document_prints AS print WHERE print.document_id = $1
     RETURNING run`,
    [print.documentId, print.language, print.paper, print.atMs, print.by.id, print.by.name],
  );
  return rows[0]?.run ?? 1;
}

export async function loadPrints(
  queryable: Queryable,
  documentId: string,
): Promise<DocumentDetail['printRuns']> {
  const { rows } = await queryable.query<{
    run: number;
    language: DocumentLanguage;
    paper: DocumentPaper;
    printed_at_ms: number;
    printed_by_id: string;
    printed_by_name: string;
  }>(
    `SELECT print.run, print.language, print.paper, print.printed_at_ms, print.printed_by_id, print.printed_by_name
       FROM billing.document_prints AS print WHERE print.document_id = $1 ORDER BY print.run`,
    [documentId],
  );
  return rows.map((row) => ({
    run: row.run,
    language: row.language,
    paper: row.paper,
    printedAtMs: row.printed_at_ms,
    printedBy: { id: row.printed_by_id, name: row.printed_by_name },
  }));
}
