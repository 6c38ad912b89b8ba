// SPDX-License-Identifier: Apache-2.0
/**
 * Empties the outbox: escalations that are due, what the quiet hours kept back, and messages to be sent. A message is
 * taken with a lease, sent, and its outcome recorded; a crash in between sends it again, under the same id.
 */
import type { Clock, Database, Transaction } from '@wattledger/platform';
import type { Logger } from 'pino';
import { insertEvents, lockAlarms } from '../alarms/alarms-store.ts';
import type { Channels } from './channels/open-channels.ts';
import { forgetNotices } from './forget-notices.ts';
import { wayFault, type Message, type SendOutcome } from './channels/channel.ts';
import { readProjectMatter } from './matters-store.ts';
import {
  insertNotices,
  lockHeldDue,
  queueNotice,
  recordOutcome,
  summarise,
  takeDueNotices,
  type StoredNotice,
} from './notices-store.ts';
import { summaryOf } from './plan-notices.ts';
import { AlarmSurroundings, planStep } from './tell-alarms.ts';

/** Pauses after the first, second … attempt; after the last the message is given up and shown. */
export const retryMinutes = [1, 2, 5, 15, 60, 180, 720] as const;
const minuteMs = 60_000;
/** Longer than any attempt lasts (`sendTimeoutMs` for each part of it). */
const leaseMs = 3 * minuteMs;
/** Messages under way at one time. */
const sendsMax = 8;
const heldMax = 1000;
const escalationsMax = 100;

type WorkerParts = {
  readonly database: Database;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly channels: Channels;
};

export interface NoticesWorker {
  start(): void;
  stop(): Promise<void>;
  /** Does everything that is due now; for tests and commands. @returns how much there was */
  work(): Promise<number>;
}

const pauseMs = 1_000;
const forgetEveryMs = 3_600_000;

export function createNoticesWorker(parts: WorkerParts): NoticesWorker {
  let timer: NodeJS.Timeout | null = null;
  let working: Promise<number> = Promise.resolve(0);
  /** One turn at a time in this process; a second caller has its own turn after it. */
  let forgotAtMs = -Infinity;
  const forgetDue = async (): Promise<void> => {
    const nowMs = parts.clock.nowMs();
    if (nowMs - forgotAtMs < forgetEveryMs) return;
    forgotAtMs = nowMs;
    await forgetNotices(parts.database, nowMs);
  };
  const turn = async (): Promise<number> => {
    working = working
      .catch(() => 0)
      .then(async () => {
        const done = await workAll(parts);
        await forgetDue();
        return done;
      });
    return await working;
  };
  let stopped = true;
  const loop = (): void => {
    timer = setTimeout(() => {
      turn()
        .catch((error: unknown) => {
          parts.logger.warn({ err: error }, 'messages could not be worked off; trying again');
        })
        .finally(() => {
          if (!stopped) loop();
        });
    }, pauseMs);
  };
  return {
    start() {
      if (!stopped) return;
      stopped = false;
      loop();
    },
    async stop() {
      stopped = true;
      if (timer !== null) clearTimeout(timer);
      timer = null;
      await working.catch(() => 0);
    },
    work: turn,
  };
}

async function workAll(parts: WorkerParts): Promise<number> {
  let done = 0;
  for (let found = 1; found > 0;) {
    found = await escalateDue(parts);
    found += await releaseHeld(parts);
    found += await sendDue(parts);
    done += found;
  }
  return done;
}

