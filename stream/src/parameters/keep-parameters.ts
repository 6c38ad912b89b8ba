// SPDX-License-Identifier: Apache-2.0
/**
 * The consumer that keeps electrical parameters. Rows first, then the position: a crash between the two writes the same rows
 * again.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { topics } from '@wattledger/contracts';
import type { Parts } from '@wattledger/platform';
import { parameterColumns, parameterRows } from './parameter-rows.ts';

export const parametersGroup = 'stream-parameters';
/** Upper limits of one batch: some 60,000 rows, 20 MB while they are written. */
const recordsMax = 2_000;
const bytesMax = 2_000_000;
/**
 * After a batch that was not full: polls come in a few at a time, and an insert of few rows costs the engine as much as one of
 * many. History may be that much behind; live values do not come from here.
 */
export const usualPauseMs = 2_000;

export interface ParameterKeeper {
  start(): Promise<void>;
  stop(): Promise<void>;
}

export function createParameterKeeper(
  { database, warehouse, eventLog }: Pick<Parts, 'database' | 'warehouse' | 'eventLog'>,
  pauseMs: number = usualPauseMs,
): ParameterKeeper {
  let stopping = new AbortController();
  let consumer: Awaited<ReturnType<typeof eventLog.consume>> | null = null;
  return {
    start: async () => {
      stopping = new AbortController();
      const { signal } = stopping;
      consumer = await eventLog.consume({
        group: parametersGroup,
        topic: topics.telemetry,
        recordsMax,
        bytesMax,
        handle: async (batch) => {
          const rows = parameterRows(batch.records);
          if (rows.length > 0) await warehouse.insert('parameters', parameterColumns, rows);
          await database.transaction(async (transaction) => await batch.commit(transaction));
          if (batch.records.length < recordsMax && pauseMs > 0)
            // Broken off when the product stops.
            await sleep(pauseMs, undefined, { signal }).catch(() => undefined);
        },
      });
    },
    stop: async () => {
      stopping.abort();
      await consumer?.stop();
      consumer = null;
    },
  };
}
