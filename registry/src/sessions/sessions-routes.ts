// SPDX-License-Identifier: Apache-2.0
import {
  changePasswordBodyShape,
  preferencesBodyShape,
  revokedShape,
  sessionListShape,
  sessionParamsShape,
  sessionShape,
  signInBodyShape,
} from '@wattledger/contracts/http/registry';
import { defineRoute, type RequestContext, type Route } from '@wattledger/platform';
import { actorOf } from '../changes/actor.ts';
import { SignInLockedError } from './attempt-guard.ts';
import { cookieHeader, isSecure, sessionCookie } from './session-token.ts';
import type { SessionsService } from './sessions-service.ts';
import { signedIn } from './signed-in.ts';

const tag = 'Sessions';
type AnyContext = RequestContext<unknown, unknown, unknown>;
const tokenOf = (context: Pick<AnyContext, 'cookies'>): string | undefined => context.cookies[sessionCookie];

export function sessionRoutes(sessions: SessionsService): readonly Route[] {
  const setCookie = (context: Pick<AnyContext, 'request' | 'response'>, token: string | null): void => {
    const maxAgeSeconds = Math.floor(sessions.limits.lifeMs / 1000);
    context.response.setHeader(
      'set-cookie',
      cookieHeader(token, { maxAgeSeconds, secure: isSecure(context.request) }),
    );
    context.response.setHeader('cache-control', 'no-store');
  };
  return [...presentSessionRoutes(sessions, setCookie), ...sessionListRoutes(sessions)];
}

function presentSessionRoutes(
  sessions: SessionsService,
  setCookie: (context: Pick<AnyContext, 'request' | 'response'>, token: string | null) => void,
): readonly Route[] {
  return [
    defineRoute({
      method: 'post',
      path: '/api/session',
      summary: 'Sign in',
      tag,
      access: 'public',
      body: signInBodyShape,
      response: sessionShape,
      successStatus: 201,
      handle: async (context) => {
        const { remoteAddress, userAgent } = context;
        const attempt = sessions.signIn({ ...context.body, remoteAddress, userAgent });
        const { token, session } = await attempt.catch((error: unknown) => {
          if (error instanceof SignInLockedError)
            context.response.setHeader('retry-after', error.retryAfterSeconds);
          throw error;
        });
        // Signing in over a session that is still there ends the old one.
        await sessions.signOut(tokenOf(context), actorOf(context));
        setCookie(context, token);
        return session;
      },
    }),
    defineRoute({
      method: 'get',
      path: '/api/session',
      summary: 'Who is signed in, with rights and visible projects',
      tag,
      access: 'signed-in',
      whilePasswordDue: true,
      response: sessionShape,
      handle: async (context) => await sessions.describe(signedIn(context), tokenOf(context)),
    }),
    defineRoute({
      method: 'delete',
      path: '/api/session',
      summary: 'Sign out; also when the session has already ended',
      tag,
      access: 'public',
      response: null,
      successStatus: 204,
      handle: async (context) => {
        await sessions.signOut(tokenOf(context), actorOf(context));
        setCookie(context, null);
      },
    }),
    defineRoute({
      method: 'patch',
      path: '/api/session/preferences',
      summary: 'Language and theme of the person signed in',
      tag,
      access: 'signed-in',
      body: preferencesBodyShape,
      response: sessionShape,
      handle: async (context) =>
        await sessions.setPreferences(signedIn(context), context.body, tokenOf(context)),
    }),
    defineRoute({
      method: 'post',
      path: '/api/session/password',
      summary: 'Change one’s own password; every other session ends',
      tag,
      access: 'signed-in',
      whilePasswordDue: true,
      body: changePasswordBodyShape,
      response: null,
      successStatus: 204,
      handle: async (context) => {
        await sessions.changePassword(actorOf(context), context.body, tokenOf(context));
      },
    }),
  ];
}

function sessionListRoutes(sessions: SessionsService): readonly Route[] {
  return [
    defineRoute({
      method: 'get',
      path: '/api/sessions',
      summary: 'One’s own sessions',
      tag,
      access: 'signed-in',
      response: sessionListShape,
      handle: async (context) => await sessions.list(signedIn(context), tokenOf(context)),
    }),
    defineRoute({
      method: 'delete',
      path: '/api/sessions',
      summary: 'End all of one’s own sessions but the present one',
      tag,
      access: 'signed-in',
      response: revokedShape,
      handle: async (context) => await sessions.revokeOthers(actorOf(context), tokenOf(context)),
    }),
    defineRoute({
      method: 'delete',
      path: '/api/sessions/{sessionId}',
      summary: 'End one of one’s own sessions',
      tag,
      access: 'signed-in',
      params: sessionParamsShape,
      response: null,
      successStatus: 204,
      handle: async (context) => {
        await sessions.revoke(actorOf(context), context.params.sessionId);
      },
    }),
  ];
}
