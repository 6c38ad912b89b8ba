// SPDX-License-Identifier: Apache-2.0
import { Component, computed, effect, inject, input, signal } from '@angular/core';
import type { AccountDetail, LedgerEntry } from '@wattledger/contracts/http/billing';
import { Answer } from '../../api/answer.ts';
import { BillingApi } from '../../api/billing-api.ts';
import { ask } from '../../api/question.ts';
import { csvOf, download } from '../../chart/csv.ts';
import { numberCell, textCell } from '../../chart/data-table.ts';
import { Formats } from '../../format/formats.ts';
import { keepFresh } from '../../live/keep-fresh.ts';
import { Icon } from '../../look/icon.ts';
import { TableBox } from '../../look/table-box.ts';
import { Notices } from '../../notices/notices.ts';
import { Selection } from '../../selection/selection.ts';
import { Site } from '../../session/site.ts';
import { Words } from '../../words/words.ts';
import { CompensationsCard } from './compensations-card.ts';
import { PostingView } from './posting-view.ts';

const kinds = ['all', 'vend', 'charge', 'reversal', 'refund', 'opening', 'closing'] as const;
const pageLimit = 60;

/** The account's statement: every entry with the balance after it; an entry opens to both sides of its posting. */
@Component({
  selector: 'wl-ledger-tab',
  imports: [Answer, CompensationsCard, Icon, PostingView, TableBox],
  templateUrl: './ledger-tab.html',
  styleUrl: './ledger-tab.css',
})
export class LedgerTab {
  readonly account = input.required<AccountDetail>();
  private readonly billing = inject(BillingApi);
  private readonly site = inject(Site);
  private readonly notices = inject(Notices);
  protected readonly selection = inject(Selection);
  protected readonly formats = inject(Formats);
  protected readonly t = inject(Words).t;
  protected readonly kinds = kinds;
  protected readonly kind = computed(() => this.selection.choice('entries', kinds, 'all'));
  protected readonly accountId = computed(() => this.account().accountId);
  /** Entries of the pages after the first. */
  private readonly older = signal<readonly LedgerEntry[]>([]);
  private readonly olderNext = signal<number | null | undefined>(undefined);
  protected readonly loadingMore = signal(false);
  protected readonly openPosting = signal<string | null>(null);

  protected readonly ledger = ask({
    params: () => {
      const projectId = this.site.projectId();
      return projectId === null
        ? undefined
        : {
            projectId,
            accountId: this.accountId(),
            query: { limit: pageLimit, kind: this.kind() === 'all' ? null : this.kind() },
          };
    },
    load: ({ projectId, accountId, query }, abort) => this.billing.ledger(projectId, accountId, query, abort),
    subject: ({ accountId, query }) => `${accountId}|${query.kind ?? ''}`,
  });
  protected readonly entries = computed(() => {
    const first = this.ledger.value()?.entries ?? [];
    // A fresh first page may have moved on past the older ones: nothing twice.
    const oldest = first.at(-1)?.sequence ?? Infinity;
    return [...first, ...this.older().filter((entry) => entry.sequence < oldest)];
  });
  protected readonly next = computed(() => {
    const older = this.olderNext();
    return older === undefined ? (this.ledger.value()?.next ?? null) : older;
  });

  constructor() {
    keepFresh(['accounts'], [this.ledger], 10_000);
    effect(() => {
      this.accountId();
      this.kind();
      this.older.set([]);
      this.olderNext.set(undefined);
    });
  }

  protected async more(): Promise<void> {
    const before = this.next();
    const projectId = this.site.projectId();
    if (before === null || projectId === null) return;
    this.loadingMore.set(true);
    try {
      const page = await this.billing.ledger(projectId, this.accountId(), {
        limit: pageLimit,
        before,
        kind: this.kind() === 'all' ? null : this.kind(),
      });
      this.older.update((entries) => [...entries, ...page.entries]);
      this.olderNext.set(page.next);
    } catch (error) {
      this.notices.failed(error);
    } finally {
      this.loadingMore.set(false);
    }
  }

  protected toggle(postingId: string): void {
    this.openPosting.update((open) => (open === postingId ? null : postingId));
  }

  /** What the entry is about, in words. */
  protected textOf(entry: LedgerEntry): string {
    if (entry.charge !== null) {
      const { fromDay, toDay, cause, consumption } = entry.charge;
      const span =
        fromDay === toDay
          ? this.formats.day(fromDay)
          : `${this.formats.day(fromDay)} – ${this.formats.day(toDay)}`;
      const energy = consumption
        .map((part) => this.formats.consumption(part.consumption, part.medium))
        .join(', ');
      return `${this.t(`charge-cause.${cause}`)} · ${span} · ${energy}`;
    }
    const parts = [
      entry.receiptNumber === null ? null : this.t('receipt.number', { number: entry.receiptNumber }),
      entry.means === null ? null : this.t(`means.${entry.means}`),
      entry.reason,
    ];
    return parts.filter((part) => part !== null && part !== '').join(' · ');
  }

  protected exportCsv(): void {
    const keys = [
      'ledger.number',
      'ledger.recorded',
      'ledger.kind',
      'ledger.about',
      'ledger.amount',
      'ledger.balance',
      'ledger.by',
    ];
    download(
      'wattledger-ledger.csv',
      csvOf({
        caption: '',
        columns: keys.map((key) => ({ label: this.t(key) })),
        rows: this.entries().map((entry) => [
          numberCell('', entry.sequence),
          textCell(this.formats.instant(entry.recordedAtMs, 'date-time-seconds')),
          textCell(this.t(`posting.${entry.kind}`)),
          textCell(this.textOf(entry)),
          numberCell('', entry.amountMicros / 1e6),
          numberCell('', entry.balanceAfterMicros / 1e6),
          textCell(entry.recordedBy.name),
        ]),
      }),
    );
  }
}
