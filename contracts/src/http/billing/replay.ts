// SPDX-License-Identifier: Apache-2.0
/** Replays: what a version would have cost over real history; and the list of differences of a retroactive version. */
import { z } from 'zod';
import {
  billingPageLimitMax,
  chargeComponents,
  accountStates,
  priceVersionParamsShape,
} from './vocabulary.ts';
import { counter, instantMs, localDay, micros, who } from './words.ts';

/** 'list': the differences a retroactive version would post, from its instant on, for finance to approve. */
export const replayKinds = ['what-if', 'list'] as const;
export type ReplayKind = (typeof replayKinds)[number];
export const replayStates = ['running', 'done', 'cancelled', 'failed'] as const;
export type ReplayState = (typeof replayStates)[number];
export const replayAccountsMax = 2000;

/** POST …/versions/{priceVersionId}/replays → 202 priceReplayShape. Nothing is charged. */
export const priceReplayBodyShape = z.strictObject({
  fromDay: localDay.optional().describe('Left out: the first day of the last 12 whole months.'),
  toDay: localDay.optional().describe('Inclusive. Left out: the last day of the last whole month.'),
  accountIds: z
    .array(z.string())
    .min(1)
    .max(replayAccountsMax)
    .optional()
    .describe('What if these moved to the scheme. Left out, as are points: all that are charged by it.'),
  meteringPointIds: z.array(z.string()).min(1).max(replayAccountsMax).optional(),
});
export type PriceReplayBody = z.input<typeof priceReplayBodyShape>;

/**
 * Accounts by how much more they pay, in percent; the edges belong to the class nearer to zero. Two more classes: no
 * difference at all, and accounts that paid nothing before.
 */
export const differenceEdgesPercent = [-20, -10, -5, -2, 0, 2, 5, 10, 20] as const;
export const differenceClassShape = z.object({
  /** Null: without limit. Both 0: no difference. */
  fromPercent: z.number().nullable(),
  toPercent: z.number().nullable(),
  /** Paid nothing before: no percentage. */
  fromNothing: z.boolean(),
  accounts: counter,
  differenceMicros: micros,
});
export const replayTotalsShape = z.object({
  accounts: counter,
  beforeMicros: micros,
  afterMicros: micros,
  paysMore: counter,
  paysLess: counter,
  paysSame: counter,
  /** Over ten percent more. */
  paysMuchMore: counter,
  /** Accounts with slots not known, and with estimated ones. */
  incomplete: counter,
  estimated: counter,
  distribution: z.array(differenceClassShape),
});
export type ReplayTotals = z.infer<typeof replayTotalsShape>;

export const priceReplayShape = z.object({
  replayId: z.string(),
  priceSchemeId: z.string(),
  priceVersionId: z.string(),
  kind: z.enum(replayKinds),
  state: z.enum(replayStates),
  currency: z.string(),
  /** The version held in this time, instead of what was in force. Figures are of the whole months it touches. */
  fromMs: instantMs,
  toMs: instantMs,
  fromMonth: z.string(),
  toMonth: z.string(),
  /** Only these moved to the scheme; null: all that are charged by it. */
  chosenPoints: counter.nullable(),
  pointsDone: counter,
  pointsTotal: counter,
  startedBy: who,
  startedAtMs: instantMs,
  finishedAtMs: instantMs.nullable(),
  failure: z.string().nullable(),
  /** SHA-256 of everything it was computed from: prices, slots, charges. The same again gives the same result. */
  inputHash: z.string(),
  totals: replayTotalsShape,
});
export type PriceReplay = z.infer<typeof priceReplayShape>;

export const priceReplayParamsShape = priceVersionParamsShape.extend({ replayId: z.string() });
/** GET …/versions/{priceVersionId}/replays: newest first. */
export const priceReplayListShape = z.object({ replays: z.array(priceReplayShape) });
export type PriceReplayList = z.infer<typeof priceReplayListShape>;

