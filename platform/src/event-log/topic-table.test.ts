// SPDX-License-Identifier: Apache-2.0
import { expect, test } from '@jest/globals';
import { z } from 'zod';
import { createTestClock } from '../clock/clock.ts';
import { openDatabase } from '../database/postgres-database.ts';
import { createLogger } from '../logger/logger.ts';
import { createTestDatabase } from '../testing/test-postgres.ts';
import { openPostgresEventLog } from './postgres-event-log.ts';

test("a topic's first append inside a transaction does without a second connection", async () => {
  const { url, drop } = await createTestDatabase('topic_table');
  const database = await openDatabase(url, { connectionsMax: 1, acquireTimeoutMs: 2_000 });
  const eventLog = await openPostgresEventLog({
    database,
    clock: createTestClock(1_777_000_000_000),
    logger: createLogger({ level: 'silent' }),
  });
  const topic = { name: 'first', key: 'key', shape: z.number(), retentionMs: null, compacted: false };
  try {
    await database.transaction(
      async (transaction) => await eventLog.append(topic, [{ key: 'k', value: 1 }], transaction),
    );
    expect((await database.query('SELECT payload FROM event_log.batches')).rows).toEqual([
      { payload: '[["k",1]]' },
    ]);
  } finally {
    await eventLog.close();
    await database.close();
    await drop();
  }
}, 60_000);
