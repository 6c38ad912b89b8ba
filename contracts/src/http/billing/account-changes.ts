// SPDX-License-Identifier: Apache-2.0
/** What becomes of an account between opening and closing, and the record of all of it. */
import { z } from 'zod';
import { media } from '../../quantities.ts';
import {
  closeAccountAnswerShape,
  closeAccountBodyShape,
  contractedDemandW,
  firstVendShape,
  registerEvidenceShape,
} from './accounts.ts';
import { billingPageLimitMax } from './vocabulary.ts';
import { counter, instantMs, localDay, micros, requestId, text, who } from './words.ts';

const changeParts = {
  requestId: requestId.optional(),
  meteringPointId: z.string(),
  fromMs: instantMs.describe('On the slot grid, not in the future. What has flowed since is charged anew.'),
  reason: text,
  dryRun: z.boolean().default(false).describe('Only says what it would change; nothing is kept.'),
};
/** POST …/accounts/{accountId}/changes. A change holds from its instant on, also against what was said of later ones. */
export const accountChangeBodyShape = z.discriminatedUnion('change', [
  z.strictObject({
    change: z.literal('add-point'),
    ...changeParts,
    priceSchemeId: z.string(),
    contractedDemandW: contractedDemandW.optional(),
  }),
  z.strictObject({ change: z.literal('remove-point'), ...changeParts }),
  z.strictObject({ change: z.literal('change-scheme'), ...changeParts, priceSchemeId: z.string() }),
  z.strictObject({ change: z.literal('change-demand'), ...changeParts, contractedDemandW }),
  z.strictObject({
    change: z.literal('undo'),
    requestId: requestId.optional(),
    changeId: z.string().describe("The point's latest change; the point is then as it was before."),
    reason: text,
    dryRun: z.boolean().default(false),
  }),
]);
export type AccountChangeBody = z.input<typeof accountChangeBodyShape>;
export const accountChangeAnswerShape = z.object({
  /** Null for a dry run. */
  changeId: z.string().nullable(),
  accountId: z.string(),
  /** What the account is charged more (or less, negative) for the past. */
  chargedMicros: micros,
  balanceMicros: micros,
});
export type AccountChangeAnswer = z.infer<typeof accountChangeAnswerShape>;

/** POST …/accounts/{accountId}/suspension and …/resumption */
export const suspensionBodyShape = z.strictObject({ requestId: requestId.optional(), reason: text });
export type SuspensionBody = z.infer<typeof suspensionBodyShape>;

/** POST …/accounts/{accountId}/tenant-change: closes the account and opens one for the next tenant from the same instant. */
export const tenantChangeBodyShape = z.strictObject({
  requestId: requestId.optional(),
  tenantId: z.string().describe('The next tenant.'),
  atMs: instantMs.describe('On the slot grid, not in the future.'),
  reason: text,
  rest: z
    .enum(['refund', 'carry-over'])
    .default('refund')
    .describe(
      "What becomes of a credit: paid out, or the next tenant's. A debt stays with the closed account.",
    ),
  refundMeans: closeAccountBodyShape.shape.refundMeans,
  acceptIncomplete: closeAccountBodyShape.shape.acceptIncomplete,
  acceptObstacles: closeAccountBodyShape.shape.acceptObstacles,
  readings: z.array(registerEvidenceShape).max(300).default([]),
  firstVend: firstVendShape.optional(),
});
export type TenantChangeBody = z.input<typeof tenantChangeBodyShape>;
export const tenantChangeAnswerShape = z.object({
  closed: closeAccountAnswerShape,
  openedAccountId: z.string(),
  openingPostingId: z.string(),
  carriedMicros: micros,
  /** Of the account opened. */
  balanceMicros: micros,
});
export type TenantChangeAnswer = z.infer<typeof tenantChangeAnswerShape>;

