// SPDX-License-Identifier: Apache-2.0
import { Component, computed, inject, signal } from '@angular/core';
import { RouterLink } from '@angular/router';
import type { ArrearsAgreement } from '@wattledger/contracts/http/billing';
import { Answer } from '../../api/answer.ts';
import { CreditApi } from '../../api/credit-api.ts';
import { ask } from '../../api/question.ts';
import { csvOf, download } from '../../chart/csv.ts';
import { numberCell, textCell } from '../../chart/data-table.ts';
import { Formats } from '../../format/formats.ts';
import { Dialogs } from '../../look/dialogs.ts';
import { FigureTile } from '../../look/figure-tile.ts';
import { Icon } from '../../look/icon.ts';
import { TableBox } from '../../look/table-box.ts';
import { ArrearsDialog, type Debtor } from '../../money/arrears-dialog.ts';
import { ReasonDialog, type ReasonQuestion } from '../../money/reason-dialog.ts';
import { Notices } from '../../notices/notices.ts';
import { Selection } from '../../selection/selection.ts';
import { Site } from '../../session/site.ts';
import { Words } from '../../words/words.ts';

const states = ['active', 'all'] as const;

/** Who owes what, how it is paid back, and balances below zero that no agreement covers. */
@Component({
  selector: 'wl-arrears-page',
  imports: [Answer, FigureTile, Icon, RouterLink, TableBox],
  templateUrl: './arrears-page.html',
  styles: `
    .acts {
      text-align: right;
      white-space: nowrap;
    }
    .acts .button + .button {
      margin-left: 6px;
    }
    .table th {
      min-width: 110px;
    }
  `,
})
export class ArrearsPage {
  private readonly api = inject(CreditApi);
  private readonly dialogs = inject(Dialogs);
  private readonly notices = inject(Notices);
  protected readonly site = inject(Site);
  protected readonly selection = inject(Selection);
  protected readonly formats = inject(Formats);
  protected readonly t = inject(Words).t;
  protected readonly states = states;
  protected readonly state = computed(() => this.selection.choice('state', states, 'active'));
  protected readonly open = signal<string | null>(null);
  protected readonly list = ask({
    params: () => {
      const projectId = this.site.projectId();
      return projectId === null ? undefined : { projectId, state: this.state() };
    },
    load: ({ projectId, state }, abort) => this.api.arrears(projectId, { state }, abort),
    subject: ({ projectId }) => projectId,
  });
  protected readonly owedUncovered = computed(() =>
    (this.list.value()?.debtors ?? []).reduce((sum, debtor) => sum - debtor.balanceMicros, 0),
  );

  protected toggle(agreementId: string): void {
    this.open.update((open) => (open === agreementId ? null : agreementId));
  }

  protected async agree(debtor: Debtor): Promise<void> {
    if ((await this.dialogs.open(ArrearsDialog, debtor, { wide: true })) === undefined) return;
    this.notices.done(this.t('arrears.agreed'));
    this.list.reload();
  }

  protected async end(agreement: ArrearsAgreement, forgiving: boolean): Promise<void> {
    const rest = this.formats.money(agreement.restMicros);
    const way = forgiving ? 'write-down' : 'end';
    const question: ReasonQuestion = {
      heading: this.t(`arrears.${way}-of`, { name: agreement.tenantName }),
      text: this.t(`arrears.${way}.text`, { amount: rest }),
      label: this.t(`arrears.${way}`),
      ...(forgiving ? { amountMicros: agreement.restMicros } : {}),
      send: (answer, key) =>
        this.api.endArrears(this.site.projectId() ?? '', agreement.agreementId, answer, key),
    };
    if ((await this.dialogs.open(ReasonDialog, question)) === undefined) return;
    this.notices.done(this.t(`arrears.${way}.done`));
    this.list.reload();
  }

  protected save(): void {
    const rows = this.list.value()?.agreements ?? [];
    const columns = ['energy.tenant', 'arrears.state', 'arrears.amount', 'arrears.rest', 'arrears.overdue'];
    const caption = this.t('page.arrears');
    const csv = csvOf({
      caption,
      columns: columns.map((label) => ({ label: this.t(label) })),
      rows: rows.map((row) => [
        textCell(row.tenantName),
        textCell(this.t(`arrears.state.${row.state}`)),
        ...[row.amountMicros, row.restMicros, row.overdueMicros].map((micros) =>
          numberCell('', micros / 1_000_000),
        ),
      ]),
    });
    download('arrears.csv', csv);
  }
}
