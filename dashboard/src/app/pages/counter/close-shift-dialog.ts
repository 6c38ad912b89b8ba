// SPDX-License-Identifier: Apache-2.0
import { Component, computed, inject, signal } from '@angular/core';
import { DIALOG_DATA, DialogRef } from '@angular/cdk/dialog';
import type { CloseShiftBody, CounterMeans, Shift } from '@wattledger/contracts/http/billing';
import { command } from '../../api/command.ts';
import { CounterApi } from '../../api/counter-api.ts';
import { Formats } from '../../format/formats.ts';
import { DialogFrame } from '../../look/dialog-frame.ts';
import { FaultNote } from '../../look/fault-note.ts';
import { Icon } from '../../look/icon.ts';
import { DocumentLink } from '../../money/document-link.ts';
import { MoneyInput } from '../../money/money-input.ts';
import { Site } from '../../session/site.ts';
import { Words } from '../../words/words.ts';
import { CashCount, type CountedCash } from './cash-count.ts';
import { ShiftSlip } from './shift-slip.ts';

type SlipMeans = Exclude<CounterMeans, 'cash'>;
interface Slips {
  readonly means: SlipMeans;
  readonly slips: number;
  readonly recordedMicros: number;
}

/** The day's end: count first, then see what was expected, then close for ever. */
@Component({
  selector: 'wl-close-shift-dialog',
  imports: [CashCount, DialogFrame, DocumentLink, FaultNote, Icon, MoneyInput, ShiftSlip],
  templateUrl: './close-shift-dialog.html',
})
export class CloseShiftDialog {
  private readonly counter = inject(CounterApi);
  private readonly site = inject(Site);
  protected readonly shift = inject<Shift>(DIALOG_DATA);
  protected readonly dialog = inject<DialogRef<Shift>>(DialogRef);
  protected readonly formats = inject(Formats);
  protected readonly t = inject(Words).t;
  protected readonly step = signal<'count' | 'confirm' | 'slip'>('count');
  protected readonly cash = signal<CountedCash | null>(null);
  protected readonly reason = signal('');
  protected readonly counted = signal<ReadonlyMap<SlipMeans, number | null>>(new Map());
  protected readonly closed = signal<Shift | null>(null);
  protected readonly command = command();
  protected readonly slips = computed((): readonly Slips[] =>
    this.shift.means.flatMap((row) =>
      // Taken and taken back: nothing is left to count.
      row.means === 'cash' || row.vends === row.reversals
        ? []
        : [
            {
              means: row.means,
              slips: row.vends - row.reversals,
              recordedMicros: row.receivedMicros - row.reversedMicros - row.refundedMicros,
            },
          ],
    ),
  );
  protected readonly differenceMicros = computed(
    () => (this.cash()?.amountMicros ?? 0) - this.shift.expectedCashMicros,
  );
  protected readonly ready = computed(
    () => this.cash() !== null && (this.differenceMicros() === 0 || this.reason().trim() !== ''),
  );

  protected countSlips(means: SlipMeans, micros: number | null): void {
    this.counted.set(new Map([...this.counted(), [means, micros]]));
  }

  protected async close(): Promise<void> {
    const cash = this.cash();
    if (cash === null) return;
    const reason = this.reason().trim();
    const body: CloseShiftBody = {
      cash,
      slips: this.slips().flatMap(({ means, slips }) => {
        const amountMicros = this.counted().get(means) ?? null;
        return amountMicros === null ? [] : [{ means, slips: Math.max(0, slips), amountMicros }];
      }),
      ...(this.differenceMicros() === 0 ? {} : { differenceReason: reason }),
    };
    const shift = await this.command.run(body, (key) =>
      this.counter.closeShift(this.site.projectId() ?? '', this.shift.shiftId, body, key),
    );
    if (shift === undefined) return;
    this.closed.set(shift);
    this.step.set('slip');
  }
}
