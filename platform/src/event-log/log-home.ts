// SPDX-License-Identifier: Apache-2.0
import { OperatingError } from '../errors.ts';
import type { Database } from '../database/port.ts';

/**
 * Notes at the first start where this database's records live, and refuses another place later: positions and revisions
 * count the records of that one log.
 * @throws OperatingError event-log-moved
 */
export async function claimLogHome(database: Database, kind: string): Promise<void> {
  await database.query('INSERT INTO event_log.home (kind) VALUES ($1) ON CONFLICT DO NOTHING', [kind]);
  const found = await database.query<{ kind: string }>('SELECT kind FROM event_log.home');
  const stored = found.rows[0]?.kind;
  if (stored === kind) return;
  const name = (text: string | undefined): string =>
    text === 'postgres'
      ? 'the built-in event log'
      : `the Kafka cluster ${text?.slice('kafka:'.length) ?? ''}`;
  throw new OperatingError(
    'event-log-moved',
    `this database belongs to ${name(stored)}, but the configuration names ${name(kind)}. Its positions would point at other records: set KAFKA_BROKERS back, or begin with an empty database and import.`,
    { retryable: false },
  );
}
