// SPDX-License-Identifier: Apache-2.0
import { mayDo, type Principal } from '@wattledger/contracts';
import { noticeEvents, noticeStates, type NoticeEvent } from '@wattledger/contracts/http/alarms';
import type {
  NoticeDetail,
  NoticeList,
  NoticeTemplate,
  noticeListQueryShape,
  OwnNoticeList,
  TemplateBody,
  TemplateList,
  TemplatePreview,
  TestNoticeBody,
} from '@wattledger/contracts/http/notices';
import { languages } from '@wattledger/contracts/http/registry';
import type { Clock, Database, Transaction } from '@wattledger/platform';
import type { z } from 'zod';
import type { RegistryActionLog } from '../actions/action-log.ts';
import type { Actor } from '../changes/actor.ts';
import { conflict, forbidden, invalid, notFound } from '../changes/faults.ts';
import { cutPage } from '../changes/page.ts';
import { fillNotice } from './fill-notice.ts';
import { readOwnTemplates } from './matters-store.ts';
import { usualTemplates, type Language } from './notice-words.ts';
import {
  countNotices,
  insertNotices,
  listNotices,
  markOwnRead,
  readNotice,
  readOwnNotices,
  retryNotice,
} from './notices-store.ts';
import { templateKey, type NewNotice } from './plan-notices.ts';
import { fillTemplate, htmlOf, unknownPlaces } from './template.ts';
import { checkedAddress } from './test-address.ts';

export interface NoticesService {
  list(projectId: string, query: z.output<typeof noticeListQueryShape>): Promise<NoticeList>;
  get(projectId: string, noticeId: string): Promise<NoticeDetail>;
  /** @throws RequestError notice-not-given-up */
  retry(actor: Actor, projectId: string, noticeId: string): Promise<NoticeDetail>;
  test(actor: Actor, projectId: string, body: TestNoticeBody): Promise<NoticeDetail>;
  templates(projectId: string): Promise<TemplateList>;
  preview(event: NoticeEvent, language: Language, body: TemplateBody): TemplatePreview;
  putTemplate(
    actor: Actor,
    projectId: string,
    which: { readonly event: NoticeEvent; readonly language: Language },
    body: TemplateBody | null,
  ): Promise<NoticeTemplate>;
  own(principal: Principal | null): Promise<OwnNoticeList>;
  readOwn(principal: Principal | null, ids: readonly string[] | null): Promise<OwnNoticeList>;
}

export function createNoticesService(parts: {
  readonly database: Database;
  readonly clock: Clock;
  readonly actionLog: RegistryActionLog;
}): NoticesService {
  const { database, clock, actionLog } = parts;

  async function note(
    transaction: Transaction,
    actor: Actor,
    about: {
      readonly projectId: string;
      readonly action: string;
      readonly subject: string;
      readonly after?: unknown;
    },
  ): Promise<void> {
    await actionLog.recordIn(transaction, [{ ...actor, ...about, atMs: clock.nowMs() }]);
  }
  const ownOf = async (principal: Principal | null): Promise<OwnNoticeList> =>
    principal?.kind === 'staff'
      ? await readOwnNotices(database, principal.id, alarmProjects(principal))
      : { notices: [], unread: 0 };

  return {
    async list(projectId, query) {
      const below = query.after === undefined ? null : Number(query.after);
      if (below !== null && !Number.isSafeInteger(below))
        throw invalid([{ path: 'after', message: 'give back what `next` said' }]);
      const { state = null, channel = null, alarmId = null, limit } = query;
      const found = await listNotices(database, projectId, {
        state,
        channel,
        alarmId,
        below,
        limit: limit + 1,
      });
      const { rows, next } = cutPage(found, limit, (notice) => String(notice.position));
      const counted = await countNotices(database, projectId);
      const counts = Object.fromEntries(noticeStates.map((one) => [one, counted.get(one) ?? 0]));
      return {
        notices: rows.map(({ position: _position, ...notice }) => notice),
        next,
        counts: counts as NoticeList['counts'],
      };
    },
    async get(projectId, noticeId) {
      const notice = await readNotice(database, projectId, noticeId);
      if (notice === undefined) throw notFound('message');
      return notice;
    },
    async retry(actor, projectId, noticeId) {
      return await database.transaction(async (transaction) => {
        const again = await retryNotice(transaction, projectId, noticeId, clock.nowMs());
        const notice = await readNotice(transaction, projectId, noticeId);
        if (notice === undefined) throw notFound('message');
        if (!again) {
          throw conflict(
            'notice-not-given-up',
            'Only a message that was given up can be tried again.',
            'What is queued is tried by itself; what was sent is not sent twice.',
          );
        }
        await note(transaction, actor, { projectId, action: 'notice.retry', subject: `notice/${noticeId}` });
        return notice;
      });
    },
    async test(actor, projectId, body) {
      const { rows } = await database.query<{ name: string; zone: string; currency: string }>(
        'select p.name, p.zone, p.currency from registry.projects p where p.id = $1',
        [projectId],
      );
      const project = rows[0];
      if (project === undefined) throw notFound('project');
      const notice = testNotice(actor, { ...project, id: projectId }, body, clock.nowMs());
      return await database.transaction(async (transaction) => {
        const [id = ''] = await insertNotices(transaction, [notice]);
        const after = { channel: notice.channel, address: notice.address };
        await note(transaction, actor, { projectId, action: 'notice.test', subject: `notice/${id}`, after });
        const made = await readNotice(transaction, projectId, id);
        if (made === undefined) throw notFound('message');
        return made;
      });
    },
    async templates(projectId) {
      const own = await readOwnTemplates(database, projectId);
      const templates = languages.flatMap((language) =>
        noticeEvents.map((event) => {
          const mine = own.get(templateKey(event, language));
          return { event, language, own: mine !== undefined, ...(mine ?? usualTemplates[language][event]) };
        }),
      );
      return { templates };
    },
    preview(_event, language, body) {
      refuseUnknown(body);
      const { subject, body: text } = fillTemplate(body, exampleOf(language));
      return { subject, body: text, html: htmlOf(text) };
    },
    async putTemplate(actor, projectId, { event, language }, body) {
      if (body !== null) refuseUnknown(body);
      await database.transaction(async (transaction) => {
        await transaction.query(
          'delete from registry.notice_templates t where t.project_id = $1 and t.event = $2 and t.language = $3',
          [projectId, event, language],
        );
        if (body !== null)
          await transaction.query(
            'insert into registry.notice_templates (project_id, event, language, subject, body) values ($1, $2, $3, $4, $5)',
            [projectId, event, language, body.subject, body.body],
          );
        const subject = `notice-template/${event}/${language}`;
        await note(transaction, actor, { projectId, action: 'notice-template.update', subject, after: body });
      });
      return { event, language, own: body !== null, ...(body ?? usualTemplates[language][event]) };
    },
    own: ownOf,
    async readOwn(principal, ids) {
      if (principal?.kind === 'staff') await markOwnRead(database, principal.id, ids, clock.nowMs());
      return await ownOf(principal);
    },
  };
}

