// SPDX-License-Identifier: Apache-2.0
import { Component, inject, signal } from '@angular/core';
import { DIALOG_DATA, DialogRef } from '@angular/cdk/dialog';
import type { AccountDetail } from '@wattledger/contracts/http/billing';
import { AccountsApi } from '../../api/accounts-api.ts';
import { command } from '../../api/command.ts';
import { DialogButtons } from '../../look/dialog-buttons.ts';
import { DialogFrame } from '../../look/dialog-frame.ts';
import { FaultNote } from '../../look/fault-note.ts';
import { Site } from '../../session/site.ts';
import { Words } from '../../words/words.ts';

/** Suspends an account, or resumes one that is suspended; with a reason that is kept. */
@Component({
  selector: 'wl-suspend-dialog',
  imports: [DialogButtons, DialogFrame, FaultNote],
  template: `
    <wl-dialog-frame [heading]="t(resumes ? 'resume.title' : 'suspend.title', { name: account.tenantName })">
      <p>{{ t(resumes ? 'resume.text' : 'suspend.text') }}</p>
      <label class="field">
        <span class="label">{{ t('reversal.reason') }}</span>
        <input
          #reasonBox
          class="input"
          maxlength="500"
          [value]="reason()"
          (input)="reason.set(reasonBox.value)"
        />
      </label>
      <wl-fault-note [fault]="command.fault()" />
      <wl-dialog-buttons
        foot
        [label]="t(resumes ? 'resume.do' : 'suspend.do')"
        [danger]="!resumes"
        [disabled]="reason().trim() === '' || command.busy()"
        (confirmed)="save()"
      />
    </wl-dialog-frame>
  `,
})
export class SuspendDialog {
  private readonly accounts = inject(AccountsApi);
  private readonly site = inject(Site);
  protected readonly account = inject<AccountDetail>(DIALOG_DATA);
  protected readonly dialog = inject<DialogRef<AccountDetail>>(DialogRef);
  protected readonly t = inject(Words).t;
  protected readonly resumes = this.account.suspendedSinceMs !== null;
  protected readonly reason = signal('');
  protected readonly command = command();

  protected async save(): Promise<void> {
    const body = { reason: this.reason().trim() };
    const send = this.resumes ? this.accounts.resume : this.accounts.suspend;
    const account = await this.command.run(body, (key) =>
      send(this.site.projectId() ?? '', this.account.accountId, body, key),
    );
    if (account !== undefined) this.dialog.close(account);
  }
}
