// SPDX-License-Identifier: Apache-2.0
/** Rights from roles, and who may change whom. Pure. */
import { mayDo, rights, rightsOfRole, type Principal, type Right } from '@wattledger/contracts';
import type { RoleGrant } from '@wattledger/contracts/http/registry';

/** Rights by project id of somebody who holds these roles, each right once, in the order of the list of rights. */
export function rightsOfRoles(grants: readonly RoleGrant[]): Record<string, Right[]> {
  const held = new Map<string, Set<Right>>();
  for (const { projectId, role } of grants) {
    const known = held.get(projectId) ?? new Set();
    for (const right of rightsOfRole[role]) known.add(right);
    held.set(projectId, known);
  }
  return Object.fromEntries(
    [...held].map(([projectId, known]) => [projectId, rights.filter((right) => known.has(right))]),
  );
}

/** Projects in which a principal holds a right; null for the whole group. */
export function projectsWithRight(principal: Principal, right: Right): readonly string[] | null {
  if (mayDo(principal, right, null)) return null;
  return Object.keys(principal.rightsByProject).filter((projectId) => mayDo(principal, right, projectId));
}

/** Whether the principal holds the right in a project, or for '*' in the whole group. */
export function mayIn(principal: Principal, right: Right, projectId: string): boolean {
  return mayDo(principal, right, projectId === '*' ? null : projectId);
}

/**
 * Whether a principal may change a person as such (name, password, disabling): only who administers every project in
 * which the person holds a role. Otherwise the administrator of one project could take over somebody who has
 * more rights elsewhere.
 */
export function mayChangePerson(principal: Principal, roles: readonly RoleGrant[]): boolean {
  if (mayDo(principal, 'staff:write', null)) return true;
  return roles.length > 0 && roles.every(({ projectId }) => mayIn(principal, 'staff:write', projectId));
}

/** The person's roles after a principal has set the roles of the projects it administers; the others stay. */
export function mergeRoles(
  principal: Principal,
  current: readonly RoleGrant[],
  wanted: readonly RoleGrant[],
): readonly RoleGrant[] {
  const untouched = current.filter(({ projectId }) => !mayIn(principal, 'staff:write', projectId));
  return [...untouched, ...wanted];
}
