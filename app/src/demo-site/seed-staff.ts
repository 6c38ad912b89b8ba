// SPDX-License-Identifier: Apache-2.0
/** People of the demo: one for every role of the house, and a market manager who sees the market only. */
import type { RoleGrant } from '@wattledger/contracts/http/registry';

export interface DemoPerson {
  readonly login: string;
  readonly name: string;
  readonly roles: readonly RoleGrant[];
}

export function demoStaff(plazaId: string, marketId: string): readonly DemoPerson[] {
  return [
    { login: 'admin', name: 'Administrator 管理员', roles: [{ projectId: '*', role: 'administrator' }] },
    { login: 'executive', name: 'Qin Yue 秦越 (executive)', roles: [{ projectId: '*', role: 'executive' }] },
    { login: 'analyst', name: 'Shen Yi 沈一 (analyst)', roles: [{ projectId: '*', role: 'analyst' }] },
    { login: 'finance', name: 'Lu Min 陆敏 (finance)', roles: [{ projectId: plazaId, role: 'finance' }, { projectId: marketId, role: 'finance' }] },
    { login: 'engineer', name: 'Tang Bo 唐博 (engineer)', roles: [{ projectId: plazaId, role: 'engineer' }, { projectId: marketId, role: 'engineer' }] },
    { login: 'business', name: 'Fan Li 范黎 (business)', roles: [{ projectId: plazaId, role: 'business' }, { projectId: marketId, role: 'business' }] },
    {
      login: 'market', name: 'Old Zhou 老周 (market manager)',
      roles: [{ projectId: marketId, role: 'finance' }, { projectId: marketId, role: 'engineer' }, { projectId: marketId, role: 'business' }],
    },
  ];
}

/** The table that is printed once. */
export function passwordTable(people: readonly { readonly login: string; readonly name: string; readonly password: string }[]): string {
  const loginWidth = Math.max(...people.map((person) => person.login.length));
  const passwordWidth = Math.max(...people.map((person) => person.password.length));
  const rows = people.map((person) => `  ${person.login.padEnd(loginWidth)}  ${person.password.padEnd(passwordWidth)}  ${person.name}`);
  return ['Sign in as (passwords are shown only now):', ...rows].join('\n');
}
