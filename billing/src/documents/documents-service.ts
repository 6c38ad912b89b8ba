// SPDX-License-Identifier: Apache-2.0
/** Documents looked at, printed, checked; templates drafted, tried and put in force. */
import type {
  CompanyHeadBody,
  DocumentCopy,
  DocumentDetail,
  DocumentKind,
  DocumentLanguage,
  DocumentPaper,
  DocumentRow,
  DocumentTemplate,
  DocumentTemplates,
  PrintAnswer,
  TemplateFaults,
  TemplatePreview,
  TemplateText,
  VerifyAnswer,
} from '@wattledger/contracts/http/billing';
import { documentCopies, documentKinds } from '@wattledger/contracts/http/billing';
import { RequestError } from '@wattledger/platform';
import { projectOf, type BillingParts } from '../parts.ts';
import type { Who } from '../ledger/posting.ts';
import { readCss } from './css-subset.ts';
import type { Showing } from './document-view.ts';
import { exampleFacts } from './example-facts.ts';
import { issueDocuments } from './issue-documents.ts';
import {
  insertPrint,
  loadByCode,
  loadDocument,
  loadDocuments,
  loadPrints,
  loadSecret,
  type DocumentFilter,
  type StoredDocument,
} from './documents-store.ts';
import { readLogo } from './logo.ts';
import { renderHtml, type Rendering } from './render-html.ts';
import { renderPdf } from './render-pdf.ts';
import { fieldNames, templateFields } from './template-fields.ts';
import { faultsOfTemplate, leftOut } from './template-text.ts';
import {
  insertActivation,
  insertHead,
  insertVersion,
  loadHead,
  loadLogo,
  loadTemplate,
} from './templates-store.ts';
import { codeOf, readCode, shownCode } from './verification-code.ts';

export type DocumentsService = ReturnType<typeof createDocumentsService>;

export interface PrintRequest {
  readonly language: DocumentLanguage;
  readonly paper?: DocumentPaper | undefined;
  /** Where this installation is reached, e.g. https://energy.example.com. */
  readonly origin: string;
}

