// SPDX-License-Identifier: Apache-2.0
import { Component, computed, inject, input } from '@angular/core';
import type { Shift } from '@wattledger/contracts/http/billing';
import { Formats } from '../../format/formats.ts';
import { Logo } from '../../look/logo.ts';
import { Site } from '../../session/site.ts';
import { Words } from '../../words/words.ts';

/** What happened in a shift and how its drawer was counted: on the screen and on paper. */
@Component({
  selector: 'wl-shift-slip',
  imports: [Logo],
  template: `
    <article class="receipt">
      <header>
        <wl-logo />
        <div>
          <p class="title">{{ t('shift.number', { number: shift().shiftNumber }) }}</p>
          <p>{{ site.project()?.name }}</p>
        </div>
      </header>
      <dl>
        @for (row of rows(); track $index) {
          <div [class.strong]="row.strong">
            <dt>{{ row.label }}</dt>
            <dd>{{ row.value }}</dd>
          </div>
        }
      </dl>
      <footer>
        <span class="sign">{{ t('shift.signed.cashier') }}</span>
        <span class="sign">{{ t('shift.signed.finance') }}</span>
      </footer>
    </article>
  `,
  styles: `
    .receipt {
      padding: 18px;
      border: 1px dashed var(--line-strong);
      border-radius: var(--radius);
      background: var(--surface);
    }
    header {
      display: flex;
      justify-content: space-between;
      gap: 12px;
      padding-bottom: 10px;
      border-bottom: 1px solid var(--line);
      text-align: right;
    }
    .title {
      font-weight: 600;
    }
    dl {
      padding: 10px 0;
    }
    dl > div {
      display: flex;
      justify-content: space-between;
      gap: 16px;
      padding: 3px 0;
    }
    dt {
      color: var(--ink-3);
    }
    dd {
      font-variant-numeric: tabular-nums;
      text-align: right;
    }
    dl .strong {
      padding: 6px 0;
      font-weight: 600;
    }
    footer {
      display: flex;
      gap: 24px;
      padding-top: 34px;
      color: var(--ink-3);
      font-size: var(--t-s);
    }
    .sign {
      flex: 1;
      padding-top: 4px;
      border-top: 1px solid var(--line-strong);
    }
    @media print {
      .receipt {
        width: 120mm;
        break-inside: avoid;
      }
    }
  `,
})
export class ShiftSlip {
  readonly shift = input.required<Shift>();
  protected readonly site = inject(Site);
  private readonly formats = inject(Formats);
  protected readonly t = inject(Words).t;
  protected readonly rows = computed(() => {
    const shift = this.shift();
    const { closing } = shift;
    const row = (label: string, value: string, strong = false) => ({ label, value, strong });
    const money = (label: string, micros: number, strong = false) =>
      row(this.t(label), this.formats.money(micros), strong);
    return [
      row(this.t('receipt.cashier'), shift.cashier.name),
      row(this.t('shift.opened'), this.formats.instant(shift.openedAtMs)),
      ...(closing === null
        ? []
        : [
            row(this.t('shift.closed'), this.formats.instant(closing.closedAtMs)),
            row(this.t('shift.closed-by'), closing.closedBy.name),
          ]),
      money('shift.float', shift.float.amountMicros),
      ...shift.means.flatMap((means) => this.rowsOf(means)),
      ...shift.handIns.map((handIn) =>
        row(`${this.t('shift.handed-in')} · ${handIn.note}`, this.formats.money(-handIn.amountMicros)),
      ),
      money('shift.expected', shift.expectedCashMicros, true),
      ...(closing === null
        ? []
        : [
            money('shift.counted', closing.countedMicros),
            money('shift.difference', closing.differenceMicros, true),
            ...(closing.differenceReason === null
              ? []
              : [row(this.t('shift.reason'), closing.differenceReason)]),
            ...closing.slips.map(({ means, slips, amountMicros }) =>
              row(
                this.t('shift.slips', {
                  means: this.t(`means.${means}`),
                  count: this.formats.count(slips),
                }),
                this.formats.money(amountMicros),
              ),
            ),
          ]),
    ];
  });

  private rowsOf(means: Shift['means'][number]) {
    const name = this.t(`means.${means.means}`);
    const part = (label: string, count: number, micros: number) =>
      count === 0
        ? []
        : [
            {
              label: this.t(label, { means: name, count: this.formats.count(count) }),
              value: this.formats.money(micros),
              strong: false,
            },
          ];
    return [
      ...part('shift.received', means.vends, means.receivedMicros),
      ...part('shift.reversed', means.reversals, -means.reversedMicros),
      ...part('shift.refunded', means.refunds, -means.refundedMicros),
    ];
  }
}
