// SPDX-License-Identifier: Apache-2.0
/** Vends ("top up" on screens), their reversals, payments announced. */
import { z } from 'zod';
import { billingPageLimitMax, paymentMeans } from './vocabulary.ts';
import { counter, instantMs, localDay, micros, requestId, text, who } from './words.ts';

export const vendPartsShape = z.object({
  /** Pays back what the balance was below zero. */
  arrearsMicros: micros,
  /** Pays back emergency credit used. */
  emergencyMicros: micros,
  /** The rest, to spend. */
  balanceMicros: micros,
});
export type VendParts = z.infer<typeof vendPartsShape>;
/** A vend and its receipt. The parts sum to the amount. */
export const vendShape = z.object({
  vendId: z.string(),
  accountId: z.string(),
  tenantId: z.string(),
  tenantName: z.string(),
  postingId: z.string(),
  /** Without gaps within the project. */
  receiptNumber: counter,
  amountMicros: micros,
  means: z.enum(paymentMeans),
  reference: z.string().nullable(),
  parts: vendPartsShape,
  balanceAfterMicros: micros,
  cashier: who,
  effectiveAtMs: instantMs,
  recordedAtMs: instantMs,
  reversal: z
    .object({
      postingId: z.string(),
      reason: z.string(),
      by: who,
      recordedAtMs: instantMs,
      overrode: z.array(z.string()),
    })
    .nullable(),
});
export type Vend = z.infer<typeof vendShape>;

/** POST …/accounts/{accountId}/vends → 201 vendShape */
export const vendBodyShape = z.strictObject({
  requestId: requestId.optional(),
  amountMicros: micros.positive(),
  means: z.enum(paymentMeans),
  reference: z.string().trim().max(200).optional().describe('Number of the card slip or transfer.'),
  pendingPaymentId: z.string().optional().describe('The announced payment that has now arrived.'),
});
export type VendBody = z.input<typeof vendBodyShape>;
/** POST …/accounts/{accountId}/vends/{vendId}/reversal → vendShape with its reversal */
export const reversalBodyShape = z.strictObject({
  requestId: requestId.optional(),
  reason: text,
  override: z
    .boolean()
    .default(false)
    .describe(
      'Reverse although it is another day or the balance does not suffice; needs the right account:write.',
    ),
});
export type ReversalBody = z.input<typeof reversalBodyShape>;
/** GET …/vends (whole project) and GET …/accounts/{accountId}/vends, newest first. */
export const vendListQueryShape = z.object({
  fromDay: localDay.optional(),
  toDay: localDay.optional(),
  means: z.enum(paymentMeans).optional(),
  cashierId: z.string().optional(),
  limit: z.coerce.number().int().min(1).max(billingPageLimitMax).default(100),
  before: z.coerce
    .number()
    .int()
    .min(1)
    .optional()
    .describe('Receipts with a smaller number: `next` of the page before.'),
});
export const vendListShape = z.object({
  currency: z.string(),
  vends: z.array(vendShape),
  next: counter.nullable(),
});
export type VendList = z.infer<typeof vendListShape>;

/** POST …/accounts/{accountId}/pending-payments: a payment announced but not arrived; holds a disconnection back. */
export const pendingPaymentBodyShape = z.strictObject({
  requestId: requestId.optional(),
  amountMicros: micros.positive(),
  means: z.enum(paymentMeans).default('transfer'),
  reference: text,
  expiresAtMs: instantMs.describe('After this it no longer holds anything back; at most 14 days ahead.'),
});
export type PendingPaymentBody = z.input<typeof pendingPaymentBodyShape>;
export const pendingPaymentAnswerShape = z.object({ pendingPaymentId: z.string(), expiresAtMs: instantMs });
export const pendingPaymentParamsShape = z.object({
  projectId: z.string(),
  accountId: z.string(),
  pendingPaymentId: z.string(),
});
