// SPDX-License-Identifier: Apache-2.0
import { expect, test } from '@jest/globals';
import { createTestClock } from '../clock/clock.ts';
import { openDatabase } from '../database/postgres-database.ts';
import type { Database } from '../database/port.ts';
import { createLogger } from '../logger/logger.ts';
import { kafkaMissing, startKafkaBroker } from '../testing/kafka-broker.ts';
import { createTestDatabase } from '../testing/test-postgres.ts';
import { eventLogConformance, type EventLogHarness } from './conformance.ts';
import { openKafkaEventLog } from './kafka-event-log.ts';
import { openPostgresEventLog } from './postgres-event-log.ts';
import type { EventLog } from './port.ts';

const logger = createLogger({ level: (process.env['WATTLEDGER_TEST_LOG'] as 'debug' | undefined) ?? 'silent' });

async function start(partitionCountOf: (topicName: string) => number): Promise<EventLogHarness> {
  const [broker, { url, drop }] = await Promise.all([startKafkaBroker(), createTestDatabase('kafka')]);
  const clock = createTestClock(1_777_000_000_000);
  const databases: Database[] = [];
  const open = async (): Promise<EventLog> => {
    const database = await openDatabase(url, { connectionsMax: 8 });
    databases.push(database);
    return await openKafkaEventLog({ brokers: [broker.address], database, clock, logger, partitionCountOf });
  };
  const database = await openDatabase(url);
  databases.push(database);
  await (await openKafkaEventLog({ brokers: [broker.address], database, clock, logger, partitionCountOf })).close();
  await expect(openPostgresEventLog({ database, clock, logger })).rejects.toMatchObject({ code: 'event-log-moved' });
  return {
    database,
    clock,
    open,
    childArgument: JSON.stringify({ databaseUrl: url, brokers: [broker.address] }),
    restartServer: async () => await broker.restart(),
    stop: async () => {
      for (const opened of databases) await opened.close();
      await Promise.all([broker.stop(), drop()]);
    },
  };
}

const missing = await kafkaMissing();
if (missing === null) {
  eventLogConformance({ name: 'Kafka', start, compaction: 'by the broker' });
} else if (process.env['WATTLEDGER_REQUIRE_ALL'] === '1') {
  test('a Kafka broker is needed', () => {
    throw new Error(missing);
  });
} else {
  process.stderr.write(`skipped: event log on Kafka (${missing})\n`);
  test.skip(`event log on Kafka: ${missing}`, () => undefined);
}
