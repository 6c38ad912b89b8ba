// SPDX-License-Identifier: Apache-2.0
/** Signing in and out, and what a signed-in person may do with their own sessions. */
import { newId, type Principal } from '@wattledger/contracts';
import {
  languages,
  themes,
  type PreferencesBody,
  type Session,
  type SessionList,
} from '@wattledger/contracts/http/registry';
import type { Clock, Database } from '@wattledger/platform';
import type { RegistryActionLog } from '../actions/action-log.ts';
import type { Actor } from '../changes/actor.ts';
import { forbidden, invalid, notFound } from '../changes/faults.ts';
import { readableProjects } from '../projects/projects-service.ts';
import { listProjects } from '../projects/projects-store.ts';
import { hashPassword, passwordFits, spendPasswordTime } from '../staff/password-hash.ts';
import { faultOfPassword } from '../staff/password-policy.ts';
import { rightsOfRoles } from '../staff/staff-rights.ts';
import {
  lockCredentials,
  noteSignIn,
  readStaff,
  readStaffByLogin,
  updatePassword,
  updatePreferences,
  type StaffRow,
} from '../staff/staff-store.ts';
import { createAttemptGuard, refused } from './attempt-guard.ts';
import { sessionLimits, type SessionLimits } from './session-limits.ts';
import { hashOfToken, looksLikeToken, newToken } from './session-token.ts';
import {
  deleteOldestSessions,
  deleteSession,
  deleteSessionByToken,
  deleteSessionsOf,
  deleteStale,
  insertSession,
  listSessions,
  readLiveSession,
  touchSession,
  type LiveSession,
} from './sessions-store.ts';

const minute = 60_000;
/** The last use of a session is written down this often at most. */
const touchEveryMs = minute;

export interface SignIn {
  readonly token: string;
  readonly session: Session;
}

export interface SessionsService {
  readonly limits: SessionLimits;
  /** @throws RequestError sign-in-refused, sign-in-locked, busy */
  signIn(who: { login: string; password: string; remoteAddress: string; userAgent: string }): Promise<SignIn>;
  /** Ends the session of a token; without one, or with a dead one, nothing happens. */
  signOut(token: string | undefined, actor: Actor): Promise<void>;
  /** The principal of a cookie's token, or null. */
  principalOf(token: string): Promise<Principal | null>;
  describe(principal: Principal, token: string | undefined): Promise<Session>;
  list(principal: Principal, token: string | undefined): Promise<SessionList>;
  revoke(actor: Actor, sessionId: string): Promise<void>;
  revokeOthers(actor: Actor, token: string | undefined): Promise<{ revoked: number }>;
  setPreferences(
    principal: Principal,
    preferences: PreferencesBody,
    token: string | undefined,
  ): Promise<Session>;
  /** @throws RequestError sign-in-refused, sign-in-locked, invalid */
  changePassword(
    actor: Actor,
    passwords: { currentPassword: string; newPassword: string },
    token: string | undefined,
  ): Promise<void>;
  /** Deletes what has run out; called on a timer. */
  sweep(): Promise<void>;
}

export interface SessionParts {
  readonly database: Database;
  readonly clock: Clock;
  readonly actionLog: RegistryActionLog;
  readonly limits?: Partial<SessionLimits>;
}

