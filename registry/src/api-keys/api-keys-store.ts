// SPDX-License-Identifier: Apache-2.0
import type { Right } from '@wattledger/contracts';
import type { ApiKey } from '@wattledger/contracts/http/registry';
import type { Queryable, Transaction } from '@wattledger/platform';

const columns = `k.id, k.name, k.rights_by_project as "rightsByProject", k.created_at_ms as "createdAtMs",
  k.created_by_name as "createdBy", k.expires_at_ms as "expiresAtMs", k.last_used_at_ms as "lastUsedAtMs"`;

export interface NewApiKeyRow {
  readonly id: string;
  readonly name: string;
  readonly rightsByProject: Readonly<Record<string, readonly Right[]>>;
  readonly createdAtMs: number;
  readonly createdById: string;
  readonly createdByName: string;
  readonly expiresAtMs: number | null;
}

export async function insertApiKey(
  transaction: Transaction,
  key: NewApiKeyRow,
  secretHash: Buffer,
): Promise<void> {
  await transaction.query(
    `insert into registry.api_keys (id, name, secret_hash, rights_by_project, created_at_ms, created_by_id, created_by_name, expires_at_ms)
     values ($1, $2, $3, $4::jsonb, $5, $6, $7, $8)`,
    [
      key.id,
      key.name,
      secretHash,
      JSON.stringify(key.rightsByProject),
      key.createdAtMs,
      key.createdById,
      key.createdByName,
      key.expiresAtMs,
    ],
  );
}

/** Keys that are not revoked, newest first. At most `limit`. */
export async function listApiKeys(queryable: Queryable, limit: number): Promise<readonly ApiKey[]> {
  const { rows } = await queryable.query<ApiKey>(
    `select ${columns} from registry.api_keys k where k.revoked_at_ms is null order by k.created_at_ms desc, k.id limit $1`,
    [limit],
  );
  return rows;
}

export async function countApiKeys(queryable: Queryable): Promise<number> {
  const { rows } = await queryable.query<{ count: number }>(
    'select count(*) as count from registry.api_keys k where k.revoked_at_ms is null',
  );
  return rows[0]?.count ?? 0;
}

export async function readApiKey(queryable: Queryable, id: string): Promise<ApiKey | undefined> {
  const { rows } = await queryable.query<ApiKey>(
    `select ${columns} from registry.api_keys k where k.id = $1 and k.revoked_at_ms is null`,
    [id],
  );
  return rows[0];
}

/** The key of a secret, when neither revoked nor expired. */
export async function readLiveApiKey(
  queryable: Queryable,
  secretHash: Buffer,
  nowMs: number,
): Promise<ApiKey | undefined> {
  const { rows } = await queryable.query<ApiKey>(
    `select ${columns} from registry.api_keys k
     where k.secret_hash = $1 and k.revoked_at_ms is null and (k.expires_at_ms is null or k.expires_at_ms > $2)`,
    [secretHash, nowMs],
  );
  return rows[0];
}

export async function touchApiKey(queryable: Queryable, id: string, nowMs: number): Promise<void> {
  await queryable.query('update registry.api_keys k set last_used_at_ms = $2 where k.id = $1', [id, nowMs]);
}

export async function revokeApiKey(transaction: Transaction, id: string, nowMs: number): Promise<void> {
  await transaction.query(
    'update registry.api_keys k set revoked_at_ms = $2 where k.id = $1 and k.revoked_at_ms is null',
    [id, nowMs],
  );
}
