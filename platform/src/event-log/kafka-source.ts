// SPDX-License-Identifier: Apache-2.0
import type { Logger } from 'pino';
import { OperatingError } from '../errors.ts';
import type { FetchedRecord, KafkaClient, KafkaReader } from './kafka-client.ts';
import type { RecordSource } from './partition-runner.ts';
import type { LogRecord } from './port.ts';

/** A fetch waits this long for records: the longest a stop waits for it. */
export const longPollMs = 500;

/** Pulls one partition. Kafka sends whole batches: what a read does not take is kept for the next. */
export class KafkaSource<T> implements RecordSource<T> {
  readonly longPolls = true;
  readonly #client: KafkaClient;
  readonly #topic: string;
  readonly #partition: number;
  readonly #logger: Logger;
  readonly #reader: KafkaReader;
  /** Where reading really goes on after offset `after`: behind markers and aborted records. */
  #skip = { after: -1, to: -1 };

  constructor(client: KafkaClient, topic: string, partition: number, logger: Logger) {
    this.#client = client;
    this.#topic = topic;
    this.#partition = partition;
    this.#logger = logger;
    this.#reader = client.reader(topic);
  }

  async read(
    from: number,
    limits: { readonly recordsMax: number; readonly bytesMax: number },
  ): Promise<readonly LogRecord<T>[]> {
    const offset = this.#skip.after === from ? this.#skip.to : from;
    try {
      const { records, nextOffset } = await this.#reader.fetch(
        this.#partition,
        offset,
        limits.bytesMax,
        longPollMs,
      );
      if (records.length === 0) this.#skip = { after: from, to: nextOffset };
      return records.map((record) => parsed<T>(record));
    } catch (error) {
      if (error instanceof OperatingError && error.code === 'kafka-offset-gone')
        return await this.#readFromOldest(from, error);
      throw error;
    }
  }

  /** Trimming deleted what was before: right for a new group, a loss for one that had a position there. */
  async #readFromOldest(from: number, error: OperatingError): Promise<readonly LogRecord<T>[]> {
    const end = (await this.#client.ends(this.#topic)).find(({ partition }) => partition === this.#partition);
    if (end === undefined || from > end.latest) throw error;
    if (from >= end.earliest) return [];
    if (from > 0)
      this.#logger.error(
        { topic: this.#topic, partition: this.#partition, from, earliest: end.earliest },
        'records were deleted from Kafka before they had been processed: run doctor, then rebuild what it names',
      );
    this.#skip = { after: from, to: end.earliest };
    return [];
  }

  async close(): Promise<void> {
    await this.#reader.close();
  }
}

function parsed<T>({ key, value, offset, timestampMs }: FetchedRecord): LogRecord<T> {
  return { key, value: JSON.parse(value) as T, offset, recordedAtMs: timestampMs };
}
