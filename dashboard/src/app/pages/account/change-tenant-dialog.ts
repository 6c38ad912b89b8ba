// SPDX-License-Identifier: Apache-2.0
import { Component, computed, inject, signal } from '@angular/core';
import { DIALOG_DATA, DialogRef } from '@angular/cdk/dialog';
import {
  paymentMeans,
  type AccountDetail,
  type PaymentMeans,
  type TenantChangeAnswer,
  type TenantChangeBody,
} from '@wattledger/contracts/http/billing';
import { AccountsApi } from '../../api/accounts-api.ts';
import { command } from '../../api/command.ts';
import { ask } from '../../api/question.ts';
import { Clock } from '../../clock/clock.ts';
import { DialogButtons } from '../../look/dialog-buttons.ts';
import { DialogFrame } from '../../look/dialog-frame.ts';
import { FaultNote } from '../../look/fault-note.ts';
import { SearchPicker, type PickerItem } from '../../look/search-picker.ts';
import { ClosingFigures } from '../../money/closing-figures.ts';
import { MoneyInput } from '../../money/money-input.ts';
import { Registers, registersQuestion } from '../../money/registers.ts';
import { instantOfLocalField, localFieldValue, slotBoundaryBefore } from '../../money/slot-time.ts';
import { Site } from '../../session/site.ts';
import { Words } from '../../words/words.ts';

/** The old tenant's account ends and the next one's begins at one instant, with the same points and prices. */
@Component({
  selector: 'wl-change-tenant-dialog',
  imports: [ClosingFigures, DialogButtons, DialogFrame, FaultNote, MoneyInput, Registers, SearchPicker],
  templateUrl: './change-tenant-dialog.html',
})
export class ChangeTenantDialog {
  private readonly accounts = inject(AccountsApi);
  protected readonly site = inject(Site);
  protected readonly account = inject<AccountDetail>(DIALOG_DATA);
  protected readonly dialog = inject<DialogRef<TenantChangeAnswer>>(DialogRef);
  protected readonly t = inject(Words).t;
  private readonly slotMinutes = this.site.tree.value()?.project.slotMinutes ?? 30;
  protected readonly slotSeconds = this.slotMinutes * 60;
  protected readonly latest = localFieldValue(
    slotBoundaryBefore(inject(Clock).exactMs(), this.slotMinutes),
    this.account.zone,
  );
  protected readonly meansOffered = paymentMeans;
  protected readonly rests = ['refund', 'carry-over'] as const;
  protected readonly pointIds = this.account.points.map((point) => point.meteringPointId);
  protected readonly tenantId = signal<string | null>(null);
  protected readonly at = signal(this.latest);
  protected readonly reason = signal('');
  protected readonly rest = signal<'refund' | 'carry-over'>('refund');
  protected readonly means = signal<PaymentMeans>('cash');
  protected readonly accepted = signal(false);
  protected readonly firstAmount = signal<number | null>(null);
  protected readonly command = command();
  protected readonly atMs = computed(() => instantOfLocalField(this.at(), this.account.zone));
  protected readonly tenants = computed<readonly PickerItem[]>(() =>
    (this.site.tree.value()?.tenants ?? [])
      .filter((tenant) => tenant.id !== this.account.tenantId)
      .map((tenant) => ({
        id: tenant.id,
        label: tenant.name,
        detail: tenant.code,
        icon: 'user',
        group: this.t('energy.tenant'),
      })),
  );
  protected readonly preview = ask({
    params: () => this.atMs() ?? undefined,
    load: (atMs) => this.accounts.closePreview(this.site.projectId() ?? '', this.account.accountId, atMs),
  });
  protected readonly registers = registersQuestion(() => {
    const atMs = this.atMs();
    return atMs === null ? undefined : { pointIds: this.pointIds, atMs };
  });
  /** Something is left to be accepted: a point not read yet, or money still expected. */
  protected readonly open = computed(() => {
    const seen = this.preview.value();
    return (
      seen !== undefined &&
      (seen.obstacles.some(({ kind }) => kind === 'payment-pending') ||
        seen.points.some((point) => !point.complete))
    );
  });
  protected readonly body = computed<TenantChangeBody | null>(() => {
    const [tenantId, atMs] = [this.tenantId(), this.atMs()];
    const reason = this.reason().trim();
    if (tenantId === null || atMs === null || reason === '' || (this.open() && !this.accepted())) return null;
    const amountMicros = this.firstAmount() ?? 0;
    return {
      tenantId,
      atMs,
      reason,
      rest: this.rest(),
      refundMeans: this.means(),
      acceptIncomplete: this.accepted(),
      acceptObstacles: this.accepted(),
      readings: [...(this.registers.value() ?? [])],
      ...(amountMicros > 0 ? { firstVend: { amountMicros, means: this.means() } } : {}),
    };
  });

  protected async save(): Promise<void> {
    const body = this.body();
    if (body === null) return;
    const answer = await this.command.run(body, (key) =>
      this.accounts.changeTenant(this.site.projectId() ?? '', this.account.accountId, body, key),
    );
    if (answer !== undefined) this.dialog.close(answer);
  }
}
