// SPDX-License-Identifier: Apache-2.0
import type { Queryable, Transaction } from '@wattledger/platform';
import type { RoleGrant } from '@wattledger/contracts/http/registry';

export interface SessionRow {
  readonly id: string;
  readonly staffId: string;
  readonly createdAtMs: number;
  readonly lastSeenAtMs: number;
  readonly expiresAtMs: number;
  readonly remoteAddress: string;
  readonly userAgent: string;
}
/** A session with what a principal is made of. */
export interface LiveSession extends SessionRow {
  readonly staffName: string;
  readonly mustChangePassword: boolean;
  readonly roles: readonly RoleGrant[];
}

const columns = `s.id, s.staff_id as "staffId", s.created_at_ms as "createdAtMs", s.last_seen_at_ms as "lastSeenAtMs",
  s.expires_at_ms as "expiresAtMs", s.remote_address as "remoteAddress", s.user_agent as "userAgent"`;

export async function insertSession(
  transaction: Transaction,
  session: SessionRow,
  tokenHash: Buffer,
): Promise<void> {
  await transaction.query(
    `insert into registry.sessions (id, token_hash, staff_id, created_at_ms, last_seen_at_ms, expires_at_ms, remote_address, user_agent)
     values ($1, $2, $3, $4, $5, $6, $7, $8)`,
    [
      session.id,
      tokenHash,
      session.staffId,
      session.createdAtMs,
      session.lastSeenAtMs,
      session.expiresAtMs,
      session.remoteAddress,
      session.userAgent,
    ],
  );
}

/** The session of a token, when neither idle too long nor expired and its person may sign in. One index look-up. */
export async function readLiveSession(
  queryable: Queryable,
  tokenHash: Buffer,
  nowMs: number,
  idleMs: number,
): Promise<LiveSession | undefined> {
  const { rows } = await queryable.query<LiveSession>(
    `select ${columns}, p.name as "staffName", p.must_change_password as "mustChangePassword",
       coalesce((select json_agg(json_build_object('projectId', r.project_id, 'role', r.role) order by r.project_id, r.role)
         from registry.staff_roles r where r.staff_id = p.id), '[]'::json) as roles
     from registry.sessions s join registry.staff p on p.id = s.staff_id
     where s.token_hash = $1 and s.expires_at_ms > $2 and s.last_seen_at_ms > $2 - $3::bigint and p.disabled_at_ms is null`,
    [tokenHash, nowMs, idleMs],
  );
  return rows[0];
}

export async function touchSession(queryable: Queryable, id: string, nowMs: number): Promise<void> {
  await queryable.query(
    'update registry.sessions s set last_seen_at_ms = $2 where s.id = $1 and s.last_seen_at_ms < $2',
    [id, nowMs],
  );
}

/** A person's live sessions, newest use first. */
export async function listSessions(
  queryable: Queryable,
  staffId: string,
  nowMs: number,
  idleMs: number,
): Promise<readonly SessionRow[]> {
  const { rows } = await queryable.query<SessionRow>(
    `select ${columns} from registry.sessions s
     where s.staff_id = $1 and s.expires_at_ms > $2 and s.last_seen_at_ms > $2 - $3::bigint
     order by s.last_seen_at_ms desc, s.id`,
    [staffId, nowMs, idleMs],
  );
  return rows;
}

/** Ends sessions of a person, but for the one named; answers how many. */
export async function deleteSessionsOf(
  queryable: Queryable,
  staffId: string,
  exceptId: string | null,
): Promise<number> {
  const { rowCount } = await queryable.query(
    'delete from registry.sessions s where s.staff_id = $1 and ($2::text is null or s.id <> $2)',
    [staffId, exceptId],
  );
  return rowCount;
}

export async function deleteSession(queryable: Queryable, staffId: string, id: string): Promise<number> {
  return (
    await queryable.query('delete from registry.sessions s where s.staff_id = $1 and s.id = $2', [
      staffId,
      id,
    ])
  ).rowCount;
}

export async function deleteSessionByToken(
  queryable: Queryable,
  tokenHash: Buffer,
): Promise<string | undefined> {
  const { rows } = await queryable.query<{ staff_id: string }>(
    'delete from registry.sessions s where s.token_hash = $1 returning s.staff_id',
    [tokenHash],
  );
  return rows[0]?.staff_id;
}

/** Keeps a person's newest sessions only. */
export async function deleteOldestSessions(
  transaction: Transaction,
  staffId: string,
  kept: number,
): Promise<void> {
  await transaction.query(
    `delete from registry.sessions s where s.staff_id = $1 and s.id not in (
       select k.id from registry.sessions k where k.staff_id = $1 order by k.last_seen_at_ms desc, k.created_at_ms desc limit $2)`,
    [staffId, kept],
  );
}

/** What has run out: sessions and windows of attempts. */
export async function deleteStale(queryable: Queryable, nowMs: number, idleMs: number): Promise<void> {
  await queryable.query(
    'delete from registry.sessions s where s.expires_at_ms <= $1 or s.last_seen_at_ms <= $1 - $2::bigint',
    [nowMs, idleMs],
  );
  await queryable.query('delete from registry.sign_in_attempts a where a.window_ends_ms <= $1', [nowMs]);
}

export interface Attempt {
  readonly count: number;
  readonly windowEndsMs: number;
}

/**
 * Counts one attempt before the password is looked at, so that a hundred attempts at once are a hundred attempts. The
 * first one of a window opens it; the count stops growing at `countMax`.
 */
export async function countAttempt(
  queryable: Queryable,
  key: string,
  nowMs: number,
  windowMs: number,
  countMax: number,
): Promise<Attempt> {
  const { rows } = await queryable.query<{ count: number; window_ends_ms: number }>(
    `insert into registry.sign_in_attempts as a (key, count, window_ends_ms) values ($1, 1, $2::bigint + $3::bigint)
     on conflict (key) do update set
       count = case when a.window_ends_ms <= $2 then 1 else least(a.count + 1, $4::integer) end,
       window_ends_ms = case when a.window_ends_ms <= $2 then $2::bigint + $3::bigint else a.window_ends_ms end
     returning a.count, a.window_ends_ms`,
    [key, nowMs, windowMs, countMax],
  );
  const [row] = rows;
  if (row === undefined) throw new Error('an upsert returned nothing');
  return { count: row.count, windowEndsMs: row.window_ends_ms };
}

/** A right password: the login's attempts are forgotten, the address gets this one back. */
export async function forgiveAttempts(
  queryable: Queryable,
  loginKey: string,
  addressKey: string,
): Promise<void> {
  await queryable.query('delete from registry.sign_in_attempts a where a.key = $1', [loginKey]);
  await queryable.query(
    'update registry.sign_in_attempts a set count = greatest(a.count - 1, 0) where a.key = $1',
    [addressKey],
  );
}
