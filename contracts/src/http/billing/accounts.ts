// SPDX-License-Identifier: Apache-2.0
/** Accounts: opened, looked at, closed, settled. */
import { z } from 'zod';
import { qualities } from '../../quality.ts';
import { media } from '../../quantities.ts';
import { relayStates } from '../../topics/commands.ts';
import { asOfShape } from '../as-of.ts';
import {
  accountStates,
  balanceStages,
  desiredRelays,
  paymentMeans,
  supplyModes,
  unpricedReasons,
} from './vocabulary.ts';
import { counter, instantMs, micros, requestId, text, who } from './words.ts';

export const contractedDemandW = z
  .number()
  .int()
  .min(0)
  .max(1_000_000_000_000)
  .nullable()
  .describe('Where a demand price asks for it; null where none was agreed.');
/** A register as it stood: value × 10^scaler base units before the multiplier. Shown and printed, never charged from. */
export const registerEvidenceShape = z.strictObject({
  meteringPointId: z.string(),
  meterId: z.string(),
  register: z.string().max(100),
  value: z.number().int(),
  scaler: z.number().int().min(-9).max(9),
  readAtMs: instantMs,
});
export type RegisterEvidence = z.infer<typeof registerEvidenceShape>;
export const firstVendShape = z.strictObject({
  amountMicros: micros.positive(),
  means: z.enum(paymentMeans),
  reference: z.string().max(200).optional(),
});

export const supplyMeterShape = z.object({
  meterId: z.string(),
  serial: z.string(),
  meteringPointId: z.string(),
  switchable: z.boolean(),
  /** Null where the meter cannot be switched. */
  desiredRelay: z.enum(desiredRelays).nullable(),
  reportedRelay: z.enum(relayStates),
  reportedAtMs: instantMs.nullable(),
  /** A command is on its way. */
  commandPending: z.boolean(),
  /** Why a wanted disconnection is not sent at present: the gates that hold it back. Empty otherwise. */
  heldBy: z.array(z.string()),
});
export type SupplyMeter = z.infer<typeof supplyMeterShape>;

export const accountPointShape = z.object({
  meteringPointId: z.string(),
  code: z.string(),
  name: z.string(),
  medium: z.enum(media),
  placeId: z.string().nullable(),
  priceSchemeId: z.string(),
  priceSchemeName: z.string(),
  contractedDemandW,
  /** Newest accepted reading that billing knows, and its quality; null before the first. */
  lastReadingMs: instantMs.nullable(),
  lastReadingQuality: z.enum(qualities).nullable(),
  meters: z.array(supplyMeterShape),
});
export type AccountPoint = z.infer<typeof accountPointShape>;

export const accountSupplyShape = z.object({
  mode: z.enum(supplyModes),
  /** Forced by whom and why; null in automatic mode. */
  forcedBy: who.nullable(),
  forcedReason: z.string().nullable(),
  desiredRelay: z.enum(desiredRelays),
  /** Over all switchable meters: open when any is open, unknown when any is unknown, else closed. */
  reportedRelay: z.enum(relayStates),
  protectedSupply: z.boolean(),
  /** Since when the balance has been at or below the disconnect threshold. */
  belowSinceMs: instantMs.nullable(),
});
export type AccountSupply = z.infer<typeof accountSupplyShape>;

/** One account with everything the wall needs. */
export const accountRowShape = z.object({
  accountId: z.string(),
  state: z.enum(accountStates),
  tenantId: z.string(),
  tenantCode: z.string(),
  tenantName: z.string(),
  openedAtMs: instantMs,
  closedAtMs: instantMs.nullable(),
  balanceMicros: micros,
  stage: z.enum(balanceStages),
  /** Whole days the balance lasts at the average of the last 7 to 14 measured days; null when fewer are measured. */
  daysLeft: z.number().int().min(0).nullable(),
  dailyChargeMicros: micros.nullable(),
  points: z.array(accountPointShape),
  supply: accountSupplyShape,
});
export type AccountRow = z.infer<typeof accountRowShape>;

/** GET …/accounts */
export const accountListQueryShape = z.object({
  state: z.enum(['open', 'closed', 'all']).default('open'),
  stage: z.enum(balanceStages).optional(),
  tenantId: z.string().optional(),
  meteringPointId: z.string().optional(),
  q: z.string().trim().max(100).optional().describe("Part of the tenant's code or name."),
  limit: z.coerce.number().int().min(1).max(5000).default(1000),
  after: z.string().max(200).optional().describe('`next` of the page before.'),
});
export const accountListShape = z.object({
  currency: z.string(),
  accounts: z.array(accountRowShape),
  total: counter,
  next: z.string().nullable(),
});
export type AccountList = z.infer<typeof accountListShape>;

