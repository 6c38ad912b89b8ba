// SPDX-License-Identifier: Apache-2.0
import { Component, computed, inject, input, output } from '@angular/core';
import { Answer } from '../api/answer.ts';
import { command } from '../api/command.ts';
import { CreditApi } from '../api/credit-api.ts';
import { ask } from '../api/question.ts';
import { Formats } from '../format/formats.ts';
import { Dialogs } from '../look/dialogs.ts';
import { FaultNote } from '../look/fault-note.ts';
import { Icon } from '../look/icon.ts';
import { Notices } from '../notices/notices.ts';
import { Site } from '../session/site.ts';
import { Words } from '../words/words.ts';
import { ArrearsDialog } from './arrears-dialog.ts';

/** Everything between the balance and the dark: emergency credit, protection at present, arrears by agreement. */
@Component({
  selector: 'wl-credit-card',
  imports: [Answer, FaultNote, Icon],
  templateUrl: './credit-card.html',
  styles: `
    .line {
      display: flex;
      flex-wrap: wrap;
      gap: 8px;
      align-items: center;
      justify-content: space-between;
    }
    :host {
      display: block;
      margin-top: var(--s4);
    }
    section {
      display: grid;
      gap: 10px;
      padding: var(--s4);
    }
  `,
})
export class CreditCard {
  readonly account = input.required<{
    readonly accountId: string;
    readonly tenantName: string;
    readonly state: 'open' | 'closed';
    readonly balanceMicros: number;
  }>();
  readonly changed = output();
  private readonly api = inject(CreditApi);
  private readonly dialogs = inject(Dialogs);
  private readonly notices = inject(Notices);
  protected readonly site = inject(Site);
  protected readonly formats = inject(Formats);
  protected readonly t = inject(Words).t;
  protected readonly command = command();
  protected readonly credit = ask({
    params: () => {
      const projectId = this.site.projectId();
      // The balance is part of the question: what is left follows every charge.
      const { accountId, balanceMicros } = this.account();
      return projectId === null ? undefined : { projectId, accountId, balanceMicros };
    },
    load: ({ projectId, accountId }, abort) => this.api.credit(projectId, accountId, abort),
    subject: ({ accountId }) => accountId,
  });
  protected readonly active = computed(() =>
    this.credit.value()?.agreements.find((agreement) => agreement.state === 'active'),
  );

  protected shareText(sharePpm: number): string {
    const percent = sharePpm / 10_000;
    return this.formats.decimal(percent, Number.isInteger(percent) ? 0 : 2);
  }

  protected async take(): Promise<void> {
    const { accountId } = this.account();
    const taken = await this.command.run({ accountId }, (key) =>
      this.api.takeEmergency(this.site.projectId() ?? '', accountId, key),
    );
    if (taken === undefined) return;
    this.notices.done(this.t('emergency.taken'));
    this.credit.reload();
    this.changed.emit();
  }

  protected async agree(): Promise<void> {
    if ((await this.dialogs.open(ArrearsDialog, this.account(), { wide: true })) === undefined) return;
    this.notices.done(this.t('arrears.agreed'));
    this.credit.reload();
    this.changed.emit();
  }
}
