// SPDX-License-Identifier: Apache-2.0
/** The consumer that judges what polls saw: electrical parameters, and whether readings go on while the meter answers. */
import { topics, type Telemetry } from '@wattledger/contracts';
import type { Consumer, Parts, Queryable } from '@wattledger/platform';
import { takeFindings } from './alarm-steps.ts';
import { judged, ruleFor, type AlarmRules } from './alarm-rules.ts';
import { figure, good, thresholdOf, type Finding, type Judged, type Thresholds } from './finding.ts';
import { telemetryRules, usualPower } from './judge-telemetry.ts';
import { energyAlarmsGroup } from './energy-alarms.ts';

export const telemetryAlarmsGroup = 'stream-alarms-telemetry';
const recordsMax = 1000;
const kinds = Object.keys(telemetryRules) as (keyof typeof telemetryRules)[];

interface LastReading {
  readonly lastReadingMs: number;
  readonly slotMinutes: number;
}

export async function consumeTelemetry(
  { database, eventLog }: Pick<Parts, 'database' | 'eventLog'>,
  rules: AlarmRules,
  meterLogGroup: string,
): Promise<Consumer> {
  /** Since when readings wait to be folded: a meter is not stale because we are slow. */
  async function waitingSinceMs(): Promise<number> {
    const [meterLog, energy] = await Promise.all([
      eventLog.lag(meterLogGroup, topics.meterLog),
      eventLog.lag(energyAlarmsGroup, topics.intervalEnergy),
    ]);
    return Math.min(meterLog.oldestMs ?? Infinity, energy.oldestMs ?? Infinity);
  }
  return await eventLog.consume({
    group: telemetryAlarmsGroup,
    topic: topics.telemetry,
    recordsMax,
    async handle(batch) {
      const answered = batch.records.map(({ value }) => value).filter(({ online }) => online);
      const waitingMs = await waitingSinceMs();
      await database.transaction(async (transaction) => {
        const readings = await loadReadings(transaction, answered);
        const findings = answered.flatMap((telemetry) => [
          ...parameterFindings(rules, telemetry),
          ...staleFinding(rules, telemetry, readings.get(telemetry.meterId), waitingMs),
        ]);
        await takeFindings(transaction, eventLog, findings);
        await batch.commit(transaction);
      });
    },
  });
}

function parameterFindings(
  rules: AlarmRules,
  { projectId, meterId, at, parameters }: Telemetry,
): readonly Judged[] {
  const subject = rules.meter(projectId, meterId);
  return kinds.flatMap((kind) => {
    const rule = ruleFor(subject, kind);
    const thresholds =
      kind === 'overload' ? { ...rule.thresholds, ...limitsOf(rules, meterId) } : rule.thresholds;
    const found =
      kind === 'reverse-flow' && !subject.isLoad ? good : telemetryRules[kind](parameters, thresholds);
    return found === null ? [] : [judged(subject, kind, rule, found, at)];
  });
}

function limitsOf(rules: AlarmRules, meterId: string): Thresholds {
  const limits = [...rules.powerLimits(meterId)];
  return Object.fromEntries(limits.map(([prefix, limitW]) => [`${prefix}${usualPower}`, limitW]));
}

/**
 * One poll is not enough: after a gap (a stop of the product, a line that was down) what it says of itself may be here
 * before its reading is counted.
 */
const staleSecondsMin = 60;

function staleFinding(
  rules: AlarmRules,
  { projectId, meterId, at }: Telemetry,
  last: LastReading | undefined,
  waitingMs: number,
): readonly Judged[] {
  if (last === undefined) return [];
  const subject = rules.meter(projectId, meterId);
  const rule = ruleFor(subject, 'stale-reading');
  const intervalMs = 1000 * Math.max(60 * last.slotMinutes, rules.pollSeconds(projectId, meterId));
  const ageMs = at - last.lastReadingMs;
  const isStale = ageMs > intervalMs * thresholdOf(rule.thresholds, 'intervals');
  const verdict: Finding['verdict'] = !isStale ? 'good' : waitingMs < at - intervalMs ? 'between' : 'bad';
  const facts = { lastMs: String(last.lastReadingMs), intervals: figure(ageMs / intervalMs) };
  const holdSeconds = Math.max(staleSecondsMin, rule.holdSeconds);
  return [judged(subject, 'stale-reading', { ...rule, holdSeconds }, { verdict, facts }, at)];
}

async function loadReadings(
  queryable: Queryable,
  records: readonly Telemetry[],
): Promise<ReadonlyMap<string, LastReading>> {
  const { rows } = await queryable.query<LastReading & { readonly meterId: string }>(
    `SELECT r.meter_id AS "meterId", r.last_reading_ms AS "lastReadingMs", r.slot_minutes AS "slotMinutes"
     FROM stream.alarm_readings r WHERE (r.project_id, r.meter_id) IN (SELECT * FROM unnest($1::text[], $2::text[]))`,
    [records.map(({ projectId }) => projectId), records.map(({ meterId }) => meterId)],
  );
  return new Map(rows.map(({ meterId, ...reading }) => [meterId, reading]));
}