/** GET …/accounts/{accountId} */
export const accountDetailShape = accountRowShape.extend({
  currency: z.string(),
  zone: z.string(),
  alarm1Micros: micros,
  alarm2Micros: micros,
  hysteresisMicros: micros,
  openedBy: who,
  openedRecordedAtMs: instantMs,
  closedBy: who.nullable(),
  closedRecordedAtMs: instantMs.nullable(),
  openingPostingId: z.string(),
  closingPostingId: z.string().nullable(),
  /** Supply is off by a person's order and nobody is warned; charges go on. */
  suspendedSinceMs: instantMs.nullable(),
  /** Change of tenant: the account before and after. */
  previousAccountId: z.string().nullable(),
  nextAccountId: z.string().nullable(),
  /** Taken over from the account before less what the next one took over. */
  carriedMicros: micros,
  /**
   * Since opening: Σ vends less reversals, Σ charges, Σ shared costs and property fees with tax, Σ refunds.
   * balance = vended + carried + arrears − charged − shared costs − refunded.
   */
  vendedMicros: micros,
  chargedMicros: micros,
  sharedCostsMicros: micros,
  refundedMicros: micros,
  /** Debt moved out of the balance into agreements, less what top-ups paid of them and what came back when one ended. */
  arrearsMicros: micros,
  /** Consumption that has no price, by metering point and reason. */
  unpriced: z.array(
    z.object({ meteringPointId: z.string(), reason: z.enum(unpricedReasons), consumption: z.number().int() }),
  ),
  pendingPayments: z.array(
    z.object({
      pendingPaymentId: z.string(),
      amountMicros: micros,
      means: z.enum(paymentMeans),
      reference: z.string(),
      announcedAtMs: instantMs,
      expiresAtMs: instantMs,
      announcedBy: who,
    }),
  ),
  asOf: asOfShape,
});
export type AccountDetail = z.infer<typeof accountDetailShape>;

/** POST …/accounts. The opening instant lies on the slot grid; it may lie in the past: what flowed since is charged at once. */
export const openAccountBodyShape = z.strictObject({
  requestId: requestId.optional(),
  tenantId: z.string(),
  points: z
    .array(
      z.strictObject({
        meteringPointId: z.string(),
        priceSchemeId: z.string(),
        contractedDemandW: contractedDemandW.optional(),
      }),
    )
    .min(1)
    .max(100),
  openedAtMs: instantMs,
  alarm1Micros: micros.describe('Stage alarm-1 below this balance.'),
  alarm2Micros: micros.describe('Stage alarm-2 below this balance; at most alarm1Micros.'),
  hysteresisMicros: micros
    .min(0)
    .optional()
    .describe(
      'An alarm stage is left only this far above its threshold. Default: a twentieth of alarm1Micros.',
    ),
  protectedSupply: z
    .boolean()
    .default(false)
    .describe('Never disconnected (lifts, fire pumps, life support).'),
  firstVend: firstVendShape.optional(),
  readings: z.array(registerEvidenceShape).max(300).default([]).describe('Registers at the opening instant.'),
});
export type OpenAccountBody = z.input<typeof openAccountBodyShape>;

/** POST …/accounts/{accountId}/close. What flowed up to the instant is charged; the rest of the balance is paid out. */
export const closeAccountBodyShape = z.strictObject({
  requestId: requestId.optional(),
  closedAtMs: instantMs.describe('On the slot grid, not in the future.'),
  reason: text,
  refundMeans: z.enum(paymentMeans).default('cash'),
  acceptIncomplete: z
    .boolean()
    .default(false)
    .describe(
      'Close although a point has no reading at or after the instant; late energy is still charged to the account.',
    ),
  acceptObstacles: z
    .boolean()
    .default(false)
    .describe('Close although a payment that was announced has not arrived yet.'),
  readings: z.array(registerEvidenceShape).max(300).default([]).describe('Registers at the closing instant.'),
});
export type CloseAccountBody = z.input<typeof closeAccountBodyShape>;
export const closeAccountAnswerShape = z.object({
  accountId: z.string(),
  /** Its documents stand under this posting. */
  postingId: z.string(),
  closedAtMs: instantMs,
  /** Balance after the final charge, before arrears are taken and the rest is paid out. */
  finalBalanceMicros: micros,
  /** What an arrears agreement still owed: taken from the balance, for there will be no more top-ups. */
  arrearsMicros: micros,
  refundMicros: micros,
  balanceMicros: micros,
});
export type CloseAccountAnswer = z.infer<typeof closeAccountAnswerShape>;

/** POST …/accounts/{accountId}/settlement: pays out what late charges left on a closed account. Answer as for closing. */
export const settleAccountBodyShape = z.strictObject({
  requestId: requestId.optional(),
  reason: text,
  refundMeans: z.enum(paymentMeans).default('cash'),
});
export type SettleAccountBody = z.input<typeof settleAccountBodyShape>;

/** PUT …/accounts/{accountId}/thresholds */
export const accountThresholdsBodyShape = z.strictObject({
  alarm1Micros: micros,
  alarm2Micros: micros,
  hysteresisMicros: micros.min(0),
  protectedSupply: z.boolean(),
});
export type AccountThresholdsBody = z.infer<typeof accountThresholdsBodyShape>;
