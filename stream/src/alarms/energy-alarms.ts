// SPDX-License-Identifier: Apache-2.0
/** The consumer of interval energy: newest readings of meters, energy that flows back, and points whose day has to be judged. */
import { topics, type IntervalEnergy } from '@wattledger/contracts';
import type { Consumer, Parts, Transaction } from '@wattledger/platform';
import { takeFindings } from './alarm-steps.ts';
import { judged, ruleFor, type AlarmRules } from './alarm-rules.ts';
import { above, figure, good, thresholdOf, type Judged } from './finding.ts';

export const energyAlarmsGroup = 'stream-alarms-energy';
const recordsMax = 1000;

export async function consumeEnergy(
  { database, eventLog }: Pick<Parts, 'database' | 'eventLog'>,
  rules: AlarmRules,
): Promise<Consumer> {
  return await eventLog.consume({
    group: energyAlarmsGroup,
    topic: topics.intervalEnergy,
    recordsMax,
    async handle(batch) {
      const records = batch.records.map(({ value }) => value);
      await database.transaction(async (transaction) => {
        await keepReadings(transaction, records);
        await markPoints(transaction, records);
        await takeFindings(transaction, eventLog, exportFindings(rules, records));
        await batch.commit(transaction);
      });
    },
  });
}

/** The newest slot of an export register that moved, at a point that only takes energy. */
function exportFindings(rules: AlarmRules, records: readonly IntervalEnergy[]): readonly Judged[] {
  return records
    .filter(({ quantity, index }) => quantity === 'active-export' && index.length > 0)
    .map((record) => {
      const subject = rules.point(record.projectId, record.meteringPointId);
      const rule = ruleFor(subject, 'reverse-flow');
      const limit = thresholdOf(rule.thresholds, 'exportWh');
      const exportWh = Math.max(...record.consumption);
      const finding = subject.isLoad
        ? {
            verdict: above(exportWh, limit, limit / 2),
            facts: { cause: 'export-energy', exportWh: figure(exportWh), localDay: record.localDay },
          }
        : good;
      return judged(subject, 'reverse-flow', rule, finding, record.lastReadingMs);
    });
}

async function keepReadings(transaction: Transaction, records: readonly IntervalEnergy[]): Promise<void> {
  const newest = new Map<string, IntervalEnergy>();
  for (const record of records) {
    const key = `${record.projectId} ${record.meterId}`;
    if ((newest.get(key)?.lastReadingMs ?? -1) < record.lastReadingMs) newest.set(key, record);
  }
  const rows = [...newest.values()].map(({ projectId, meterId, lastReadingMs, slotMinutes }) => ({
    ...{ projectId, meterId, lastReadingMs, slotMinutes },
  }));
  await transaction.query(
    `INSERT INTO stream.alarm_readings AS kept (project_id, meter_id, last_reading_ms, slot_minutes)
     SELECT r."projectId", r."meterId", r."lastReadingMs", r."slotMinutes"
     FROM json_to_recordset($1::json) AS r ("projectId" text, "meterId" text, "lastReadingMs" bigint, "slotMinutes" integer)
     ORDER BY 1, 2
     ON CONFLICT (project_id, meter_id) DO UPDATE
       SET last_reading_ms = greatest(kept.last_reading_ms, excluded.last_reading_ms), slot_minutes = excluded.slot_minutes`,
    [JSON.stringify(rows)],
  );
}

/** History that is filled in behind the newest reading changes days that nobody is told of. */
function isNewestDay({ firstSlotMs, slotCount, slotMinutes, lastReadingMs }: IntervalEnergy): boolean {
  return firstSlotMs <= lastReadingMs && lastReadingMs <= firstSlotMs + slotCount * slotMinutes * 60_000;
}

/** Only what a point takes is judged by the day, and only its newest day. */
async function markPoints(transaction: Transaction, records: readonly IntervalEnergy[]): Promise<void> {
  const newest = new Map<string, IntervalEnergy>();
  for (const record of records) {
    if (record.quantity === 'active-export' || !isNewestDay(record)) continue;
    const key = `${record.projectId} ${record.meteringPointId}`;
    // One reading after a gap tells several days, each in a record of its own.
    if ((newest.get(key)?.localDay ?? '') < record.localDay) newest.set(key, record);
  }
  const rows = [...newest.values()].map(
    ({ projectId, meteringPointId, zone, slotMinutes, localDay, lastReadingMs }) => ({
      ...{ projectId, meteringPointId, zone, slotMinutes, localDay, lastReadingMs },
    }),
  );
  if (rows.length === 0) return;
  await transaction.query(
    `INSERT INTO stream.alarm_marks AS kept (project_id, metering_point_id, zone, slot_minutes, local_day, last_reading_ms)
     SELECT r."projectId", r."meteringPointId", r."zone", r."slotMinutes", r."localDay", r."lastReadingMs"
     FROM json_to_recordset($1::json) AS r ("projectId" text, "meteringPointId" text, "zone" text, "slotMinutes" integer, "localDay" date,
       "lastReadingMs" bigint)
     ORDER BY 1, 2
     ON CONFLICT (project_id, metering_point_id) DO UPDATE
       SET zone = excluded.zone, slot_minutes = excluded.slot_minutes, local_day = greatest(kept.local_day, excluded.local_day),
           last_reading_ms = greatest(kept.last_reading_ms, excluded.last_reading_ms), touches = kept.touches + 1`,
    [JSON.stringify(rows)],
  );
}
