// SPDX-License-Identifier: Apache-2.0
/** Positions of consumer groups. They live in Postgres with both adapters, so that effects and position commit together. */
import { afterCommit } from '../database/postgres-database.ts';
import type { Database, Transaction } from '../database/port.ts';

/** Another consumer of the group has moved the position: what this one did must not happen. */
export class PositionMovedError extends Error {
  readonly code = 'position-moved';
  constructor(group: string, topic: string, partition: number, expected: number) {
    super(
      `the position of ${group} in ${topic}/${partition} is no longer ${expected}: another consumer has processed these records`,
    );
    this.name = 'PositionMovedError';
  }
}

export interface Place {
  readonly group: string;
  readonly topic: string;
  readonly partition: number;
}

/** The position; a row is made for a group that is new here, so that trimming waits for it from now on. */
export async function loadPosition(database: Database, { group, topic, partition }: Place): Promise<number> {
  const made = await database.query<{ next_offset: number }>(
    `INSERT INTO event_log.positions (consumer_group, topic, partition, next_offset) VALUES ($1, $2, $3, 0)
     ON CONFLICT (consumer_group, topic, partition) DO UPDATE SET next_offset = event_log.positions.next_offset
     RETURNING next_offset`,
    [group, topic, partition],
  );
  return made.rows[0]?.next_offset ?? 0;
}

/**
 * Moves the position from `expected` to `next` by compare-and-set. `onCommitted` runs once the transaction has committed.
 * @throws PositionMovedError
 */
export async function movePosition(
  transaction: Transaction,
  { group, topic, partition }: Place,
  expected: number,
  next: number,
  onCommitted: () => void,
): Promise<void> {
  const moved = await transaction.query(
    `UPDATE event_log.positions SET next_offset = $5
     WHERE consumer_group = $1 AND topic = $2 AND partition = $3 AND next_offset = $4`,
    [group, topic, partition, expected, next],
  );
  if (moved.rowCount !== 1) throw new PositionMovedError(group, topic, partition, expected);
  afterCommit(transaction, onCommitted);
}
