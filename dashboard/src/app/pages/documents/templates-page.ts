// SPDX-License-Identifier: Apache-2.0
import { Component, computed, effect, inject, signal, untracked } from '@angular/core';
import {
  documentKinds,
  documentPapers,
  type CompanyHead,
  type DocumentKind,
  type TemplatePreview,
  type TemplateText,
  type TemplateVersion,
} from '@wattledger/contracts/http/billing';
import { Answer } from '../../api/answer.ts';
import { BooksApi } from '../../api/books-api.ts';
import { command } from '../../api/command.ts';
import { ask } from '../../api/question.ts';
import { Formats } from '../../format/formats.ts';
import { FaultNote } from '../../look/fault-note.ts';
import { Icon } from '../../look/icon.ts';
import { Notices } from '../../notices/notices.ts';
import { Site } from '../../session/site.ts';
import { languages } from '../../words/languages.ts';
import { Words } from '../../words/words.ts';
import { CompanyHeadForm, type HeadDraft } from './company-head-form.ts';
import { PaperFrame } from './paper-frame.ts';

/** The next preview is asked for after so long without a key. */
const previewAfterMs = 500;

/** Templates of documents: their text beside the paper it makes, versions, and the head of the company. */
@Component({
  selector: 'wl-templates-page',
  imports: [Answer, CompanyHeadForm, FaultNote, Icon, PaperFrame],
  templateUrl: './templates-page.html',
  styleUrl: './templates-page.css',
})
export class TemplatesPage {
  private readonly books = inject(BooksApi);
  private readonly notices = inject(Notices);
  private readonly words = inject(Words);
  protected readonly site = inject(Site);
  protected readonly formats = inject(Formats);
  protected readonly t = this.words.t;
  protected readonly languages = languages;
  protected readonly kinds = documentKinds;
  protected readonly papers = documentPapers;
  protected readonly kind = signal<DocumentKind>('sale');
  protected readonly language = signal<'en' | 'zh'>(this.words.language() === 'zh' ? 'zh' : 'en');
  protected readonly draft = signal<TemplateText>({ html: '', css: '', paper: 'A4' });
  protected readonly documentId = signal('');
  protected readonly preview = signal<TemplatePreview | null>(null);
  protected readonly saving = command();
  protected readonly looking = command();
  protected readonly mayWrite = computed(() => this.site.may('document:write'));
  protected readonly list = ask({
    params: () => this.site.projectId() ?? undefined,
    load: (projectId, abort) => this.books.templates(projectId, abort),
    subject: (projectId) => projectId,
  });
  protected readonly past = ask({
    params: () => {
      const projectId = this.site.projectId();
      return projectId === null ? undefined : { projectId, kind: this.kind() };
    },
    load: ({ projectId, kind }, abort) => this.books.documents(projectId, { kind, limit: 20 }, abort),
    subject: ({ projectId, kind }) => `${projectId}/${kind}`,
  });
  protected readonly template = computed(() =>
    this.list.value()?.templates.find(({ kind }) => kind === this.kind()),
  );
  protected readonly fields = computed(() => this.list.value()?.fields ?? []);
  protected readonly changed = computed(() => {
    const active = this.version(this.template()?.activeVersion ?? 0);
    const { html, css, paper } = this.draft();
    return active !== undefined && (active.html !== html || active.css !== css || active.paper !== paper);
  });

  constructor() {
    effect(() => {
      const active = this.version(this.template()?.activeVersion ?? 0);
      if (active !== undefined) untracked(() => this.show(active));
    });
    effect((onCleanup) => {
      const asked = {
        draft: this.draft(),
        kind: this.kind(),
        language: this.language(),
        documentId: this.documentId(),
      };
      if (asked.draft.html.trim() === '' || !this.mayWrite()) return;
      const timer = setTimeout(() => void untracked(() => this.look(asked)), previewAfterMs);
      onCleanup(() => clearTimeout(timer));
    });
  }

  protected version(number: number): TemplateVersion | undefined {
    return this.template()?.versions.find(({ version }) => version === number);
  }

  protected show({ html, css, paper }: TemplateText): void {
    this.draft.set({ html, css, paper });
  }

  protected chooseKind(text: string): void {
    this.documentId.set('');
    this.kind.set(documentKinds.find((kind) => kind === text) ?? 'sale');
  }

  protected choosePaper(text: string): void {
    const paper = documentPapers.find((one) => one === text) ?? 'A4';
    this.draft.update((draft) => ({ ...draft, paper }));
  }

  protected insert(name: string, list: boolean, box: HTMLTextAreaElement): void {
    const { selectionStart, selectionEnd, value } = box;
    const last = name.slice(name.lastIndexOf('.') + 1);
    const field = /^(points|lines)\./.test(name) ? last : name;
    const text = list ? `{{#${name}}}{{/${name}}}` : `{{${field}}}`;
    this.draft.update((draft) => ({
      ...draft,
      html: `${value.slice(0, selectionStart)}${text}${value.slice(selectionEnd)}`,
    }));
    box.focus();
  }

  private async look(asked: {
    readonly draft: TemplateText;
    readonly kind: DocumentKind;
    readonly language: 'en' | 'zh';
    readonly documentId: string;
  }): Promise<void> {
    const { draft, kind, language, documentId } = asked;
    const body = { ...draft, language, ...(documentId === '' ? {} : { documentId }) };
    const shown = await this.looking.run([kind, body], () =>
      this.books.previewTemplate(this.site.projectId() ?? '', kind, body),
    );
    if (this.draft() === draft) this.preview.set(shown ?? null);
    else if (!this.looking.busy()) void this.look({ ...asked, draft: this.draft() });
  }

  /** Kept as the next version and put in force at once; the ones before stay. */
  protected async save(): Promise<void> {
    const projectId = this.site.projectId() ?? '';
    const [kind, draft] = [this.kind(), this.draft()];
    const saved = await this.saving.run(['save', kind, draft], async () => {
      const template = await this.books.draftTemplate(projectId, kind, draft);
      return await this.books.activateTemplate(projectId, kind, template.versions.at(-1)?.version ?? 0);
    });
    if (saved === undefined) return;
    this.notices.done(this.t('templates.saved', { version: saved.activeVersion }));
    this.list.reload();
  }

  protected async activate(version: number): Promise<void> {
    const saved = await this.saving.run(['activate', this.kind(), version], () =>
      this.books.activateTemplate(this.site.projectId() ?? '', this.kind(), version),
    );
    if (saved !== undefined) this.list.reload();
  }

  protected async saveHead({ head, logo }: HeadDraft): Promise<void> {
    const body = { ...(head satisfies CompanyHead), ...(logo === undefined ? {} : { logo }) };
    const done = await this.saving.run(['head', body], async () => {
      await this.books.saveHead(this.site.projectId() ?? '', body);
      return true;
    });
    if (done === undefined) return;
    this.notices.done(this.t('templates.head-saved'));
    this.list.reload();
  }
}
