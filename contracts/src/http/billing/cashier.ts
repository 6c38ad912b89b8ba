// SPDX-License-Identifier: Apache-2.0
/** The counter: what a project asks of it, cashiers' shifts, hand-ins, the day's end. */
import { z } from 'zod';
import { reversalRules } from './vends.ts';
import { counter, instantMs, localDay, micros, requestId, text, who } from './words.ts';

/** Means that pass a counter. */
export const counterMeans = ['cash', 'card', 'transfer', 'cheque'] as const;
export type CounterMeans = (typeof counterMeans)[number];

/** GET, PUT …/counter-policy */
export const counterPolicyShape = z.strictObject({
  /** Nobody takes money at the counter without an open shift. */
  shiftRequired: z.boolean(),
  reversalRules: z.array(z.enum(reversalRules)).max(reversalRules.length),
});
export type CounterPolicy = z.infer<typeof counterPolicyShape>;

/** Coins and notes of one value. */
export const cashCountShape = z.strictObject({
  valueMicros: micros.positive(),
  count: counter.max(1_000_000),
});
export type CashCount = z.infer<typeof cashCountShape>;
const cashCounts = z.array(cashCountShape).max(40);
const sumOf = (counts: readonly CashCount[]): number =>
  counts.reduce((sum, { valueMicros, count }) => sum + valueMicros * count, 0);
const countsToSum = (money: {
  readonly amountMicros: number;
  readonly counts?: readonly CashCount[] | undefined;
}) => money.counts === undefined || sumOf(money.counts) === money.amountMicros;
/** A sum of cash, and how it was counted where it was. */
export const countedCashShape = z
  .strictObject({ amountMicros: micros.min(0), counts: cashCounts.optional() })
  .refine(countsToSum, { path: ['counts'], error: 'the coins and notes do not sum to the amount' });
export type CountedCash = z.input<typeof countedCashShape>;

/** POST …/shifts → 201 shiftShape. One open shift per cashier. */
export const openShiftBodyShape = z.strictObject({
  requestId: requestId.optional(),
  float: countedCashShape,
});
export type OpenShiftBody = z.input<typeof openShiftBodyShape>;
/** POST …/shifts/{shiftId}/hand-ins → 201 shiftShape */
export const handInBodyShape = z.strictObject({
  requestId: requestId.optional(),
  amountMicros: micros.positive(),
  note: text.describe('Where the money went, and who took it.'),
});
export type HandInBody = z.input<typeof handInBodyShape>;
/** POST …/shifts/{shiftId}/close → shiftShape */
export const closeShiftBodyShape = z.strictObject({
  requestId: requestId.optional(),
  cash: countedCashShape,
  slips: z
    .array(
      z.strictObject({
        means: z.enum(['card', 'transfer', 'cheque']),
        slips: counter,
        amountMicros: z.number().int(),
      }),
    )
    .max(3)
    .default([])
    .describe('Slips and cheques as counted; kept, and compared with what was recorded.'),
  differenceReason: text.optional().describe('Needed when cash is not what is expected.'),
});
export type CloseShiftBody = z.input<typeof closeShiftBodyShape>;

export const shiftMeansShape = z.object({
  means: z.enum(counterMeans),
  vends: counter,
  receivedMicros: micros,
  reversals: counter,
  reversedMicros: micros,
  refunds: counter,
  refundedMicros: micros,
});
export const shiftShape = z.object({
  shiftId: z.string(),
  /** Without gaps within the project. */
  shiftNumber: counter,
  state: z.enum(['open', 'closed']),
  cashier: who,
  openedAtMs: instantMs,
  localDay,
  float: z.object({ amountMicros: micros, counts: z.array(cashCountShape).nullable() }),
  means: z.array(shiftMeansShape),
  handIns: z.array(
    z.object({
      handInId: z.string(),
      amountMicros: micros,
      note: z.string(),
      recordedAtMs: instantMs,
      recordedBy: who,
    }),
  ),
  /** Float + cash received − cash reversed − cash refunded − handed in. */
  expectedCashMicros: micros,
  closing: z
    .object({
      closedAtMs: instantMs,
      closedBy: who,
      countedMicros: micros,
      counts: z.array(cashCountShape).nullable(),
      slips: z.array(z.object({ means: z.enum(counterMeans), slips: counter, amountMicros: micros })),
      /** Counted − expected. */
      differenceMicros: micros,
      differenceReason: z.string().nullable(),
      differencePostingId: z.string().nullable(),
    })
    .nullable(),
});
export type Shift = z.infer<typeof shiftShape>;
/** GET …/shifts, newest first; GET …/shifts/mine: the caller's open one. */
export const shiftListQueryShape = z.object({
  fromDay: localDay.optional(),
  toDay: localDay.optional(),
  state: z.enum(['open', 'closed']).optional(),
  cashierId: z.string().optional(),
  limit: z.coerce.number().int().min(1).max(200).default(50),
  before: z.coerce.number().int().min(1).optional().describe('Shifts with a smaller number.'),
});
export const shiftListShape = z.object({
  currency: z.string(),
  shifts: z.array(shiftShape),
  next: counter.nullable(),
});
export type ShiftList = z.infer<typeof shiftListShape>;
export const ownShiftShape = z.object({
  currency: z.string(),
  policy: counterPolicyShape,
  shift: shiftShape.nullable(),
});
export type OwnShift = z.infer<typeof ownShiftShape>;
export const shiftParamsShape = z.object({ projectId: z.string(), shiftId: z.string() });
