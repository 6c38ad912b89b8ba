// SPDX-License-Identifier: Apache-2.0
import { expect, test } from '@jest/globals';
import type { Topic } from '@wattledger/contracts';
import { z } from 'zod';
import { createTestClock } from '../clock/clock.ts';
import { openDatabase } from '../database/postgres-database.ts';
import type { Database } from '../database/port.ts';
import { createLogger } from '../logger/logger.ts';
import { kafkaMissing, startKafkaBroker } from '../testing/kafka-broker.ts';
import { createTestDatabase } from '../testing/test-postgres.ts';
import { eventLogConformance, type EventLogHarness } from './conformance/conformance.ts';
import { KafkaClient } from './kafka-client.ts';
import { openKafkaEventLog } from './kafka-event-log.ts';
import { KafkaOutbox } from './kafka-outbox.ts';
import { openPostgresEventLog } from './postgres-event-log.ts';
import type { EventLog } from './port.ts';

const logger = createLogger({
  level: (process.env['WATTLEDGER_TEST_LOG'] as 'debug' | undefined) ?? 'silent',
});

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
  await (
    await openKafkaEventLog({ brokers: [broker.address], database, clock, logger, partitionCountOf })
  ).close();
  await expect(openPostgresEventLog({ database, clock, logger })).rejects.toMatchObject({
    code: 'event-log-moved',
  });
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

const topic: Topic<number> = {
  name: 'outbox-test-x4',
  key: 'key',
  shape: z.number(),
  retentionMs: null,
  compacted: false,
};

/** Fails the statement by which the relay would take records out of the outbox: they are in Kafka already. */
function failingAfterKafka(database: Database, fails: () => boolean): Database {
  return {
    ...database,
    query: async (text, parameters) => await database.query(text, parameters),
    transaction: async (fn, options) =>
      await database.transaction(
        async (transaction) =>
          await fn({
            kind: 'transaction',
            query: async (text, parameters) => {
              if (text.startsWith('UPDATE event_log.relays') && fails())
                throw new Error('the process dies here');
              return await transaction.query(text, parameters);
            },
          }),
        options,
      ),
  };
}

function outboxAcrossCrashes(): void {
  test('relays that die between Kafka and the database double nothing, lose nothing and keep the order', async () => {
    const [broker, { url, drop }] = await Promise.all([startKafkaBroker(), createTestDatabase('outbox')]);
    const database = await openDatabase(url);
    const clock = createTestClock(1_777_000_000_000);
    const log = await openKafkaEventLog({
      brokers: [broker.address],
      database,
      clock,
      logger,
      partitionCountOf: () => 4,
    });
    const client = new KafkaClient({ brokers: [broker.address] });
    let died = 0;
    let turn = 0;
    // Two more relays that fight for the same partitions and die every other time.
    const dying = [0, 1].map(
      () =>
        new KafkaOutbox({
          database: failingAfterKafka(database, () => (turn += 1) % 2 === 1 && (died += 1) > 0),
          client,
          logger,
          kafkaTopicOf: (name) => `wattledger.${name}`,
        }),
    );
    const seen: [string, number][] = [];
    const consumer = await log.consume({
      group: 'g',
      topic,
      recordsMax: 50,
      handle: async (batch) =>
        await database.transaction(async (transaction) => {
          await batch.commit(transaction);
          seen.push(...batch.records.map((record): [string, number] => [record.key, record.value]));
        }),
    });
    const keys = ['a', 'b', 'c', 'd', 'e'];
    // As long as it takes for relays to have died several times; a fast machine brings many appends in one turn.
    let written = 0;
    for (; written < 60 || (died <= 3 && written < 2_000); written += 1) {
      const n = written;
      await database.transaction(
        async (transaction) =>
          await log.append(
            topic,
            keys.map((key) => ({ key, value: n })),
            transaction,
          ),
      );
      for (const outbox of dying) outbox.wake();
    }
    const began = performance.now();
    while ((await log.lag('g', topic)).records > 0 && performance.now() - began < 60_000)
      await new Promise((resolve) => setTimeout(resolve, 50));
    await Promise.all(dying.map(async (outbox) => await outbox.stop()));
    await consumer.stop();
    await log.close();
    await client.close();
    await database.close();
    await Promise.all([broker.stop(), drop()]);
    expect(died).toBeGreaterThan(3);
    for (const key of keys)
      expect(seen.filter(([seenKey]) => seenKey === key).map(([, n]) => n)).toEqual(
        Array.from({ length: written }, (_, n) => n),
      );
  }, 180_000);
}

const missing = await kafkaMissing();
if (missing === null) {
  eventLogConformance({ name: 'Kafka', start, compaction: 'by the broker' });
  outboxAcrossCrashes();
} else if (process.env['WATTLEDGER_REQUIRE_ALL'] === '1') {
  test('a Kafka broker is needed', () => {
    throw new Error(missing);
  });
} else {
  process.stderr.write(`skipped: event log on Kafka (${missing})\n`);
  test.skip(`event log on Kafka: ${missing}`, () => undefined);
}
