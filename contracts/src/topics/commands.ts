// SPDX-License-Identifier: Apache-2.0
import { z } from 'zod';

/**
 * What a supply switch can be told. connect = forced closed, disconnect = forced open, release = automatic
 * (the meter's own prepayment decides; with platform-side prepayment the controller uses connect and disconnect).
 */
export const supplyActions = ['connect', 'disconnect', 'release'] as const;
export type SupplyAction = (typeof supplyActions)[number];
export const relayStates = ['closed', 'open', 'unknown'] as const;
export type RelayState = (typeof relayStates)[number];

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
  }),
]);
export type MeterCommand = z.infer<typeof meterCommandShape>;

/** Accepted is not done: `confirmed` means the register was read back and shows the wanted state. */
export const commandOutcomeShape = z.object({
  commandId: z.string(),
  projectId: z.string(),
  meterId: z.string(),
  kind: z.enum(['switch-supply', 'read-now']),
  action: z.enum(supplyActions).nullable(),
  outcome: z.enum(['confirmed', 'failed', 'expired']),
  reportedRelay: z.enum(relayStates),
  /** What was written and read back, for the evidence: register values, attempts, last fault. */
  evidence: z.string(),
  attempts: z.number().int(),
  at: z.number().int(),
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
