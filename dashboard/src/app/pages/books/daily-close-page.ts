// SPDX-License-Identifier: Apache-2.0
import { Component, computed, inject, signal } from '@angular/core';
import { RouterLink } from '@angular/router';
import type { Medium } from '@wattledger/contracts';
import type { CloseItem, DayCloseView } from '@wattledger/contracts/http/billing';
import { Answer } from '../../api/answer.ts';
import { BooksApi } from '../../api/books-api.ts';
import { command } from '../../api/command.ts';
import { ask } from '../../api/question.ts';
import { Formats } from '../../format/formats.ts';
import { FaultNote } from '../../look/fault-note.ts';
import { Icon } from '../../look/icon.ts';
import { TableBox } from '../../look/table-box.ts';
import { Selection } from '../../selection/selection.ts';
import { Site } from '../../session/site.ts';
import { Words } from '../../words/words.ts';

const itemsShown = 50;

/** A day from three sides: provider, ledger, meters and relays; its open items; closed by one and signed by another. */
@Component({
  selector: 'wl-daily-close-page',
  imports: [Answer, FaultNote, Icon, RouterLink, TableBox],
  templateUrl: './daily-close-page.html',
  styles: `
    .answer {
      display: flex;
      gap: 6px;
    }
    .around {
      padding-top: var(--s4);
    }
    .toolbar {
      width: 100%;
    }
    .toolbar > .input {
      flex: 0 1 420px;
      width: auto;
      min-width: 0;
    }
    td.num {
      white-space: nowrap;
    }
    .answer .input {
      min-width: 220px;
    }
  `,
})
export class DailyClosePage {
  private readonly books = inject(BooksApi);
  private readonly words = inject(Words);
  protected readonly site = inject(Site);
  protected readonly selection = inject(Selection);
  protected readonly formats = inject(Formats);
  protected readonly t = this.words.t;
  protected readonly means = ['card', 'transfer', 'cheque', 'online'] as const;
  protected readonly day = computed(() => this.selection.text('day') ?? this.selection.today());
  protected readonly mayWrite = computed(() => this.site.may('books:write'));
  protected readonly doing = command();
  protected readonly itemsShown = itemsShown;
  protected readonly shown = signal(itemsShown);
  protected readonly reason = signal('');
  protected readonly fileMeans = signal('card');
  protected readonly provider = signal('bank');
  protected readonly view = ask({
    params: () => {
      const projectId = this.site.projectId();
      return projectId === null ? undefined : { projectId, day: this.day() };
    },
    load: ({ projectId, day }, abort) => this.books.day(projectId, day, abort),
    subject: ({ projectId, day }) => `${projectId}/${day}`,
  });
  protected readonly history = ask({
    params: () => this.site.projectId() ?? undefined,
    load: (projectId, abort) => this.books.dayCloses(projectId, abort),
    subject: (projectId) => projectId,
  });
  protected readonly openItems = computed(
    () => this.view.value()?.figures.items.filter((item) => item.answer === null).length ?? 0,
  );

  protected choose(day: string): void {
    this.shown.set(itemsShown);
    if (day !== '') this.selection.patch({ day }, { replace: true });
  }

  /** Name of what an item is about, as people know it. */
  protected subjectOf(item: CloseItem): string {
    const { kind, subject } = item;
    if (kind === 'provider-statement-missing') return this.t(`means.${subject}`);
    if (kind === 'provider-lacks' && /^\d+$/.test(subject))
      return this.t('close.receipt', { number: subject });
    if (kind === 'shift-open' || kind === 'shift-difference')
      return this.t('close.shift-number', { number: subject });
    if (kind === 'cash-uncounted') return this.t('income.vends-count', { count: subject });
    if (kind === 'relay-differs') return this.relayText(subject);
    if (kind.startsWith('energy')) return this.site.points().get(subject)?.name ?? subject;
    return subject;
  }

  protected mediumOf(item: CloseItem): Medium {
    return this.site.points().get(item.subject)?.medium ?? 'electricity';
  }

  /** "meter: wanted/reported" in words. */
  private relayText(subject: string): string {
    const [, meterId = subject, wanted = '', reported = ''] = /^(.+): (.+)\/(.+)$/.exec(subject) ?? [];
    const word = (state: string): string => this.words.nameOf(`relay.${state}`, state);
    const meter = this.site.meters().get(meterId)?.serial ?? meterId;
    return this.t('close.relay', { meter, wanted: word(wanted), reported: word(reported) });
  }

  protected async answer(item: CloseItem, text: string): Promise<void> {
    if (text.trim() === '') return;
    const body = { key: item.key, text: text.trim() };
    await this.does(body, (projectId, day) => this.books.answerItem(projectId, day, body));
  }

  protected async move(move: 'close' | 'sign' | 'reopen'): Promise<void> {
    const body = move === 'reopen' ? { reason: this.reason().trim() } : {};
    await this.does([move, body], (projectId, day) => this.books.moveDay(projectId, day, move, body));
  }

  protected async upload(file: File | null): Promise<void> {
    if (file === null) return;
    const query = { provider: this.provider(), means: this.fileMeans() };
    await this.does([file.name, file.lastModified, query], (projectId, day) =>
      this.books.sendProviderFile(projectId, day, query, file),
    );
  }

  protected async askProvider(provider: string): Promise<void> {
    await this.does(['ask', provider], (projectId, day) => this.books.askProvider(projectId, day, provider));
  }

  private async does(
    asked: unknown,
    send: (projectId: string, day: string) => Promise<DayCloseView | unknown>,
  ): Promise<void> {
    const day = this.day();
    const done = await this.doing.run([day, asked], async () => {
      await send(this.site.projectId() ?? '', day);
      return true;
    });
    if (done === undefined) return;
    this.view.reload();
    this.history.reload();
  }
}
