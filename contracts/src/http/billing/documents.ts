// SPDX-License-Identifier: Apache-2.0
/** Documents handed out (sale, reversal, refund, opening, closing …), their templates, and the open check of a code. */
import { z } from 'zod';
import { media } from '../../quantities.ts';
import { localDay, counter, instantMs, micros, text, who } from './words.ts';
import { paymentMeans } from './vocabulary.ts';

export const documentKinds = [
  'sale',
  'reversal',
  'refund',
  'opening',
  'closing',
  'shared-cost',
  'cash-shift',
  'day-close',
] as const;
export type DocumentKind = (typeof documentKinds)[number];
export const documentPapers = ['A4', 'A5', 'roll-80'] as const;
export type DocumentPaper = (typeof documentPapers)[number];
export const documentLanguages = ['en', 'zh'] as const;
export type DocumentLanguage = (typeof documentLanguages)[number];
/** One print run is three copies, each named. */
export const documentCopies = ['tenant', 'finance', 'archive'] as const;
export type DocumentCopy = (typeof documentCopies)[number];

const line = z.string().trim().max(200);
/** Head of the company that issues. */
export const companyHeadShape = z.strictObject({
  name: line,
  address: line,
  taxNumber: line,
  phone: line,
  note: z.string().trim().max(500),
});
export type CompanyHead = z.infer<typeof companyHeadShape>;

/** What a document says, frozen when it is made. Money in micros, instants in ms, readings in base units after the multiplier's scale. */
export const documentFactsShape = z.object({
  documentId: z.string(),
  kind: z.enum(documentKinds),
  number: counter,
  issuedAtMs: instantMs,
  effectiveAtMs: instantMs,
  localDay,
  zone: z.string(),
  currency: z.string(),
  project: z.object({ id: z.string(), code: z.string(), name: z.string(), address: z.string().nullable() }),
  company: companyHeadShape.extend({ logoHash: z.string().nullable() }),
  tenant: z.object({ code: z.string(), name: z.string(), phone: z.string().nullable() }).nullable(),
  accountId: z.string().nullable(),
  rooms: z.array(z.string()),
  points: z.array(
    z.object({
      code: z.string(),
      name: z.string(),
      medium: z.enum(media),
      meters: z.array(z.string()),
      scheme: z.string(),
      /** Period → micros per kWh or m³, as in force when the document was made. */
      rates: z.record(z.string(), micros),
      /** Newest register reading known then: counts × 10^scaler base units, before the multiplier. */
      reading: z
        .object({
          instantMs,
          register: z.string(),
          value: z.number().int(),
          scaler: z.number().int(),
          multiplierNumerator: z.number().int(),
          multiplierDenominator: z.number().int(),
        })
        .nullable(),
    }),
  ),
  amountMicros: micros,
  means: z.enum(paymentMeans).nullable(),
  reference: z.string().nullable(),
  parts: z.object({ arrearsMicros: micros, emergencyMicros: micros, balanceMicros: micros }).nullable(),
  balanceAfterMicros: micros.nullable(),
  reason: z.string().nullable(),
  /** Number of the document that this one takes back. */
  concernsNumber: counter.nullable(),
  /** Further amounts, named by whoever issues. */
  lines: z.array(z.object({ label: z.object({ en: z.string(), zh: z.string() }), amountMicros: micros })),
  issuedBy: who,
});
export type DocumentFacts = z.infer<typeof documentFactsShape>;

export const documentRowShape = z.object({
  documentId: z.string(),
  kind: z.enum(documentKinds),
  number: counter,
  subjectId: z.string(),
  accountId: z.string().nullable(),
  localDay,
  issuedAtMs: instantMs,
  amountMicros: micros,
  currency: z.string(),
  code: z.string(),
  prints: counter,
});
export type DocumentRow = z.infer<typeof documentRowShape>;

/** GET …/documents, newest first. */
export const documentListQueryShape = z.object({
  kind: z.enum(documentKinds).optional(),
  accountId: z.string().optional(),
  subjectId: z.string().optional(),
  fromDay: localDay.optional(),
  toDay: localDay.optional(),
  limit: z.coerce.number().int().min(1).max(500).default(100),
  before: z.string().max(100).optional().describe('`next` of the page before.'),
});
export const documentListShape = z.object({
  documents: z.array(documentRowShape),
  next: z.string().nullable(),
});
export type DocumentList = z.infer<typeof documentListShape>;
export const documentParamsShape = z.object({ projectId: z.string(), documentId: z.string() });
export const documentDetailShape = documentRowShape.extend({
  facts: documentFactsShape,
  printRuns: z.array(
    z.object({
      run: counter,
      language: z.enum(documentLanguages),
      paper: z.enum(documentPapers),
      printedAtMs: instantMs,
      printedBy: who,
    }),
  ),
});
export type DocumentDetail = z.infer<typeof documentDetailShape>;