export const obstacleKinds = ['payment-pending', 'arrears-agreement', 'emergency-credit'] as const;
/** POST …/accounts/{accountId}/close-preview: what closing at that instant would do. Changes nothing. */
export const closePreviewBodyShape = z.strictObject({ closedAtMs: instantMs });
export const closePreviewShape = z.object({
  accountId: z.string(),
  closedAtMs: instantMs,
  /** As it is now. */
  balanceMicros: micros,
  /** Charged more (less is negative) by closing: energy after the instant is given back. */
  finalChargeMicros: micros,
  finalBalanceMicros: micros,
  /** Arrears agreed, taken from the final balance before anything is paid out. */
  arrearsMicros: micros,
  refundMicros: micros,
  owedMicros: micros,
  points: z.array(
    z.object({
      meteringPointId: z.string(),
      lastReadingMs: instantMs.nullable(),
      /** Read at or after the instant: its charge is final. */
      complete: z.boolean(),
    }),
  ),
  obstacles: z.array(
    z.object({ kind: z.enum(obstacleKinds), amountMicros: micros, reference: z.string().nullable() }),
  ),
});
export type ClosePreview = z.infer<typeof closePreviewShape>;
export type ClosingObstacle = ClosePreview['obstacles'][number];

/** GET …/accounts/{accountId}/history: what the account was made of, and which meters counted for it. */
export const accountHistoryShape = z.object({
  points: z.array(
    z.object({
      meteringPointId: z.string(),
      code: z.string(),
      name: z.string(),
      priceSchemeId: z.string(),
      priceSchemeName: z.string(),
      contractedDemandW: contractedDemandW,
      fromMs: instantMs,
      toMs: instantMs.nullable(),
    }),
  ),
  /** Meters that counted at the account's points in its time. Two that follow each other are an exchange. */
  meters: z.array(
    z.object({
      meteringPointId: z.string(),
      segmentId: z.string(),
      meterId: z.string(),
      serial: z.string(),
      register: z.string(),
      fromMs: instantMs,
      toMs: instantMs.nullable(),
    }),
  ),
  openingReadings: z.array(registerEvidenceShape),
  closingReadings: z.array(registerEvidenceShape),
});
export type AccountHistory = z.infer<typeof accountHistoryShape>;

export const accountRecordKinds = [
  'opened',
  'closed',
  'point-added',
  'point-removed',
  'scheme-changed',
  'demand-changed',
  'change-undone',
  'suspended',
  'resumed',
  'thresholds-changed',
] as const;
export type AccountRecordKind = (typeof accountRecordKinds)[number];
/** GET …/account-events, newest first. */
export const accountRecordQueryShape = z.object({
  fromDay: localDay.optional().describe('Recorded on this local day or later.'),
  toDay: localDay.optional().describe('Inclusive.'),
  tenantId: z.string().optional(),
  accountId: z.string().optional(),
  kind: z.enum(accountRecordKinds).optional(),
  limit: z.coerce.number().int().min(1).max(billingPageLimitMax).default(100),
  after: z.string().max(200).optional().describe('`next` of the page before.'),
});
const recordTermsShape = z.object({ priceSchemeName: z.string(), contractedDemandW });
export const accountRecordShape = z.object({
  /** The posting of an opening or closing, else the change. */
  recordId: z.string(),
  kind: z.enum(accountRecordKinds),
  accountId: z.string(),
  tenantId: z.string(),
  tenantCode: z.string(),
  tenantName: z.string(),
  effectiveAtMs: instantMs,
  recordedAtMs: instantMs,
  recordedBy: who,
  reason: z.string().nullable(),
  /** Of openings and closings: its documents stand under this posting. */
  postingId: z.string().nullable(),
  /** Change of tenant: the account before (of an opening) or after (of a closing). */
  otherAccountId: z.string().nullable(),
  point: z.object({ meteringPointId: z.string(), code: z.string(), name: z.string() }).nullable(),
  /** Of the point at that instant; null where the account did not have it. */
  before: recordTermsShape.nullable(),
  after: recordTermsShape.nullable(),
});
export type AccountRecord = z.infer<typeof accountRecordShape>;
export const accountRecordListShape = z.object({
  events: z.array(accountRecordShape),
  next: z.string().nullable(),
});
export type AccountRecordList = z.infer<typeof accountRecordListShape>;

