// SPDX-License-Identifier: Apache-2.0
/** How far the seed has come, in the database: a restart goes on where the last one stopped. */
import { migrate, type Database, type Queryable } from '@wattledger/platform';

/** Steps of the seed in their order; `back-fill` counts pieces, the others are 0 or 1. */
export const stepNames = [
  'began',
  'sites',
  'prices',
  'accounts',
  'recent-history',
  'staff',
  'examples',
  'back-fill',
  'supply',
] as const;
export type StepName = (typeof stepNames)[number];

export async function migrateProgress(database: Database): Promise<void> {
  await migrate(database, { schema: 'demo_site', directory: new URL('./sql/', import.meta.url) });
}

export async function positionOf(database: Queryable, name: StepName): Promise<number> {
  const { rows } = await database.query<{ position: number }>(
    'SELECT progress.position FROM demo_site.progress AS progress WHERE progress.name = $1',
    [name],
  );
  return rows[0]?.position ?? 0;
}

/** Within the transaction of the effects, where they are in the same database. */
export async function movePosition(
  database: Queryable,
  name: StepName,
  position: number,
  nowMs: number,
): Promise<void> {
  await database.query(
    `INSERT INTO demo_site.progress (name, position, updated_at_ms) VALUES ($1, $2, $3)
     ON CONFLICT (name) DO UPDATE SET position = excluded.position, updated_at_ms = excluded.updated_at_ms`,
    [name, position, nowMs],
  );
}
