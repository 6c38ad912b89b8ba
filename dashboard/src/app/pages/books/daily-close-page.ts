// SPDX-License-Identifier: Apache-2.0
import { Component, computed, inject, signal } from '@angular/core';
import { RouterLink } from '@angular/router';
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
    if (day !== '') this.selection.patch({ day }, { replace: true });
  }

  /** Name of what an item is about, as people know it. */
  protected subjectOf(item: CloseItem): string {
    if (item.kind === 'provider-statement-missing') return this.t(`means.${item.subject}`);
    if (item.kind.startsWith('energy')) return this.site.points().get(item.subject)?.name ?? item.subject;
    return item.subject;
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
