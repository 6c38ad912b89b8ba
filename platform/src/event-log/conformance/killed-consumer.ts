// SPDX-License-Identifier: Apache-2.0
/** A consumer process for the conformance suite: writes effects in a transaction, says so, and never commits. It is killed. */
import { z } from 'zod';
import { createTestClock } from '../../clock/clock.ts';
import { openDatabase } from '../../database/postgres-database.ts';
import { createLogger } from '../../logger/logger.ts';
import { openKafkaEventLog } from '../kafka-event-log.ts';
import { openPostgresEventLog } from '../postgres-event-log.ts';

const [argument = '{}', topicName = ''] = process.argv.slice(2);
const { databaseUrl, brokers } = JSON.parse(argument) as { databaseUrl: string; brokers?: readonly string[] };
const database = await openDatabase(databaseUrl);
const parts = {
  database,
  clock: createTestClock(0),
  logger: createLogger({ level: 'silent' }),
  partitionCountOf: () => 1,
};
const log =
  brokers === undefined ? await openPostgresEventLog(parts) : await openKafkaEventLog({ ...parts, brokers });
await log.consume({
  group: 'g',
  topic: {
    name: topicName,
    key: 'key',
    shape: z.object({ n: z.number(), text: z.string() }),
    retentionMs: null,
    compacted: false,
  },
  recordsMax: 100,
  handle: async (batch) =>
    await database.transaction(async (transaction) => {
      for (const record of batch.records) {
        await transaction.query(
          'INSERT INTO effects (topic, who, key, n, partition, record_offset) VALUES ($1, $2, $3, $4, $5, $6)',
          [batch.topic, 'killed', record.key, record.value.n, batch.partition, record.offset],
        );
      }
      await batch.commit(transaction);
      process.stdout.write('in the transaction\n');
      await new Promise(() => undefined);
    }),
});
