// SPDX-License-Identifier: Apache-2.0
import { Component, computed, inject, input } from '@angular/core';
import { command } from '../api/command.ts';
import { MeterPrepaymentApi } from '../api/meter-prepayment-api.ts';
import { ask } from '../api/question.ts';
import { Formats } from '../format/formats.ts';
import { Dialogs } from '../look/dialogs.ts';
import { FaultNote } from '../look/fault-note.ts';
import { TableBox } from '../look/table-box.ts';
import { Notices } from '../notices/notices.ts';
import { Site } from '../session/site.ts';
import { Words } from '../words/words.ts';
import { MeterSideDialog } from './meter-side-dialog.ts';

/** Where an account's balance is kept: in the ledger, or in the meter, with the credits on their way there. */
@Component({
  selector: 'wl-meter-prepayment-card',
  imports: [FaultNote, TableBox],
  templateUrl: './meter-prepayment-card.html',
  styles: `
    :host {
      display: block;
      margin-top: var(--s4);
    }
    section {
      display: grid;
      gap: 10px;
      padding: var(--s4);
    }
    .line {
      display: flex;
      flex-wrap: wrap;
      gap: 8px;
      align-items: center;
      justify-content: space-between;
    }
  `,
})
export class MeterPrepaymentCard {
  readonly account = input.required<{
    readonly accountId: string;
    readonly state: 'open' | 'closed';
    readonly balanceMicros: number;
  }>();
  private readonly api = inject(MeterPrepaymentApi);
  private readonly dialogs = inject(Dialogs);
  private readonly notices = inject(Notices);
  protected readonly site = inject(Site);
  protected readonly formats = inject(Formats);
  protected readonly t = inject(Words).t;
  protected readonly command = command();
  private readonly params = () => {
    const projectId = this.site.projectId();
    // The balance is part of the question: a top up may have made a credit.
    const { accountId, balanceMicros } = this.account();
    return projectId === null ? undefined : { projectId, accountId, balanceMicros };
  };
  protected readonly view = ask({
    params: this.params,
    load: ({ projectId, accountId }, abort) => this.api.view(projectId, accountId, abort),
    subject: ({ accountId }) => accountId,
  });
  protected readonly credits = ask({
    params: this.params,
    load: ({ projectId, accountId }, abort) => this.api.credits(projectId, accountId, abort),
    subject: ({ accountId }) => accountId,
  });
  protected readonly meterSide = computed(
    () =>
      this.view.value()?.points.some((point) => point.meterSide !== null) === true ||
      (this.credits.value()?.credits.length ?? 0) > 0,
  );

  protected async change(): Promise<void> {
    const [point] = this.view.value()?.points ?? [];
    if (point === undefined) return;
    const { accountId } = this.account();
    if ((await this.dialogs.open(MeterSideDialog, { accountId, point })) === undefined) return;
    this.notices.done(this.t('meter-side.changed'));
    this.view.reload();
  }

  protected async retry(meterCreditId: string): Promise<void> {
    const sent = await this.command.run({ meterCreditId }, (key) =>
      this.api.retry(this.site.projectId() ?? '', this.account().accountId, meterCreditId, key),
    );
    if (sent !== undefined) this.credits.reload();
  }
}
