// SPDX-License-Identifier: Apache-2.0
import type { Queryable } from '@wattledger/platform';
import type { SwitchPassword } from '../dlt645/exchanges.ts';

export async function storePassword(
  queryable: Queryable,
  subject: { readonly subjectId: string; readonly projectId: string; readonly nowMs: number },
  { passwordClass, password, operatorCode }: SwitchPassword,
): Promise<void> {
  await queryable.query(
    `INSERT INTO ingest.switch_passwords AS s (subject_id, project_id, password_class, password, operator_code, stored_at_ms)
     VALUES ($1, $2, $3, $4, $5, $6)
     ON CONFLICT (subject_id) DO UPDATE SET project_id = excluded.project_id, password_class = excluded.password_class,
       password = excluded.password, operator_code = excluded.operator_code, stored_at_ms = excluded.stored_at_ms`,
    [subject.subjectId, subject.projectId, passwordClass, password, operatorCode, subject.nowMs],
  );
}

export async function forgetPassword(queryable: Queryable, subjectId: string): Promise<void> {
  await queryable.query('DELETE FROM ingest.switch_passwords AS s WHERE s.subject_id = $1', [subjectId]);
}

/** null: none is stored. */
export async function passwordStoredAt(queryable: Queryable, subjectId: string): Promise<number | null> {
  const { rows } = await queryable.query<{ readonly storedAtMs: number }>(
    'SELECT s.stored_at_ms AS "storedAtMs" FROM ingest.switch_passwords AS s WHERE s.subject_id = $1',
    [subjectId],
  );
  return rows[0]?.storedAtMs ?? null;
}

/** The password of the first of these that has one. */
export async function passwordOf(
  queryable: Queryable,
  subjectIds: readonly string[],
): Promise<SwitchPassword | null> {
  const { rows } = await queryable.query<SwitchPassword>(
    `SELECT s.password_class AS "passwordClass", s.password, s.operator_code AS "operatorCode"
     FROM ingest.switch_passwords AS s WHERE s.subject_id = any ($1)
     ORDER BY array_position($1::text[], s.subject_id) LIMIT 1`,
    [subjectIds],
  );
  return rows[0] ?? null;
}
