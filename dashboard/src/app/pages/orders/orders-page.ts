// SPDX-License-Identifier: Apache-2.0
import { Component, computed, effect, inject, signal } from '@angular/core';
import { RouterLink } from '@angular/router';
import { orderKinds, paymentMeans, type Order } from '@wattledger/contracts/http/billing';
import { Answer } from '../../api/answer.ts';
import { BooksApi } from '../../api/books-api.ts';
import { ask } from '../../api/question.ts';
import { Formats } from '../../format/formats.ts';
import { Icon } from '../../look/icon.ts';
import { TableBox } from '../../look/table-box.ts';
import { Notices } from '../../notices/notices.ts';
import { addDays } from '../../selection/period.ts';
import { PeriodPicker } from '../../selection/period-picker.ts';
import { Selection } from '../../selection/selection.ts';
import { Site } from '../../session/site.ts';
import { Words } from '../../words/words.ts';

const pageLimit = 100;
const microsPerUnit = 1e6;

/** Every order: top-ups, reversals, refunds, openings, closings; filtered, with totals, each opening its document. */
@Component({
  selector: 'wl-orders-page',
  imports: [Answer, Icon, PeriodPicker, RouterLink, TableBox],
  templateUrl: './orders-page.html',
})
export class OrdersPage {
  private readonly books = inject(BooksApi);
  private readonly notices = inject(Notices);
  private readonly words = inject(Words);
  protected readonly site = inject(Site);
  protected readonly selection = inject(Selection);
  protected readonly formats = inject(Formats);
  protected readonly t = this.words.t;
  protected readonly kinds = orderKinds;
  protected readonly means = paymentMeans;
  protected readonly filter = computed(() => {
    const { from, to } = this.selection.period();
    const least = Number(this.selection.text('least') ?? '');
    return {
      fromDay: from,
      toDay: addDays(to, -1),
      kind: this.selection.text('kind'),
      means: this.selection.text('means'),
      q: this.selection.text('q'),
      number: this.selection.text('number'),
      amountMinMicros: least > 0 ? Math.round(least * microsPerUnit) : null,
    };
  });
  private readonly older = signal<readonly Order[]>([]);
  private readonly olderNext = signal<string | null | undefined>(undefined);
  protected readonly orders = ask({
    params: () => {
      const projectId = this.site.projectId();
      return projectId === null ? undefined : { projectId, filter: this.filter() };
    },
    load: ({ projectId, filter }, abort) =>
      this.books.orders(projectId, { ...filter, limit: pageLimit }, abort),
    subject: ({ projectId, filter }) => `${projectId}/${JSON.stringify(filter)}`,
  });
  protected readonly rows = computed(() => [...(this.orders.value()?.orders ?? []), ...this.older()]);
  protected readonly next = computed(() => {
    const older = this.olderNext();
    return older === undefined ? (this.orders.value()?.next ?? null) : older;
  });
  protected readonly file = computed(() =>
    this.books.file(this.site.projectId() ?? '', 'orders.csv', this.filter()),
  );

  constructor() {
    effect(() => {
      this.filter();
      this.older.set([]);
      this.olderNext.set(undefined);
    });
  }

  protected choose(name: string, value: string): void {
    this.selection.patch({ [name]: value.trim() === '' ? null : value.trim() }, { replace: true });
  }

  protected async more(): Promise<void> {
    const before = this.next();
    const projectId = this.site.projectId();
    if (before === null || projectId === null) return;
    try {
      const page = await this.books.orders(projectId, { ...this.filter(), limit: pageLimit, before });
      this.older.update((rows) => [...rows, ...page.orders]);
      this.olderNext.set(page.next);
    } catch (error) {
      this.notices.failed(error);
    }
  }
}
