// SPDX-License-Identifier: Apache-2.0
/** Who is to be supplied, and why: policy, decisions, dry run. */
import { z } from 'zod';
import { supplyActions } from '../../topics/commands.ts';
import { desiredRelays, supplyModes } from './vocabulary.ts';
import { instantMs, localDay, micros, text } from './words.ts';

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
