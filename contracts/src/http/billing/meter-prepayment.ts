// SPDX-License-Identifier: Apache-2.0
/**
 * Metering points whose meter does the prepaying itself. Where nothing is set the ledger is the only balance.
 *
 * GET  …/accounts/{accountId}/meter-prepayment                          meterPrepaymentShape      (account:read)
 * PUT  …/accounts/{accountId}/meter-prepayment/{meteringPointId}        meterSideBodyShape → meterPrepaymentShape (account:write)
 * GET  …/accounts/{accountId}/meter-credits                             meterCreditListShape      (account:read; tokens: vend:write)
 * POST …/accounts/{accountId}/meter-credits/{meterCreditId}/retry       meterCreditShape          (vend:write)
 * POST …/accounts/{accountId}/meter-credits/{meterCreditId}/cancel      reversalBodyShape → meterCreditShape (vend:write)
 */
import { z } from 'zod';
import { media } from '../../quantities.ts';
import { accountParamsShape } from './vocabulary.ts';
import { counter, instantMs, micros, who } from './words.ts';

/** Luhn's check digit at the end: most slips of the hand are noticed. */
function checkDigitHolds(digits: string): boolean {
  const sum = [...digits].reverse().reduce((total, digit, place) => {
    const value = Number(digit) * (place % 2 === 0 ? 1 : 2);
    return total + (value > 9 ? value - 9 : value);
  }, 0);
  return sum % 10 === 0;
}

/** What a meter of IEC 62055-41 was given in the factory, and what a unit of credit costs. */
export const stsTermsShape = z.strictObject({
  provider: z.literal('sts'),
  /** Eighteen digits: the issuer's number, the meter's number, a check digit. */
  meterPan: z
    .string()
    .regex(/^\d{18}$/, 'eighteen digits')
    .refine(checkDigitHolds, 'the last digit does not fit the others'),
  supplyGroupCode: z.string().regex(/^\d{6}$/, 'six digits'),
  tariffIndex: z.string().regex(/^\d{2}$/, 'two digits'),
  keyRevision: z.number().int().min(1).max(9),
  /** Token identifiers count the minutes from the first of January of that year. */
  baseYear: z.union([z.literal(1993), z.literal(2014), z.literal(2035)]).default(2014),
  /** Tokens carry kWh or cubic metres, so money is turned into them at this price. */
  rateMicrosPerUnit: micros.positive(),
});
export type StsTerms = z.infer<typeof stsTermsShape>;

/** A meter whose register map names registers of its balance; nothing but the meter is needed. */
export const registerTermsShape = z.strictObject({
  provider: z.literal('vendor-registers'),
  /** How credits are to be written is inferred from the maker's manual: somebody has tried it on such a meter. */
  registersConfirmed: z.boolean().default(false),
});
export type RegisterTerms = z.infer<typeof registerTermsShape>;

export const meterTermsShape = z.discriminatedUnion('provider', [stsTermsShape, registerTermsShape]);
export type MeterTerms = z.infer<typeof meterTermsShape>;
export type MeterPrepaymentProvider = MeterTerms['provider'];

/** Where the balance is kept: with nothing set, in the ledger alone. */
export const meterSideBodyShape = z.strictObject({ meterSide: meterTermsShape.nullable() });
export type MeterSideBody = z.input<typeof meterSideBodyShape>;

export const meterPrepaymentShape = z.object({
  currency: z.string(),
  balanceMicros: micros,
  points: z.array(
    z.object({
      meteringPointId: z.string(),
      code: z.string(),
      name: z.string(),
      medium: z.enum(media),
      meterSide: meterTermsShape.nullable(),
      changedAtMs: instantMs.nullable(),
      changedBy: who.nullable(),
      /** Credit sent to the meter so far and not taken back. */
      creditedMicros: micros,
      /** What the meter said it holds; null: it has not been read, or nothing can be read from it. */
      remaining: z.object({ amountMicros: micros, readAtMs: instantMs }).nullable(),
      /** The ledger's balance less what the meter holds. */
      differenceMicros: micros.nullable(),
    }),
  ),
});
export type MeterPrepaymentView = z.infer<typeof meterPrepaymentShape>;

/**
 * made: with the vend. delivered: the token is made, or the order to write is on its way. confirmed: read back from the
 * meter. failed: somebody must look. cancelled: the vend was reversed.
 */
export const meterCreditStates = ['made', 'delivered', 'confirmed', 'failed', 'cancelled'] as const;
export type MeterCreditState = (typeof meterCreditStates)[number];

export const meterCreditShape = z.object({
  meterCreditId: z.string(),
  accountId: z.string(),
  meteringPointId: z.string(),
  vendId: z.string(),
  receiptNumber: counter,
  provider: z.enum(['sts', 'vendor-registers']),
  medium: z.enum(media),
  amountMicros: micros,
  /** Wh or litres that a token carries; null where the meter counts money. */
  quantity: counter.nullable(),
  state: z.enum(meterCreditStates),
  tries: counter,
  /** Whether there is a token; who may sell sees it. */
  hasToken: z.boolean(),
  /** Twenty digits; null for those who may not sell, and where there is none. */
  token: z.string().nullable(),
  /** Why it failed or waits; not made for a screen's language. */
  evidence: z.string(),
  madeAtMs: instantMs,
  deliveredAtMs: instantMs.nullable(),
  confirmedAtMs: instantMs.nullable(),
});
export type MeterCredit = z.infer<typeof meterCreditShape>;

export const meterCreditListShape = z.object({
  currency: z.string(),
  /** Newest first; at most the last two hundred. */
  credits: z.array(meterCreditShape),
});
export type MeterCreditList = z.infer<typeof meterCreditListShape>;

export const meterPointParamsShape = accountParamsShape.extend({ meteringPointId: z.string() });
export const meterCreditParamsShape = accountParamsShape.extend({ meterCreditId: z.string() });