/** Tells the next recipients of alarms that nobody has acknowledged in time. */
async function escalateDue({ database, clock }: WorkerParts): Promise<number> {
  return await database.transaction(async (transaction) => {
    const nowMs = clock.nowMs();
    const { rows: due } = await transaction.query<{ alarmId: string; afterMinutes: number }>(
      `delete from registry.alarm_escalations e using (
         select d.alarm_id, d.after_minutes from registry.alarm_escalations d where d.due_at_ms <= $1
         order by d.due_at_ms limit $2 for update skip locked) d
       where e.alarm_id = d.alarm_id and e.after_minutes = d.after_minutes
       returning e.alarm_id as "alarmId", e.after_minutes as "afterMinutes"`,
      [nowMs, escalationsMax],
    );
    const alarms = await lockAlarms(transaction, [...new Set(due.map(({ alarmId }) => alarmId))]);
    const surroundings = await AlarmSurroundings.of(transaction, alarms);
    const byId = new Map(alarms.map((alarm) => [alarm.id, alarm]));
    for (const { alarmId, afterMinutes } of [...due].sort((a, b) => a.afterMinutes - b.afterMinutes)) {
      const alarm = byId.get(alarmId);
      if (alarm?.state !== 'open') continue;
      const notices = await planStep(transaction, surroundings, alarm, {
        event: 'escalated',
        afterMinutes,
        nowMs,
      });
      await insertNotices(transaction, notices);
      const facts = { afterMinutes: String(afterMinutes), told: String(notices.length) };
      await insertEvents(transaction, [
        { alarmId, atMs: nowMs, what: 'escalated', by: null, note: null, facts },
      ]);
    }
    return due.length;
  });
}

/** The quiet hours are over: one message goes as it is, several to one address as a summary. */
async function releaseHeld({ database, clock }: WorkerParts): Promise<number> {
  return await database.transaction(async (transaction) => {
    const nowMs = clock.nowMs();
    const held = await lockHeldDue(transaction, nowMs, heldMax);
    const byAddress = Map.groupBy(held, ({ projectId, channel, address }) =>
      JSON.stringify([projectId, channel, address]),
    );
    for (const group of byAddress.values()) await releaseGroup(transaction, group, nowMs);
    return held.length;
  });
}

async function releaseGroup(
  transaction: Transaction,
  group: readonly StoredNotice[],
  nowMs: number,
): Promise<void> {
  const [first] = group;
  if (first === undefined) return;
  const project = group.length === 1 ? null : await readProjectMatter(transaction, first.projectId);
  const summary = project === null ? null : summaryOf(group, project, project.templates, nowMs);
  if (summary === null) {
    for (const { id } of group) await queueNotice(transaction, id, nowMs);
    return;
  }
  const [summaryId = ''] = await insertNotices(transaction, [summary]);
  await summarise(
    transaction,
    group.map(({ id }) => id),
    summaryId,
  );
}

async function sendDue(parts: WorkerParts): Promise<number> {
  const { database, clock } = parts;
  const due = await database.transaction(
    async (transaction) =>
      await takeDueNotices(transaction, { nowMs: clock.nowMs(), leaseMs, limit: sendsMax }),
  );
  await Promise.all(due.map(async (notice) => await sendOne(parts, notice)));
  return due.length;
}

async function sendOne(
  { database, clock, channels, logger }: WorkerParts,
  notice: StoredNotice,
): Promise<void> {
  const outcome = await sent(channels, notice);
  const atMs = clock.nowMs();
  const pause = outcome.ok || outcome.permanent ? undefined : retryMinutes[notice.attempts - 1];
  const nextMs = pause === undefined ? null : atMs + pause * minuteMs;
  await database.transaction(async (transaction) => {
    const { answer } = outcome;
    const word = outcome.ok ? 'sent' : 'failed';
    await recordOutcome(transaction, { noticeId: notice.id, atMs, outcome: word, answer, nextMs });
  });
  if (!outcome.ok && nextMs === null)
    logger.warn(
      { noticeId: notice.id, channel: notice.channel, answer: outcome.answer },
      'a message was given up; the page of messages shows it',
    );
}

async function sent(channels: Channels, notice: StoredNotice): Promise<SendOutcome> {
  const channel = channels[notice.channel];
  if (channel === undefined)
    return {
      ok: false,
      permanent: true,
      answer: `the channel ${notice.channel} is not set up on this machine`,
    };
  try {
    return await channel.send(messageOf(notice));
  } catch (error) {
    return wayFault(error);
  }
}

function messageOf(notice: StoredNotice): Message {
  const { id, address, recipient, subject, body, language, filled } = notice;
  const { event, projectId, alarmId, kind, severity, subjectKind, subjectId, createdAtMs } = notice;
  return {
    id,
    to: address,
    recipient,
    subject,
    text: body,
    language,
    filled,
    about: { event, projectId, alarmId, kind, severity, subjectKind, subjectId, atMs: createdAtMs, filled },
  };
}