/** GET …/account-proposal: what an opening for a tenant, a room or named points would take, from the imported list. */
export const accountProposalQueryShape = z.object({
  tenantId: z.string().optional(),
  placeId: z.string().optional().describe('A room, or anything that holds rooms.'),
});
export const accountProposalShape = z.object({
  /** The tenant of the points where there is one and only one. */
  tenantId: z.string().nullable(),
  points: z.array(
    z.object({
      meteringPointId: z.string(),
      code: z.string(),
      name: z.string(),
      medium: z.enum(media),
      placeId: z.string().nullable(),
      /** The scheme most open accounts of tenants of that kind have for this medium, else most of the project. */
      priceSchemeId: z.string().nullable(),
      /** A meter is mounted at present. */
      metered: z.boolean(),
    }),
  ),
  alarm1Micros: micros,
  alarm2Micros: micros,
});
export type AccountProposal = z.infer<typeof accountProposalShape>;

export const openingRowsMax = 5000;
/** One row of a list: one metering point. Rows of the same account name (or tenant, where none) are one account. */
export const openingRowShape = z.strictObject({
  /** As the spreadsheet counts it. */
  row: z.number().int().min(1),
  account: z.string().max(100).default(''),
  tenant: z.string().max(200).default('').describe("The tenant's code."),
  point: z.string().max(200).default('').describe("The metering point's code."),
  scheme: z.string().max(200).default('').describe("The price scheme's name."),
  openedAt: z.string().max(40).default('').describe('Local time of the project: 2026-03-01 00:00.'),
  contractedDemandKw: z.string().max(40).default(''),
  alarm1: z.string().max(40).default(''),
  alarm2: z.string().max(40).default(''),
  firstVend: z.string().max(40).default(''),
  means: z.string().max(40).default(''),
  reference: z.string().max(200).default(''),
});
export type OpeningRow = z.infer<typeof openingRowShape>;
export const openingColumns = [
  'account',
  'tenant',
  'point',
  'scheme',
  'openedAt',
  'contractedDemandKw',
  'alarm1',
  'alarm2',
  'firstVend',
  'means',
  'reference',
] as const;
export type OpeningColumn = (typeof openingColumns)[number];
export const openingFaultCodes = [
  'missing',
  'unknown',
  'twice',
  'differs',
  'no-amount',
  'negative',
  'no-whole-watts',
  'no-local-time',
  'off-slot-grid',
  'in-the-future',
  'thresholds-crossed',
  'other-medium',
  'taken',
] as const;
export type OpeningFaultCode = (typeof openingFaultCodes)[number];
/** POST …/account-openings. The same id with the same rows again opens what is missing and nothing twice. */
export const openingListBodyShape = z.strictObject({
  requestId: requestId.optional(),
  dryRun: z.boolean().default(false),
  rows: z.array(openingRowShape).min(1).max(openingRowsMax),
});
export type OpeningListBody = z.input<typeof openingListBodyShape>;
export const openingListAnswerShape = z.object({
  /** One per account, in order of its first row. */
  accounts: z.array(
    z.object({
      rows: z.array(z.number().int()),
      tenantName: z.string().nullable(),
      points: counter,
      openedAtMs: instantMs.nullable(),
      firstVendMicros: micros,
      /** would-open (dry run), opened, opened-before (by the same list), faulty. */
      outcome: z.enum(['would-open', 'opened', 'opened-before', 'faulty']),
      accountId: z.string().nullable(),
    }),
  ),
  faults: z.array(
    z.object({
      row: z.number().int(),
      column: z.enum(openingColumns).nullable(),
      code: z.enum(openingFaultCodes),
      /** The cell, or the row or word that it is compared with. */
      about: z.string(),
      message: z.string(),
    }),
  ),
});
export type OpeningListAnswer = z.infer<typeof openingListAnswerShape>;
/** GET …/account-openings/template: rows of the project's points that have no account, as an opening would take them. */
export const openingTemplateShape = z.object({ rows: z.array(openingRowShape) });
export type OpeningTemplate = z.infer<typeof openingTemplateShape>;
