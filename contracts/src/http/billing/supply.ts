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
  calendarIds: z
    .array(z.string())
    .max(50)
    .describe('Calendars that hold: in their hours and on their days nobody they concern is disconnected.'),
  relayAlarmMinutes: z
    .number()
    .int()
    .min(1)
    .max(1440)
    .describe('Alarm when desired and reported relay differ longer.'),
});
export type SupplyPolicy = z.infer<typeof supplyPolicyShape>;

/** A day on which nobody is disconnected: a holiday, or a day of heat or frost that somebody declares. */
export const protectedDayShape = z.strictObject({ day: localDay, name: z.string().trim().min(1).max(200) });
export type ProtectedDay = z.infer<typeof protectedDayShape>;
export const protectionCalendarBodyShape = z.strictObject({
  name: z.string().trim().min(1).max(100),
  spans: z.array(protectedSpanShape).max(100),
  days: z.array(protectedDayShape).max(2000),
  fromDay: localDay.nullable().default(null).describe('The spans hold from this day on; null: always.'),
  toDay: localDay.nullable().default(null).describe('The last day on which a span may begin; null: no end.'),
  tenantClasses: z
    .array(z.string().trim().min(1).max(100))
    .max(50)
    .default([])
    .describe('Kinds of tenants it concerns; with no account named either: everybody.'),
  accountIds: z.array(z.string()).max(1000).default([]).describe('Accounts it concerns.'),
});
export type ProtectionCalendarBody = z.input<typeof protectionCalendarBodyShape>;
export const protectionCalendarShape = protectionCalendarBodyShape.extend({ calendarId: z.string() });
export type ProtectionCalendar = z.infer<typeof protectionCalendarShape>;
/** GET and POST …/protection-calendars, PUT and DELETE …/protection-calendars/{calendarId} */
export const protectionCalendarListShape = z.object({ calendars: z.array(protectionCalendarShape) });
export type ProtectionCalendarList = z.infer<typeof protectionCalendarListShape>;
export const protectionCalendarParamsShape = z.object({ projectId: z.string(), calendarId: z.string() });
/** POST …/protection-calendars/read-days: the days of a list of holidays; stores nothing. */
export const readDaysBodyShape = z.strictObject({
  format: z.enum(['ics', 'csv']),
  text: z.string().min(1).max(900_000),
  fromDay: localDay,
  toDay: localDay.describe('Inclusive; repetitions of an event are written out within the two days.'),
});
export type ReadDaysBody = z.infer<typeof readDaysBodyShape>;
export const readDaysAnswerShape = z.object({
  days: z.array(protectedDayShape),
  /** Lines or events that are no day, and why. */
  faults: z.array(z.object({ where: z.string(), message: z.string() })),
});
export type ReadDaysAnswer = z.infer<typeof readDaysAnswerShape>;

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
  'balance-on-platform', // only of accounts with a meter that keeps the credit itself
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
  cause: z.enum(['charge', 'vend', 'mode', 'policy', 'timer', 'opened', 'payment', 'emergency-credit']),
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
      /** Emergency credit in use, and what is owed by an arrears agreement. */
      emergencyCreditMicros: micros,
      arrearsMicros: micros,
      /** Gates that stand against a cut: why the account is safe. */
      safeBy: z.array(z.enum(supplyGateNames)),
      /** When it is to be expected at the average charge, after grace and outside protection; null when it is not. */
      expectedCutMs: instantMs.nullable(),
      gates: z.array(supplyGateShape),
    }),
  ),
});
export type DryRun = z.infer<typeof dryRunShape>;

/** PUT …/accounts/{accountId}/supply-mode (right meter:control) → accountSupplyShape */
export const supplyModeBodyShape = z.strictObject({ mode: z.enum(supplyModes), reason: text });
export type SupplyModeBody = z.input<typeof supplyModeBodyShape>;
