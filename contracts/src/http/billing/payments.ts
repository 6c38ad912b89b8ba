// SPDX-License-Identifier: Apache-2.0
/** Payments through providers: asked for, followed, refunded, and what a person has to look at. */
import { z } from 'zod';
import { counter, instantMs, localDay, micros, requestId, text, who } from './words.ts';

export const paymentProviders = ['stripe', 'alipay'] as const;
export type PaymentProviderName = (typeof paymentProviders)[number];
export const paymentStates = ['creating', 'open', 'processing', 'paid', 'expired', 'failed'] as const;
export type PaymentState = (typeof paymentStates)[number];

/** POST …/accounts/{accountId}/payments → 201 onlinePaymentShape */
export const paymentBodyShape = z.strictObject({
  requestId: requestId.optional(),
  provider: z.enum(paymentProviders),
  amountMicros: micros.positive(),
});
export type PaymentBody = z.input<typeof paymentBodyShape>;
export const onlinePaymentShape = z.object({
  paymentId: z.string(),
  accountId: z.string(),
  provider: z.enum(paymentProviders),
  providerPaymentId: z.string().nullable(),
  amountMicros: micros,
  currency: z.string(),
  state: z.enum(paymentStates),
  /** Where the payer pays: an address to open, or a text to show as a QR code. */
  checkoutUrl: z.string().nullable(),
  qrText: z.string().nullable(),
  createdAtMs: instantMs,
  createdBy: who,
  expiresAtMs: instantMs,
  receivedMicros: micros.nullable(),
  receivedCurrency: z.string().nullable(),
  paidAtMs: instantMs.nullable(),
  refundedMicros: micros,
  /** The vend it became. */
  vendPostingId: z.string().nullable(),
  receiptNumber: counter.nullable(),
  creditedDay: localDay.nullable(),
});
export type OnlinePayment = z.infer<typeof onlinePaymentShape>;
export const paymentParamsShape = z.object({ projectId: z.string(), paymentId: z.string() });

/** GET …/payments, newest first */
export const paymentListQueryShape = z.object({
  accountId: z.string().optional(),
  provider: z.enum(paymentProviders).optional(),
  state: z.enum(paymentStates).optional(),
  limit: z.coerce.number().int().min(1).max(500).default(100),
  beforeMs: z.coerce.number().int().min(1).optional().describe('Created earlier: `next` of the page before.'),
});
export const paymentListShape = z.object({
  currency: z.string(),
  /** Providers that are set up here and take the project's currency; empty: no online payments. */
  providers: z.array(z.enum(paymentProviders)),
  payments: z.array(onlinePaymentShape),
  next: instantMs.nullable(),
});
export type PaymentList = z.infer<typeof paymentListShape>;

/** POST …/payments/{paymentId}/refund → onlinePaymentShape */
export const paymentRefundBodyShape = z.strictObject({
  requestId: requestId.optional(),
  amountMicros: micros.positive(),
  reason: text,
});
export type PaymentRefundBody = z.input<typeof paymentRefundBodyShape>;

export const paymentItemKinds = [
  'payment-unknown',
  'amount-differs',
  'currency-differs',
  'account-refused',
  'refund-beyond-balance',
] as const;
export const paymentItemShape = z.object({
  itemId: z.string(),
  provider: z.enum(paymentProviders),
  providerPaymentId: z.string(),
  kind: z.enum(paymentItemKinds),
  paymentId: z.string().nullable(),
  askedMicros: micros.nullable(),
  receivedMicros: micros.nullable(),
  currency: z.string(),
  foundAtMs: instantMs,
  state: z.enum(['open', 'settled']),
  settledAtMs: instantMs.nullable(),
  settledBy: who.nullable(),
  note: z.string().nullable(),
});
export type PaymentItem = z.infer<typeof paymentItemShape>;
/** GET …/payment-items */
export const paymentItemListShape = z.object({ items: z.array(paymentItemShape) });
export type PaymentItemList = z.infer<typeof paymentItemListShape>;
/** POST …/payment-items/{itemId}/settle → paymentItemShape */
export const settleItemBodyShape = z.strictObject({ note: text });
export const paymentItemParamsShape = z.object({ projectId: z.string(), itemId: z.string() });
/** POST /api/payments/{provider}/notices: public, believed only when the provider has signed it. */
export const paymentNoticeParamsShape = z.object({ provider: z.enum(paymentProviders) });
