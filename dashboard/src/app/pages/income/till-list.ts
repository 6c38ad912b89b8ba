// SPDX-License-Identifier: Apache-2.0
import { Component, computed, effect, inject, input, output, signal } from '@angular/core';
import { RouterLink } from '@angular/router';
import type { Vend } from '@wattledger/contracts/http/billing';
import { allPages } from '../../api/all-pages.ts';
import { Answer } from '../../api/answer.ts';
import { BillingApi } from '../../api/billing-api.ts';
import { ask } from '../../api/question.ts';
import { csvOf, download } from '../../chart/csv.ts';
import { numberCell, textCell } from '../../chart/data-table.ts';
import { Formats } from '../../format/formats.ts';
import { Dialogs } from '../../look/dialogs.ts';
import { Icon } from '../../look/icon.ts';
import { TableBox } from '../../look/table-box.ts';
import { ReceiptDialog } from '../../money/receipt-dialog.ts';
import { Notices } from '../../notices/notices.ts';
import { Site } from '../../session/site.ts';
import { Words } from '../../words/words.ts';

export interface TillSpan {
  readonly projectId: string;
  readonly fromDay: string;
  readonly toDay: string;
}

const pageLimit = 100;
const exportPageLimit = 500;
/** 100,000 receipts; who needs more asks the server's own interface. */
const exportPagesMax = 200;

/** Top-ups of a span, newest first, each with its receipt; all of them as a file. */
@Component({
  selector: 'wl-till-list',
  imports: [Answer, Icon, RouterLink, TableBox],
  templateUrl: './till-list.html',
  styles: `
    :host {
      display: grid;
      min-width: 0;
    }
  `,
})
export class TillList {
  readonly span = input.required<TillSpan | undefined>();
  /** A receipt was reversed: sums of the span are other than before. */
  readonly reversed = output();
  private readonly billing = inject(BillingApi);
  private readonly dialogs = inject(Dialogs);
  private readonly notices = inject(Notices);
  protected readonly site = inject(Site);
  protected readonly formats = inject(Formats);
  protected readonly t = inject(Words).t;
  protected readonly exporting = signal(false);
  private readonly older = signal<readonly Vend[]>([]);
  private readonly olderNext = signal<number | null | undefined>(undefined);

  protected readonly vends = ask({
    params: () => this.span(),
    load: ({ projectId, ...query }, abort) =>
      this.billing.vends(projectId, { ...query, limit: pageLimit }, abort),
    subject: ({ projectId }) => projectId,
  });
  protected readonly rows = computed(() => [...(this.vends.value()?.vends ?? []), ...this.older()]);
  protected readonly next = computed(() => {
    const older = this.olderNext();
    return older === undefined ? (this.vends.value()?.next ?? null) : older;
  });

  constructor() {
    effect(() => {
      // Another span, or the first page anew: what was fetched behind it no longer joins.
      this.vends.value();
      this.older.set([]);
      this.olderNext.set(undefined);
    });
  }

  /** Number of the slip, transfer or cheque, and the cheque's bank. */
  protected slipOf(vend: Vend): string {
    return [vend.reference, vend.drawerBank].filter((part) => part !== null).join(' · ');
  }

  protected async more(): Promise<void> {
    const span = this.span();
    const before = this.next();
    if (span === undefined || before === null) return;
    try {
      const { projectId, ...query } = span;
      const page = await this.billing.vends(projectId, { ...query, limit: pageLimit, before });
      this.older.update((rows) => [...rows, ...page.vends]);
      this.olderNext.set(page.next);
    } catch (error) {
      this.notices.failed(error);
    }
  }

  protected async show(vend: Vend): Promise<void> {
    if ((await this.dialogs.open<Vend, Vend>(ReceiptDialog, vend)) === undefined) return;
    this.vends.reload();
    this.reversed.emit();
  }

  protected async exportCsv(): Promise<void> {
    this.exporting.set(true);
    try {
      this.save(await this.all());
    } catch (error) {
      this.notices.failed(error);
    } finally {
      this.exporting.set(false);
    }
  }

  private all(): Promise<readonly Vend[]> {
    const span = this.span();
    if (span === undefined) return Promise.resolve([]);
    const { projectId, ...query } = span;
    return allPages(async (before) => {
      const page = await this.billing.vends(projectId, { ...query, limit: exportPageLimit, before });
      return { rows: page.vends, next: page.next };
    }, exportPagesMax);
  }

  private save(vends: readonly Vend[]): void {
    const keys = [
      'vends.receipt',
      'receipt.time',
      'energy.tenant',
      'receipt.means',
      'receipt.reference',
      'receipt.drawer-bank',
      'receipt.amount',
      'receipt.cashier',
      'shifts.number',
      'vends.reversed',
    ];
    download(
      'wattledger-top-ups.csv',
      csvOf({
        caption: '',
        columns: keys.map((key) => ({ label: this.t(key) })),
        rows: vends.map((vend) => [
          numberCell('', vend.receiptNumber),
          textCell(new Date(vend.effectiveAtMs).toISOString()),
          textCell(vend.tenantName),
          textCell(this.t('means.' + vend.means)),
          textCell(vend.reference ?? ''),
          textCell(vend.drawerBank ?? ''),
          numberCell('', vend.amountMicros / 1e6),
          textCell(vend.cashier.name),
          vend.shiftNumber === null ? textCell('') : numberCell('', vend.shiftNumber),
          textCell(vend.reversal === null ? '' : vend.reversal.reason),
        ]),
      }),
    );
  }
}
