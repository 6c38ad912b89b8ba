// SPDX-License-Identifier: Apache-2.0
/** Carries what billing charged into the warehouse, where money can be asked for like energy. */
import { topics, type ChargeDay } from '@wattledger/contracts';
import type { Consumer, Parts, RecordBatch } from '@wattledger/platform';
import { writeChargeDays } from './charge-days-store.ts';

export const chargeDaysGroup = 'analytics-charge-days';
/** One insert a batch: large ones keep the table in few parts. */
const recordsMax = 5_000;

export interface ChargeDays {
  start(): Promise<void>;
  stop(): Promise<void>;
}

/** The rows are written before the position: after a crash in between they are written again and replace themselves. */
export function createChargeDays(parts: Pick<Parts, 'database' | 'eventLog' | 'warehouse'>): ChargeDays {
  let consumer: Consumer | null = null;
  const handle = async (batch: RecordBatch<ChargeDay>): Promise<void> => {
    await writeChargeDays(
      parts.warehouse,
      batch.records.map((record) => record.value),
    );
    await parts.database.transaction(async (transaction) => await batch.commit(transaction));
  };
  return {
    start: async () => {
      consumer ??= await parts.eventLog.consume({
        group: chargeDaysGroup,
        topic: topics.chargeDays,
        recordsMax,
        handle,
      });
    },
    stop: async () => {
      await consumer?.stop();
      consumer = null;
    },
  };
}
