// SPDX-License-Identifier: Apache-2.0
import { Component, computed, inject, input, signal, viewChild } from '@angular/core';
import { RouterLink } from '@angular/router';
import type { DocumentRow, PrintAnswer, PrintBody } from '@wattledger/contracts/http/billing';
import { Answer } from '../../api/answer.ts';
import { BooksApi } from '../../api/books-api.ts';
import { command } from '../../api/command.ts';
import { ask } from '../../api/question.ts';
import { Formats } from '../../format/formats.ts';
import { FaultNote } from '../../look/fault-note.ts';
import { Icon } from '../../look/icon.ts';
import { TableBox } from '../../look/table-box.ts';
import { Site } from '../../session/site.ts';
import { languages } from '../../words/languages.ts';
import { Words } from '../../words/words.ts';
import { PaperFrame } from './paper-frame.ts';

/** The documents of one posting (a sale, a closing with its refund …): three copies printed from the browser or as PDF. */
@Component({
  selector: 'wl-document-page',
  imports: [Answer, FaultNote, Icon, PaperFrame, RouterLink, TableBox],
  templateUrl: './document-page.html',
  styles: `
    .crumbs a {
      display: inline-flex;
      align-items: center;
      gap: 2px;
      font-size: var(--t-s);
    }
  `,
})
export class DocumentPage {
  /** A posting, a shift or a closed day. */
  readonly subjectId = input.required<string>();
  private readonly books = inject(BooksApi);
  private readonly words = inject(Words);
  protected readonly site = inject(Site);
  protected readonly formats = inject(Formats);
  protected readonly t = this.words.t;
  protected readonly languages = languages;
  protected readonly papers = ['A4', 'A5', 'roll-80'] as const;
  protected readonly language = signal<'en' | 'zh'>(this.words.language() === 'zh' ? 'zh' : 'en');
  protected readonly paper = signal<PrintBody['paper']>(undefined);
  protected readonly printed = signal<PrintAnswer | null>(null);
  protected readonly printing = command();
  private readonly frame = viewChild(PaperFrame);
  protected readonly list = ask({
    params: () => {
      const projectId = this.site.projectId();
      return projectId === null ? undefined : { projectId, subjectId: this.subjectId() };
    },
    load: ({ projectId, subjectId }, abort) => this.books.documents(projectId, { subjectId }, abort),
    subject: ({ subjectId }) => subjectId,
  });
  protected readonly accountId = computed(() => this.list.value()?.documents[0]?.accountId ?? null);
  protected readonly pdf = computed(() => {
    const printed = this.printed();
    return printed === null
      ? null
      : this.books.file(
          this.site.projectId() ?? '',
          `documents/${printed.documentId}/prints/${printed.run}/pdf`,
        );
  });

  /** Number and code as they stand on the paper. */
  protected readonly numberText = (number: number): string => String(number).padStart(6, '0');
  protected readonly codeText = (code: string): string => code.replace(/(.{4})(?=.)/g, '$1-');

  protected choosePaper(text: string): void {
    this.paper.set(this.papers.find((paper) => paper === text));
  }

  /** Each run is logged: looking at the three copies is the run, the browser's dialog follows. */
  protected async run(document: DocumentRow): Promise<void> {
    const body: PrintBody = {
      language: this.language(),
      ...(this.paper() === undefined ? {} : { paper: this.paper() }),
    };
    const answer = await this.printing.run([document.documentId, body, this.printed()?.run], () =>
      this.books.print(this.site.projectId() ?? '', document.documentId, body),
    );
    if (answer === undefined) return;
    this.printed.set(answer);
    this.list.reload();
  }

  protected toPrinter(): void {
    this.frame()?.print();
  }
}
