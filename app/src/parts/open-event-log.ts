// SPDX-License-Identifier: Apache-2.0
import {
  openKafkaEventLog,
  openPostgresEventLog,
  type Clock,
  type Config,
  type Database,
  type EventLog,
} from '@wattledger/platform';
import type { Logger } from 'pino';

export interface OpenEventLogOptions {
  readonly config: Config;
  readonly database: Database;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** Kafka where brokers are named, else the log built in on the database. */
export async function openEventLog({
  config,
  database,
  clock,
  logger,
}: OpenEventLogOptions): Promise<EventLog> {
  const partitionCountOf = (): number => config.logPartitions;
  if (config.kafkaBrokers === undefined)
    return await openPostgresEventLog({ database, clock, logger, partitionCountOf });
  const { tls, credentials, replication } = config.kafka;
  return await openKafkaEventLog({
    brokers: config.kafkaBrokers,
    tls,
    ...(credentials === null ? {} : { credentials }),
    replication,
    database,
    clock,
    logger,
    partitionCountOf,
  });
}
