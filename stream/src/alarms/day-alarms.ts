// SPDX-License-Identifier: Apache-2.0
/** Judges the consumption of points whose newest day has changed; signals, states and marks settle in one transaction. */
import { setTimeout as sleep } from 'node:timers/promises';
import {
  localDayOf,
  type LocalDay,
  type Medium,
  type Quantity,
  type SlotMinutes,
} from '@wattledger/contracts';
import type { Parts, Transaction } from '@wattledger/platform';
import { DateTime } from 'luxon';
import { judged, ruleFor, type AlarmRules, type JudgedSubject } from './alarm-rules.ts';
import { takeFindings } from './alarm-steps.ts';
import { thresholdOf, type Judged } from './finding.ts';
import { judgeAbnormal, judgeOverConsumption, judgeVolume, type PointDays } from './judge-days.ts';
import { readPointDays } from './point-days-store.ts';

/** Days before the newest: four weeks know the weekends. */
const daysBefore = 28;
/** Points of one question to the warehouse. */
const pointsMax = 500;
/** Of what is older nobody is told: a history that is read in is no trouble of today. */
const oldMsMax = 48 * 3_600_000;
const passPauseMs = 5_000;
/** One worker at a time in the whole installation. */
const workerLock = 7_501_002;

interface Mark {
  readonly projectId: string;
  readonly pointId: string;
  readonly zone: string;
  readonly slotMinutes: SlotMinutes;
  readonly localDay: LocalDay;
  readonly lastReadingMs: number;
  readonly touches: number;
}

export interface DayAlarmsWorker {
  start(): void;
  stop(): Promise<void>;
  /** Judges until nothing is marked. For tests. */
  drain(): Promise<void>;
}

type WorkerParts = Pick<Parts, 'database' | 'warehouse' | 'eventLog' | 'clock' | 'logger'>;

export function createDayAlarmsWorker(parts: WorkerParts, rules: AlarmRules): DayAlarmsWorker {
  let running: Promise<void> | null = null;
  let stopping = new AbortController();
  const loop = async (signal: AbortSignal): Promise<void> => {
    while (!signal.aborted) {
      try {
        while (!signal.aborted && (await judgeMarked(parts, rules)) > 0);
      } catch (error) {
        parts.logger.warn({ err: error }, 'the consumption of days could not be judged; trying again');
      }
      await sleep(passPauseMs, undefined, { signal }).catch(() => undefined);
    }
  };
  return {
    start() {
      stopping = new AbortController();
      running ??= loop(stopping.signal);
    },
    async stop() {
      stopping.abort();
      await running;
      running = null;
    },
    async drain() {
      while ((await judgeMarked(parts, rules)) > 0);
    },
  };
}

/** @returns marks that were settled */
async function judgeMarked(parts: WorkerParts, rules: AlarmRules): Promise<number> {
  return await parts.database.transaction(async (transaction) => {
    await transaction.query('SELECT pg_advisory_xact_lock($1)', [workerLock]);
    const marks = await readMarks(transaction);
    const recent = marks.filter(({ lastReadingMs }) => parts.clock.nowMs() - lastReadingMs <= oldMsMax);
    const groups = Map.groupBy(
      recent.map((mark) => ({ mark, subject: rules.point(mark.projectId, mark.pointId) })),
      ({ mark, subject }) =>
        JSON.stringify([
          mark.projectId,
          mark.zone,
          mark.slotMinutes,
          mark.localDay,
          subject.medium,
          nightOf(subject),
        ]),
    );
    const findings: Judged[] = [];
    for (const group of groups.values()) findings.push(...(await judgeGroup(parts, group)));
    await takeFindings(transaction, parts.eventLog, findings);
    await settleMarks(transaction, marks);
    return marks.length;
  });
}

interface MarkedPoint {
  readonly mark: Mark;
  readonly subject: JudgedSubject;
}

function nightOf(subject: JudgedSubject): { readonly fromMinute: number; readonly toMinute: number } {
  const { thresholds } = ruleFor(subject, 'abnormal-consumption');
  return {
    fromMinute: thresholdOf(thresholds, 'nightFromMinute'),
    toMinute: thresholdOf(thresholds, 'nightToMinute'),
  };
}

/** Points of one project whose newest day is the same. */
async function judgeGroup(
  { warehouse }: WorkerParts,
  group: readonly MarkedPoint[],
): Promise<readonly Judged[]> {
  const [first] = group;
  if (first === undefined) return [];
  const { projectId, zone, slotMinutes, localDay } = first.mark;
  const found = await readPointDays(warehouse, {
    ...{ projectId, zone, slotMinutes, days: daysUpTo(localDay) },
    points: group.map(({ mark }) => mark.pointId),
    quantity: quantityOf[first.subject.medium],
    night: nightOf(first.subject),
  });
  return group.flatMap(({ mark, subject }) => {
    const days = found.get(mark.pointId);
    return days === undefined ? [] : findingsOf(subject, days, mark.lastReadingMs);
  });
}

const quantityOf: Readonly<Record<Medium, Quantity>> = {
  electricity: 'active-import',
  water: 'water-volume',
  gas: 'gas-volume',
};

function findingsOf(subject: JudgedSubject, days: PointDays, atMs: number): readonly Judged[] {
  const abnormal = ruleFor(subject, 'abnormal-consumption');
  if (subject.medium !== 'electricity')
    return [judged(subject, 'abnormal-consumption', abnormal, judgeVolume(days, abnormal.thresholds), atMs)];
  const over = ruleFor(subject, 'over-consumption');
  return [
    judged(subject, 'over-consumption', over, judgeOverConsumption(days, over.thresholds), atMs),
    judged(subject, 'abnormal-consumption', abnormal, judgeAbnormal(days, abnormal.thresholds), atMs),
  ];
}

function daysUpTo(localDay: LocalDay): readonly LocalDay[] {
  const newest = DateTime.fromISO(localDay, { zone: 'UTC' });
  return Array.from({ length: daysBefore + 1 }, (_, index) =>
    localDayOf('UTC', newest.minus({ days: daysBefore - index }).toMillis()),
  );
}

async function readMarks(transaction: Transaction): Promise<readonly Mark[]> {
  const { rows } = await transaction.query<Mark>(
    `SELECT m.project_id AS "projectId", m.metering_point_id AS "pointId", m.zone, m.slot_minutes AS "slotMinutes",
       m.local_day::text AS "localDay", m.last_reading_ms AS "lastReadingMs", m.touches
     FROM stream.alarm_marks m ORDER BY m.project_id, m.metering_point_id LIMIT ${pointsMax}`,
  );
  return rows;
}

/** A mark that was touched since it was read stays. */
async function settleMarks(transaction: Transaction, marks: readonly Mark[]): Promise<void> {
  if (marks.length === 0) return;
  await transaction.query(
    `DELETE FROM stream.alarm_marks m USING unnest($1::text[], $2::text[], $3::bigint[]) AS u (project_id, point_id, touches)
     WHERE m.project_id = u.project_id AND m.metering_point_id = u.point_id AND m.touches = u.touches`,
    [
      marks.map(({ projectId }) => projectId),
      marks.map(({ pointId }) => pointId),
      marks.map(({ touches }) => touches),
    ],
  );
}
