// SPDX-License-Identifier: Apache-2.0
/** API keys. */
import { z } from 'zod';
import { rightsByProjectShape } from './session.ts';
import { id, instantMs, name } from './words.ts';

export const apiKeyShape = z.object({
  id: z.string(),
  name: z.string(),
  rightsByProject: rightsByProjectShape,
  createdAtMs: z.number().int(),
  createdBy: z.string(),
  expiresAtMs: z.number().int().nullable(),
  lastUsedAtMs: z.number().int().nullable(),
});
export type ApiKey = z.infer<typeof apiKeyShape>;
export const apiKeyListShape = z.object({ apiKeys: z.array(apiKeyShape) });
export type ApiKeyList = z.infer<typeof apiKeyListShape>;
export const apiKeyParamsShape = z.object({ apiKeyId: id });
/** POST /api/api-keys. Only rights the caller holds can be given. Sent as `Authorization: Bearer <secret>`. */
export const apiKeyCreateBodyShape = z.strictObject({
  name,
  rightsByProject: rightsByProjectShape.refine(
    (value) => Object.keys(value).length > 0,
    'name at least one project',
  ),
  expiresAtMs: instantMs.nullable().default(null),
});
export type ApiKeyCreateBody = z.input<typeof apiKeyCreateBodyShape>;
export const apiKeySecretShape = z.object({ apiKey: apiKeyShape, secret: z.string() });
export type ApiKeySecret = z.infer<typeof apiKeySecretShape>;
