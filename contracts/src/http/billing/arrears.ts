// SPDX-License-Identifier: Apache-2.0
/** Arrears agreements, and how a top up is divided. */
import { z } from 'zod';
import { vendPartsShape } from './vends.ts';
import { instantMs, localDay, micros, requestId, text, who } from './words.ts';

export const arrearsStates = ['active', 'paid', 'ended', 'written-down'] as const;
export type ArrearsState = (typeof arrearsStates)[number];
export const arrearsOrigins = ['balance', 'brought'] as const;
export const instalmentShape = z.strictObject({ dueDay: localDay, amountMicros: micros.positive() });
export type Instalment = z.infer<typeof instalmentShape>;
/** How much of each top up goes to the arrears. */
const recoveryTerms = {
  sharePpm: z
    .number()
    .int()
    .min(1)
    .max(1_000_000)
    .describe('Share of each top up, parts per million: 250000 is a quarter.'),
  capPerVendMicros: micros.positive().nullable().default(null).describe('Most taken of one top up.'),
  capPerMonthMicros: micros.positive().nullable().default(null).describe('Most taken in one local month.'),
  instalments: z
    .array(instalmentShape)
    .max(120)
    .default([])
    .describe('What must have been paid by which days; unpaid after the day it is overdue.'),
};
/** POST …/accounts/{accountId}/arrears-agreements → 201 arrearsAgreementShape */
export const arrearsAgreementBodyShape = z.strictObject({
  requestId: requestId.optional(),
  origin: z
    .enum(arrearsOrigins)
    .describe('balance: what the balance is below zero; brought: owed from elsewhere, with evidence.'),
  amountMicros: micros.positive(),
  ...recoveryTerms,
  holder: text.describe('Who owes and agreed.'),
  signedBy: text.describe('Who signed for the landlord.'),
  reason: text,
  evidence: text.nullable().default(null).describe('Paper or file that proves a debt brought along.'),
});
export type ArrearsAgreementBody = z.input<typeof arrearsAgreementBodyShape>;

export const arrearsMovementKinds = ['payment', 'reversal', 'returned', 'written-down'] as const;
export type ArrearsMovementKind = (typeof arrearsMovementKinds)[number];
export const arrearsAgreementShape = z.object({
  agreementId: z.string(),
  accountId: z.string(),
  tenantName: z.string(),
  state: z.enum(arrearsStates),
  origin: z.enum(arrearsOrigins),
  amountMicros: micros,
  /** Still owed under it. */
  restMicros: micros,
  sharePpm: z.number().int(),
  capPerVendMicros: micros.nullable(),
  capPerMonthMicros: micros.nullable(),
  instalments: z.array(instalmentShape),
  /** Instalments due before today that top ups have not paid. */
  overdueMicros: micros,
  /** Taken of top ups of this local month. */
  paidThisMonthMicros: micros,
  holder: z.string(),
  signedBy: z.string(),
  reason: z.string(),
  evidence: z.string().nullable(),
  madeBy: who,
  madeAtMs: instantMs,
  endedAtMs: instantMs.nullable(),
  endReason: z.string().nullable(),
  /** Oldest first; positive lessens the debt. */
  movements: z.array(
    z.object({
      postingId: z.string(),
      kind: z.enum(arrearsMovementKinds),
      amountMicros: micros,
      localDay: localDay,
      recordedAtMs: instantMs,
    }),
  ),
});
export type ArrearsAgreement = z.infer<typeof arrearsAgreementShape>;
/** GET …/arrears-agreements */
export const arrearsListQueryShape = z.object({
  state: z.enum([...arrearsStates, 'all']).default('active'),
  accountId: z.string().optional(),
});
export const arrearsListShape = z.object({
  currency: z.string(),
  agreements: z.array(arrearsAgreementShape),
  /** Over the active ones. */
  restMicros: micros,
  overdueMicros: micros,
  /** Negative balances of open accounts that no agreement covers. */
  debtors: z.array(z.object({ accountId: z.string(), tenantName: z.string(), balanceMicros: micros })),
});
export type ArrearsList = z.infer<typeof arrearsListShape>;

export const arrearsParamsShape = z.object({ projectId: z.string(), agreementId: z.string() });
/** POST …/arrears-agreements/{agreementId}/end: the rest goes back to the balance. */
export const arrearsEndBodyShape = z.strictObject({ requestId: requestId.optional(), reason: text });
/** POST …/arrears-agreements/{agreementId}/write-down (right books:write): forgiven, in whole or in part. */
export const arrearsWriteDownBodyShape = z.strictObject({
  requestId: requestId.optional(),
  amountMicros: micros.positive(),
  reason: text,
});
export type ArrearsWriteDownBody = z.input<typeof arrearsWriteDownBodyShape>;

/** GET …/accounts/{accountId}/allocation-preview?amountMicros=: how a top up would be divided now. */
export const allocationPreviewQueryShape = z.object({
  amountMicros: z.coerce.number().int().positive().max(Number.MAX_SAFE_INTEGER),
});
export const allocationPreviewShape = z.object({
  amountMicros: micros,
  parts: vendPartsShape,
  balanceBeforeMicros: micros,
  balanceAfterMicros: micros,
  arrearsBeforeMicros: micros,
  arrearsAfterMicros: micros,
  emergencyOwedBeforeMicros: micros,
  emergencyOwedAfterMicros: micros,
});
export type AllocationPreview = z.infer<typeof allocationPreviewShape>;
