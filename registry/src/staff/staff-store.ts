// SPDX-License-Identifier: Apache-2.0
import type { Role } from '@wattledger/contracts';
import type { RoleGrant, Staff } from '@wattledger/contracts/http/registry';
import type { Queryable, Transaction } from '@wattledger/platform';

export interface StaffRow extends Staff {
  readonly passwordHash: string;
  readonly mustChangePassword: boolean;
  readonly language: string | null;
  readonly theme: string | null;
}

interface Row {
  readonly id: string;
  readonly login: string;
  readonly name: string;
  readonly email: string | null;
  readonly password_hash: string;
  readonly must_change_password: boolean;
  readonly language: string | null;
  readonly theme: string | null;
  readonly created_at_ms: number;
  readonly disabled_at_ms: number | null;
  readonly last_sign_in_at_ms: number | null;
  readonly roles: readonly { readonly projectId: string; readonly role: Role }[];
}

const columns = `s.id, s.login, s.name, s.email, s.password_hash, s.must_change_password, s.language, s.theme, s.created_at_ms,
  s.disabled_at_ms, s.last_sign_in_at_ms,
  coalesce((select json_agg(json_build_object('projectId', r.project_id, 'role', r.role) order by r.project_id, r.role)
    from registry.staff_roles r where r.staff_id = s.id), '[]'::json) as roles`;

function fromRow(row: Row): StaffRow {
  return {
    id: row.id,
    login: row.login,
    name: row.name,
    email: row.email,
    roles: [...row.roles],
    disabled: row.disabled_at_ms !== null,
    createdAtMs: row.created_at_ms,
    lastSignInAtMs: row.last_sign_in_at_ms,
    passwordHash: row.password_hash,
    mustChangePassword: row.must_change_password,
    language: row.language,
    theme: row.theme,
  };
}

/** What others may see of a member of staff. */
export function publicStaff(row: StaffRow): Staff {
  const { id, login, name, email, roles, disabled, createdAtMs, lastSignInAtMs } = row;
  return { id, login, name, email, roles, disabled, createdAtMs, lastSignInAtMs };
}

export async function readStaff(queryable: Queryable, id: string): Promise<StaffRow | undefined> {
  const { rows } = await queryable.query<Row>(`select ${columns} from registry.staff s where s.id = $1`, [
    id,
  ]);
  return rows.map(fromRow)[0];
}

export async function readStaffByLogin(queryable: Queryable, login: string): Promise<StaffRow | undefined> {
  const { rows } = await queryable.query<Row>(`select ${columns} from registry.staff s where s.login = $1`, [
    login,
  ]);
  return rows.map(fromRow)[0];
}

/** In order of logins. `projectIds` null: everybody; else those who hold a role in one of them. */
export async function listStaff(
  queryable: Queryable,
  projectIds: readonly string[] | null,
  page: { readonly pattern: string | null; readonly after: string | null; readonly limit: number },
): Promise<readonly StaffRow[]> {
  const { rows } = await queryable.query<Row>(
    `select ${columns} from registry.staff s
     where ($1::text[] is null
         or exists (select 1 from registry.staff_roles r where r.staff_id = s.id and r.project_id = any ($1)))
       and ($2::text is null or s.login ilike $2 or s.name ilike $2)
       and ($3::text is null or s.login > $3)
     order by s.login limit $4`,
    [projectIds, page.pattern, page.after, page.limit],
  );
  return rows.map(fromRow);
}

export interface NewStaffRow {
  readonly id: string;
  readonly login: string;
  readonly name: string;
  readonly email: string | null;
  readonly passwordHash: string;
  readonly mustChangePassword: boolean;
  readonly createdAtMs: number;
}

export async function insertStaff(transaction: Transaction, staff: NewStaffRow): Promise<void> {
  await transaction.query(
    `insert into registry.staff (id, login, name, email, password_hash, must_change_password, created_at_ms)
     values ($1, $2, $3, $4, $5, $6, $7)`,
    [
      staff.id,
      staff.login,
      staff.name,
      staff.email,
      staff.passwordHash,
      staff.mustChangePassword,
      staff.createdAtMs,
    ],
  );
}

/** Somebody disabled again keeps the instant at which it was first done. */
export async function updateStaff(
  transaction: Transaction,
  staff: {
    readonly id: string;
    readonly name: string;
    readonly email: string | null;
    readonly disabled: boolean;
  },
  nowMs: number,
): Promise<void> {
  await transaction.query(
    `update registry.staff s
     set name = $2, email = $3, disabled_at_ms = case when $4 then coalesce(s.disabled_at_ms, $5::bigint) end
     where s.id = $1`,
    [staff.id, staff.name, staff.email, staff.disabled, nowMs],
  );
}

export async function updatePassword(
  transaction: Transaction,
  id: string,
  passwordHash: string,
  mustChange: boolean,
): Promise<void> {
  await transaction.query(
    'update registry.staff s set password_hash = $2, must_change_password = $3 where s.id = $1',
    [id, passwordHash, mustChange],
  );
}

export async function updatePreferences(
  queryable: Queryable,
  id: string,
  language: string | null,
  theme: string | null,
): Promise<void> {
  await queryable.query('update registry.staff s set language = $2, theme = $3 where s.id = $1', [
    id,
    language,
    theme,
  ]);
}

/** Locks the person against changes until the transaction ends; false when the password is another one by now. */
export async function lockCredentials(
  transaction: Transaction,
  id: string,
  passwordHash: string,
): Promise<boolean> {
  const { rowCount } = await transaction.query(
    'select s.id from registry.staff s where s.id = $1 and s.password_hash = $2 and s.disabled_at_ms is null for update',
    [id, passwordHash],
  );
  return rowCount === 1;
}

export async function noteSignIn(queryable: Queryable, id: string, atMs: number): Promise<void> {
  await queryable.query('update registry.staff s set last_sign_in_at_ms = $2 where s.id = $1', [id, atMs]);
}

export async function replaceRoles(
  transaction: Transaction,
  staffId: string,
  roles: readonly RoleGrant[],
): Promise<void> {
  await transaction.query('delete from registry.staff_roles r where r.staff_id = $1', [staffId]);
  await transaction.query(
    `insert into registry.staff_roles (staff_id, project_id, role)
     select distinct $1, r."projectId", r."role" from json_to_recordset($2::json) as r("projectId" text, "role" text)`,
    [staffId, JSON.stringify(roles)],
  );
}

/** Which of the ids are projects. */
export async function knownProjects(
  queryable: Queryable,
  ids: readonly string[],
): Promise<ReadonlySet<string>> {
  const { rows } = await queryable.query<{ id: string }>(
    'select p.id from registry.projects p where p.id = any ($1)',
    [ids],
  );
  return new Set(rows.map((row) => row.id));
}

/** People who administer the whole group and can sign in. The rows stay locked: two may not disable each other at once. */
export async function lockGroupAdministrators(transaction: Transaction): Promise<readonly string[]> {
  const { rows } = await transaction.query<{ id: string }>(
    `select s.id from registry.staff s join registry.staff_roles r on r.staff_id = s.id
     where r.project_id = '*' and r.role = 'administrator' and s.disabled_at_ms is null
     order by s.id for update of s`,
  );
  return rows.map((row) => row.id);
}
