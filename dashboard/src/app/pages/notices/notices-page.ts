// SPDX-License-Identifier: Apache-2.0
import { Component, computed, effect, inject, signal } from '@angular/core';
import { noticeChannels, noticeStates, type Notice } from '@wattledger/contracts/http/alarms';
import { AlarmsApi } from '../../api/alarms-api.ts';
import { Answer } from '../../api/answer.ts';
import { ask } from '../../api/question.ts';
import { Formats } from '../../format/formats.ts';
import { keepFresh } from '../../live/keep-fresh.ts';
import { Icon } from '../../look/icon.ts';
import { TableBox } from '../../look/table-box.ts';
import { Notices } from '../../notices/notices.ts';
import { Selection } from '../../selection/selection.ts';
import { Site } from '../../session/site.ts';
import { Words } from '../../words/words.ts';
import { noticeTone } from '../alarms/alarm-looks.ts';
import { TemplateEditor } from './template-editor.ts';

const tabs = ['messages', 'templates'] as const;
const pageLimit = 200;

/** Every message that left the product or should have, with its outcome; and the texts they are made of. */
@Component({
  selector: 'wl-notices-page',
  imports: [Answer, Icon, TableBox, TemplateEditor],
  templateUrl: './notices-page.html',
  styles: `
    .select {
      width: auto;
    }
    .subject {
      min-width: 220px;
    }
    .answer {
      max-width: 340px;
      overflow-wrap: anywhere;
    }
    .address {
      display: block;
      overflow-wrap: anywhere;
      font-size: var(--t-s);
    }
  `,
})
export class NoticesPage {
  private readonly api = inject(AlarmsApi);
  private readonly notices = inject(Notices);
  protected readonly selection = inject(Selection);
  protected readonly site = inject(Site);
  protected readonly formats = inject(Formats);
  protected readonly t = inject(Words).t;
  protected readonly tabs = tabs;
  protected readonly states = noticeStates;
  protected readonly channels = noticeChannels;
  protected readonly tone = noticeTone;
  protected readonly tab = computed(() => this.selection.choice('tab', tabs, 'messages'));
  protected readonly state = computed(() => this.selection.text('state'));
  protected readonly channel = computed(() => this.selection.text('channel'));
  protected readonly mayWrite = computed(() => this.site.may('alarm:write'));
  private readonly query = computed(() => ({
    state: this.state(),
    channel: this.channel(),
    limit: pageLimit,
  }));
  protected readonly list = ask({
    params: () => {
      const projectId = this.site.projectId();
      return projectId === null ? undefined : { projectId, query: this.query() };
    },
    load: ({ projectId, query }, abort) => this.api.notices(projectId, query, abort),
    subject: (params) => JSON.stringify(params),
  });
  private readonly older = signal<readonly Notice[]>([]);
  private readonly olderNext = signal<string | null | undefined>(undefined);
  protected readonly rows = computed(() => {
    const first = this.list.value()?.notices ?? [];
    const known = new Set(first.map((notice) => notice.id));
    return [...first, ...this.older().filter((notice) => !known.has(notice.id))];
  });
  protected readonly next = computed(() => {
    const older = this.olderNext();
    return older === undefined ? (this.list.value()?.next ?? null) : older;
  });

  constructor() {
    keepFresh(['alarms'], [this.list], 3_000);
    effect(() => {
      this.query();
      this.older.set([]);
      this.olderNext.set(undefined);
    });
  }

  protected async retry(notice: Notice): Promise<void> {
    try {
      await this.api.retryNotice(notice.projectId, notice.id);
      this.notices.done(this.t('notice.retried'));
    } catch (error) {
      this.notices.failed(error);
    }
    this.list.reload();
  }

  protected async more(): Promise<void> {
    const after = this.next();
    const projectId = this.site.projectId();
    if (after === null || projectId === null) return;
    try {
      const page = await this.api.notices(projectId, { ...this.query(), after });
      this.older.update((notices) => [...notices, ...page.notices]);
      this.olderNext.set(page.next);
    } catch (error) {
      this.notices.failed(error);
    }
  }
}
