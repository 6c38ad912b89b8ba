// SPDX-License-Identifier: Apache-2.0
/** Who may do what. Every route names one right; a staff member holds roles in projects (or in the whole group). */
export const rights = [
  'project:read', // names, places, tree, meters
  'project:write', // change the tree, gateways, meters, mountings
  'energy:read', // energy questions, losses, rankings
  'meter:read', // polling state, readings, commands' history
  'meter:control', // on-demand reading, connect, disconnect
  'readings:write', // push readings, import files
  'account:read', // balances, ledgers, charges
  'account:write', // open, close
  'vend:write', // top up
  'price:read',
  'price:write',
  'books:write', // close and sign days, approve compensations, post shared costs
  'document:write', // templates of printed documents
  'alarm:read',
  'alarm:write', // acknowledge
  'staff:read',
  'staff:write',
  'audit:read',
  'system:read', // health detail, doctor
] as const;
export type Right = (typeof rights)[number];

export const roles = [
  'administrator',
  'executive',
  'analyst',
  'finance',
  'engineer',
  'business',
  'tenant',
] as const;
export type Role = (typeof roles)[number];

export const rightsOfRole: Readonly<Record<Role, readonly Right[]>> = {
  administrator: rights,
  executive: ['project:read', 'energy:read', 'meter:read', 'account:read', 'price:read', 'alarm:read'],
  analyst: ['project:read', 'energy:read', 'meter:read', 'alarm:read'],
  finance: [
    'project:read',
    'energy:read',
    'meter:read',
    'account:read',
    'account:write',
    'vend:write',
    'price:read',
    'books:write',
    'document:write',
    'alarm:read',
  ],
  engineer: [
    'project:read',
    'project:write',
    'energy:read',
    'meter:read',
    'meter:control',
    'readings:write',
    'alarm:read',
    'alarm:write',
    'system:read',
  ],
  business: [
    'project:read',
    'energy:read',
    'meter:read',
    'account:read',
    'account:write',
    'price:read',
    'price:write',
    'staff:read',
    'alarm:read',
  ],
  // A tenant sees only its own account, through its own routes; it holds no project right.
  tenant: [],
};

/** Who is calling: a signed-in person or an API key. */
export interface Principal {
  readonly kind: 'staff' | 'api-key';
  readonly id: string;
  readonly name: string;
  /** Rights by project id; the key '*' stands for every project of the group. */
  readonly rightsByProject: Readonly<Record<string, readonly Right[]>>;
  /** Somebody else knows the password: until it is changed, nothing else may be done. */
  readonly mustChangePassword?: boolean;
}

export function mayDo(principal: Principal, right: Right, projectId: string | null): boolean {
  return holds(principal, '*', right) || (projectId !== null && holds(principal, projectId, right));
}

/** Own keys only: a path may ask for a project called "constructor". */
function holds({ rightsByProject }: Principal, projectId: string, right: Right): boolean {
  return Object.hasOwn(rightsByProject, projectId) && rightsByProject[projectId]?.includes(right) === true;
}
