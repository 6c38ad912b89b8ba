// SPDX-License-Identifier: Apache-2.0
/** People of the demo: one for every role of the house, and a market manager who sees the market only. */
import type { Role } from '@wattledger/contracts';
import type { RoleGrant } from '@wattledger/contracts/http/registry';

export interface DemoPerson {
  readonly login: string;
  readonly name: string;
  readonly roles: readonly RoleGrant[];
}

/** @param projectIds the last one is the market manager's */
export function demoStaff(projectIds: readonly string[]): readonly DemoPerson[] {
  const everywhere = (role: Role): RoleGrant[] => [{ projectId: '*', role }];
  const inEach = (role: Role): RoleGrant[] => projectIds.map((projectId) => ({ projectId, role }));
  const last = projectIds.at(-1);
  const marketRoles: readonly Role[] = ['finance', 'engineer', 'business'];
  return [
    { login: 'admin', name: 'Administrator 管理员', roles: everywhere('administrator') },
    { login: 'executive', name: 'Qin Yue 秦越 (executive)', roles: everywhere('executive') },
    { login: 'analyst', name: 'Shen Yi 沈一 (analyst)', roles: everywhere('analyst') },
    { login: 'finance', name: 'Lu Min 陆敏 (finance)', roles: inEach('finance') },
    { login: 'engineer', name: 'Tang Bo 唐博 (engineer)', roles: inEach('engineer') },
    { login: 'business', name: 'Fan Li 范黎 (business)', roles: inEach('business') },
    {
      login: 'market',
      name: 'Old Zhou 老周 (market manager)',
      roles: last === undefined ? [] : marketRoles.map((role) => ({ projectId: last, role })),
    },
  ];
}

/** The table that is printed once. */
export function passwordTable(
  people: readonly { readonly login: string; readonly name: string; readonly password: string }[],
): string {
  const loginWidth = Math.max(...people.map((person) => person.login.length));
  const passwordWidth = Math.max(...people.map((person) => person.password.length));
  const rows = people.map(
    (person) =>
      `  ${person.login.padEnd(loginWidth)}  ${person.password.padEnd(passwordWidth)}  ${person.name}`,
  );
  return ['Sign in as (passwords are shown only now):', ...rows].join('\n');
}
