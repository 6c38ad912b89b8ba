// SPDX-License-Identifier: Apache-2.0
import { Injectable, inject } from '@angular/core';
import type {
  AcknowledgeBody,
  AcknowledgeManyAnswer,
  AcknowledgeManyBody,
  Alarm,
  AlarmDetail,
  AlarmList,
  AlarmPeople,
  AlarmScheme,
  AlarmSchemeBody,
  AlarmSchemeList,
  AlarmStatistics,
} from '@wattledger/contracts/http/alarms';
import type {
  NoticeDetail,
  NoticeList,
  NoticeTemplate,
  OwnNoticeList,
  TemplateBody,
  TemplateList,
  TemplatePreview,
  TestNoticeBody,
} from '@wattledger/contracts/http/notices';
import { Api, queryString, type Query } from './api.ts';

type WhichTemplate = Pick<NoticeTemplate, 'event' | 'language'>;

/** Alarms, how they are judged, and messages. Shapes and meaning: contracts/src/http/alarms.ts and notices.ts. */
@Injectable({ providedIn: 'root' })
export class AlarmsApi {
  private readonly api = inject(Api);
  private readonly of = (projectId: string, rest: string): string => `/api/projects/${projectId}/${rest}`;
  private readonly template = (projectId: string, { event, language }: WhichTemplate): string =>
    this.of(projectId, `notice-templates/${event}/${language}`);

  alarms = (projectId: string, query: Query, abort?: AbortSignal): Promise<AlarmList> =>
    this.api.get(this.of(projectId, 'alarms'), query, abort);

  alarm = (projectId: string, alarmId: string, abort?: AbortSignal): Promise<AlarmDetail> =>
    this.api.get(this.of(projectId, `alarms/${alarmId}`), {}, abort);

  /** Where the browser fetches the alarms of a filter as a file. */
  alarmFile = (projectId: string, query: Query): string =>
    this.of(projectId, `alarm-file${queryString(query)}`);

  statistics = (projectId: string, query: Query, abort?: AbortSignal): Promise<AlarmStatistics> =>
    this.api.get(this.of(projectId, 'alarm-statistics'), query, abort);

  people = (projectId: string, abort?: AbortSignal): Promise<AlarmPeople> =>
    this.api.get(this.of(projectId, 'alarm-people'), {}, abort);

  acknowledge = (projectId: string, alarmId: string, body: AcknowledgeBody): Promise<Alarm> =>
    this.api.post(this.of(projectId, `alarms/${alarmId}/acknowledge`), body);

  acknowledgeMany = (projectId: string, body: AcknowledgeManyBody): Promise<AcknowledgeManyAnswer> =>
    this.api.post(this.of(projectId, 'alarms/acknowledge'), body);

  addNote = (projectId: string, alarmId: string, note: string): Promise<AlarmDetail> =>
    this.api.post(this.of(projectId, `alarms/${alarmId}/notes`), { note });

  assign = (projectId: string, alarmId: string, staffId: string | null): Promise<AlarmDetail> =>
    this.api.put(this.of(projectId, `alarms/${alarmId}/assignment`), { staffId });

  schemes = (projectId: string, abort?: AbortSignal): Promise<AlarmSchemeList> =>
    this.api.get(this.of(projectId, 'alarm-schemes'), {}, abort);

  saveScheme = (projectId: string, schemeId: string | null, body: AlarmSchemeBody): Promise<AlarmScheme> =>
    schemeId === null
      ? this.api.post(this.of(projectId, 'alarm-schemes'), body)
      : this.api.put(this.of(projectId, `alarm-schemes/${schemeId}`), body);

  removeScheme = (projectId: string, schemeId: string): Promise<void> =>
    this.api.delete(this.of(projectId, `alarm-schemes/${schemeId}`));

  notices = (projectId: string, query: Query, abort?: AbortSignal): Promise<NoticeList> =>
    this.api.get(this.of(projectId, 'notices'), query, abort);

  retryNotice = (projectId: string, noticeId: string): Promise<NoticeDetail> =>
    this.api.post(this.of(projectId, `notices/${noticeId}/retry`));

  testNotice = (projectId: string, body: TestNoticeBody): Promise<NoticeDetail> =>
    this.api.post(this.of(projectId, 'notices/test'), body);

  templates = (projectId: string, abort?: AbortSignal): Promise<TemplateList> =>
    this.api.get(this.of(projectId, 'notice-templates'), {}, abort);

  previewTemplate = (projectId: string, which: WhichTemplate, body: TemplateBody): Promise<TemplatePreview> =>
    this.api.post(`${this.template(projectId, which)}/preview`, body);

  saveTemplate = (projectId: string, which: WhichTemplate, body: TemplateBody): Promise<NoticeTemplate> =>
    this.api.put(this.template(projectId, which), body);

  resetTemplate = (projectId: string, which: WhichTemplate): Promise<NoticeTemplate> =>
    this.api.delete(this.template(projectId, which));

  own = (abort?: AbortSignal): Promise<OwnNoticeList> => this.api.get('/api/own-notices', {}, abort);

  readOwn = (ids?: readonly string[]): Promise<OwnNoticeList> =>
    this.api.post('/api/own-notices/read', ids === undefined ? {} : { ids });
}
