// SPDX-License-Identifier: Apache-2.0
/** Orders, the consumption-and-charge report, and the journal for accounting. */
import { z } from 'zod';
import { media } from '../../quantities.ts';
import { asOfShape } from '../as-of.ts';
import { postingKinds } from './ledger.ts';
import { chargeComponents, dayRangeQueryShape, paymentMeans } from './vocabulary.ts';
import { counter, instantMs, localDay, micros, who } from './words.ts';

// ── orders ──────────────────────────────────────────────────────────────────
/** Everything that happened to accounts besides charges. */
export const orderKinds = postingKinds.filter((kind) => kind !== 'charge');
const orderFilter = {
  fromDay: localDay.optional(),
  toDay: localDay.optional(),
  kind: z.enum(postingKinds).exclude(['charge']).optional(),
  means: z.enum(paymentMeans).optional(),
  cashierId: z.string().max(100).optional(),
  accountId: z.string().max(100).optional(),
  q: z.string().trim().max(100).optional().describe("Part of the tenant's code or name."),
  amountMinMicros: z.coerce.number().int().optional().describe('Of the amount without its sign.'),
  amountMaxMicros: z.coerce.number().int().optional(),
  number: z.coerce.number().int().min(1).optional().describe('Of the document.'),
};
/** GET …/orders, newest first; GET …/orders.csv takes the same without limit and before. */
export const orderFileQueryShape = z.object(orderFilter);
export const orderListQueryShape = z.object({
  ...orderFilter,
  limit: z.coerce.number().int().min(1).max(500).default(100),
  before: z.string().max(100).optional().describe('`next` of the page before.'),
});
export type OrderFilter = z.infer<typeof orderFileQueryShape>;
export const orderShape = z.object({
  postingId: z.string(),
  kind: z.enum(postingKinds),
  /** Of its document; null: it has none. */
  number: counter.nullable(),
  documentId: z.string().nullable(),
  accountId: z.string(),
  tenantId: z.string().nullable(),
  tenantCode: z.string(),
  tenantName: z.string(),
  /** Money received positive, given back negative; of what moves no money, what it does to the balance. */
  amountMicros: micros,
  means: z.enum(paymentMeans).nullable(),
  reference: z.string().nullable(),
  reason: z.string().nullable(),
  by: who,
  effectiveAtMs: instantMs,
  recordedAtMs: instantMs,
  /** A vend that was taken back. */
  reversed: z.boolean(),
});
export type Order = z.infer<typeof orderShape>;
export const orderListShape = z.object({
  currency: z.string(),
  orders: z.array(orderShape),
  next: z.string().nullable(),
  /** Over all orders of the filter, by kind and means. */
  totals: z.array(
    z.object({
      kind: z.enum(postingKinds),
      means: z.enum(paymentMeans).nullable(),
      orders: counter,
      amountMicros: micros,
    }),
  ),
});
export type OrderList = z.infer<typeof orderListShape>;

// ── consumption and charge ──────────────────────────────────────────────────
/** GET …/consumption-report */
export const consumptionReportQueryShape = dayRangeQueryShape.extend({
  q: z.string().trim().max(100).optional().describe("Part of the tenant's code or name, or of a room."),
  language: z.enum(['en', 'zh']).default('en').describe('Of a file.'),
});
const registerAt = z.object({ instantMs, value: z.number().int(), scaler: z.number().int() }).nullable();
export const reportPointShape = z.object({
  meteringPointId: z.string(),
  code: z.string(),
  name: z.string(),
  medium: z.enum(media),
  /** From the building to the room. */
  place: z.string(),
  /** One per meter mounted in the period: its register as read at or before begin and end. */
  registers: z.array(
    z.object({
      meterId: z.string(),
      serial: z.string(),
      register: z.string(),
      multiplierNumerator: z.number().int(),
      multiplierDenominator: z.number().int(),
      opening: registerAt,
      closing: registerAt,
    }),
  ),
  consumption: z.number().int(),
  unpricedConsumption: z.number().int(),
  amountMicros: micros,
  periods: z.array(z.object({ period: z.string(), consumption: z.number().int(), amountMicros: micros })),
  components: z.array(z.object({ component: z.enum(chargeComponents), amountMicros: micros })),
});
export type ReportPoint = z.infer<typeof reportPointShape>;
/** opening + vended − charged − refunded + other = closing, to the last micro. */
export const reportMoneyShape = z.object({
  openingMicros: micros,
  /** Top-ups less reversals, as far as they went to the balance. */
  vendedMicros: micros,
  chargedMicros: micros,
  refundedMicros: micros,
  /** Shared costs, arrears agreements and the like; debits negative. */
  otherMicros: micros,
  closingMicros: micros,
});
export type ReportMoney = z.infer<typeof reportMoneyShape>;
export const consumptionReportShape = z.object({
  currency: z.string(),
  fromDay: localDay,
  toDay: localDay,
  accounts: z.array(
    z.object({
      accountId: z.string(),
      tenantId: z.string(),
      tenantCode: z.string(),
      tenantName: z.string(),
      openedAtMs: instantMs,
      closedAtMs: instantMs.nullable(),
      rooms: z.array(z.string()),
      money: reportMoneyShape,
      points: z.array(reportPointShape),
    }),
  ),
  total: reportMoneyShape,
  consumption: z.array(
    z.object({ medium: z.enum(media), consumption: z.number().int(), amountMicros: micros }),
  ),
  asOf: asOfShape,
});
export type ConsumptionReport = z.infer<typeof consumptionReportShape>;

// ── journal ─────────────────────────────────────────────────────────────────
/** GET …/journal.csv: every entry recorded in the span; GET …/trial-balance: Σ by ledger account. */
export const journalQueryShape = dayRangeQueryShape;
export const trialBalanceShape = z.object({
  currency: z.string(),
  rows: z.array(
    z.object({
      ledgerAccount: z.string(),
      chartNumber: z.string(),
      chartName: z.string(),
      /** Credit positive. */
      openingMicros: micros,
      debitMicros: micros,
      creditMicros: micros,
      closingMicros: micros,
    }),
  ),
  debitMicros: micros,
  creditMicros: micros,
  postings: counter,
});
export type TrialBalance = z.infer<typeof trialBalanceShape>;
/** PUT …/chart-of-accounts: numbers of the customer's own chart, by ledger account. */
export const chartAccountShape = z.strictObject({
  ledgerAccount: z
    .string()
    .regex(/^[a-z]+(-[a-z]+)*$/)
    .max(60),
  chartNumber: z.string().trim().max(40),
  chartName: z.string().trim().max(100),
});
export const chartOfAccountsShape = z.strictObject({ accounts: z.array(chartAccountShape).max(50) });
export type ChartOfAccounts = z.infer<typeof chartOfAccountsShape>;
