// SPDX-License-Identifier: Apache-2.0
import { newId, type Principal } from '@wattledger/contracts';
import {
  staffCreateBodyShape,
  type RoleGrant,
  type Staff,
  type StaffCreateBody,
  type StaffList,
  type StaffPatchBody,
  type StaffSecret,
} from '@wattledger/contracts/http/registry';
import type { Clock, Database, Transaction } from '@wattledger/platform';
import type { RegistryActionLog } from '../actions/action-log.ts';
import type { Actor } from '../changes/actor.ts';
import { asRequestError, conflict, forbidden, invalid, notFound } from '../changes/faults.ts';
import { cutPage, pageOf, type PageRequest } from '../changes/page.ts';
import { deleteSessionsOf } from '../sessions/sessions-store.ts';
import { hashPassword, randomPassword } from './password-hash.ts';
import { faultOfPassword } from './password-policy.ts';
import { mayChangePerson, mayIn, mergeRoles, projectsWithRight } from './staff-rights.ts';
import {
  insertStaff,
  knownProjects,
  listStaff,
  lockGroupAdministrators,
  publicStaff,
  readStaff,
  replaceRoles,
  updatePassword,
  updateStaff,
  type StaffRow,
} from './staff-store.ts';

export interface StaffCreateOptions {
  /** Default true: whoever makes a person knows the password. */
  readonly mustChangePassword?: boolean;
}

export interface StaffService {
  list(principal: Principal, page: PageRequest): Promise<StaffList>;
  get(principal: Principal, staffId: string): Promise<Staff>;
  /** @throws RequestError duplicate-login, invalid (password, unknown project), forbidden */
  create(actor: Actor, body: StaffCreateBody, options?: StaffCreateOptions): Promise<StaffSecret>;
  patch(actor: Actor, staffId: string, body: StaffPatchBody): Promise<Staff>;
  setRoles(actor: Actor, staffId: string, roles: readonly RoleGrant[]): Promise<Staff>;
  /** A new password, made here and told once; every session of the person ends. */
  resetPassword(actor: Actor, staffId: string): Promise<StaffSecret>;
}

export interface StaffParts {
  readonly database: Database;
  readonly clock: Clock;
  readonly actionLog: RegistryActionLog;
}

export function createStaffService(parts: StaffParts): StaffService {
  const { database, clock, actionLog } = parts;

  /** One change of one person: the row before and after goes into the log of actions, in the same transaction. */
  async function change(
    actor: Actor,
    staffId: string,
    action: string,
    apply: (transaction: Transaction, person: StaffRow) => Promise<void>,
  ): Promise<Staff> {
    return await database.transaction(async (transaction) => {
      await transaction.query('select s.id from registry.staff s where s.id = $1 for update', [staffId]);
      const before = await visiblePerson(transaction, actor, staffId);
      await apply(transaction, before);
      const after = await readStaff(transaction, staffId);
      if (after === undefined) throw notFound('person');
      await actionLog.recordIn(transaction, [
        {
          ...actor,
          projectId: null,
          action,
          subject: `staff/${staffId}`,
          before: publicStaff(before),
          after: publicStaff(after),
          atMs: clock.nowMs(),
        },
      ]);
      return actor.principal === null ? publicStaff(after) : narrowed(actor.principal, publicStaff(after));
    });
  }

  return {
    async list(principal, page) {
      const found = await listStaff(database, projectsWithRight(principal, 'staff:read'), pageOf(page));
      const { rows, next } = cutPage(found, page.limit, (person) => person.login);
      return { staff: rows.map((person) => narrowed(principal, publicStaff(person))), next };
    },
    async get(principal, staffId) {
      const person = await readStaff(database, staffId);
      if (person === undefined || !maySee(principal, person.roles)) throw notFound('person');
      return narrowed(principal, publicStaff(person));
    },
    create: async (actor, body, options) => await createPerson(parts, actor, body, options),
    async patch(actor, staffId, { name, email, disabled }) {
      return await change(actor, staffId, 'staff.update', async (transaction, person) => {
        requireMayChange(actor, person);
        if (disabled === true) await keepAnAdministrator(transaction, staffId);
        const next = {
          id: staffId,
          name: name ?? person.name,
          email: email === undefined ? person.email : email,
        };
        await updateStaff(transaction, { ...next, disabled: disabled ?? person.disabled }, clock.nowMs());
        if (disabled === true) await deleteSessionsOf(transaction, staffId, null);
      });
    },
    async setRoles(actor, staffId, roles) {
      return await change(actor, staffId, 'staff.roles', async (transaction, person) => {
        await judgeRoles(transaction, actor, roles);
        const merged = actor.principal === null ? roles : mergeRoles(actor.principal, person.roles, roles);
        const staysAdministrator = merged.some(
          ({ projectId, role }) => projectId === '*' && role === 'administrator',
        );
        if (!staysAdministrator) await keepAnAdministrator(transaction, staffId);
        await replaceRoles(transaction, staffId, merged);
      });
    },
    async resetPassword(actor, staffId) {
      const password = randomPassword();
      const passwordHash = await hashPassword(password);
      const staff = await change(actor, staffId, 'staff.password-reset', async (transaction, person) => {
        requireMayChange(actor, person);
        await updatePassword(transaction, staffId, passwordHash, true);
        await deleteSessionsOf(transaction, staffId, null);
      });
      return { staff, initialPassword: password };
    },
  };
}

