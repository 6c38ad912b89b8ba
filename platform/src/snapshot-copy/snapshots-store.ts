// SPDX-License-Identifier: Apache-2.0
/** Table <schema>.registry_snapshots. The schema's name was checked by the caller and stands unquoted in the SQL. */
import type { RegistryEntity, RegistrySnapshot } from '@wattledger/contracts';
import type { Database, Transaction } from '../database/port.ts';
import type { LogRecord } from '../event-log/port.ts';

export interface StoredSnapshot {
  readonly entity: RegistryEntity;
  readonly id: string;
  readonly project_id: string;
  readonly snapshot: unknown;
  readonly partition: number;
  readonly record_offset: number;
}

export const snapshotTable = 'registry_snapshots';

export async function makeSnapshotTable(database: Database, schema: string): Promise<void> {
  await database.transaction(async (transaction) => {
    // CREATE … IF NOT EXISTS of two sessions at once can still collide in the catalogue.
    await transaction.query('SELECT pg_advisory_xact_lock(hashtext($1))', [
      `registry_snapshots of ${schema}`,
    ]);
    await transaction.query(`CREATE SCHEMA IF NOT EXISTS ${schema}`);
    await transaction.query(
      `CREATE TABLE IF NOT EXISTS ${schema}.registry_snapshots (
         entity text NOT NULL,
         id text NOT NULL,
         project_id text NOT NULL,
         snapshot jsonb,
         partition integer NOT NULL,
         record_offset bigint NOT NULL,
         PRIMARY KEY (entity, id)
       )`,
    );
    await transaction.query(
      `CREATE INDEX IF NOT EXISTS registry_snapshots_by_offset ON ${schema}.registry_snapshots (partition, record_offset)`,
    );
  });
}

/** Stores the newest snapshot of each entity; removals stay as rows with a null snapshot, so that other processes learn of them. */
export async function writeSnapshots(
  transaction: Transaction,
  schema: string,
  partition: number,
  records: readonly LogRecord<RegistrySnapshot>[],
): Promise<void> {
  await transaction.query(
    `INSERT INTO ${schema}.registry_snapshots (entity, id, project_id, snapshot, partition, record_offset)
     SELECT r.entity, r.id, r.project_id, r.snapshot::jsonb, $6, r.record_offset
     FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::bigint[]) AS r (entity, id, project_id, snapshot, record_offset)
     ON CONFLICT (entity, id) DO UPDATE
     SET project_id = excluded.project_id, snapshot = excluded.snapshot, partition = excluded.partition, record_offset = excluded.record_offset`,
    [
      records.map((record) => record.value.entity),
      records.map((record) => record.value.id),
      records.map((record) => record.value.projectId),
      records.map((record) =>
        record.value.snapshot === null ? null : JSON.stringify(record.value.snapshot),
      ),
      records.map((record) => record.offset),
      partition,
    ],
  );
}

/** Rows that are newer than the greatest offset seen of their partition, in the log's order. */
export async function readNewerSnapshots(
  database: Database,
  schema: string,
  entities: readonly RegistryEntity[],
  seen: ReadonlyMap<number, number>,
): Promise<readonly StoredSnapshot[]> {
  const found = await database.query<StoredSnapshot>(
    `SELECT s.entity, s.id, s.project_id, s.snapshot, s.partition, s.record_offset
     FROM ${schema}.registry_snapshots s
     LEFT JOIN unnest($2::integer[], $3::bigint[]) AS seen (partition, record_offset) ON seen.partition = s.partition
     WHERE s.entity = ANY ($1::text[]) AND s.record_offset > coalesce(seen.record_offset, -1)
     ORDER BY s.partition, s.record_offset`,
    [entities, [...seen.keys()], [...seen.values()]],
  );
  return found.rows;
}
