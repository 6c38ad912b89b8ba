// SPDX-License-Identifier: Apache-2.0
import { Component, inject, signal } from '@angular/core';
import { DialogRef } from '@angular/cdk/dialog';
import type { Shift } from '@wattledger/contracts/http/billing';
import { command } from '../../api/command.ts';
import { CounterApi } from '../../api/counter-api.ts';
import { DialogButtons } from '../../look/dialog-buttons.ts';
import { DialogFrame } from '../../look/dialog-frame.ts';
import { FaultNote } from '../../look/fault-note.ts';
import { Site } from '../../session/site.ts';
import { Words } from '../../words/words.ts';
import { CashCount, type CountedCash } from './cash-count.ts';

/** What lies in the drawer before the first customer. */
@Component({
  selector: 'wl-open-shift-dialog',
  imports: [CashCount, DialogButtons, DialogFrame, FaultNote],
  template: `
    <wl-dialog-frame [heading]="t('shift.open.title')">
      <p class="muted">{{ t('shift.open.text') }}</p>
      <wl-cash-count [label]="t('shift.float')" [(cash)]="cash" />
      <wl-fault-note [fault]="command.fault()" />
      <wl-dialog-buttons
        foot
        [label]="t('shift.open.do')"
        [disabled]="cash() === null || command.busy()"
        (confirmed)="open()"
      />
    </wl-dialog-frame>
  `,
})
export class OpenShiftDialog {
  private readonly counter = inject(CounterApi);
  private readonly site = inject(Site);
  private readonly dialog = inject<DialogRef<Shift>>(DialogRef);
  protected readonly t = inject(Words).t;
  protected readonly cash = signal<CountedCash | null>(null);
  protected readonly command = command();

  protected async open(): Promise<void> {
    const float = this.cash();
    if (float === null) return;
    const body = { float };
    const shift = await this.command.run(body, (key) =>
      this.counter.openShift(this.site.projectId() ?? '', body, key),
    );
    if (shift !== undefined) this.dialog.close(shift);
  }
}
