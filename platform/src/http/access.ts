// SPDX-License-Identifier: Apache-2.0
/** Rights, decided from the route's declaration before its handler sees the request. */
import { mayDo, type Principal } from '@wattledger/contracts';
import { RequestError } from '../errors.ts';
import type { Access, Route } from './port.ts';

/** @throws RequestError 403 password-change-required, on every route but those that serve to change it */
export function requireOwnPassword(
  { access, whilePasswordDue }: Pick<Route, 'access' | 'whilePasswordDue'>,
  principal: Principal | null,
): void {
  if (principal?.mustChangePassword !== true || access === 'public' || whilePasswordDue === true) return;
  throw new RequestError({
    status: 403,
    code: 'password-change-required',
    message: 'Somebody else set your password: choose your own before anything else.',
    hint: 'Change it under "Me", or with POST /api/session/password.',
  });
}

/**
 * @param projectId the path's {projectId}, null when the path has none
 * @throws RequestError 401 sign-in-required, 403 right-missing. The same answer whether or not the project exists.
 */
export function requireAccess(access: Access, principal: Principal | null, projectId: string | null): void {
  if (access === 'public') return;
  if (principal === null) {
    throw new RequestError({
      status: 401,
      code: 'sign-in-required',
      message: 'You are not signed in, or your session has ended.',
      hint: 'Sign in and try again.',
    });
  }
  if (access === 'signed-in') return;
  const inAnyProject =
    access.anyProject === true &&
    Object.values(principal.rightsByProject).some((rights) => rights.includes(access.right));
  if (inAnyProject || mayDo(principal, access.right, projectId)) return;
  throw new RequestError({
    status: 403,
    code: 'right-missing',
    message: `This needs the right ${access.right}${projectId === null ? '' : ' in this project'}, which you do not have.`,
    hint: 'Ask an administrator for a role that holds it.',
  });
}