/** POST …/documents/{documentId}/prints: logs a run of three copies and answers what to print. */
export const printBodyShape = z.strictObject({
  language: z.enum(documentLanguages),
  paper: z.enum(documentPapers).optional().describe("Default: the template's."),
});
export type PrintBody = z.input<typeof printBodyShape>;
export const printAnswerShape = z.object({
  documentId: z.string(),
  run: counter,
  reprint: z.boolean(),
  /** A whole page with its styles and no script: for a frame that runs none. */
  html: z.string(),
});
export type PrintAnswer = z.infer<typeof printAnswerShape>;
/** GET …/documents/{documentId}/prints/{run}.pdf: the same run as PDF. */
export const printParamsShape = documentParamsShape.extend({ run: z.coerce.number().int().min(1) });

// ── templates ───────────────────────────────────────────────────────────────
export const templateTextShape = z.strictObject({
  html: z.string().min(1).max(60_000),
  css: z.string().max(20_000),
  paper: z.enum(documentPapers),
});
export type TemplateText = z.infer<typeof templateTextShape>;
export const templateParamsShape = z.object({ projectId: z.string(), kind: z.enum(documentKinds) });
export const templateVersionParamsShape = templateParamsShape.extend({
  version: z.coerce.number().int().min(0),
});
export const templateVersionShape = templateTextShape.extend({
  /** 0 is the built-in one. */
  version: counter,
  note: z.string().nullable(),
  draftedAtMs: instantMs.nullable(),
  draftedBy: who.nullable(),
});
export type TemplateVersion = z.infer<typeof templateVersionShape>;
export const documentTemplateShape = z.object({
  kind: z.enum(documentKinds),
  activeVersion: counter,
  activations: z.array(
    z.object({ version: counter, activeFromMs: instantMs, activatedAtMs: instantMs, activatedBy: who }),
  ),
  versions: z.array(templateVersionShape),
});
export type DocumentTemplate = z.infer<typeof documentTemplateShape>;
export const documentTemplatesShape = z.object({
  templates: z.array(documentTemplateShape),
  /** What a template may name, with what each is in words of both languages and an example. */
  fields: z.array(
    z.object({ name: z.string(), list: z.boolean(), about: z.object({ en: z.string(), zh: z.string() }) }),
  ),
  company: companyHeadShape,
  logo: z.string().nullable().describe('As a data: address.'),
});
export type DocumentTemplates = z.infer<typeof documentTemplatesShape>;
/** POST …/document-templates/{kind}/versions */
export const templateDraftBodyShape = templateTextShape.extend({
  note: z.string().trim().max(200).optional(),
});
export type TemplateDraftBody = z.input<typeof templateDraftBodyShape>;
/** POST …/document-templates/{kind}/versions/{version}/activate; version 0 resets to the built-in one. */
export const templateActivateBodyShape = z.strictObject({
  activeFromMs: instantMs.optional().describe('Not in the past. Default: now.'),
});
export type TemplateActivateBody = z.input<typeof templateActivateBodyShape>;
/** POST …/document-templates/{kind}/preview: with a past document, or with made-up facts when there is none. */
export const templatePreviewBodyShape = templateTextShape.extend({
  language: z.enum(documentLanguages),
  documentId: z.string().optional(),
});
export type TemplatePreviewBody = z.input<typeof templatePreviewBodyShape>;
export const templateFaultShape = z.object({ path: z.enum(['html', 'css']), message: z.string() });
export type TemplateFaults = readonly z.infer<typeof templateFaultShape>[];
export const templatePreviewShape = z.object({
  html: z.string(),
  /** What was left out because neither paper nor PDF could show it, or because it could run. */
  faults: z.array(templateFaultShape),
});
export type TemplatePreview = z.infer<typeof templatePreviewShape>;
/** PUT …/company-head; a logo is PNG or SVG of at most 200 kB as a data: address, null removes it, left out keeps it. */
export const companyHeadBodyShape = companyHeadShape.extend({
  logo: z.string().max(280_000).nullable().optional(),
});
export type CompanyHeadBody = z.input<typeof companyHeadBodyShape>;

/** GET /api/verify/{code}: open to everybody; nothing personal. */
export const verifyParamsShape = z.object({ code: text });
export const verifyAnswerShape = z.object({
  genuine: z.boolean(),
  /** Null when there is no document with this code. */
  document: z
    .object({
      kind: z.enum(documentKinds),
      number: counter,
      localDay,
      amountMicros: micros,
      currency: z.string(),
      issuer: z.string(),
    })
    .nullable(),
});
export type VerifyAnswer = z.infer<typeof verifyAnswerShape>;
