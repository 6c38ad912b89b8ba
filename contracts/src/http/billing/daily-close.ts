// SPDX-License-Identifier: Apache-2.0
/** The daily close: provider ↔ ledger ↔ meters and relays of a local day, with open items, a chain of hashes and a second person. */
import { z } from 'zod';
import { media } from '../../quantities.ts';
import { paymentMeans } from './vocabulary.ts';
import { counter, instantMs, localDay, micros, text, who } from './words.ts';

export const closeItemKinds = [
  'provider-statement-missing',
  'provider-lacks',
  'ledger-lacks',
  'amount-differs',
  'shift-open',
  'shift-difference',
  'cash-uncounted',
  'energy-differs',
  'energy-unpriced',
  'relay-differs',
] as const;
export type CloseItemKind = (typeof closeItemKinds)[number];
export const closeItemShape = z.object({
  /** The same trouble of the same day has the same key. */
  key: z.string(),
  kind: z.enum(closeItemKinds),
  /** What it is about: a receipt, a payment of the provider, a shift, a metering point, a meter. */
  subject: z.string(),
  amountMicros: micros.nullable(),
  otherMicros: micros.nullable(),
  consumption: z.number().int().nullable(),
  answer: z.object({ text: z.string(), by: who, atMs: instantMs }).nullable(),
});
export type CloseItem = z.infer<typeof closeItemShape>;

export const closeFiguresShape = z.object({
  localDay,
  currency: z.string(),
  /** Postings recorded after this and up to that instant. */
  recordedFromMs: instantMs,
  recordedToMs: instantMs,
  means: z.array(
    z.object({
      means: z.enum(paymentMeans),
      vends: counter,
      vendedMicros: micros,
      reversals: counter,
      reversedMicros: micros,
      refunds: counter,
      refundedMicros: micros,
      providerPayments: counter,
      providerMicros: micros,
    }),
  ),
  /** By kind of posting what it did to tenants' balances. */
  kinds: z.array(z.object({ kind: z.string(), postings: counter, amountMicros: micros })),
  /** Of them, what concerns earlier days. */
  earlier: z.array(z.object({ kind: z.string(), postings: counter, amountMicros: micros })),
  shifts: z.array(
    z.object({
      shiftNumber: counter,
      cashierName: z.string(),
      state: z.enum(['open', 'closed']),
      expectedMicros: micros.nullable(),
      countedMicros: micros.nullable(),
      differenceMicros: micros.nullable(),
    }),
  ),
  energy: z.array(
    z.object({
      medium: z.enum(media),
      consumption: z.number().int(),
      unpriced: z.number().int(),
      amountMicros: micros,
    }),
  ),
  slots: z.object({ slots: z.number().int(), charged: z.number().int(), unpriced: z.number().int() }),
  relaysSwitched: counter,
  items: z.array(closeItemShape),
});
export type CloseFigures = z.infer<typeof closeFiguresShape>;

const mark = z.object({ by: who, atMs: instantMs, reason: z.string().nullable() });
export const dayCloseShape = z.object({
  dayCloseId: z.string(),
  localDay,
  revision: counter,
  chainNumber: counter,
  hash: z.string(),
  previousHash: z.string(),
  closedBy: who,
  closedAtMs: instantMs,
  signed: mark.nullable(),
  reopened: mark.nullable(),
  documentId: z.string().nullable(),
  figures: closeFiguresShape,
});
export type DayClose = z.infer<typeof dayCloseShape>;

export const dayCloseParamsShape = z.object({ projectId: z.string(), day: localDay });
/** GET …/daily-closes/{day}: the figures as they are now, and the closes of that day, newest first. */
export const dayCloseViewShape = z.object({
  figures: closeFiguresShape,
  closes: z.array(dayCloseShape),
  /** 'open', 'closed' (waits for its signature) or 'signed'. */
  state: z.enum(['open', 'closed', 'signed']),
  /** Days are closed in order: the only one that may be closed next; null: any, as none was closed yet. */
  nextDay: localDay.nullable(),
  /** Providers that can be asked over their interface. */
  providers: z.array(z.string()),
});
export type DayCloseView = z.infer<typeof dayCloseViewShape>;
/** GET …/daily-closes, newest first. */
export const dayCloseListShape = z.object({
  closes: z.array(dayCloseShape.omit({ figures: true })),
  chainHolds: z.boolean(),
});
export type DayCloseList = z.infer<typeof dayCloseListShape>;
/** PUT …/daily-closes/{day}/answers */
export const closeAnswerBodyShape = z.strictObject({ key: z.string().min(1).max(200), text });
/** POST …/daily-closes/{day}/reopen */
export const closeReopenBodyShape = z.strictObject({ reason: text });
/** POST …/daily-closes/{day}/provider-payments?provider=…&means=…: a CSV file with the columns payment_ref, amount, received_at. */
export const providerFileQueryShape = z.object({
  provider: z.string().regex(/^[\w .-]{1,40}$/),
  means: z.enum(paymentMeans).exclude(['cash']),
});
/** POST …/daily-closes/{day}/provider-payments/{provider}: asked of the provider itself. */
export const providerFetchParamsShape = dayCloseParamsShape.extend({ provider: z.string().max(40) });
export const providerPaymentsAnswerShape = z.object({ payments: counter, amountMicros: micros });
