// SPDX-License-Identifier: Apache-2.0
/** Income, and the proof that charges and slots agree. */
import { z } from 'zod';
import { asOfShape } from '../as-of.ts';
import { dayRangeQueryShape } from './vocabulary.ts';
import { counter, localDay, micros } from './words.ts';

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
  chequeMicros: micros,
  onlineMicros: micros,
  reversedMicros: micros,
  refundedMicros: micros,
  /** Of what was received: paid on agreed arrears and what the balance was below zero, less reversals. */
  arrearsMicros: micros,
  /** Charged for what flowed in the span. */
  electricityMicros: micros,
  waterMicros: micros,
  gasMicros: micros,
  electricityWh: z.number().int(),
  waterLitres: z.number().int(),
  gasDm3: z.number().int(),
  /** The same charges by what they are for: the seven add up to the three media. */
  energyMicros: micros,
  demandMicros: micros,
  fixedMicros: micros,
  minimumMicros: micros,
  surchargeMicros: micros,
  taxMicros: micros,
  rebateMicros: micros,
  /** Shared costs and property fees, on the day they take effect. */
  sharedCostMicros: micros,
  propertyFeeMicros: micros,
});
export type IncomeRow = z.infer<typeof incomeRowShape>;
export const incomeShape = z.object({
  currency: z.string(),
  rows: z.array(incomeRowShape),
  total: incomeRowShape.omit({ span: true }),
  /** The same of as many days before the span. */
  before: incomeRowShape.omit({ span: true }),
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
