// SPDX-License-Identifier: Apache-2.0
/** Every topic of the event log, in one table. */
import type { z } from 'zod';
import { meterLogShape } from './readings.ts';
import { intervalEnergyShape } from './interval-energy.ts';
import { commandOutcomeShape, meterCommandShape, telemetryShape } from './commands.ts';
import { registrySnapshotShape } from './registry-snapshots.ts';
import { accountEventShape, chargeDayShape } from './charges.ts';
import { alarmSignalShape } from './alarms.ts';
import { deviceCallShape } from './device-calls.ts';

const hour = 3_600_000;
const day = 24 * hour;

export interface Topic<T> {
  readonly name: string;
  /** What the record key is; records of one key stay in order. */
  readonly key: string;
  readonly shape: z.ZodType<T>;
  /** How long records are kept after they were written; null = for good (snapshots). */
  readonly retentionMs: number | null;
  /** Newest record per key is enough (Kafka: compacted). */
  readonly compacted: boolean;
}

function topic<T>(
  name: string,
  key: string,
  shape: z.ZodType<T>,
  retentionMs: number | null,
  compacted = false,
): Topic<T> {
  return { name, key, shape, retentionMs, compacted };
}

export const topics = {
  /** Readings and mountings. Kept in the warehouse for good; the log keeps what a restart or a new consumer needs. */
  meterLog: topic('meter-log', 'meterId', meterLogShape, 14 * day),
  intervalEnergy: topic('interval-energy', 'meteringPointId', intervalEnergyShape, 14 * day),
  registrySnapshots: topic('registry-snapshots', 'entity/id', registrySnapshotShape, null, true),
  meterCommands: topic('meter-commands', 'meterId', meterCommandShape, 7 * day),
  commandOutcomes: topic('command-outcomes', 'meterId', commandOutcomeShape, 7 * day),
  telemetry: topic('telemetry', 'meterId', telemetryShape, day),
  chargeDays: topic('charge-days', 'accountId', chargeDayShape, 14 * day),
  accountEvents: topic('account-events', 'accountId', accountEventShape, 2 * day),
  /** What is known of each unclaimed caller, whole: the newest record replaces the ones before. */
  deviceCalls: topic('device-calls', 'serial', deviceCallShape, 30 * day, true),
  alarmSignals: topic('alarm-signals', 'subjectId', alarmSignalShape, 7 * day),
} as const;
export type TopicName = keyof typeof topics;
