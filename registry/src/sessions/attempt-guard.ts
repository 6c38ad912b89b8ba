// SPDX-License-Identifier: Apache-2.0
/** Locks out who keeps guessing: per login and per address, counted before the password is looked at. */
import { createHash } from 'node:crypto';
import { RequestError, type Clock, type Database } from '@wattledger/platform';
import type { RegistryActionLog } from '../actions/action-log.ts';
import type { NewAction } from '../actions/action-log.ts';
import type { SessionLimits } from './session-limits.ts';
import { addressGroup } from './session-token.ts';
import { countAttempt, forgiveAttempts } from './sessions-store.ts';

export interface AttemptGuard {
  /**
   * Counts one attempt. @throws RequestError sign-in-locked: the same for logins that exist and that do not
   */
  count(login: string, remoteAddress: string): Promise<{ forgive(): Promise<void> }>;
  /** Tells the log of actions. What was typed as an unknown login is not kept: it may be somebody's password. */
  refused(staffId: string | undefined, remoteAddress: string): Promise<void>;
}

export function createAttemptGuard(
  {
    database,
    clock,
    actionLog,
  }: { readonly database: Database; readonly clock: Clock; readonly actionLog: RegistryActionLog },
  limits: SessionLimits,
): AttemptGuard {
  const loginKeyOf = (login: string): string =>
    `login ${createHash('sha256').update(login.toLowerCase()).digest('hex')}`;
  const note = async (action: Omit<NewAction, 'principal' | 'projectId' | 'atMs'>): Promise<void> => {
    await actionLog.record({ principal: null, projectId: null, ...action, atMs: clock.nowMs() });
  };

  return {
    async count(login, remoteAddress) {
      const nowMs = clock.nowMs();
      const loginKey = loginKeyOf(login);
      const addressKey = `address ${addressGroup(remoteAddress)}`;
      for (const [key, max] of [
        [addressKey, limits.addressAttemptsMax],
        [loginKey, limits.loginAttemptsMax],
      ] as const) {
        const attempt = await countAttempt(database, key, nowMs, limits.windowMs, max + 2);
        // The count stops two above the limit: the first refusal is told, the ones after it only repeat it.
        if (attempt.count === max + 1) {
          const after = { by: key === addressKey ? 'address' : 'login', untilMs: attempt.windowEndsMs };
          await note({ action: 'session.locked', subject: 'sign-in', after, remoteAddress });
        }
        if (attempt.count > max) throw new SignInLockedError(attempt.windowEndsMs - nowMs);
      }
      return {
        forgive: async () => {
          await forgiveAttempts(database, loginKey, addressKey);
        },
      };
    },
    async refused(staffId, remoteAddress) {
      const subject = staffId === undefined ? 'unknown login' : `staff/${staffId}`;
      await note({ action: 'session.refused', subject, remoteAddress });
    },
  };
}

/** One answer for an unknown login, a wrong password and a disabled person. */
export function refused(): RequestError {
  return new RequestError({
    status: 401,
    code: 'sign-in-refused',
    message: 'The login or the password is wrong.',
    hint: 'Check both. An administrator can set a new password.',
  });
}

/** Also says how long the lock lasts, for the header Retry-After. */
export class SignInLockedError extends RequestError {
  readonly retryAfterSeconds: number;
  constructor(remainingMs: number) {
    const minutes = Math.max(1, Math.ceil(remainingMs / 60_000));
    super({
      status: 429,
      code: 'sign-in-locked',
      message: 'There were too many attempts to sign in.',
      hint: `Try again in ${minutes === 1 ? 'a minute' : `${minutes} minutes`}.`,
    });
    this.retryAfterSeconds = Math.max(1, Math.ceil(remainingMs / 1000));
  }
}
