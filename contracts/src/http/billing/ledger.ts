// SPDX-License-Identifier: Apache-2.0
/** An account's postings, newest first. */
import { z } from 'zod';
import { media } from '../../quantities.ts';
import { touPeriods } from '../../tou-period.ts';
import { billingPageLimitMax, chargeComponents, paymentMeans, unpricedReasons } from './vocabulary.ts';
import { counter, instantMs, localDay, micros, who } from './words.ts';

export const postingKinds = [
  'vend',
  'reversal',
  'charge',
  'opening',
  'closing',
  'refund',
  'arrears-agreement',
  'shared-cost',
  'cash-difference',
] as const;
export type PostingKind = (typeof postingKinds)[number];
export const chargeCauses = [
  'interval-energy',
  'account-opened',
  'account-closed',
  'account-changed',
  'month-items',
  'price-notice',
  'price-withdrawn',
] as const;
export type ChargeCause = (typeof chargeCauses)[number];

/** One line of an account's statement, newest first. */
export const ledgerEntryShape = z.object({
  /** Counts the account's entries from 1. */
  sequence: counter,
  postingId: z.string(),
  kind: z.enum(postingKinds),
  /** Credit positive (top up), debit negative (charge). */
  amountMicros: micros,
  balanceAfterMicros: micros,
  effectiveAtMs: instantMs,
  recordedAtMs: instantMs,
  recordedBy: who,
  /** Receipt and means of a vend or reversal. */
  vendId: z.string().nullable(),
  receiptNumber: counter.nullable(),
  means: z.enum(paymentMeans).nullable(),
  /** What a charge is made of. */
  charge: z
    .object({
      cause: z.enum(chargeCauses),
      fromDay: localDay,
      toDay: localDay,
      lines: counter,
      /** Consumption by medium, differences as posted. */
      consumption: z.array(z.object({ medium: z.enum(media), consumption: z.number().int() })),
    })
    .nullable(),
  reason: z.string().nullable(),
});
export type LedgerEntry = z.infer<typeof ledgerEntryShape>;
/** GET …/accounts/{accountId}/ledger */
export const ledgerQueryShape = z.object({
  limit: z.coerce.number().int().min(1).max(billingPageLimitMax).default(50),
  before: z.coerce
    .number()
    .int()
    .min(1)
    .optional()
    .describe('Entries with a smaller sequence: `next` of the page before.'),
  kind: z.enum(postingKinds).optional(),
});
export const ledgerPageShape = z.object({
  currency: z.string(),
  balanceMicros: micros,
  entries: z.array(ledgerEntryShape),
  next: counter.nullable(),
});
export type LedgerPage = z.infer<typeof ledgerPageShape>;

/** GET …/accounts/{accountId}/ledger/{postingId}: the posting with both sides and its charge lines. */
export const postingParamsShape = z.object({
  projectId: z.string(),
  accountId: z.string(),
  postingId: z.string(),
});
export const chargeLineShape = z.object({
  meteringPointId: z.string(),
  segmentId: z.string(),
  localDay,
  component: z.enum(chargeComponents),
  /** Of a month's item: its name in the price version. */
  item: z.string().nullable(),
  season: z.string().nullable(),
  /** From 0; null where the price has no tiers. */
  tier: counter.nullable(),
  /** Null in an unpriced bucket and for a month's item. */
  period: z.enum(touPeriods).nullable(),
  priceVersionId: z.string().nullable(),
  unpricedReason: z.enum(unpricedReasons).nullable(),
  /** Differences against what was charged before; negative when something is taken back. */
  consumption: z.number().int(),
  amountMicros: micros,
});
export type ChargeLine = z.infer<typeof chargeLineShape>;
export const postingDetailShape = z.object({
  postingId: z.string(),
  kind: z.enum(postingKinds),
  requestId: z.string(),
  effectiveAtMs: instantMs,
  recordedAtMs: instantMs,
  recordedBy: who,
  entries: z.array(
    z.object({
      ledgerAccount: z.string().describe('e.g. tenant-balance, cash, energy-revenue'),
      debitMicros: micros,
      creditMicros: micros,
    }),
  ),
  lines: z.array(chargeLineShape),
});
export type PostingDetail = z.infer<typeof postingDetailShape>;
