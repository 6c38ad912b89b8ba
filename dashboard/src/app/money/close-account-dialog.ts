// SPDX-License-Identifier: Apache-2.0
import { Component, computed, inject, signal } from '@angular/core';
import { DIALOG_DATA, DialogRef } from '@angular/cdk/dialog';
import type {
  AccountDetail,
  CloseAccountAnswer,
  CloseAccountBody,
  PaymentMeans,
} from '@wattledger/contracts/http/billing';
import { BillingApi } from '../api/billing-api.ts';
import { command } from '../api/command.ts';
import { Clock } from '../clock/clock.ts';
import { Formats } from '../format/formats.ts';
import { DialogFrame } from '../look/dialog-frame.ts';
import { FaultNote } from '../look/fault-note.ts';
import { Icon } from '../look/icon.ts';
import { Site } from '../session/site.ts';
import { Words } from '../words/words.ts';
import { instantOfLocalField, localFieldValue, slotBoundaryBefore } from './slot-time.ts';

/** Final charge, refund, end of the account. Names the account and says what will happen before it does. */
@Component({
  selector: 'wl-close-account-dialog',
  imports: [DialogFrame, FaultNote, Icon],
  templateUrl: './close-account-dialog.html',
})
export class CloseAccountDialog {
  private readonly billing = inject(BillingApi);
  private readonly site = inject(Site);
  protected readonly account = inject<AccountDetail>(DIALOG_DATA);
  protected readonly dialog = inject<DialogRef<CloseAccountAnswer>>(DialogRef);
  protected readonly formats = inject(Formats);
  protected readonly t = inject(Words).t;
  private readonly slotMinutes = this.site.tree.value()?.project.slotMinutes ?? 30;
  private readonly now = slotBoundaryBefore(inject(Clock).exactMs(), this.slotMinutes);
  protected readonly slotSeconds = this.slotMinutes * 60;
  protected readonly latest = localFieldValue(this.now, this.account.zone);
  protected readonly at = signal(this.latest);
  protected readonly reason = signal('');
  protected readonly means = signal<PaymentMeans>('cash');
  protected readonly acceptIncomplete = signal(false);
  protected readonly meansOffered: readonly PaymentMeans[] = ['cash', 'card', 'transfer'];
  protected readonly answer = signal<CloseAccountAnswer | null>(null);
  protected readonly command = command();
  protected readonly closedAtMs = computed(() => instantOfLocalField(this.at(), this.account.zone));
  protected readonly ready = computed(() => this.reason().trim() !== '' && this.closedAtMs() !== null);

  protected async save(): Promise<void> {
    const closedAtMs = this.closedAtMs();
    if (closedAtMs === null) return;
    const body: CloseAccountBody = {
      closedAtMs,
      reason: this.reason().trim(),
      refundMeans: this.means(),
      acceptIncomplete: this.acceptIncomplete(),
    };
    const answer = await this.command.run(body, (key) =>
      this.billing.closeAccount(this.site.projectId() ?? '', this.account.accountId, body, key),
    );
    if (answer !== undefined) this.answer.set(answer);
  }
}
