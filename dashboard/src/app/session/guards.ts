// SPDX-License-Identifier: Apache-2.0
import { inject } from '@angular/core';
import { RedirectCommand, Router, type CanActivateChildFn, type CanActivateFn } from '@angular/router';
import type { Right } from '@wattledger/contracts';
import { SignedIn } from './session.ts';

/** Pages of the frame are for people who are signed in; after signing in they come back to the same address. */
export const signedIn: CanActivateFn = async (_route, state) => {
  const router = inject(Router);
  const next = { queryParams: { next: state.url } };
  try {
    if ((await inject(SignedIn).load()) !== null) return true;
  } catch {
    // Nobody knows whether a person is signed in while the server does not answer.
    return new RedirectCommand(router.createUrlTree(['/unreachable'], next), { skipLocationChange: true });
  }
  return router.createUrlTree(['/sign-in'], next);
};

/** Whoever must choose a password of their own may do nothing else: the server refuses it. */
export const ownPassword: CanActivateChildFn = (_route, state) => {
  if (inject(SignedIn).staff()?.mustChangePassword !== true || state.url.split('?')[0] === '/me') return true;
  return inject(Router).createUrlTree(['/me'], { queryParams: { next: state.url } });
};

/** The page needs a right in its project, or (pages without a project) anywhere. */
export function holds(right: Right): CanActivateFn {
  return (route) => {
    const router = inject(Router);
    const session = inject(SignedIn);
    const projectId = route.paramMap.get('projectId') ?? route.parent?.paramMap.get('projectId') ?? null;
    const allowed = projectId === null ? session.maySomewhere(right) : session.may(right, projectId);
    if (allowed) return true;
    return new RedirectCommand(router.createUrlTree(['/forbidden'], { queryParams: { right } }), {
      skipLocationChange: true,
    });
  };
}

/** A project that does not exist, or that the person may not know of, looks the same: not found. */
export const knownProject: CanActivateFn = (route) => {
  const router = inject(Router);
  const projectId = route.paramMap.get('projectId');
  if (
    inject(SignedIn)
      .projects()
      .some((project) => project.id === projectId)
  )
    return true;
  return new RedirectCommand(router.createUrlTree(['/not-found']), { skipLocationChange: true });
};

/** `/` leads to the one project a person has, or to the group. */
export const homePage: CanActivateFn = () => {
  const router = inject(Router);
  const projects = inject(SignedIn).projects();
  const only = projects.length === 1 ? projects[0] : undefined;
  return router.createUrlTree(only === undefined ? ['/group'] : ['/p', only.id]);
};
