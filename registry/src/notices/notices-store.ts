// SPDX-License-Identifier: Apache-2.0
/** The outbox: messages to be sent, and what became of them. */
import { newId } from '@wattledger/contracts';
import type { Notice, noticeStates } from '@wattledger/contracts/http/alarms';
import type { NoticeDetail, OwnNoticeList } from '@wattledger/contracts/http/notices';
import type { Queryable, Transaction } from '@wattledger/platform';
import type { NewNotice, Told } from './plan-notices.ts';

export interface StoredNotice extends NewNotice {
  readonly id: string;
  readonly attempts: number;
}

/** @returns the ids, in the order of the messages */
export async function insertNotices(
  transaction: Transaction,
  notices: readonly NewNotice[],
): Promise<readonly string[]> {
  if (notices.length === 0) return [];
  const rows = notices.map((notice) => ({
    ...notice,
    id: newId('notice'),
    sentAtMs: notice.state === 'sent' ? notice.createdAtMs : null,
  }));
  await transaction.query(
    `insert into registry.notices (id, project_id, alarm_id, kind, subject_kind, subject_id, severity, event, channel, recipient,
       address, staff_id, language, subject, body, filled, state, created_at_ms, due_at_ms, sent_at_ms)
     select r."id", r."projectId", r."alarmId", r."kind", r."subjectKind", r."subjectId", r."severity", r."event", r."channel", r."recipient",
       r."address", r."staffId", r."language", r."subject", r."body", r."filled", r."state", r."createdAtMs", r."dueAtMs", r."sentAtMs"
     from json_to_recordset($1::json) as r("id" text, "projectId" text, "alarmId" text, "kind" text, "subjectKind" text, "subjectId" text,
       "severity" text, "event" text, "channel" text, "recipient" text, "address" text, "staffId" text, "language" text, "subject" text,
       "body" text, "filled" jsonb, "state" text, "createdAtMs" bigint, "dueAtMs" bigint, "sentAtMs" bigint)`,
    [JSON.stringify(rows)],
  );
  return rows.map(({ id }) => id);
}

const stored = `n.id, n.project_id as "projectId", n.alarm_id as "alarmId", n.kind, n.subject_kind as "subjectKind",
  n.subject_id as "subjectId", n.severity, n.event, n.channel, n.recipient, n.address, n.staff_id as "staffId", n.language,
  n.subject, n.body, n.filled, n.state, n.created_at_ms as "createdAtMs", n.due_at_ms as "dueAtMs", n.attempts`;

/**
 * Takes messages that are due, for as long as an attempt may last: if the process dies, they are due again then. Two
 * workers never take the same.
 */
export async function takeDueNotices(
  transaction: Transaction,
  { nowMs, leaseMs, limit }: { readonly nowMs: number; readonly leaseMs: number; readonly limit: number },
): Promise<readonly StoredNotice[]> {
  const { rows } = await transaction.query<StoredNotice>(
    `with due as (
       select d.id from registry.notices d where d.due_at_ms <= $1 and d.state = 'queued'
       order by d.due_at_ms limit $3 for update skip locked)
     update registry.notices n set due_at_ms = $1 + $2, attempts = n.attempts + 1
     from due where n.id = due.id returning ${stored}`,
    [nowMs, leaseMs, limit],
  );
  return rows;
}

export interface NoticeOutcome {
  readonly noticeId: string;
  readonly atMs: number;
  readonly outcome: 'sent' | 'failed';
  readonly answer: string;
  /** When it is tried again; null: never. */
  readonly nextMs: number | null;
}

export async function recordOutcome(transaction: Transaction, outcome: NoticeOutcome): Promise<void> {
  const { noticeId, atMs, answer, nextMs } = outcome;
  const state = outcome.outcome === 'sent' ? 'sent' : nextMs === null ? 'given-up' : 'queued';
  await transaction.query(
    `update registry.notices n set state = $2, due_at_ms = $3, answer = $4, sent_at_ms = $5 where n.id = $1`,
    [noticeId, state, nextMs, answer, state === 'sent' ? atMs : null],
  );
  await transaction.query(
    'insert into registry.notice_tries (notice_id, at_ms, outcome, answer) values ($1, $2, $3, $4)',
    [noticeId, atMs, outcome.outcome, answer],
  );
}

/** Messages whose quiet hours are over, locked. */
export async function lockHeldDue(
  transaction: Transaction,
  nowMs: number,
  limit: number,
): Promise<readonly StoredNotice[]> {
  const { rows } = await transaction.query<StoredNotice>(
    `select ${stored} from registry.notices n where n.due_at_ms <= $1 and n.state = 'held'
     order by n.position limit $2 for update skip locked`,
    [nowMs, limit],
  );
  return rows;
}

export async function summarise(
  transaction: Transaction,
  ids: readonly string[],
  summaryId: string,
): Promise<void> {
  await transaction.query(
    `update registry.notices n set state = 'summarised', due_at_ms = null, summary_id = $2 where n.id = any ($1)`,
    [ids, summaryId],
  );
}

export async function queueNotice(transaction: Transaction, id: string, nowMs: number): Promise<void> {
  await transaction.query(
    `update registry.notices n set state = 'queued', due_at_ms = $2 where n.id = $1 and n.state = 'held'`,
    [id, nowMs],
  );
}

/** Tries a message again that was given up. */
export async function retryNotice(
  transaction: Transaction,
  projectId: string,
  id: string,
  nowMs: number,
): Promise<boolean> {
  const { rowCount } = await transaction.query(
    `update registry.notices n set state = 'queued', due_at_ms = $3, attempts = 0
     where n.project_id = $1 and n.id = $2 and n.state = 'given-up'`,
    [projectId, id, nowMs],
  );
  return rowCount === 1;
}

