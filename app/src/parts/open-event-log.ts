// SPDX-License-Identifier: Apache-2.0
import { openKafkaEventLog, openPostgresEventLog, type Clock, type Config, type Database, type EventLog } from '@wattledger/platform';
import type { Logger } from 'pino';

/** Kafka where brokers are named, else the log built in on the database. */
export async function openEventLog(config: Config, database: Database, clock: Clock, logger: Logger): Promise<EventLog> {
  if (config.kafkaBrokers === undefined) return await openPostgresEventLog({ database, clock, logger });
  return await openKafkaEventLog({ brokers: config.kafkaBrokers, database, clock, logger });
}