export const replayOrders = ['more-first', 'less-first', 'share-first'] as const;
export type ReplayOrder = (typeof replayOrders)[number];
/** GET …/replays/{replayId}/rows */
export const replayRowsQueryShape = z.object({
  order: z.enum(replayOrders).default('more-first'),
  limit: z.coerce.number().int().min(1).max(billingPageLimitMax).default(100),
  offset: z.coerce.number().int().min(0).max(1_000_000).default(0),
});
export const replayAccountRowShape = z.object({
  accountId: z.string(),
  tenantName: z.string(),
  state: z.enum(accountStates),
  beforeMicros: micros,
  afterMicros: micros,
  differenceMicros: micros,
  /** Base units now priced by the version. */
  consumption: z.number().int(),
  slotsExpected: counter,
  slotsKnown: counter,
  slotsEstimated: counter,
});
export type ReplayAccountRow = z.infer<typeof replayAccountRowShape>;
export const replayRowsShape = z.object({
  currency: z.string(),
  rows: z.array(replayAccountRowShape),
  total: counter,
});
export type ReplayRows = z.infer<typeof replayRowsShape>;

/** GET …/replays/{replayId}/rows/{accountId}: by month, component and period. */
export const replayAccountParamsShape = priceReplayParamsShape.extend({ accountId: z.string() });
export const replayLineShape = z.object({
  meteringPointId: z.string(),
  /** YYYY-MM. */
  month: z.string(),
  component: z.enum(chargeComponents),
  /** Of energy; null: unpriced. */
  period: z.string().nullable(),
  /** Of anything else: its name in the price version. */
  item: z.string().nullable(),
  consumptionBefore: z.number().int(),
  consumptionAfter: z.number().int(),
  beforeMicros: micros,
  afterMicros: micros,
});
export type ReplayLine = z.infer<typeof replayLineShape>;
export const replayAccountShape = z.object({ currency: z.string(), lines: z.array(replayLineShape) });
export type ReplayAccount = z.infer<typeof replayAccountShape>;
/** GET …/replays/{replayId}/rows.csv: the lines of all accounts. */

export const priceListStates = ['computing', 'waiting', 'approved', 'rejected'] as const;
export type PriceListState = (typeof priceListStates)[number];
/** GET …/versions/{priceVersionId}/list: what a retroactive version was expected to change, beside what it posted. */
export const priceListQueryShape = replayRowsQueryShape.omit({ order: true });
export const priceListRowShape = replayAccountRowShape.extend({
  postedMicros: micros,
  postedConsumption: z.number().int(),
  /** Charged together with energy that came after the decision and before the turn of its point. */
  meanwhileMicros: micros,
  /** Of a closed account: what is left to be paid out or to be paid. */
  toSettleMicros: micros,
});
export type PriceListRow = z.infer<typeof priceListRowShape>;
export const priceListShape = z.object({
  currency: z.string(),
  state: z.enum(priceListStates),
  replay: priceReplayShape,
  decidedBy: who.nullable(),
  decidedAtMs: instantMs.nullable(),
  /** Charged anew so far. */
  notice: z
    .object({ state: z.enum(['running', 'done']), pointsDone: counter, pointsTotal: counter })
    .nullable(),
  expectedMicros: micros,
  postedMicros: micros,
  meanwhileMicros: micros,
  expectedConsumption: z.number().int(),
  postedConsumption: z.number().int(),
  rows: z.array(priceListRowShape),
  total: counter,
});
export type PriceList = z.infer<typeof priceListShape>;
/** POST …/list/approve | reject → priceVersionShape; another person than drafted it. GET …/list.csv */

/** GET /accounts/{accountId}/compensations: what retroactive prices changed, one line per version and month. */
export const compensationsShape = z.object({
  currency: z.string(),
  lines: z.array(
    z.object({
      priceSchemeId: z.string(),
      schemeName: z.string(),
      priceVersionId: z.string(),
      versionNumber: counter,
      cause: z.enum(['price-notice', 'price-withdrawn']),
      month: z.string(),
      amountMicros: micros,
      recordedAtMs: instantMs,
      postingIds: z.array(z.string()),
    }),
  ),
});
export type Compensations = z.infer<typeof compensationsShape>;
