// SPDX-License-Identifier: Apache-2.0
/** Puts detection together: the registry's copy it judges by, two consumers, one worker. */
import { createSnapshotCopy, type Consumer, type Parts } from '@wattledger/platform';
import { createAlarmRules, type AlarmRules } from './alarm-rules.ts';
import { createDayAlarmsWorker } from './day-alarms.ts';
import { consumeEnergy } from './energy-alarms.ts';
import { consumeTelemetry } from './telemetry-alarms.ts';

export interface AlarmDetection {
  readonly rules: AlarmRules;
  start(): Promise<void>;
  stop(): Promise<void>;
  /** Judges every marked point now. */
  drain(): Promise<void>;
}

type SchemaCopy = Parameters<typeof createSnapshotCopy>[0];

export function createAlarmDetection(
  parts: Parts,
  {
    meterLogGroup,
    copy,
  }: {
    readonly meterLogGroup: string;
    /** Where the stream keeps its copy of the registry, and what else happens with a change. */
    readonly copy: Pick<SchemaCopy, 'schema' | 'group' | 'inTransaction'>;
  },
): AlarmDetection {
  const snapshots = createSnapshotCopy({
    parts,
    ...copy,
    entities: ['metering-point', 'tenant', 'alarm-scheme', 'project', 'gateway', 'meter'],
    onChange: () => rules.forget(),
  });
  const rules = createAlarmRules(snapshots);
  const days = createDayAlarmsWorker(parts, rules);
  let consumers: readonly Consumer[] = [];
  return {
    rules,
    async start() {
      await snapshots.start();
      consumers = [await consumeEnergy(parts, rules), await consumeTelemetry(parts, rules, meterLogGroup)];
      days.start();
    },
    async stop() {
      await days.stop();
      for (const consumer of consumers) await consumer.stop();
      consumers = [];
      await snapshots.stop();
    },
    drain: async () => await days.drain(),
  };
}
