// SPDX-License-Identifier: Apache-2.0
/** Signing in, who is signed in, passwords, sessions. */
import { z } from 'zod';
import { rights, roles } from '../../rights.ts';
import { counter, id, instantMs } from './words.ts';

export const languages = ['en', 'zh'] as const;
export const themes = ['light', 'dark', 'system'] as const;

/** POST /api/session */
export const signInBodyShape = z.strictObject({
  login: z.string().trim().min(1).max(254),
  password: z.string().min(1).max(1024),
});
export type SignInBody = z.infer<typeof signInBodyShape>;

export const roleGrantShape = z.strictObject({
  projectId: z.union([id, z.literal('*')]).describe("A project id, or '*' for every project of the group."),
  role: z.enum(roles),
});
export type RoleGrant = z.infer<typeof roleGrantShape>;

export const rightsByProjectShape = z.record(z.string().max(64), z.array(z.enum(rights)));

export const visibleProjectShape = z.object({
  id: z.string(),
  code: z.string(),
  name: z.string(),
  zone: z.string(),
  currency: z.string(),
});
export type VisibleProject = z.infer<typeof visibleProjectShape>;

/** GET /api/session and the answer of POST /api/session: everything a screen needs to know about who looks at it. */
export const sessionShape = z.object({
  principal: z.object({ kind: z.enum(['staff', 'api-key']), id: z.string(), name: z.string() }),
  /** Null when an API key asks. */
  staff: z
    .object({
      id: z.string(),
      login: z.string(),
      name: z.string(),
      email: z.string().nullable(),
      language: z.enum(languages).nullable(),
      theme: z.enum(themes).nullable(),
      /** The password was set by somebody else (seed, reset): ask for a new one. */
      mustChangePassword: z.boolean(),
    })
    .nullable(),
  session: z
    .object({ id: z.string(), createdAtMs: instantMs, idleExpiresAtMs: instantMs, expiresAtMs: instantMs })
    .nullable(),
  roles: z.array(roleGrantShape),
  /** Rights by project id; '*' stands for every project of the group. */
  rightsByProject: rightsByProjectShape,
  projects: z.array(visibleProjectShape),
});
export type Session = z.infer<typeof sessionShape>;

/** PATCH /api/session/preferences */
export const preferencesBodyShape = z.strictObject({
  language: z.enum(languages).nullable().optional(),
  theme: z.enum(themes).nullable().optional(),
});
export type PreferencesBody = z.infer<typeof preferencesBodyShape>;

export const passwordLengthMin = 10;
export const passwordLengthMax = 1024;
/** POST /api/session/password: a changed password ends every other session of the person. */
export const changePasswordBodyShape = z.strictObject({
  currentPassword: z.string().min(1).max(passwordLengthMax),
  newPassword: z.string().min(1).max(passwordLengthMax),
});
export type ChangePasswordBody = z.infer<typeof changePasswordBodyShape>;

/** GET /api/sessions: one's own; DELETE /api/sessions/{sessionId} revokes one, DELETE /api/sessions all but the present. */
export const sessionListShape = z.object({
  sessions: z.array(
    z.object({
      id: z.string(),
      createdAtMs: instantMs,
      lastSeenAtMs: instantMs,
      idleExpiresAtMs: instantMs,
      expiresAtMs: instantMs,
      remoteAddress: z.string(),
      userAgent: z.string(),
      current: z.boolean(),
    }),
  ),
});
export type SessionList = z.infer<typeof sessionListShape>;
export const sessionParamsShape = z.object({ sessionId: id });
export const revokedShape = z.object({ revoked: counter });
