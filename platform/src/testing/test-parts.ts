// SPDX-License-Identifier: Apache-2.0
/** Real parts for tests: embedded Postgres, chDB behind its front, the built-in event log. Only the clock is ours. */
import { setTimeout as sleep } from 'node:timers/promises';
import { Registry } from 'prom-client';
import { createTestClock, type TestClock } from '../clock/clock.ts';
import { openDatabase } from '../database/postgres-database.ts';
import { openPostgresEventLog } from '../event-log/postgres-event-log.ts';
import { createLogger, type LogLevel } from '../logger/logger.ts';
import type { ActionLog } from '../http/port.ts';
import type { Parts } from '../service/port.ts';
import { createTestDatabase } from './test-postgres.ts';
import { createTestWarehouse } from './test-warehouse.ts';

export type RecordedAction = Parameters<ActionLog['record']>[0];

export interface TestParts extends Parts {
  readonly clock: TestClock;
  readonly databaseUrl: string;
  readonly warehouseUrl: string;
  /** What the code under test told the action log. */
  readonly actions: readonly RecordedAction[];
  /** Waits until every living consumer has processed everything, also what others appended meanwhile. */
  drain(): Promise<void>;
  /** Call after the services have been stopped. */
  stop(): Promise<void>;
}

export interface TestPartsOptions {
  /** Shows in the names of the databases. */
  readonly name: string;
  /** Default 2026-03-01T00:00:00Z. */
  readonly nowMs?: number;
  /** WATTLEDGER_TEST_LOG=debug shows the logs of a test. */
  readonly logLevel?: LogLevel;
  readonly partitionCountOf?: (topicName: string) => number;
}

const drainMsMax = 120_000;

/** Groups of living consumers that have not reached the end of their topics. */
async function behind(database: Parts['database']): Promise<readonly string[]> {
  const found = await database.query<{ who: string }>(
    `SELECT DISTINCT m.consumer_group || ' on ' || m.topic AS who
     FROM event_log.members m
     JOIN event_log.partitions p ON p.topic = m.topic
     LEFT JOIN event_log.positions o ON o.consumer_group = m.consumer_group AND o.topic = p.topic AND o.partition = p.partition
     WHERE coalesce(o.next_offset, 0) < p.next_offset`,
  );
  return found.rows.map((row) => row.who);
}

async function drainAll(database: Parts['database']): Promise<void> {
  const began = performance.now();
  for (let pauseMs = 5; ; pauseMs = Math.min(pauseMs * 1.5, 100)) {
    const waitingFor = await behind(database);
    if (waitingFor.length === 0) return;
    if (performance.now() - began > drainMsMax)
      throw new Error(
        `not drained after ${drainMsMax} ms: ${waitingFor.join(', ')}; set WATTLEDGER_TEST_LOG=debug to see why`,
      );
    await sleep(pauseMs);
  }
}

export async function startTestParts(options: TestPartsOptions): Promise<TestParts> {
  const level = options.logLevel ?? (process.env['WATTLEDGER_TEST_LOG'] as LogLevel | undefined) ?? 'silent';
  const logger = createLogger({ level, name: options.name });
  const clock = createTestClock(options.nowMs ?? Date.parse('2026-03-01T00:00:00Z'));
  const [testDatabase, testWarehouse] = await Promise.all([
    createTestDatabase(options.name),
    createTestWarehouse(options.name),
  ]);
  const database = await openDatabase(testDatabase.url, {
    connectionsMax: 12,
    applicationName: options.name,
  });
  const eventLog = await openPostgresEventLog({
    database,
    clock,
    logger,
    ...(options.partitionCountOf === undefined ? {} : { partitionCountOf: options.partitionCountOf }),
  });
  const actions: RecordedAction[] = [];
  return {
    database,
    warehouse: testWarehouse.warehouse,
    eventLog,
    clock,
    logger,
    metrics: new Registry(),
    actionLog: { record: async (action) => void actions.push(action) },
    databaseUrl: testDatabase.url,
    warehouseUrl: testWarehouse.url,
    actions,
    drain: async () => await drainAll(database),
    stop: async () => {
      await eventLog.close();
      await database.close();
      await Promise.all([testDatabase.drop(), testWarehouse.drop()]);
    },
  };
}
