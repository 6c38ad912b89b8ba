// SPDX-License-Identifier: Apache-2.0
/** The loop of one consumer on one partition: read, handle, commit, again; the same for both adapters. */
import type { Logger } from 'pino';
import type { Database } from '../database/port.ts';
import type { ConsumeOptions, LogRecord, RecordBatch } from './port.ts';
import { loadPosition, movePosition, PositionMovedError, type Place } from './positions.ts';
import { batchBytesMaxDefault } from './record-limits.ts';
import { pollMs, type Bell } from './wake-up.ts';

export interface RecordSource<T> {
  /** A read that finds nothing has waited already. */
  readonly longPolls: boolean;
  /** Records from an offset on, in order; empty when there is none yet. */
  read(
    from: number,
    limits: { readonly recordsMax: number; readonly bytesMax: number },
  ): Promise<readonly LogRecord<T>[]>;
}

const pauseMsMin = 100;
const pauseMsMax = 10_000;

export interface PartitionRunnerOptions<T> {
  readonly place: Place;
  readonly consume: ConsumeOptions<T>;
  readonly database: Database;
  readonly source: RecordSource<T>;
  readonly bell: Bell;
  readonly logger: Logger;
}

export class PartitionRunner<T> {
  readonly #options: PartitionRunnerOptions<T>;
  readonly #ended: Promise<void>;
  /** Decoded and not yet handled: at most what two reads brought. */
  #buffer: LogRecord<T>[] = [];
  #ahead: Promise<readonly LogRecord<T>[]> | null = null;
  #position = -1;
  #pauseMs = pauseMsMin;
  #stopping = false;
  #endPause: (() => void) | null = null;

  constructor(options: PartitionRunnerOptions<T>) {
    this.#options = options;
    this.#ended = this.#loop();
  }

  /** Ends after the batch in hand. */
  async stop(): Promise<void> {
    this.#stopping = true;
    this.#options.bell.ring();
    this.#endPause?.();
    await this.#ended;
  }

  async #loop(): Promise<void> {
    while (!this.#stopping) {
      try {
        if (this.#position < 0) await this.#start();
        await this.#fill();
        if (this.#stopping) return;
        if (this.#buffer.length > 0) await this.#handleNext();
        else if (!this.#options.source.longPolls) await this.#options.bell.wait(pollMs);
        this.#pauseMs = pauseMsMin;
      } catch (error) {
        await this.#recover(error);
      }
    }
  }

  async #start(): Promise<void> {
    this.#position = await loadPosition(this.#options.database, this.#options.place);
    this.#buffer = [];
    this.#ahead = null;
  }

  get #limits(): { readonly recordsMax: number; readonly bytesMax: number } {
    const { recordsMax, bytesMax } = this.#options.consume;
    return { recordsMax, bytesMax: bytesMax ?? batchBytesMaxDefault };
  }

  /** Takes what the read ahead brought; begins another when a batch could not be filled from what is here. */
  async #fill(): Promise<void> {
    if (this.#buffer.length > 0) return;
    const records = await (this.#ahead ?? this.#options.source.read(this.#position, this.#limits));
    this.#ahead = null;
    this.#buffer = [...records];
    const last = records.at(-1);
    if (last === undefined) return;
    // The next read runs while this one is handled; a failure of it is met when it is awaited.
    this.#ahead = this.#options.source.read(last.offset + 1, this.#limits);
    this.#ahead.catch(() => undefined);
  }

  async #handleNext(): Promise<void> {
    const { place, consume } = this.#options;
    const records = this.#buffer.slice(0, consume.recordsMax);
    const first = records[0];
    const last = records.at(-1);
    if (first === undefined || last === undefined) return;
    const expected = this.#position;
    const nextOffset = last.offset + 1;
    let committed = false;
    const batch: RecordBatch<T> = {
      topic: place.topic,
      partition: place.partition,
      records,
      firstOffset: first.offset,
      nextOffset,
      commit: async (transaction) =>
        await movePosition(transaction, place, expected, nextOffset, () => (committed = true)),
    };
    await consume.handle(batch);
    if (!committed)
      throw new Error(`the handler of ${place.group} ended without a committed batch.commit(transaction)`);
    this.#position = nextOffset;
    this.#buffer = this.#buffer.slice(records.length);
  }

  /** Nothing happened: look where the group stands and try again after a pause. */
  async #recover(error: unknown): Promise<void> {
    const { place, logger } = this.#options;
    this.#position = -1;
    if (error instanceof PositionMovedError) {
      logger.info({ ...place }, error.message);
    } else {
      logger.warn(
        { err: error, ...place, retryInMs: this.#pauseMs },
        'a batch was not processed; it comes again',
      );
    }
    if (this.#stopping) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, this.#pauseMs);
      this.#endPause = () => {
        clearTimeout(timer);
        resolve();
      };
    });
    this.#endPause = null;
    this.#pauseMs = Math.min(this.#pauseMs * 2, pauseMsMax);
  }
}
