// SPDX-License-Identifier: Apache-2.0
/** Emergency credit: a small advance, offered below a threshold, taken by the tenant, repaid by the next top up. */
import { z } from 'zod';
import { arrearsAgreementShape } from './arrears.ts';
import { instantMs, micros, requestId, who } from './words.ts';

export const emergencyStages = ['alarm-1', 'alarm-2', 'arrears'] as const;
export const emergencyRuleShape = z.strictObject({
  tenantClass: z
    .string()
    .trim()
    .min(1)
    .max(100)
    .nullable()
    .describe('Kind of tenant; null: all kinds without a rule of their own.'),
  amountMicros: micros.min(0).describe('Zero: this kind is offered none.'),
  offeredAt: z.enum(emergencyStages).describe('Offered from this stage of the balance on.'),
  timesPerMonth: z.number().int().min(1).max(31).describe('How often it may be taken in a local month.'),
  whileOverdue: z.boolean().describe('Offered although instalments of arrears are overdue.'),
});
export type EmergencyRule = z.infer<typeof emergencyRuleShape>;
/** GET and PUT …/emergency-credit-policy */
export const emergencyPolicyShape = z.strictObject({ rules: z.array(emergencyRuleShape).max(50) });
export type EmergencyPolicy = z.infer<typeof emergencyPolicyShape>;

export const emergencyStates = ['none', 'offered', 'in-use', 'repaid'] as const;
/** Why none is offered. */
export const emergencyRefusals = [
  'account-closed',
  'no-rule',
  'balance-suffices',
  'taken-often',
  'arrears-overdue',
] as const;
export type EmergencyRefusal = (typeof emergencyRefusals)[number];
export const emergencyCreditShape = z.object({
  /** `repaid`: none is offered now, and the last one taken was repaid. */
  state: z.enum(emergencyStates),
  /** Offered or taken; 0 when none. */
  amountMicros: micros,
  usedMicros: micros,
  leftMicros: micros,
  refusal: z.enum(emergencyRefusals).nullable(),
  history: z.array(
    z.object({
      emergencyCreditId: z.string(),
      amountMicros: micros,
      takenAtMs: instantMs,
      takenBy: who,
      byTenant: z.boolean(),
      repaidAtMs: instantMs.nullable(),
    }),
  ),
});
export type EmergencyCredit = z.infer<typeof emergencyCreditShape>;
/** POST …/accounts/{accountId}/emergency-credit → accountCreditShape */
export const takeEmergencyBodyShape = z.strictObject({
  requestId: requestId.optional(),
  byTenant: z.boolean().default(false).describe('The tenant asked for it; staff only entered it.'),
});
export type TakeEmergencyBody = z.input<typeof takeEmergencyBodyShape>;

/** GET …/accounts/{accountId}/credit: everything between the balance and the dark. */
export const accountCreditShape = z.object({
  currency: z.string(),
  balanceMicros: micros,
  /** What the balance is below zero and below the emergency credit: consumed while protected or before a cut. */
  debtMicros: micros,
  emergency: emergencyCreditShape,
  agreements: z.array(arrearsAgreementShape),
  arrearsMicros: micros,
  /** The calendar that keeps supply on at present, and until when; null when none does. */
  protection: z.object({ name: z.string(), untilMs: instantMs.nullable() }).nullable(),
});
export type AccountCredit = z.infer<typeof accountCreditShape>;
