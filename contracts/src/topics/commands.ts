// SPDX-License-Identifier: Apache-2.0
import { z } from 'zod';
import { touPeriods } from '../tou-period.ts';

/**
 * What a supply switch can be told. connect = forced closed, disconnect = forced open, release = automatic
 * (the meter's own prepayment decides; with platform-side prepayment the controller uses connect and disconnect).
 */
export const supplyActions = ['connect', 'disconnect', 'release'] as const;
export type SupplyAction = (typeof supplyActions)[number];
export const relayStates = ['closed', 'open', 'unknown'] as const;
export type RelayState = (typeof relayStates)[number];

/** What can be set in a meter besides its switch, where its register map has the registers. */
export const meterSettingShape = z.discriminatedUnion('kind', [
  /** The project's local time at the moment of writing. */
  z.object({ kind: z.literal('clock'), byteOrderConfirmed: z.boolean().default(false) }),
  z.object({
    kind: z.literal('tou-plan'),
    /** From each date on (until the next) the day plan of that number holds; in the order of the year. */
    datePlan: z
      .array(
        z.object({
          month: z.number().int().min(1).max(12),
          day: z.number().int().min(1).max(31),
          plan: z.number().int().min(1).max(2),
        }),
      )
      .min(1)
      .max(4),
    /** Each from midnight on: the rate that holds from a time of day until the next. */
    dayPlans: z
      .array(
        z
          .array(
            z.object({
              hour: z.number().int().min(0).max(23),
              minute: z.number().int().min(0).max(59),
              period: z.enum(touPeriods),
            }),
          )
          .min(1)
          .max(14),
      )
      .min(1)
      .max(2),
    /** The engineer has checked on such a meter that bytes are laid out as our map says. Needed where that is inferred. */
    byteOrderConfirmed: z.boolean().default(false),
  }),
]);
export type MeterSetting = z.infer<typeof meterSettingShape>;

/**
 * What billing orders of a meter that keeps a balance itself; nobody can order it by hand. A cabinet's circuit is named by
 * the register that is mounted.
 */
const meterBalanceShape = z.object({ kind: z.literal('meter-balance'), register: z.string() });
const meterCreditOrderShape = z.object({
  kind: z.literal('meter-credit'),
  register: z.string(),
  amountMicros: z.number().int().positive(),
  /** The meter counts purchases, and begins again after 65535: the number this one gets. */
  purchaseNumber: z.number().int().min(0).max(65_535),
  /** What had been bought before it, as the meter said. */
  purchasedBeforeMicros: z.number().int().min(0),
  /** Somebody has tried on such a meter that credits are written so. */
  registersConfirmed: z.boolean(),
});
export const commandedSettingShape = z.discriminatedUnion('kind', [
  ...meterSettingShape.options,
  meterBalanceShape,
  meterCreditOrderShape,
]);
export type CommandedSetting = z.infer<typeof commandedSettingShape>;
export type MeterBalanceOrder = z.infer<typeof meterBalanceShape> | z.infer<typeof meterCreditOrderShape>;
export type MeterCreditOrder = z.infer<typeof meterCreditOrderShape>;

/** What a meter that keeps a balance says of it. */
export const meterBalanceReadShape = z.object({
  balanceMicros: z.number().int(),
  purchasedMicros: z.number().int(),
  purchaseCount: z.number().int(),
});
export type MeterBalanceRead = z.infer<typeof meterBalanceReadShape>;

export const commandKinds = ['switch-supply', 'read-now', 'write-setting'] as const;
export type CommandKind = (typeof commandKinds)[number];

export const meterCommandShape = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('switch-supply'),
    commandId: z.string(),
    projectId: z.string(),
    meterId: z.string(),
    action: z.enum(supplyActions),
    requestedBy: z.string(),
    reason: z.string(),
    requestedAt: z.number().int(),
    /** After this the command is dropped with outcome `expired`; the controller decides anew. */
    expiresAt: z.number().int(),
    /** One of many given at once: it lets those that came alone go first. */
    bulk: z.boolean().optional(),
  }),
  z.object({
    kind: z.literal('read-now'),
    commandId: z.string(),
    projectId: z.string(),
    meterId: z.string(),
    requestedBy: z.string(),
    reason: z.string(),
    requestedAt: z.number().int(),
    expiresAt: z.number().int(),
    bulk: z.boolean().optional(),
  }),
  z.object({
    kind: z.literal('write-setting'),
    commandId: z.string(),
    projectId: z.string(),
    meterId: z.string(),
    setting: commandedSettingShape,
    requestedBy: z.string(),
    reason: z.string(),
    requestedAt: z.number().int(),
    expiresAt: z.number().int(),
    bulk: z.boolean().optional(),
  }),
  /** Takes back a command that still waits: it ends as `expired`. One that is already done is not undone. */
  z.object({
    kind: z.literal('cancel'),
    commandId: z.string(),
    projectId: z.string(),
    meterId: z.string(),
    requestedBy: z.string(),
    requestedAt: z.number().int(),
  }),
]);
export type MeterCommand = z.infer<typeof meterCommandShape>;

/** Accepted is not done: `confirmed` means the register was read back and shows the wanted state. */
export const commandOutcomeShape = z.object({
  commandId: z.string(),
  projectId: z.string(),
  meterId: z.string(),
  kind: z.enum(commandKinds),
  action: z.enum(supplyActions).nullable(),
  outcome: z.enum(['confirmed', 'failed', 'expired']),
  reportedRelay: z.enum(relayStates),
  /** What was written and read back, for the evidence: register values, attempts, last fault. */
  evidence: z.string(),
  attempts: z.number().int(),
  at: z.number().int(),
  /** Of meter-balance and meter-credit: what was read at the end. */
  balance: meterBalanceReadShape.optional(),
});
export type CommandOutcome = z.infer<typeof commandOutcomeShape>;

/** What a poll saw besides the registers that are counted: state of the switch, electrical parameters. */
export const telemetryShape = z.object({
  projectId: z.string(),
  meterId: z.string(),
  gatewayId: z.string().nullable(),
  at: z.number().int(),
  online: z.boolean(),
  relay: z.enum(relayStates),
  /** Name (as in the register map) → value in the map's unit; only what the model offers. */
  parameters: z.record(z.string(), z.number()),
});
export type Telemetry = z.infer<typeof telemetryShape>;
