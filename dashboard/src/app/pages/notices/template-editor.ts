// SPDX-License-Identifier: Apache-2.0
import { Component, computed, effect, inject, signal, untracked } from '@angular/core';
import { noticeEvents, type NoticeEvent } from '@wattledger/contracts/http/alarms';
import {
  noticePlaceholders,
  type TemplateBody,
  type TemplatePreview,
} from '@wattledger/contracts/http/notices';
import { AlarmsApi } from '../../api/alarms-api.ts';
import { Answer } from '../../api/answer.ts';
import { command } from '../../api/command.ts';
import { ask } from '../../api/question.ts';
import { FaultNote } from '../../look/fault-note.ts';
import { Notices } from '../../notices/notices.ts';
import { Site } from '../../session/site.ts';
import { languages } from '../../words/languages.ts';
import { Words } from '../../words/words.ts';

const previewAfterMs = 400;

/** The texts of messages, by event and language, with what they look like filled. */
@Component({
  selector: 'wl-template-editor',
  imports: [Answer, FaultNote],
  templateUrl: './template-editor.html',
  styles: `
    .select {
      width: auto;
    }
    textarea {
      min-height: 160px;
      padding: 8px 10px;
      line-height: 1.5;
      resize: vertical;
    }
    .places {
      display: flex;
      flex-wrap: wrap;
      gap: 4px;
    }
    .shown {
      margin: 0;
      white-space: pre-wrap;
      overflow-wrap: anywhere;
    }
    .card-body {
      display: grid;
      gap: 12px;
    }
  `,
})
export class TemplateEditor {
  private readonly api = inject(AlarmsApi);
  private readonly notices = inject(Notices);
  protected readonly site = inject(Site);
  private readonly words = inject(Words);
  protected readonly t = this.words.t;
  protected readonly events = noticeEvents;
  protected readonly languages = languages;
  protected readonly placeholders = noticePlaceholders;
  protected readonly event = signal<NoticeEvent>('opened');
  protected readonly language = signal<'en' | 'zh'>(this.words.language() === 'zh' ? 'zh' : 'en');
  protected readonly draft = signal<TemplateBody>({ subject: '', body: '' });
  protected readonly preview = signal<TemplatePreview | null>(null);
  protected readonly saving = command();
  protected readonly looking = command();
  protected readonly mayWrite = computed(() => this.site.may('alarm:write'));
  protected readonly list = ask({
    params: () => this.site.projectId() ?? undefined,
    load: (projectId, abort) => this.api.templates(projectId, abort),
    subject: (projectId) => projectId,
  });
  protected readonly stored = computed(() =>
    this.list
      .value()
      ?.templates.find(({ event, language }) => event === this.event() && language === this.language()),
  );

  constructor() {
    effect(() => {
      const stored = this.stored();
      if (stored !== undefined) this.draft.set({ subject: stored.subject, body: stored.body });
    });
    effect((onCleanup) => {
      const draft = this.draft();
      if (draft.subject.trim() === '' || draft.body.trim() === '') return;
      const timer = setTimeout(() => void untracked(() => this.look(draft)), previewAfterMs);
      onCleanup(() => clearTimeout(timer));
    });
  }

  protected choose(text: string): void {
    this.event.set(noticeEvents.find((one) => one === text) ?? 'opened');
  }

  protected speak(text: string): void {
    this.language.set(text === 'zh' ? 'zh' : 'en');
  }

  protected insert(name: string, box: HTMLTextAreaElement): void {
    const { selectionStart, selectionEnd, value } = box;
    const body = `${value.slice(0, selectionStart)}{${name}}${value.slice(selectionEnd)}`;
    this.draft.update((draft) => ({ ...draft, body }));
    box.focus();
  }

  private async look(draft: TemplateBody): Promise<void> {
    const projectId = this.site.projectId();
    if (projectId === null) return;
    const which = { event: this.event(), language: this.language() };
    const shown = await this.looking.run([which, draft], () =>
      this.api.previewTemplate(projectId, which, draft),
    );
    if (this.draft() === draft) this.preview.set(shown ?? null);
    else if (!this.looking.busy()) void this.look(this.draft());
  }

  protected async save(): Promise<void> {
    const projectId = this.site.projectId();
    if (projectId === null) return;
    const which = { event: this.event(), language: this.language() };
    const saved = await this.saving.run([which, this.draft()], () =>
      this.api.saveTemplate(projectId, which, this.draft()),
    );
    if (saved === undefined) return;
    this.notices.done(this.t('template.saved'));
    this.list.reload();
  }

  protected async reset(): Promise<void> {
    const projectId = this.site.projectId();
    if (projectId === null) return;
    const which = { event: this.event(), language: this.language() };
    const done = await this.saving.run([which, 'reset'], () => this.api.resetTemplate(projectId, which));
    if (done !== undefined) this.list.reload();
  }
}
