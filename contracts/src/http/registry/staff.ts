// SPDX-License-Identifier: Apache-2.0
/** Staff and roles. */
import { z } from 'zod';
import { passwordLengthMax, roleGrantShape } from './session.ts';
import { id, name, email } from './words.ts';

export const staffShape = z.object({
  id: z.string(),
  login: z.string(),
  name: z.string(),
  email: z.string().nullable(),
  roles: z.array(roleGrantShape),
  disabled: z.boolean(),
  createdAtMs: z.number().int(),
  lastSignInAtMs: z.number().int().nullable(),
});
export type Staff = z.infer<typeof staffShape>;
/** GET /api/staff: those who hold a role in a project where the caller may read staff. */
export const staffListShape = z.object({ staff: z.array(staffShape), next: z.string().nullable() });
export type StaffList = z.infer<typeof staffListShape>;
export const staffParamsShape = z.object({ staffId: id });
const login = z
  .string()
  .trim()
  .toLowerCase()
  .regex(/^[a-z0-9][a-z0-9._@+-]{1,253}$/, 'letters a–z, digits and . _ @ + - only, at least two');
/** POST /api/staff. Without a password one is made and shown once. */
export const staffCreateBodyShape = z.strictObject({
  login,
  name,
  email: email.nullable().default(null),
  password: z.string().max(passwordLengthMax).optional(),
  roles: z.array(roleGrantShape).max(200).default([]),
});
export type StaffCreateBody = z.input<typeof staffCreateBodyShape>;
export const staffPatchBodyShape = z.strictObject({
  name: name.optional(),
  email: email.nullable().optional(),
  disabled: z.boolean().optional().describe('A disabled person is signed out everywhere and cannot sign in.'),
});
export type StaffPatchBody = z.infer<typeof staffPatchBodyShape>;
/** PUT /api/staff/{staffId}/roles: the complete set within the projects the caller administers. */
export const staffRolesBodyShape = z.strictObject({ roles: z.array(roleGrantShape).max(200) });
export type StaffRolesBody = z.infer<typeof staffRolesBodyShape>;
/** POST /api/staff and POST /api/staff/{staffId}/password: the password is in this answer and nowhere else. */
export const staffSecretShape = z.object({ staff: staffShape, initialPassword: z.string().nullable() });
export type StaffSecret = z.infer<typeof staffSecretShape>;
