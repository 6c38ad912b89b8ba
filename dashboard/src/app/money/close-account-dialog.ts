// SPDX-License-Identifier: Apache-2.0
import { Component, computed, inject, signal } from '@angular/core';
import { DIALOG_DATA, DialogRef } from '@angular/cdk/dialog';
import { RouterLink } from '@angular/router';
import {
  paymentMeans,
  type AccountDetail,
  type CloseAccountAnswer,
  type CloseAccountBody,
  type PaymentMeans,
} from '@wattledger/contracts/http/billing';
import { AccountsApi } from '../api/accounts-api.ts';
import { BillingApi } from '../api/billing-api.ts';
import { command } from '../api/command.ts';
import { MeteringApi } from '../api/metering-api.ts';
import { ask } from '../api/question.ts';
import { Clock } from '../clock/clock.ts';
import { Formats } from '../format/formats.ts';
import { DialogFrame } from '../look/dialog-frame.ts';
import { FaultNote } from '../look/fault-note.ts';
import { Icon } from '../look/icon.ts';
import { Notices } from '../notices/notices.ts';
import { Site } from '../session/site.ts';
import { Words } from '../words/words.ts';
import { ClosingFigures } from './closing-figures.ts';
import { Registers, registersQuestion } from './registers.ts';
import { instantOfLocalField, localFieldValue, slotBoundaryBefore } from './slot-time.ts';

/** Final charge, refund, end of the account. Names the account and says what will happen before it does. */
@Component({
  selector: 'wl-close-account-dialog',
  imports: [ClosingFigures, DialogFrame, FaultNote, Icon, Registers, RouterLink],
  templateUrl: './close-account-dialog.html',
  styles: `
    .document {
      display: inline-flex;
      gap: 6px;
      align-items: center;
    }
  `,
})
export class CloseAccountDialog {
  private readonly accounts = inject(AccountsApi);
  private readonly billing = inject(BillingApi);
  private readonly metering = inject(MeteringApi);
  private readonly notices = inject(Notices);
  protected readonly site = inject(Site);
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
  protected readonly acceptObstacles = signal(false);
  protected readonly meansOffered = paymentMeans;
  protected readonly answer = signal<CloseAccountAnswer | null>(null);
  protected readonly command = command();
  protected readonly closedAtMs = computed(() => instantOfLocalField(this.at(), this.account.zone));
  protected readonly pointIds = this.account.points.map((point) => point.meteringPointId);

  protected readonly preview = ask({
    params: () => this.closedAtMs() ?? undefined,
    load: (closedAtMs) =>
      this.accounts.closePreview(this.site.projectId() ?? '', this.account.accountId, closedAtMs),
  });
  protected readonly registers = registersQuestion(() => {
    const atMs = this.closedAtMs();
    return atMs === null ? undefined : { pointIds: this.pointIds, atMs };
  });
  /** Points without a reading at or after the instant, and the meters that could be read now. */
  protected readonly unread = computed(() => {
    const open = new Set(
      (this.preview.value()?.points ?? [])
        .filter((point) => !point.complete)
        .map((point) => point.meteringPointId),
    );
    return this.account.points.filter((point) => open.has(point.meteringPointId));
  });
  /** Arrears and emergency credit are settled by the closing itself; money on its way would arrive too late. */
  protected readonly mustAccept = computed(
    () => this.preview.value()?.obstacles.some(({ kind }) => kind === 'payment-pending') ?? false,
  );
  protected readonly ready = computed(() => {
    const seen = this.preview.value();
    return (
      this.reason().trim() !== '' &&
      this.closedAtMs() !== null &&
      seen !== undefined &&
      (this.unread().length === 0 || this.acceptIncomplete()) &&
      (!this.mustAccept() || this.acceptObstacles())
    );
  });

  protected async readNow(): Promise<void> {
    const meters = new Set(this.unread().flatMap((point) => point.meters.map((meter) => meter.meterId)));
    try {
      for (const meterId of meters)
        await this.metering.readNow(this.site.projectId() ?? '', meterId, this.t('close-account.read-why'));
      this.notices.done(this.t('close-account.reading'));
    } catch (error) {
      this.notices.failed(error);
    }
  }

  protected async save(): Promise<void> {
    const closedAtMs = this.closedAtMs();
    if (closedAtMs === null) return;
    const body: CloseAccountBody = {
      closedAtMs,
      reason: this.reason().trim(),
      refundMeans: this.means(),
      acceptIncomplete: this.acceptIncomplete(),
      acceptObstacles: this.acceptObstacles(),
      readings: [...(this.registers.value() ?? [])],
    };
    const answer = await this.command.run(body, (key) =>
      this.billing.closeAccount(this.site.projectId() ?? '', this.account.accountId, body, key),
    );
    if (answer !== undefined) this.answer.set(answer);
  }
}
