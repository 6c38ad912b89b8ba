// SPDX-License-Identifier: Apache-2.0
import { createTestClock } from '../clock/clock.ts';
import { openDatabase } from '../database/postgres-database.ts';
import type { Database } from '../database/port.ts';
import { createLogger } from '../logger/logger.ts';
import { createTestDatabase } from '../testing/test-postgres.ts';
import { eventLogConformance, type EventLogHarness } from './conformance/conformance.ts';
import { openPostgresEventLog } from './postgres-event-log.ts';
import type { EventLog } from './port.ts';

const logger = createLogger({
  level: (process.env['WATTLEDGER_TEST_LOG'] as 'debug' | undefined) ?? 'silent',
});

async function start(partitionCountOf: (topicName: string) => number): Promise<EventLogHarness> {
  const { url, drop } = await createTestDatabase('log');
  const clock = createTestClock(1_777_000_000_000);
  const databases: Database[] = [];
  const open = async (): Promise<EventLog> => {
    const database = await openDatabase(url, { connectionsMax: 8 });
    databases.push(database);
    return await openPostgresEventLog({ database, clock, logger, partitionCountOf });
  };
  const database = await openDatabase(url);
  databases.push(database);
  await (await openPostgresEventLog({ database, clock, logger, partitionCountOf })).close();
  return {
    database,
    clock,
    open,
    childArgument: JSON.stringify({ databaseUrl: url }),
    restartServer: async () => {
      // Every session but the one that does it.
      await database.query(
        'SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()',
      );
    },
    stop: async () => {
      for (const opened of databases) await opened.close();
      await drop();
    },
  };
}

eventLogConformance({ name: 'built in on Postgres', start, compaction: 'by trim' });
