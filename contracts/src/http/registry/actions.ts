// SPDX-License-Identifier: Apache-2.0
/** The log of actions. */
import { z } from 'zod';
import { counter, id, pageQueryShape, plainCharacters } from './words.ts';

export const actionShape = z.object({
  sequence: z.number().int(),
  atMs: z.number().int(),
  principalKind: z.enum(['staff', 'api-key', 'nobody']),
  principalId: z.string(),
  principalName: z.string(),
  projectId: z.string().nullable(),
  action: z.string(),
  subject: z.string(),
  before: z.unknown(),
  after: z.unknown(),
  remoteAddress: z.string(),
  hash: z.string(),
});
export type Action = z.infer<typeof actionShape>;
export const actionListQueryShape = pageQueryShape.extend({
  fromMs: z.coerce.number().int().optional(),
  toMs: z.coerce.number().int().optional(),
  principalId: id.optional(),
  action: z.string().max(100).regex(plainCharacters).optional(),
  subject: z.string().max(200).regex(plainCharacters).optional(),
});
/** GET /api/projects/{projectId}/actions and GET /api/actions (group), newest first. */
export const actionListShape = z.object({ actions: z.array(actionShape), next: z.string().nullable() });
export type ActionList = z.infer<typeof actionListShape>;
/** GET /api/actions/verify: recomputes the chain of hashes from the first action to the last. */
export const actionVerifyShape = z.object({
  ok: z.boolean(),
  checked: counter,
  lastHash: z.string().nullable(),
  /** First action that does not fit, with what is wrong. */
  firstFault: z.object({ sequence: z.number().int(), message: z.string() }).nullable(),
});
export type ActionVerify = z.infer<typeof actionVerifyShape>;
