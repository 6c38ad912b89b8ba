// SPDX-License-Identifier: Apache-2.0
/** Vends ("top up" on screens), their reversals, payments announced. */
import { z } from 'zod';
import { media } from '../../quantities.ts';
import { balanceStages, billingPageLimitMax, paymentMeans } from './vocabulary.ts';
import { counter, instantMs, localDay, micros, requestId, text, who } from './words.ts';

/** Why a vend is taken back: a slip of ours, or a bank that refused a cheque. */
export const reversalCauses = ['mistake', 'cheque-bounced'] as const;
export type ReversalCause = (typeof reversalCauses)[number];
/** What a project may ask of a reversal; set aside only by a person with account:write. */
export const reversalRules = ['same-day', 'same-shift', 'balance-suffices'] as const;
export type ReversalRule = (typeof reversalRules)[number];

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
  /** Number of the card slip, transfer or cheque; a third party's own number. */
  reference: z.string().nullable(),
  /** The bank a cheque is drawn on. */
  drawerBank: z.string().nullable(),
  /** Cash handed over; the change is the rest. Null where nobody typed it. */
  receivedMicros: micros.nullable(),
  /** The cashier's shift it belongs to; null outside any. */
  shiftId: z.string().nullable(),
  shiftNumber: counter.nullable(),
  parts: vendPartsShape,
  balanceAfterMicros: micros,
  cashier: who,
  effectiveAtMs: instantMs,
  recordedAtMs: instantMs,
  reversal: z
    .object({
      postingId: z.string(),
      cause: z.enum(reversalCauses),
      reason: z.string(),
      by: who,
      recordedAtMs: instantMs,
      overrode: z.array(z.string()),
    })
    .nullable(),
});
export type Vend = z.infer<typeof vendShape>;

/** POST …/accounts/{accountId}/vends → 201 vendShape */
export const vendBodyShape = z
  .strictObject({
    requestId: requestId.optional(),
    amountMicros: micros.positive(),
    means: z.enum(paymentMeans),
    reference: z.string().trim().max(200).optional().describe('Number of the card slip, transfer or cheque.'),
    drawerBank: z.string().trim().min(1).max(200).optional().describe('The bank a cheque is drawn on.'),
    receivedMicros: micros.positive().optional().describe('Cash handed over, at least the amount.'),
    pendingPaymentId: z.string().optional().describe('The announced payment that has now arrived.'),
  })
  .refine(
    (vend) => vend.means !== 'cheque' || ((vend.reference ?? '') !== '' && vend.drawerBank !== undefined),
    {
      path: ['drawerBank'],
      error: 'a cheque has its number (reference) and the bank it is drawn on (drawerBank)',
    },
  )
  .refine((vend) => vend.means === 'cheque' || vend.drawerBank === undefined, {
    path: ['drawerBank'],
    error: 'only a cheque is drawn on a bank',
  })
  .refine(
    (vend) =>
      vend.receivedMicros === undefined ||
      (vend.means === 'cash' && vend.receivedMicros >= vend.amountMicros),
    { path: ['receivedMicros'], error: 'only of cash, and at least the amount' },
  );
export type VendBody = z.input<typeof vendBodyShape>;
/** POST …/accounts/{accountId}/vends/{vendId}/reversal → vendShape with its reversal */
export const reversalBodyShape = z.strictObject({
  requestId: requestId.optional(),
  cause: z
    .enum(reversalCauses)
    .default('mistake')
    .describe('The bank refused the cheque: taken back whatever the rules say, below zero if need be.'),
  reason: text,
  override: z
    .boolean()
    .default(false)
    .describe('Set the rules of the project aside; needs the right account:write.'),
});
export type ReversalBody = z.input<typeof reversalBodyShape>;
/** GET …/accounts/{accountId}/vend-quote: what money buys at present, by medium. Estimates: the charge is made slot by slot. */
export const vendQuoteShape = z.object({
  currency: z.string(),
  balanceMicros: micros,
  /** Average charge of the last measured days; null when fewer than seven are measured. */
  dailyChargeMicros: micros.nullable(),
  media: z.array(
    z.object({
      medium: z.enum(media),
      /** Per kWh or m³. Null when no price is in force. */
      priceMicros: micros.nullable(),
      /** What the price is made from: the account's own last days, or the rates in force over a week. */
      basis: z.enum(['last-days', 'rates-in-force', 'none']),
      /** Tier and rates are one price only where they are: false says the price is an average of several. */
      flat: z.boolean(),
    }),
  ),
});
export type VendQuote = z.infer<typeof vendQuoteShape>;

/**
 * For kiosks and chains of shops that sell for us: they find an account by what the customer shows and see no more than
 * they need. GET …/vend-lookup?meterSerial=… or ?tenantCode=…
 */
export const vendLookupQueryShape = z
  .object({
    meterSerial: z.string().trim().min(1).max(100).optional(),
    tenantCode: z.string().trim().min(1).max(100).optional(),
  })
  .refine((query) => (query.meterSerial === undefined) !== (query.tenantCode === undefined), {
    error: 'give meterSerial or tenantCode',
  });
export const vendLookupShape = z.object({
  currency: z.string(),
  accounts: z.array(
    z.object({
      accountId: z.string(),
      /** First letters of the tenant's name. */
      tenantInitials: z.string(),
      stage: z.enum(balanceStages),
    }),
  ),
});
/** POST …/third-party-vends → 201 */
export const thirdPartyVendBodyShape = z.strictObject({
  requestId: requestId.optional(),
  accountId: z.string(),
  amountMicros: micros.positive(),
  reference: z.string().trim().min(1).max(200).describe("The third party's own number of the sale."),
});
export const thirdPartyVendShape = z.object({
  vendId: z.string(),
  receiptNumber: counter,
  accountId: z.string(),
  amountMicros: micros,
  parts: vendPartsShape,
  reference: z.string(),
  tenantInitials: z.string(),
  stage: z.enum(balanceStages),
  recordedAtMs: instantMs,
});

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