/** Projects in which somebody may see alarms; null: all. */
function alarmProjects(principal: Principal): readonly string[] | null {
  if (mayDo(principal, 'alarm:read', null)) return null;
  return Object.keys(principal.rightsByProject).filter((projectId) =>
    mayDo(principal, 'alarm:read', projectId),
  );
}

function refuseUnknown({ subject, body }: TemplateBody): void {
  const faults = Object.entries({ subject, body }).flatMap(([path, text]) =>
    unknownPlaces(text).map((name) => ({ path, message: `there is nothing to fill in for {${name}}` })),
  );
  if (faults.length > 0) throw invalid(faults, 'Use the places that the page lists, and no others.');
}

const exampleAtMs = Date.UTC(2026, 0, 15, 8, 30);

function exampleOf(language: Language): ReturnType<typeof fillNotice> {
  const filled = fillNotice(
    {
      kind: 'low-balance-2',
      severity: 'warning',
      subjectName: 'P-301 <Café & Bar>',
      projectName: 'Plaza',
      placeName: '3F-01',
      tenantName: 'Lotus & Co.',
      currency: 'CNY',
      zone: 'Asia/Shanghai',
      atMs: exampleAtMs,
      facts: { powerW: '5120', limit: '5000', balanceMicros: '12340000' },
    },
    language,
  );
  return { ...filled, count: '2', list: `${filled.time}  P-301\n${filled.time}  P-302` };
}

function testNotice(
  actor: Actor,
  project: { readonly id: string; readonly name: string; readonly zone: string; readonly currency: string },
  { channel, address, language }: TestNoticeBody,
  nowMs: number,
): NewNotice {
  const person = actor.principal?.kind === 'staff' ? actor.principal : null;
  if (channel === 'in-app' && person === null)
    throw forbidden('An API key has no bell.', 'Sign in as a person to try the bell.');
  const to = channel === 'in-app' ? (person?.id ?? '') : checkedAddress(channel, address ?? null);
  const filled = fillNotice(
    {
      ...{ kind: null, severity: null, subjectName: '–', placeName: null, tenantName: null, facts: {} },
      projectName: project.name,
      zone: project.zone,
      currency: project.currency,
      atMs: nowMs,
    },
    language,
  );
  return {
    ...{
      projectId: project.id,
      alarmId: null,
      kind: null,
      subjectKind: null,
      subjectId: null,
      severity: null,
    },
    event: 'test',
    channel,
    recipient: channel === 'in-app' ? (person?.name ?? '') : to,
    address: to,
    staffId: channel === 'in-app' ? (person?.id ?? null) : null,
    language,
    ...fillTemplate(usualTemplates[language].test, filled),
    filled,
    state: channel === 'in-app' ? 'sent' : 'queued',
    createdAtMs: nowMs,
    dueAtMs: channel === 'in-app' ? null : nowMs,
  };
}
