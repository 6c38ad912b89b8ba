// SPDX-License-Identifier: Apache-2.0
import type { RoleGrant } from '@wattledger/contracts/http/registry';
import type { Database } from '@wattledger/platform';
import { systemActor } from '../changes/actor.ts';
import type { StaffCreateOptions, StaffService } from './staff-service.ts';
import { readStaffByLogin } from './staff-store.ts';

export interface SeededPerson {
  readonly login: string;
  readonly name: string;
  readonly roles: readonly RoleGrant[];
}
export interface SeededPassword {
  readonly login: string;
  readonly name: string;
  readonly roles: readonly RoleGrant[];
  /** Told here and nowhere else. */
  readonly password: string;
}

/**
 * Makes people with random passwords and answers those it made; a login that exists is left alone, so that a seed may
 * run again.
 */
export async function seedStaff(
  database: Database,
  staff: StaffService,
  people: readonly SeededPerson[],
  options: StaffCreateOptions = {},
): Promise<readonly SeededPassword[]> {
  const made: SeededPassword[] = [];
  for (const person of people) {
    if ((await readStaffByLogin(database, person.login.toLowerCase())) !== undefined) continue;
    const { initialPassword } = await staff.create(
      systemActor,
      { ...person, roles: [...person.roles] },
      options,
    );
    if (initialPassword !== null) made.push({ ...person, password: initialPassword });
  }
  return made;
}
