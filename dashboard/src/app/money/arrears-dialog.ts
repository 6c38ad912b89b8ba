// SPDX-License-Identifier: Apache-2.0
import { Component, computed, inject, signal } from '@angular/core';
import { DIALOG_DATA, DialogRef } from '@angular/cdk/dialog';
import type { ArrearsAgreementBody } from '@wattledger/contracts/http/billing';
import { command } from '../api/command.ts';
import { CreditApi } from '../api/credit-api.ts';
import { Formats } from '../format/formats.ts';
import { DialogButtons } from '../look/dialog-buttons.ts';
import { DialogFrame } from '../look/dialog-frame.ts';
import { FaultNote } from '../look/fault-note.ts';
import { Icon } from '../look/icon.ts';
import { isDay } from '../selection/period.ts';
import { Site } from '../session/site.ts';
import { Words } from '../words/words.ts';
import { MoneyInput } from './money-input.ts';

export interface Debtor {
  readonly accountId: string;
  readonly tenantName: string;
  readonly balanceMicros: number;
}
type Text = 'holder' | 'signedBy' | 'reason' | 'evidence';

/** An agreement on how a debt is paid back from top ups. */
@Component({
  selector: 'wl-arrears-dialog',
  imports: [DialogButtons, DialogFrame, FaultNote, Icon, MoneyInput],
  templateUrl: './arrears-dialog.html',
})
export class ArrearsDialog {
  private readonly credit = inject(CreditApi);
  private readonly site = inject(Site);
  protected readonly debtor = inject<Debtor>(DIALOG_DATA);
  protected readonly dialog = inject<DialogRef<boolean>>(DialogRef);
  protected readonly formats = inject(Formats);
  protected readonly t = inject(Words).t;
  protected readonly owedMicros = Math.max(0, -this.debtor.balanceMicros);
  protected readonly origins = ['balance', 'brought'] as const;
  protected readonly origin = signal<'balance' | 'brought'>(this.owedMicros > 0 ? 'balance' : 'brought');
  protected readonly amount = signal<number | null>(this.owedMicros > 0 ? this.owedMicros : null);
  protected readonly percent = signal(25);
  protected readonly capPerVend = signal<number | null>(null);
  protected readonly capPerMonth = signal<number | null>(null);
  protected readonly instalments = signal<
    readonly { readonly dueDay: string; readonly micros: number | null }[]
  >([]);
  protected readonly texts = signal<Readonly<Record<Text, string>>>({
    holder: this.debtor.tenantName,
    signedBy: '',
    reason: '',
    evidence: '',
  });
  protected readonly fields = computed<readonly Text[]>(() => [
    'holder',
    'signedBy',
    'reason',
    ...(this.origin() === 'brought' ? (['evidence'] as const) : []),
  ]);
  protected readonly command = command();
  protected readonly body = computed<ArrearsAgreementBody | null>(() => {
    const [amountMicros, texts, instalments] = [this.amount(), this.texts(), this.instalments()];
    const sharePpm = Math.round(this.percent() * 10_000);
    const full =
      this.fields().every((field) => texts[field].trim() !== '') &&
      instalments.every(({ dueDay, micros }) => isDay(dueDay) && micros !== null && micros > 0);
    if (amountMicros === null || amountMicros <= 0 || !full || !(sharePpm >= 1 && sharePpm <= 1_000_000))
      return null;
    return {
      origin: this.origin(),
      amountMicros,
      sharePpm,
      capPerVendMicros: this.capPerVend(),
      capPerMonthMicros: this.capPerMonth(),
      instalments: instalments.map(({ dueDay, micros }) => ({ dueDay, amountMicros: micros ?? 0 })),
      holder: texts.holder.trim(),
      signedBy: texts.signedBy.trim(),
      reason: texts.reason.trim(),
      evidence: this.origin() === 'brought' ? texts.evidence.trim() : null,
    };
  });

  protected setText(field: Text, text: string): void {
    this.texts.update((texts) => ({ ...texts, [field]: text }));
  }
  protected addInstalment(): void {
    this.instalments.update((list) => [...list, { dueDay: '', micros: null }]);
  }
  protected setInstalment(index: number, change: { dueDay?: string; micros?: number | null }): void {
    this.instalments.update((list) =>
      list.map((one, other) => (other === index ? { ...one, ...change } : one)),
    );
  }
  protected removeInstalment(index: number): void {
    this.instalments.update((list) => list.filter((_, other) => other !== index));
  }

  protected async save(): Promise<void> {
    const body = this.body();
    if (body === null) return;
    const { accountId } = this.debtor;
    const made = await this.command.run(body, (key) =>
      this.credit.agree(this.site.projectId() ?? '', accountId, body, key),
    );
    if (made !== undefined) this.dialog.close(true);
  }
}
