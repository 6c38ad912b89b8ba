// SPDX-License-Identifier: Apache-2.0
/** Tenants. */
import { z } from 'zod';
import { media } from '../../quantities.ts';
import { tenantSnapshotShape } from '../../topics/registry-snapshots.ts';
import { code, id, name, projectParamsShape, text, email } from './words.ts';

export const tenantListShape = z.object({
  tenants: z.array(tenantSnapshotShape),
  next: z.string().nullable(),
});
export type TenantList = z.infer<typeof tenantListShape>;
export const tenantDetailShape = tenantSnapshotShape.extend({
  meteringPoints: z.array(
    z.object({ id: z.string(), code: z.string(), name: z.string(), medium: z.enum(media) }),
  ),
});
export type TenantDetail = z.infer<typeof tenantDetailShape>;
export const tenantParamsShape = projectParamsShape.extend({ tenantId: id });
const phone = z
  .string()
  .trim()
  .regex(/^\+?[0-9 ()./-]{4,32}$/, 'a telephone number');
export const tenantCreateBodyShape = z.strictObject({
  code,
  name,
  tenantClass: text(64).default('standard'),
  phone: phone.nullable().default(null),
  email: email.nullable().default(null),
});
export type TenantCreateBody = z.input<typeof tenantCreateBodyShape>;
export const tenantPatchBodyShape = z.strictObject({
  name: name.optional(),
  tenantClass: text(64).optional(),
  phone: phone.nullable().optional(),
  email: email.nullable().optional(),
});
export type TenantPatchBody = z.infer<typeof tenantPatchBodyShape>;
