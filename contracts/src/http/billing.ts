// SPDX-License-Identifier: Apache-2.0
/**
 * HTTP shapes of billing: accounts, ledger, charges, vends ("top up" on screens), prices, supply. All paths begin with
 * /api/projects/{projectId}. Instants are whole milliseconds (`…Ms`), money whole micros (`…Micros`, 10⁻⁶ of the
 * project's currency), consumption whole base units (Wh, l, dm³), days local days of the project's zone.
 *
 * Every POST that moves money needs the caller's own id: header `Idempotency-Key` (or `requestId` in the body). The
 * same id again with the same contents gives the same answer; with other contents it is refused (409 request-id-reused).
 */
import { z } from 'zod';
import { media, quantities } from '../quantities.ts';
import { tariffCalendarShape } from '../tariff-calendar.ts';
import { touPeriods } from '../tou-period.ts';
import { qualities } from '../quality.ts';
import { relayStates, supplyActions } from '../topics/commands.ts';
import { asOfShape } from './as-of.ts';

// ── Words shared by several routes ───────────────────────────────────────────────────────────────────────────────

const micros = z.number().int().min(Number.MIN_SAFE_INTEGER).max(Number.MAX_SAFE_INTEGER);
const instantMs = z.number().int().min(0).max(253_402_300_799_999);
const localDay = z.string().regex(/^\d{4}-\d\d-\d\d$/, 'a local day, YYYY-MM-DD');
const counter = z.number().int().min(0);
const text = z.string().trim().min(1).max(500);
/** The caller's own id for a command. */
const requestId = z
  .string()
  .min(8)
  .max(200)
  .regex(/^[\x21-\x7e]+$/);
const who = z.object({ id: z.string(), name: z.string() });

export const paymentMeans = ['cash', 'card', 'transfer'] as const;
export type PaymentMeans = (typeof paymentMeans)[number];
export const balanceStages = ['normal', 'alarm-1', 'alarm-2', 'arrears'] as const;
export type BalanceStage = (typeof balanceStages)[number];
export const supplyModes = ['automatic', 'forced-on', 'forced-off'] as const;
export type SupplyMode = (typeof supplyModes)[number];
export const desiredRelays = ['closed', 'open'] as const;
export type DesiredRelay = (typeof desiredRelays)[number];
/** Why consumption of an opened account has no price: named buckets, never silently free. */
export const unpricedReasons = ['no-price-in-force', 'quantity-not-charged'] as const;
export type UnpricedReason = (typeof unpricedReasons)[number];
export const accountStates = ['open', 'closed'] as const;

export const billingProjectParamsShape = z.object({ projectId: z.string() });
export const accountParamsShape = z.object({ projectId: z.string(), accountId: z.string() });
export const vendParamsShape = z.object({ projectId: z.string(), accountId: z.string(), vendId: z.string() });
export const priceSchemeParamsShape = z.object({ projectId: z.string(), priceSchemeId: z.string() });
export const priceVersionParamsShape = z.object({
  projectId: z.string(),
  priceSchemeId: z.string(),
  priceVersionId: z.string(),
});

export const dayRangeQueryShape = z.object({
  fromDay: localDay,
  toDay: localDay.describe('Inclusive.'),
});
export const billingPageLimitMax = 500;