async function createPerson(
  { database, clock, actionLog }: StaffParts,
  actor: Actor,
  given: StaffCreateBody,
  { mustChangePassword = true }: StaffCreateOptions = {},
): Promise<StaffSecret> {
  const body = staffCreateBodyShape.parse(given);
  const fault = body.password === undefined ? null : faultOfPassword(body.password, [body.login, body.name]);
  if (fault !== null) throw invalid([{ path: 'password', message: fault }]);
  const password = body.password ?? randomPassword();
  const passwordHash = await hashPassword(password);
  const id = newId('staff');
  try {
    return await database.transaction(async (transaction) => {
      await judgeRoles(transaction, actor, body.roles);
      if (
        body.roles.length === 0 &&
        actor.principal !== null &&
        !mayIn(actor.principal, 'staff:write', '*')
      ) {
        throw invalid([{ path: 'roles', message: 'give at least one role in a project you administer' }]);
      }
      const { login, name, email } = body;
      const createdAtMs = clock.nowMs();
      await insertStaff(transaction, {
        id,
        login,
        name,
        email,
        passwordHash,
        mustChangePassword,
        createdAtMs,
      });
      await replaceRoles(transaction, id, body.roles);
      const created = await readStaff(transaction, id);
      if (created === undefined) throw new Error('a person just inserted is not there');
      const staff = publicStaff(created);
      await actionLog.recordIn(transaction, [
        {
          ...actor,
          projectId: null,
          action: 'staff.create',
          subject: `staff/${id}`,
          after: staff,
          atMs: createdAtMs,
        },
      ]);
      return { staff, initialPassword: body.password === undefined ? password : null };
    });
  } catch (error) {
    throw asRequestError(error);
  }
}

/** Roles name projects that exist and that the principal administers. */
async function judgeRoles(
  transaction: Transaction,
  actor: Actor,
  roles: readonly RoleGrant[],
): Promise<void> {
  const { principal } = actor;
  // A project that is not there and one that is somebody else's are answered alike: nothing is told of other projects.
  const foreign = roles.findIndex(
    ({ projectId }) => principal === null || !mayIn(principal, 'staff:write', projectId),
  );
  if (foreign >= 0) {
    throw forbidden(
      `You do not administer project ${roles[foreign]?.projectId ?? ''}.`,
      'Give roles only in projects in which you hold the right staff:write.',
    );
  }
  const named = roles.map(({ projectId }) => projectId).filter((projectId) => projectId !== '*');
  const known = await knownProjects(transaction, named);
  const faults = roles.flatMap(({ projectId }, index) =>
    projectId === '*' || known.has(projectId)
      ? []
      : [{ path: `roles.${index}.projectId`, message: `there is no project ${projectId}` }],
  );
  if (faults.length > 0) throw invalid(faults);
}

function requireMayChange(actor: Actor, person: StaffRow): void {
  if (actor.principal !== null && mayChangePerson(actor.principal, person.roles)) return;
  throw forbidden(
    'This person holds roles in projects that you do not administer.',
    'Ask an administrator of the group; you can still set the roles of your own projects.',
  );
}

/** @throws RequestError last-administrator when nobody but this person could administer the group */
async function keepAnAdministrator(transaction: Transaction, staffId: string): Promise<void> {
  const administrators = await lockGroupAdministrators(transaction);
  if (administrators.length === 1 && administrators[0] === staffId) {
    throw conflict(
      'last-administrator',
      'This is the last administrator of the group.',
      'Make somebody else an administrator of the group first.',
    );
  }
}

/** @throws RequestError not-found: also for people whom the caller may not see */
async function visiblePerson(transaction: Transaction, actor: Actor, staffId: string): Promise<StaffRow> {
  const person = await readStaff(transaction, staffId);
  if (person === undefined || actor.principal === null || !maySee(actor.principal, person.roles))
    throw notFound('person');
  return person;
}

function maySee(principal: Principal, roles: readonly RoleGrant[]): boolean {
  return (
    mayIn(principal, 'staff:read', '*') ||
    roles.some(({ projectId }) => mayIn(principal, 'staff:read', projectId))
  );
}

/** Without the roles held in projects whose staff the caller may not read. */
function narrowed(principal: Principal, staff: Staff): Staff {
  return {
    ...staff,
    roles: staff.roles.filter(({ projectId }) => mayIn(principal, 'staff:read', projectId)),
  };
}