export function createDocumentsService(parts: BillingParts) {
  const { database, clock } = parts;

  async function require(projectId: string, documentId: string): Promise<StoredDocument> {
    const stored = await loadDocument(database, projectId, documentId);
    if (stored === undefined) throw documentUnknown(documentId);
    return stored;
  }

  async function renderingOf(
    stored: Pick<StoredDocument, 'facts' | 'text'>,
    showing: Omit<Showing, 'copy'>,
    { copies, paper }: { readonly copies: readonly DocumentCopy[]; readonly paper: DocumentPaper },
  ): Promise<Rendering> {
    return {
      facts: stored.facts,
      text: stored.text,
      paper,
      logo: await loadLogo(database, stored.facts.company.logoHash),
      showings: copies.map((copy) => ({ ...showing, copy })),
    };
  }

  const showingOf = (stored: StoredDocument, { language, origin }: PrintRequest, run: number) => ({
    language,
    reprint: run > 1,
    preview: false,
    code: stored.row.code,
    verifyAddress: `${origin}/verify/${shownCode(stored.row.code)}`,
  });

  return {
    async list(filter: DocumentFilter): Promise<readonly DocumentRow[]> {
      projectOf(parts, filter.projectId);
      // What was posted before there were documents gets its paper when somebody asks for it.
      if (filter.subjectId !== undefined) {
        const subjectId = filter.subjectId;
        await database.transaction(
          async (transaction) => await issueDocuments(parts, transaction, filter.projectId, [subjectId]),
        );
      }
      return await loadDocuments(database, filter);
    },
    async detail(projectId: string, documentId: string): Promise<DocumentDetail> {
      const { row, facts } = await require(projectId, documentId);
      return { ...row, facts, printRuns: await loadPrints(database, documentId) };
    },
    /** Logs a run of three copies and answers the page. */
    async print(projectId: string, documentId: string, request: PrintRequest, by: Who): Promise<PrintAnswer> {
      const stored = await require(projectId, documentId);
      const paper = request.paper ?? stored.text.paper;
      const atMs = clock.nowMs();
      const run = await database.transaction(
        async (transaction) =>
          await insertPrint(transaction, { documentId, language: request.language, paper, atMs, by }),
      );
      const showing = showingOf(stored, request, run);
      const html = renderHtml(await renderingOf(stored, showing, { copies: documentCopies, paper }));
      return { documentId, run, reprint: run > 1, html };
    },
    /** A logged run as PDF, on the paper and in the language it was printed. */
    async pdf(projectId: string, documentId: string, run: number, origin: string): Promise<Buffer> {
      const stored = await require(projectId, documentId);
      const print = (await loadPrints(database, documentId)).find((one) => one.run === run);
      if (print === undefined) throw runUnknown(run);
      const showing = showingOf(stored, { language: print.language, origin }, run);
      return await renderPdf(
        await renderingOf(stored, showing, { copies: documentCopies, paper: print.paper }),
      );
    },
    /** Number, date, amount and issuer, if the code is ours and the facts are as they were signed. */
    async verify(typed: string): Promise<VerifyAnswer> {
      const code = readCode(typed);
      const stored = code === null ? undefined : await loadByCode(database, code);
      if (stored === undefined) return { genuine: false, document: null };
      const { facts } = stored;
      const genuine = codeOf(await loadSecret(database), facts) === code;
      const { kind, number, localDay, amountMicros, currency, company, project } = facts;
      const issuer = company.name === '' ? project.name : company.name;
      return {
        genuine,
        document: genuine ? { kind, number, localDay, amountMicros, currency, issuer } : null,
      };
    },
    async templates(projectId: string): Promise<DocumentTemplates> {
      projectOf(parts, projectId);
      const kept = await loadHead(database, projectId);
      const templates: DocumentTemplate[] = [];
      for (const kind of documentKinds)
        templates.push(await loadTemplate(database, projectId, kind, clock.nowMs()));
      return {
        templates,
        fields: [...templateFields],
        company: kept.head,
        logo: await loadLogo(database, kept.logoHash),
      };
    },
    async draft(
      projectId: string,
      kind: DocumentKind,
      { note, ...text }: TemplateText & { readonly note: string | null },
      by: Who,
    ): Promise<DocumentTemplate> {
      projectOf(parts, projectId);
      requireUsable(text);
      await database.transaction(
        async (transaction) =>
          await insertVersion(transaction, { projectId, kind, text, note, atMs: clock.nowMs(), by }),
      );
      return await loadTemplate(database, projectId, kind, clock.nowMs());
    },
    async activate(
      projectId: string,
      kind: DocumentKind,
      { version, activeFromMs }: { readonly version: number; readonly activeFromMs: number | undefined },
      by: Who,
    ): Promise<DocumentTemplate> {
      projectOf(parts, projectId);
      const atMs = clock.nowMs();
      if (activeFromMs !== undefined && activeFromMs < atMs) throw activationInThePast();
      const from = activeFromMs ?? atMs;
      if (!(await insertActivation(database, { projectId, kind, version, activeFromMs: from, atMs, by })))
        throw versionUnknown(version);
      return await loadTemplate(database, projectId, kind, atMs);
    },
    /** One copy as it would look, with a past document or an example; nothing is logged. */
    async preview(
      projectId: string,
      kind: DocumentKind,
      asked: TemplateText & { readonly language: DocumentLanguage; readonly documentId?: string | undefined },
      origin: string,
    ): Promise<TemplatePreview> {
      const project = projectOf(parts, projectId);
      const { language, documentId, ...text } = asked;
      const kept = await loadHead(database, projectId);
      const facts =
        documentId === undefined
          ? {
              ...exampleFacts(project, kind, clock.nowMs()),
              company: { ...kept.head, logoHash: kept.logoHash },
            }
          : (await require(projectId, documentId)).facts;
      const faults = faultsIn(text);
      const broken = faultsOfTemplate(text.html, fieldNames);
      const showing = {
        language,
        reprint: false,
        preview: true,
        code: '',
        verifyAddress: `${origin}/verify/…`,
      };
      const shown = broken.length > 0 ? { ...text, html: '' } : text;
      const rendering = await renderingOf({ facts, text: shown }, showing, {
        copies: ['tenant'],
        paper: text.paper,
      });
      return { html: renderHtml(rendering), faults: [...faults] };
    },
    async setHead(projectId: string, { logo: given, ...head }: CompanyHeadBody, by: Who): Promise<void> {
      projectOf(parts, projectId);
      const logo = given === undefined || given === null ? null : readLogo(given);
      const before = await loadHead(database, projectId);
      const logoHash = given === undefined ? before.logoHash : (logo?.logoHash ?? null);
      await database.transaction(
        async (transaction) =>
          await insertHead(transaction, { projectId, head, logoHash, logo, atMs: clock.nowMs(), by }),
      );
    },
  };
}

function faultsIn(text: TemplateText): TemplateFaults {
  return [
    ...[...faultsOfTemplate(text.html, fieldNames), ...leftOut(text.html)].map((message) => ({
      path: 'html' as const,
      message,
    })),
    ...readCss(text.css).faults.map((message) => ({ path: 'css' as const, message })),
  ].slice(0, 100);
}

/** @throws RequestError 422 template-refused */
function requireUsable(text: TemplateText): void {
  const faults = faultsIn(text);
  if (faults.length === 0) return;
  throw new RequestError({
    status: 422,
    code: 'template-refused',
    message: 'The template holds what paper or PDF could not show.',
    hint: 'Put the listed places right; the preview shows what would be left out.',
    faults: [...faults],
  });
}

const documentUnknown = (documentId: string): RequestError =>
  new RequestError({
    status: 404,
    code: 'document-unknown',
    message: `This project has no document "${documentId}".`,
    hint: 'List the documents of the project.',
  });
const runUnknown = (run: number): RequestError =>
  new RequestError({
    status: 404,
    code: 'print-unknown',
    message: `The document has no print run ${run}.`,
    hint: 'Print it first: each run of three copies is logged.',
  });
const versionUnknown = (version: number): RequestError =>
  new RequestError({
    status: 404,
    code: 'template-unknown',
    message: `There is no version ${version} of this template.`,
    hint: 'List the templates; version 0 is the built-in one.',
  });
const activationInThePast = (): RequestError =>
  new RequestError({
    status: 422,
    code: 'activation-in-the-past',
    message: 'A template takes effect now or later: documents already made keep theirs.',
    hint: 'Leave the instant out to begin now.',
  });
