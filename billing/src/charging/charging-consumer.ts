// SPDX-License-Identifier: Apache-2.0
/** Interval energy from the log: effects, announcements and position in one transaction per batch. */
import { topics, type IntervalEnergy } from '@wattledger/contracts';
import type { Consumer, RecordBatch } from '@wattledger/platform';
import { announce, noAnnouncements } from '../balance/announcements.ts';
import type { BillingParts } from '../parts.ts';
import { chargeIntervalEnergy } from './charging-service.ts';
import type { ChargeOutcome } from './post-charges.ts';

export const chargingGroup = 'billing-charging';

/** A record is a segment's day: at most some hundred rows are written for each. */
const recordsMax = 1000;

/** Charges one batch and moves the position, or does nothing at all. */
export async function chargeBatch(
  parts: Pick<BillingParts, 'database' | 'eventLog' | 'clock'>,
  batch: Pick<RecordBatch<IntervalEnergy>, 'records' | 'commit'>,
): Promise<ChargeOutcome> {
  return await parts.database.transaction(async (transaction) => {
    const announcements = noAnnouncements();
    const context = { transaction, nowMs: parts.clock.nowMs(), announcements };
    const outcome = await chargeIntervalEnergy(
      context,
      batch.records.map((record) => record.value),
    );
    await announce(parts.eventLog, transaction, announcements);
    await batch.commit(transaction);
    return outcome;
  });
}

export async function consumeIntervalEnergy(
  parts: BillingParts,
  charged: (outcome: ChargeOutcome) => void,
): Promise<Consumer> {
  return await parts.eventLog.consume({
    group: chargingGroup,
    topic: topics.intervalEnergy,
    recordsMax,
    handle: async (batch) => {
      const outcome = await chargeBatch(parts, batch);
      charged(outcome);
      if (outcome.postings > 0) parts.wake.supply();
    },
  });
}
