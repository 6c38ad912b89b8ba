// SPDX-License-Identifier: Apache-2.0
/**
 * HTTP shapes of control by a person: one meter, or many at once. Served by billing, which owns what supply is wanted.
 *
 * POST /api/projects/{projectId}/command-batches/preview            batchTargetShape → batchPreviewShape   (meter:control)
 * POST /api/projects/{projectId}/command-batches                    batchRequestShape → commandBatchShape  (meter:control)
 * GET  /api/projects/{projectId}/command-batches                    commandBatchesShape                    (meter:read)
 * GET  /api/projects/{projectId}/command-batches/{batchId}          commandBatchDetailShape                (meter:read)
 * POST /api/projects/{projectId}/command-batches/{batchId}/retry    commandBatchShape                      (meter:control)
 * POST /api/projects/{projectId}/command-batches/{batchId}/cancel   commandBatchShape                      (meter:control)
 * POST /api/projects/{projectId}/meters/{meterId}/control           meterControlShape → commandBatchShape  (meter:control)
 * GET  /api/projects/{projectId}/meter-orders                       meterOrdersShape                       (meter:read)
 */
import { z } from 'zod';
import { meterSettingShape, relayStates } from '../topics/commands.ts';

/**
 * What a person can want of a supply. connect, disconnect: an order for a meter without an account. forced-on,
 * forced-off: an order that simple ones do not change; of an account's meter, the account's mode. automatic: no order
 * stands any more; an account's balance decides again.
 */
export const controlActions = ['connect', 'disconnect', 'forced-on', 'forced-off', 'automatic'] as const;
export type ControlAction = (typeof controlActions)[number];
export const batchActions = [...controlActions, 'read-now', 'setting'] as const;
export type BatchAction = (typeof batchActions)[number];

/** Why a meter is left out of what was asked. */
export const controlRefusals = [
  'unknown-meter',
  'not-polled', // no gateway, no model, or not enabled
  'not-switchable',
  'shared-meter', // its relay serves more than one account
  'account-governs', // connect and disconnect of an account's meter: choose a mode
  'protected-supply',
  'forced-on', // a disconnection of a supply that somebody forced on
  'forced-off', // a connection of a supply that somebody forced off
  'no-order', // automatic for a meter that nobody gave an order
] as const;
export type ControlRefusal = (typeof controlRefusals)[number];

/** Meters of one batch at most. */
export const batchMetersMax = 10_000;
export const batchFilterShape = z.object({
  /** With everything below it. */
  placeId: z.string().optional(),
  gatewayId: z.string().optional(),
  medium: z.enum(['electricity', 'water', 'gas']).optional(),
});
const targetFields = {
  /** One of the two. */
  meterIds: z.array(z.string()).min(1).max(batchMetersMax).optional(),
  filter: batchFilterShape.optional(),
  action: z.enum(batchActions),
};
export const batchTargetShape = z.object(targetFields);
export type BatchTarget = z.infer<typeof batchTargetShape>;
const waitMinutesMax = 7 * 24 * 60;
export const batchRequestShape = z.object({
  ...targetFields,
  setting: meterSettingShape.optional(),
  reason: z.string().trim().min(3).max(500),
  /** Reading and settings: how long a meter that is out of reach is waited for. An order for a supply does not expire. */
  expiresInMinutes: z.number().int().min(1).max(waitMinutesMax).default(60),
  /** The caller's own id, or the Idempotency-Key header: the same id again is the same batch. */
  requestId: z.string().min(8).max(200).optional(),
  /** How many meters the person saw on the screen; when it is given and more would be reached, nothing is done. */
  metersExpected: z.number().int().optional(),
});
export type BatchRequest = z.infer<typeof batchRequestShape>;
export type BatchRequestInput = z.input<typeof batchRequestShape>;

const refusedShape = z.object({
  meterId: z.string(),
  serial: z.string(),
  refusal: z.enum(controlRefusals),
});
export const batchPreviewShape = z.object({
  /** Meters that would get a command. */
  accepted: z.number().int(),
  /** Of these, meters of accounts: the mode of so many accounts would change. */
  accounts: z.number().int(),
  refused: z.array(refusedShape),
});
export type BatchPreview = z.infer<typeof batchPreviewShape>;

export const batchItemStates = [
  'refused',
  'waiting',
  'confirmed',
  'failed',
  'expired',
  'cancelled',
  'superseded', // a newer order, or an account that was opened, took its place
] as const;
export type BatchItemState = (typeof batchItemStates)[number];
const countsShape = z.record(z.enum(batchItemStates), z.number().int());

export const commandBatchShape = z.object({
  batchId: z.string(),
  projectId: z.string(),
  action: z.enum(batchActions),
  setting: meterSettingShape.nullable(),
  reason: z.string(),
  requestedById: z.string(),
  requestedByName: z.string(),
  requestedAtMs: z.number().int(),
  /** Of reading and settings; null: an order that stands until it is done. */
  expiresAtMs: z.number().int().nullable(),
  meters: z.number().int(),
  counts: countsShape,
});
export type CommandBatch = z.infer<typeof commandBatchShape>;

export const batchItemShape = z.object({
  meterId: z.string(),
  serial: z.string(),
  accountId: z.string().nullable(),
  state: z.enum(batchItemStates),
  refusal: z.enum(controlRefusals).nullable(),
  /** Commands sent for it so far. */
  attempts: z.number().int(),
  commandId: z.string().nullable(),
  reportedRelay: z.enum(relayStates),
  /** Registers written and read back, the last fault; not made for a screen's language. */
  evidence: z.string(),
  finishedAtMs: z.number().int().nullable(),
});
export type BatchItem = z.infer<typeof batchItemShape>;
export const batchDetailQueryShape = z.object({
  state: z.enum(batchItemStates).optional(),
  limit: z.coerce.number().int().min(1).max(batchMetersMax).default(500),
});
export const commandBatchDetailShape = z.object({
  batch: commandBatchShape,
  /** Failed ones first, then those that wait, then by meter. */
  items: z.array(batchItemShape),
});
export type CommandBatchDetail = z.infer<typeof commandBatchDetailShape>;
export const batchListQueryShape = z.object({
  limit: z.coerce.number().int().min(1).max(200).default(50),
});
export const commandBatchesShape = z.object({ batches: z.array(commandBatchShape) });
export type CommandBatches = z.infer<typeof commandBatchesShape>;

export const meterControlShape = z.object({
  action: z.enum(batchActions),
  setting: meterSettingShape.optional(),
  reason: z.string().trim().min(3).max(500),
  expiresInMinutes: z.number().int().min(1).max(waitMinutesMax).default(60),
  requestId: z.string().min(8).max(200).optional(),
});
export type MeterControlInput = z.input<typeof meterControlShape>;

/** What people want of meters without an account. Those of accounts stand with the account. */
export const meterOrderShape = z.object({
  meterId: z.string(),
  action: z.enum(['connect', 'disconnect', 'forced-on', 'forced-off']),
  desiredRelay: z.enum(['closed', 'open']),
  reportedRelay: z.enum(relayStates),
  reportedAtMs: z.number().int().nullable(),
  /** A command was read back since the order was given. */
  confirmed: z.boolean(),
  notObeying: z.boolean(),
  reason: z.string(),
  orderedByName: z.string(),
  orderedAtMs: z.number().int(),
});
export type MeterOrder = z.infer<typeof meterOrderShape>;
export const meterOrdersShape = z.object({ orders: z.array(meterOrderShape) });
export type MeterOrders = z.infer<typeof meterOrdersShape>;
