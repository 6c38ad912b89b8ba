// SPDX-License-Identifier: Apache-2.0
/**
 * The event log. Two adapters (built in on Postgres; Kafka), one conformance suite. Records of one key stay in
 * order; a record is durable when `append` has answered; positions are kept in the consumer's own database
 * transaction, so effects and position commit together.
 */
import type { Topic } from '@wattledger/contracts';
import type { Transaction } from '../database/port.ts';

export interface NewRecord<T> {
  readonly key: string;
  readonly value: T;
}
export interface LogRecord<T> extends NewRecord<T> {
  /** Position in its partition; grows by one. */
  readonly offset: number;
  readonly recordedAtMs: number;
}

/** Consecutive records of one partition. */
export interface RecordBatch<T> {
  readonly topic: string;
  readonly partition: number;
  readonly records: readonly LogRecord<T>[];
  readonly firstOffset: number;
  readonly nextOffset: number;
  /**
   * Moves the group's position past this batch, inside the transaction that holds the effects. Throws
   * PositionMovedError when another consumer has moved it meanwhile: let it roll the transaction back.
   */
  commit(transaction: Transaction): Promise<void>;
}

export interface ConsumeOptions<T> {
  readonly group: string;
  readonly topic: Topic<T>;
  /** Upper limits of one batch. */
  readonly recordsMax: number;
  readonly bytesMax?: number;
  /**
   * Called with one batch at a time per partition; must end having committed the batch. A throw means: nothing
   * happened; the batch comes again after a growing pause (100 ms … 10 s) and is logged.
   */
  handle(batch: RecordBatch<T>): Promise<void>;
}
export interface Consumer {
  /** Stops after the batch in hand. */
  stop(): Promise<void>;
}

export interface Lag {
  /** Records the group has not yet processed. */
  readonly records: number;
  /** When the oldest of them was recorded; null when there is none. */
  readonly oldestMs: number | null;
  readonly headOffset: number;
}

export interface EventLog {
  /**
   * Durable when it answers, all or none. With a transaction the records become visible exactly when that
   * transaction commits (built in: same tables; Kafka: outbox and relay).
   */
  append<T>(topic: Topic<T>, records: readonly NewRecord<T>[], transaction?: Transaction): Promise<void>;
  consume<T>(options: ConsumeOptions<T>): Promise<Consumer>;
  /** From now on, without a position: for live screens. May miss records across a reconnect. */
  tail<T>(topic: Topic<T>, handle: (records: readonly LogRecord<T>[]) => void): Promise<Consumer>;
  lag<T>(group: string, topic: Topic<T>): Promise<Lag>;
  /** Forgets the group's positions, so that it begins at the oldest kept record. Only while it does not consume. */
  rewind<T>(group: string, topic: Topic<T>): Promise<void>;
  /** Deletes what is past its retention and already processed by every known group. Called by the service on a timer. */
  trim(nowMs: number): Promise<void>;
  close(): Promise<void>;
}