export async function toldOfAlarm(queryable: Queryable, alarmId: string): Promise<readonly Told[]> {
  const { rows } = await queryable.query<Told>(
    `select n.channel, n.recipient, n.address, n.staff_id as "staffId", n.language, n.event from registry.notices n
     where n.alarm_id = $1 and n.event in ('opened', 'escalated') and n.state <> 'withheld' order by n.position`,
    [alarmId],
  );
  return rows;
}

/** Who was told of the same kind of alarm of the same subject since an instant. */
export async function toldSince(
  queryable: Queryable,
  about: {
    readonly projectId: string;
    readonly kind: string;
    readonly subjectId: string;
    readonly sinceMs: number;
  },
): Promise<readonly Pick<Told, 'channel' | 'address'>[]> {
  const { rows } = await queryable.query<Pick<Told, 'channel' | 'address'>>(
    `select distinct n.channel, n.address from registry.notices n
     where n.project_id = $1 and n.subject_id = $2 and n.kind = $3 and n.event in ('opened', 'tenant') and n.state <> 'withheld'
       and n.created_at_ms > $4`,
    [about.projectId, about.subjectId, about.kind, about.sinceMs],
  );
  return rows;
}

const shown = `n.id, n.project_id as "projectId", n.alarm_id as "alarmId", n.kind, n.event, n.channel, n.recipient, n.address,
  n.language, n.subject, n.body, n.state, n.created_at_ms as "createdAtMs", n.due_at_ms as "dueAtMs", n.sent_at_ms as "sentAtMs",
  n.attempts, n.answer`;

export async function listNotices(
  queryable: Queryable,
  projectId: string,
  filter: {
    readonly state: string | null;
    readonly channel: string | null;
    readonly alarmId: string | null;
    readonly below: number | null;
    readonly limit: number;
  },
): Promise<readonly (Notice & { readonly position: number })[]> {
  const { rows } = await queryable.query<Notice & { readonly position: number }>(
    `select ${shown}, n.position from registry.notices n
     where n.project_id = $1 and ($2::text is null or n.state = $2) and ($3::text is null or n.channel = $3)
       and ($4::text is null or n.alarm_id = $4) and ($5::bigint is null or n.position < $5)
     order by n.position desc limit $6`,
    [projectId, filter.state, filter.channel, filter.alarmId, filter.below, filter.limit],
  );
  return rows;
}

export async function countNotices(
  queryable: Queryable,
  projectId: string,
): Promise<ReadonlyMap<(typeof noticeStates)[number], number>> {
  const { rows } = await queryable.query<{ state: (typeof noticeStates)[number]; count: number }>(
    'select n.state, count(*) as count from registry.notices n where n.project_id = $1 group by n.state',
    [projectId],
  );
  return new Map(rows.map(({ state, count }) => [state, count]));
}

export async function readNotice(
  queryable: Queryable,
  projectId: string,
  id: string,
): Promise<NoticeDetail | undefined> {
  const { rows } = await queryable.query<Notice>(
    `select ${shown} from registry.notices n where n.project_id = $1 and n.id = $2`,
    [projectId, id],
  );
  const notice = rows[0];
  if (notice === undefined) return undefined;
  const tries = await queryable.query<NoticeDetail['tries'][number]>(
    `select t.at_ms as "atMs", t.outcome, t.answer from registry.notice_tries t where t.notice_id = $1 order by t.position`,
    [id],
  );
  return { ...notice, tries: [...tries.rows] };
}

const ownShown = 50;

/** Messages of all projects that wait to be sent, and those that were given up. */
export async function noticeFacts(
  queryable: Queryable,
): Promise<{ readonly messagesWaiting: number; readonly messagesGivenUp: number }> {
  const { rows } = await queryable.query<{ messagesWaiting: number; messagesGivenUp: number }>(
    `select (select count(*) from registry.notices n where n.due_at_ms is not null) as "messagesWaiting",
       (select count(*) from registry.notices n where n.state = 'given-up') as "messagesGivenUp"`,
  );
  return rows[0] ?? { messagesWaiting: 0, messagesGivenUp: 0 };
}

/** Only of projects in which the person may still see alarms: `projectIds` null means all. */
export async function readOwnNotices(
  queryable: Queryable,
  staffId: string,
  projectIds: readonly string[] | null,
): Promise<OwnNoticeList> {
  const own = `n.staff_id = $1 and n.channel = 'in-app' and n.state = 'sent' and ($2::text[] is null or n.project_id = any ($2))`;
  const { rows } = await queryable.query<OwnNoticeList['notices'][number]>(
    `select n.id, n.project_id as "projectId", n.alarm_id as "alarmId", n.kind, n.severity, n.subject, n.body,
       n.created_at_ms as "atMs", n.read_at_ms as "readAtMs"
     from registry.notices n where ${own} order by n.position desc limit ${ownShown}`,
    [staffId, projectIds],
  );
  const unread = await queryable.query<{ count: number }>(
    `select count(*) as count from registry.notices n where ${own} and n.read_at_ms is null`,
    [staffId, projectIds],
  );
  return { notices: [...rows], unread: unread.rows[0]?.count ?? 0 };
}

export async function markOwnRead(
  queryable: Queryable,
  staffId: string,
  ids: readonly string[] | null,
  nowMs: number,
): Promise<void> {
  await queryable.query(
    `update registry.notices n set read_at_ms = $3
     where n.staff_id = $1 and n.channel = 'in-app' and n.read_at_ms is null and ($2::text[] is null or n.id = any ($2))`,
    [staffId, ids, nowMs],
  );
}