// ── Accounts ─────────────────────────────────────────────────────────────────────────────────────────────────────

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
  /** Σ vends less reversals, Σ charges, Σ refunds, since opening. balance = vended − charged − refunded. */
  vendedMicros: micros,
  chargedMicros: micros,
  refundedMicros: micros,
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
    .array(z.strictObject({ meteringPointId: z.string(), priceSchemeId: z.string() }))
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
  firstVend: z
    .strictObject({
      amountMicros: micros.positive(),
      means: z.enum(paymentMeans),
      reference: z.string().max(200).optional(),
    })
    .optional(),
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
});
export type CloseAccountBody = z.input<typeof closeAccountBodyShape>;
export const closeAccountAnswerShape = z.object({
  accountId: z.string(),
  closedAtMs: instantMs,
  /** Balance after the final charge, before the refund. */
  finalBalanceMicros: micros,
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

// ── Ledger ───────────────────────────────────────────────────────────────────────────────────────────────────────

export const postingKinds = ['vend', 'reversal', 'charge', 'opening', 'closing', 'refund'] as const;
export type PostingKind = (typeof postingKinds)[number];
export const chargeCauses = ['interval-energy', 'account-opened', 'account-closed', 'price-notice'] as const;
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
  /** Null in an unpriced bucket. */
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

// ── Charges ──────────────────────────────────────────────────────────────────────────────────────────────────────

/** GET …/accounts/{accountId}/charges: absolute charges (not differences) by day and period. */
export const chargesQueryShape = dayRangeQueryShape.extend({
  grain: z.enum(['day', 'month']).default('day'),
  meteringPointId: z.string().optional(),
});
export const chargeRowShape = z.object({
  /** Local day, or month 'YYYY-MM'. */
  span: z.string(),
  meteringPointId: z.string(),
  medium: z.enum(media),
  consumption: z.number().int(),
  amountMicros: micros,
  unpricedConsumption: z.number().int(),
  periods: z.array(
    z.object({
      period: z.enum(touPeriods),
      priceVersionId: z.string(),
      consumption: z.number().int(),
      amountMicros: micros,
    }),
  ),
});
export type ChargeRow = z.infer<typeof chargeRowShape>;
export const chargesShape = z.object({
  currency: z.string(),
  rows: z.array(chargeRowShape),
  totals: z.array(
    z.object({
      medium: z.enum(media),
      consumption: z.number().int(),
      amountMicros: micros,
      unpricedConsumption: z.number().int(),
    }),
  ),
  asOf: asOfShape,
});
export type Charges = z.infer<typeof chargesShape>;

/** GET …/accounts/{accountId}/charges/explain: every slot behind a day's amount. */
export const explainQueryShape = z.object({ meteringPointId: z.string(), day: localDay });
export const explainSlotShape = z.object({
  startMs: instantMs,
  endMs: instantMs,
  segmentId: z.string(),
  meterId: z.string(),
  quantity: z.enum(quantities),
  consumption: z.number().int(),
  quality: z.enum(qualities),
  revision: z.number().int(),
  period: z.enum(touPeriods).nullable(),
  priceVersionId: z.string().nullable(),
  unpricedReason: z.enum(unpricedReasons).nullable(),
  /** Per kWh or m³. */
  rateMicros: micros.nullable(),
  amountMicros: micros,
  /** amount × 1000 − consumption × rate, in thousandths of a micro: what rounding (half away from zero) added. */
  roundingMilliMicros: z.number().int(),
});
export type ExplainSlot = z.infer<typeof explainSlotShape>;
export const explainShape = z.object({
  accountId: z.string(),
  meteringPointId: z.string(),
  medium: z.enum(media),
  day: localDay,
  zone: z.string(),
  slotMinutes: z.number().int(),
  slots: z.array(explainSlotShape),
  consumption: z.number().int(),
  amountMicros: micros,
  unpricedConsumption: z.number().int(),
  /** The versions named in the slots. */
  priceVersions: z.array(
    z.object({
      priceVersionId: z.string(),
      priceSchemeId: z.string(),
      schemeName: z.string(),
      number: counter,
      effectiveFromMs: instantMs,
      approvedBy: who,
      approvedAtMs: instantMs,
    }),
  ),
  /** The postings that brought the amount to where it is. */
  postings: z.array(
    z.object({
      postingId: z.string(),
      sequence: counter.nullable(),
      recordedAtMs: instantMs,
      cause: z.enum(chargeCauses),
      consumption: z.number().int(),
      amountMicros: micros,
    }),
  ),
});
export type Explain = z.infer<typeof explainShape>;

// ── Vends ────────────────────────────────────────────────────────────────────────────────────────────────────────

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

// ── Prices ───────────────────────────────────────────────────────────────────────────────────────────────────────

export const priceVersionStates = ['draft', 'submitted', 'approved', 'withdrawn'] as const;
export type PriceVersionState = (typeof priceVersionStates)[number];
export const ratesShape = z
  .partialRecord(z.enum(touPeriods), z.number().int().min(0).max(1_000_000_000_000))
  .describe('Micros per kWh (electricity) or m³ (water, gas) for each period its calendar uses.');
export type Rates = z.infer<typeof ratesShape>;

export const priceVersionShape = z.object({
  priceVersionId: z.string(),
  priceSchemeId: z.string(),
  /** Counts the scheme's versions from 1. */
  number: counter,
  state: z.enum(priceVersionStates),
  /** Approved and holding at the time of the answer. */
  inForce: z.boolean(),
  effectiveFromMs: instantMs,
  rates: ratesShape,
  /** The calendar as it stood when the version was drafted: a later change of the project's calendar needs a new version. */
  calendar: tariffCalendarShape,
  note: z.string().nullable(),
  draftedBy: who,
  draftedAtMs: instantMs,
  submittedBy: who.nullable(),
  submittedAtMs: instantMs.nullable(),
  approvedBy: who.nullable(),
  approvedAtMs: instantMs.nullable(),
  withdrawnBy: who.nullable(),
  withdrawnAtMs: instantMs.nullable(),
  /** Where it was approved after it began to hold: the differences posted. Null otherwise. */
  notice: z
    .object({
      state: z.enum(['running', 'done']),
      accounts: counter,
      postings: counter,
      amountMicros: micros,
    })
    .nullable(),
});
export type PriceVersion = z.infer<typeof priceVersionShape>;
export const priceSchemeShape = z.object({
  priceSchemeId: z.string(),
  name: z.string(),
  medium: z.enum(media),
  createdAtMs: instantMs,
  createdBy: who,
  /** Points of open accounts that are charged by it. */
  points: counter,
  versions: z.array(priceVersionShape),
});
export type PriceScheme = z.infer<typeof priceSchemeShape>;
/** GET …/price-schemes */
export const priceSchemeListShape = z.object({
  currency: z.string(),
  zone: z.string(),
  schemes: z.array(priceSchemeShape),
});
export type PriceSchemeList = z.infer<typeof priceSchemeListShape>;
/** POST …/price-schemes → 201 priceSchemeShape */
export const priceSchemeBodyShape = z.strictObject({
  name: z.string().trim().min(1).max(100),
  medium: z.enum(media),
});
export type PriceSchemeBody = z.input<typeof priceSchemeBodyShape>;
/** POST …/price-schemes/{priceSchemeId}/versions → 201 priceVersionShape, a draft */
export const priceVersionBodyShape = z.strictObject({
  effectiveFromMs: instantMs.describe(
    'On the slot grid. In the past: a retroactive notice, whose differences are posted on approval.',
  ),
  rates: ratesShape,
  note: z.string().trim().max(500).optional(),
});
export type PriceVersionBody = z.input<typeof priceVersionBodyShape>;
/** POST …/versions/{priceVersionId}/submit | approve | withdraw → priceVersionShape. Approval by another person than drafted or submitted it. */

/** GET …/versions/{priceVersionId}/notice: the differences a retroactive notice posted. */
export const priceNoticeQueryShape = z.object({
  limit: z.coerce.number().int().min(1).max(billingPageLimitMax).default(100),
  after: z.string().max(200).optional(),
});
export const priceNoticeShape = z.object({
  currency: z.string(),
  differences: z.array(
    z.object({
      accountId: z.string(),
      tenantName: z.string(),
      postingId: z.string(),
      recordedAtMs: instantMs,
      consumption: z.number().int(),
      amountMicros: micros,
    }),
  ),
  next: z.string().nullable(),
});
export type PriceNotice = z.infer<typeof priceNoticeShape>;

// ── Supply ───────────────────────────────────────────────────────────────────────────────────────────────────────

export const protectedSpanShape = z.strictObject({
  weekdays: z
    .array(z.number().int().min(1).max(7))
    .min(1)
    .describe('1 = Monday … 7 = Sunday: the day on which the span begins.'),
  fromMinute: z.number().int().min(0).max(1439).describe('Local minute of the day.'),
  toMinute: z
    .number()
    .int()
    .min(1)
    .max(2880)
    .describe('Exclusive; beyond 1440 it reaches into the next day.'),
});
export type ProtectedSpan = z.infer<typeof protectedSpanShape>;
/** GET and PUT …/supply-policy */
export const supplyPolicyShape = z.strictObject({
  automatic: z
    .boolean()
    .describe('Off: nobody is disconnected by the programme; reconnection still follows a top up.'),
  disconnectThresholdMicros: micros.describe('Disconnected at or below this balance.'),
  graceMinutes: z.number().int().min(0).max(43_200),
  freshnessLimitMinutes: z
    .number()
    .int()
    .min(1)
    .max(10_080)
    .describe('No disconnection on a reading older than this.'),
  unchargedLimitMinutes: z
    .number()
    .int()
    .min(1)
    .max(1440)
    .describe('No disconnection while energy waits longer than this to be charged.'),
  protectedHours: z.array(protectedSpanShape).max(100),
  holidays: z.array(localDay).max(1000).describe('Local days without disconnection.'),
  relayAlarmMinutes: z
    .number()
    .int()
    .min(1)
    .max(1440)
    .describe('Alarm when desired and reported relay differ longer.'),
});
export type SupplyPolicy = z.infer<typeof supplyPolicyShape>;

export const supplyGateNames = [
  'account-open',
  'mode',
  'automatic-switching',
  'credit-exhausted',
  'protected-supply',
  'protected-hours',
  'holiday',
  'grace',
  'reading-present',
  'reading-fresh',
  'reading-measured',
  'charging-current',
  'no-payment-pending',
] as const;
export type SupplyGateName = (typeof supplyGateNames)[number];
export const supplyGateShape = z.object({
  gate: z.enum(supplyGateNames),
  /** Whether it lets a disconnection through. */
  passes: z.boolean(),
  /** The facts it judged, e.g. { balanceMicros: "-20", thresholdMicros: "0" }; texts are made by the screen. */
  facts: z.record(z.string(), z.string()),
});
export type SupplyGate = z.infer<typeof supplyGateShape>;
export const decisionActions = ['connect', 'disconnect', 'leave'] as const;
export type DecisionAction = (typeof decisionActions)[number];

export const supplyDecisionShape = z.object({
  decisionId: z.string(),
  accountId: z.string(),
  tenantName: z.string(),
  atMs: instantMs,
  action: z.enum(decisionActions),
  cause: z.enum(['charge', 'vend', 'mode', 'policy', 'timer', 'opened', 'payment']),
  desiredBefore: z.enum(desiredRelays),
  desiredAfter: z.enum(desiredRelays),
  balanceMicros: micros,
  gates: z.array(supplyGateShape),
  commands: z.array(
    z.object({
      commandId: z.string(),
      meterId: z.string(),
      action: z.enum(supplyActions),
      requestedAtMs: instantMs,
      outcome: z.enum(['confirmed', 'failed', 'expired']).nullable(),
      outcomeAtMs: instantMs.nullable(),
      evidence: z.string().nullable(),
    }),
  ),
});
export type SupplyDecision = z.infer<typeof supplyDecisionShape>;
/** GET …/supply-decisions, newest first */
export const supplyDecisionQueryShape = z.object({
  accountId: z.string().optional(),
  limit: z.coerce.number().int().min(1).max(200).default(50),
  before: z.string().max(100).optional().describe('`next` of the page before.'),
});
export const supplyDecisionListShape = z.object({
  decisions: z.array(supplyDecisionShape),
  next: z.string().nullable(),
});
export type SupplyDecisionList = z.infer<typeof supplyDecisionListShape>;

/** GET …/supply-dry-run?at=: what the programme would do then, and why. Changes nothing. */
export const dryRunQueryShape = z.object({
  at: z.coerce
    .number()
    .int()
    .min(0)
    .optional()
    .describe('Instant, ms; default now. Readings are taken to stay as fresh as they are.'),
  all: z.stringbool().default(false).describe('Also the accounts that would be left as they are.'),
});
export const dryRunShape = z.object({
  atMs: instantMs,
  currency: z.string(),
  rows: z.array(
    z.object({
      accountId: z.string(),
      tenantName: z.string(),
      balanceMicros: micros,
      /** Balance less the average daily charge up to the instant; null when there is no average. */
      projectedBalanceMicros: micros.nullable(),
      action: z.enum(decisionActions),
      actionIfProjected: z.enum(decisionActions).nullable(),
      desiredRelay: z.enum(desiredRelays),
      gates: z.array(supplyGateShape),
    }),
  ),
});
export type DryRun = z.infer<typeof dryRunShape>;

/** PUT …/accounts/{accountId}/supply-mode (right meter:control) → accountSupplyShape */
export const supplyModeBodyShape = z.strictObject({ mode: z.enum(supplyModes), reason: text });
export type SupplyModeBody = z.input<typeof supplyModeBodyShape>;

// ── Income and closure ───────────────────────────────────────────────────────────────────────────────────────────

/** GET …/income */
export const incomeQueryShape = dayRangeQueryShape.extend({
  grain: z.enum(['day', 'month', 'year']).default('day'),
});
export const incomeRowShape = z.object({
  /** 'YYYY-MM-DD', 'YYYY-MM' or 'YYYY'. */
  span: z.string(),
  vends: counter,
  /** Money received, by means, less reversals. */
  cashMicros: micros,
  cardMicros: micros,
  transferMicros: micros,
  reversedMicros: micros,
  refundedMicros: micros,
  /** Charged for what flowed in the span. */
  electricityMicros: micros,
  waterMicros: micros,
  gasMicros: micros,
  electricityWh: z.number().int(),
  waterLitres: z.number().int(),
  gasDm3: z.number().int(),
});
export type IncomeRow = z.infer<typeof incomeRowShape>;
export const incomeShape = z.object({
  currency: z.string(),
  rows: z.array(incomeRowShape),
  total: incomeRowShape.omit({ span: true }),
  /** Σ balances of all accounts now: what the operator owes its tenants. */
  balancesMicros: micros,
  accountsOpen: counter,
  accountsByStage: z.object({ normal: counter, 'alarm-1': counter, 'alarm-2': counter, arrears: counter }),
  accountsDisconnected: counter,
  asOf: asOfShape,
});
export type Income = z.infer<typeof incomeShape>;

/** GET …/charges-closure: charged + unpriced = Σ slots, per metering point and day of opened accounts. */
export const closureQueryShape = dayRangeQueryShape;
export const closureShape = z.object({
  pointDays: counter,
  slotsConsumption: z.number().int(),
  chargedConsumption: z.number().int(),
  unpricedConsumption: z.number().int(),
  closes: z.boolean(),
  /** Point days that do not close (at most 100). */
  faults: z.array(
    z.object({
      meteringPointId: z.string(),
      localDay,
      slotsConsumption: z.number().int(),
      chargedConsumption: z.number().int(),
      unpricedConsumption: z.number().int(),
    }),
  ),
  /** Retroactive notices still being posted. */
  noticesRunning: counter,
  asOf: asOfShape,
});
export type Closure = z.infer<typeof closureShape>;
