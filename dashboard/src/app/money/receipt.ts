// SPDX-License-Identifier: Apache-2.0
import { Component, computed, inject, input } from '@angular/core';
import type { Vend } from '@wattledger/contracts/http/billing';
import { Formats } from '../format/formats.ts';
import { Logo } from '../look/logo.ts';
import { Site } from '../session/site.ts';
import { Words } from '../words/words.ts';
import { MeterToken } from './meter-token.ts';

/** What a top-up says on the screen. Its paper is its document. */
@Component({
  selector: 'wl-receipt',
  imports: [Logo, MeterToken],
  template: `
    <article class="receipt">
      <header>
        <wl-logo />
        <div>
          <p class="title">{{ t('receipt.title') }}</p>
          <p>{{ t('receipt.number', { number: vend().receiptNumber }) }}</p>
        </div>
      </header>
      @if (vend().reversal; as reversal) {
        <p class="reversed">
          {{
            t('receipt.reversed', { time: formats.instant(reversal.recordedAtMs), reason: reversal.reason })
          }}
        </p>
      }
      <dl>
        @for (row of rows(); track row.label) {
          <div [class.strong]="row.strong">
            <dt>{{ row.label }}</dt>
            <dd>{{ row.value }}</dd>
          </div>
        }
      </dl>
      <wl-meter-token [vend]="vend()" />
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
      padding-bottom: 12px;
      border-bottom: 1px solid var(--line);
    }
    header div {
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
      padding: 8px 0;
      font-size: 18px;
      font-weight: 600;
    }
    .reversed {
      margin-top: 10px;
      color: var(--bad);
      font-weight: 600;
    }
    @media print {
      .receipt {
        width: 120mm;
        break-inside: avoid;
      }
    }
  `,
})
export class Receipt {
  readonly vend = input.required<Vend>();
  private readonly site = inject(Site);
  protected readonly formats = inject(Formats);
  protected readonly t = inject(Words).t;
  protected readonly rows = computed(() => {
    const vend = this.vend();
    const row = (label: string, value: string, strong = false) => ({ label: this.t(label), value, strong });
    return [
      row('frame.project', this.site.project()?.name ?? ''),
      row('energy.tenant', vend.tenantName),
      row('receipt.amount', this.formats.money(vend.amountMicros), true),
      ...(vend.parts.arrearsMicros > 0
        ? [row('receipt.arrears', this.formats.money(vend.parts.arrearsMicros))]
        : []),
      ...(vend.parts.emergencyMicros > 0
        ? [row('receipt.emergency', this.formats.money(vend.parts.emergencyMicros))]
        : []),
      row('receipt.to-balance', this.formats.money(vend.parts.balanceMicros)),
      row('receipt.balance-after', this.formats.money(vend.balanceAfterMicros)),
      row('receipt.means', this.t(`means.${vend.means}`)),
      ...(vend.reference === null ? [] : [row('receipt.reference', vend.reference)]),
      ...(vend.drawerBank === null ? [] : [row('receipt.drawer-bank', vend.drawerBank)]),
      ...(vend.receivedMicros === null
        ? []
        : [
            row('receipt.received', this.formats.money(vend.receivedMicros)),
            row('receipt.change', this.formats.money(vend.receivedMicros - vend.amountMicros)),
          ]),
      row('receipt.cashier', vend.cashier.name),
      ...(vend.shiftNumber === null ? [] : [row('shifts.number', String(vend.shiftNumber))]),
      row('receipt.time', this.formats.instant(vend.effectiveAtMs, 'date-time-seconds')),
    ];
  });
}
