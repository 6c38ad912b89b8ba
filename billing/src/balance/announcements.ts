// SPDX-License-Identifier: Apache-2.0
/** What a transaction of billing tells the others, gathered and appended at its end. */
import {
  topics,
  type AccountEvent,
  type AlarmSignal,
  type ChargeDay,
  type MeterCommand,
  type Topic,
} from '@wattledger/contracts';
import type { EventLog, Transaction } from '@wattledger/platform';

export interface Announcements {
  readonly chargeDays: ChargeDay[];
  readonly accountEvents: AccountEvent[];
  readonly alarmSignals: AlarmSignal[];
  readonly meterCommands: MeterCommand[];
}
export const noAnnouncements = (): Announcements => ({
  chargeDays: [],
  accountEvents: [],
  alarmSignals: [],
  meterCommands: [],
});

/** Kafka's default limit of a request is 1 MB; a charge day has some hundred bytes. */
const recordsPerAppendMax = 1000;

/**
 * Appends everything, visible when the transaction commits. Always the transaction's last step, topics in one order:
 * the log holds the partitions it appends to until the commit.
 */
export async function announce(
  eventLog: EventLog,
  transaction: Transaction,
  { chargeDays, accountEvents, alarmSignals, meterCommands }: Announcements,
): Promise<void> {
  await append(eventLog, transaction, topics.chargeDays, chargeDays, (value) => value.accountId);
  await append(eventLog, transaction, topics.accountEvents, accountEvents, (value) => value.accountId);
  await append(eventLog, transaction, topics.alarmSignals, alarmSignals, (value) => value.subjectId);
  await append(eventLog, transaction, topics.meterCommands, meterCommands, (value) => value.meterId);
}

async function append<T>(
  eventLog: EventLog,
  transaction: Transaction,
  topic: Topic<T>,
  values: readonly T[],
  keyOf: (value: T) => string,
): Promise<void> {
  for (let from = 0; from < values.length; from += recordsPerAppendMax) {
    const records = values
      .slice(from, from + recordsPerAppendMax)
      .map((value) => ({ key: keyOf(value), value }));
    await eventLog.append(topic, records, transaction);
  }
}
