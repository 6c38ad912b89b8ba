// SPDX-License-Identifier: Apache-2.0
/** A process for embedded-postgres.test.ts: writes numbers one by one, says which are committed, and is killed. */
import { openDatabase } from './postgres-database.ts';
import { startEmbeddedPostgres } from './embedded-postgres.ts';

const [directory = ''] = process.argv.slice(2);
const cluster = await startEmbeddedPostgres({ directory });
const database = await openDatabase(cluster.url);
await database.query('CREATE TABLE IF NOT EXISTS numbers (n integer PRIMARY KEY)');
const from =
  (await database.query<{ next: number }>('SELECT coalesce(max(n), 0) + 1 AS next FROM numbers')).rows[0]
    ?.next ?? 1;
process.stdout.write(`postmaster ${cluster.pid}\n`);
for (let n = from; ; n += 1) {
  await database.query('INSERT INTO numbers VALUES ($1)', [n]);
  process.stdout.write(`committed ${n}\n`);
}