export function createSessionsService(parts: SessionParts): SessionsService {
  const { database, clock, actionLog } = parts;
  const limits = { ...sessionLimits, ...parts.limits };
  const guard = createAttemptGuard(parts, limits);

  const liveSession = async (token: string | undefined): Promise<LiveSession | undefined> =>
    looksLikeToken(token)
      ? await readLiveSession(database, hashOfToken(token), clock.nowMs(), limits.idleMs)
      : undefined;

  const note = async (actor: Actor, action: string, subject: string, after?: unknown): Promise<void> => {
    await actionLog.record({ ...actor, projectId: null, action, subject, after, atMs: clock.nowMs() });
  };

  async function describe(principal: Principal, token: string | undefined): Promise<Session> {
    const [session, person, projects] = await Promise.all([
      principal.kind === 'staff' ? liveSession(token) : undefined,
      principal.kind === 'staff' ? readStaff(database, principal.id) : undefined,
      listProjects(database, readableProjects(principal)),
    ]);
    return {
      principal: { kind: principal.kind, id: principal.id, name: principal.name },
      staff: person === undefined ? null : describePerson(person),
      session: session === undefined ? null : describeSession(session, limits),
      roles: person?.roles ?? [],
      rightsByProject: Object.fromEntries(
        Object.entries(principal.rightsByProject).map(([id, held]) => [id, [...held]]),
      ),
      projects: projects.map(({ id, code, name, zone, currency }) => ({ id, code, name, zone, currency })),
    };
  }

  async function open(person: StaffRow, remoteAddress: string, userAgent: string): Promise<SignIn> {
    const token = newToken();
    const nowMs = clock.nowMs();
    const principal = principalOfPerson(person);
    const session = {
      id: newId('session'),
      staffId: person.id,
      createdAtMs: nowMs,
      lastSeenAtMs: nowMs,
      expiresAtMs: nowMs + limits.lifeMs,
      remoteAddress,
      userAgent: userAgent.slice(0, 500),
    };
    await database.transaction(async (transaction) => {
      // The password may have been reset, or the person disabled, while it was being checked.
      if (!(await lockCredentials(transaction, person.id, person.passwordHash))) throw refused();
      await insertSession(transaction, session, hashOfToken(token));
      await deleteOldestSessions(transaction, person.id, limits.sessionsPerPersonMax);
      await noteSignIn(transaction, person.id, nowMs);
      const subject = `staff/${person.id}`;
      await actionLog.recordIn(transaction, [
        {
          principal,
          remoteAddress,
          projectId: null,
          action: 'session.sign-in',
          subject,
          after: { userAgent: session.userAgent },
          atMs: nowMs,
        },
      ]);
    });
    return { token, session: await describe(principal, token) };
  }

  return {
    limits,
    describe,
    async signIn({ login, password, remoteAddress, userAgent }) {
      const attempt = await guard.count(login, remoteAddress);
      const person = await readStaffByLogin(database, login.toLowerCase());
      const fits =
        person === undefined
          ? await spendPasswordTime(password)
          : await passwordFits(password, person.passwordHash);
      if (person === undefined || fits !== true || person.disabled) {
        await guard.refused(person?.id, remoteAddress);
        throw refused();
      }
      await attempt.forgive();
      return await open(person, remoteAddress, userAgent);
    },
    async signOut(token, actor) {
      if (!looksLikeToken(token)) return;
      const staffId = await deleteSessionByToken(database, hashOfToken(token));
      if (staffId !== undefined) await note(actor, 'session.sign-out', `staff/${staffId}`);
    },
    async principalOf(token) {
      const session = await liveSession(token);
      if (session === undefined) return null;
      const nowMs = clock.nowMs();
      if (nowMs - session.lastSeenAtMs >= touchEveryMs) await touchSession(database, session.id, nowMs);
      return {
        kind: 'staff',
        id: session.staffId,
        name: session.staffName,
        rightsByProject: rightsOfRoles(session.roles),
        mustChangePassword: session.mustChangePassword,
      };
    },
    async list(principal, token) {
      const current = await liveSession(token);
      const sessions = await listSessions(database, principal.id, clock.nowMs(), limits.idleMs);
      return {
        sessions: sessions.map((session) => ({
          ...describeSession(session, limits),
          lastSeenAtMs: session.lastSeenAtMs,
          remoteAddress: session.remoteAddress,
          userAgent: session.userAgent,
          current: session.id === current?.id,
        })),
      };
    },
    async revoke(actor, sessionId) {
      const deleted =
        actor.principal === null ? 0 : await deleteSession(database, actor.principal.id, sessionId);
      if (deleted === 0) throw notFound('session');
      await note(actor, 'session.revoke', `session/${sessionId}`);
    },
    async revokeOthers(actor, token) {
      const staffId = actor.principal?.id ?? '';
      const current = await liveSession(token);
      const revoked = await deleteSessionsOf(database, staffId, current?.id ?? null);
      await note(actor, 'session.revoke-others', `staff/${staffId}`, { revoked });
      return { revoked };
    },
    async setPreferences(principal, preferences, token) {
      const person = await personOf(database, principal);
      const { language = person.language, theme = person.theme } = preferences;
      await updatePreferences(database, person.id, language, theme);
      return await describe(principal, token);
    },
    async changePassword(actor, { currentPassword, newPassword }, token) {
      const person = await personOf(database, actor.principal);
      const attempt = await guard.count(person.login, actor.remoteAddress);
      if (!(await passwordFits(currentPassword, person.passwordHash))) {
        await guard.refused(person.id, actor.remoteAddress);
        throw refused();
      }
      await attempt.forgive();
      const fault =
        newPassword === currentPassword
          ? 'the new password is the old one'
          : faultOfPassword(newPassword, [person.login, person.name]);
      if (fault !== null) throw invalid([{ path: 'newPassword', message: fault }]);
      const passwordHash = await hashPassword(newPassword);
      const current = await liveSession(token);
      await database.transaction(async (transaction) => {
        await updatePassword(transaction, person.id, passwordHash, false);
        await deleteSessionsOf(transaction, person.id, current?.id ?? null);
        await actionLog.recordIn(transaction, [
          {
            ...actor,
            projectId: null,
            action: 'staff.password-change',
            subject: `staff/${person.id}`,
            atMs: clock.nowMs(),
          },
        ]);
      });
    },
    async sweep() {
      await deleteStale(database, clock.nowMs(), limits.idleMs);
    },
  };
}

async function personOf(database: Database, principal: Principal | null): Promise<StaffRow> {
  const person = principal?.kind === 'staff' ? await readStaff(database, principal.id) : undefined;
  if (person === undefined)
    throw forbidden(
      'This is for people; an API key has no preferences and no password.',
      'Sign in as a person.',
    );
  return person;
}

function principalOfPerson(person: StaffRow): Principal {
  return { kind: 'staff', id: person.id, name: person.name, rightsByProject: rightsOfRoles(person.roles) };
}

function describePerson(person: StaffRow): NonNullable<Session['staff']> {
  const { id, login, name, email, mustChangePassword } = person;
  return {
    id,
    login,
    name,
    email,
    language: languages.find((language) => language === person.language) ?? null,
    theme: themes.find((theme) => theme === person.theme) ?? null,
    mustChangePassword,
  };
}

function describeSession(
  session: {
    readonly id: string;
    readonly createdAtMs: number;
    readonly lastSeenAtMs: number;
    readonly expiresAtMs: number;
  },
  limits: SessionLimits,
): NonNullable<Session['session']> {
  const { id, createdAtMs, lastSeenAtMs, expiresAtMs } = session;
  return {
    id,
    createdAtMs,
    idleExpiresAtMs: Math.min(lastSeenAtMs + limits.idleMs, expiresAtMs),
    expiresAtMs,
  };
}
