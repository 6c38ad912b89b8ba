// SPDX-License-Identifier: Apache-2.0
import { Component, inject, input } from '@angular/core';
import type { ClosePreview } from '@wattledger/contracts/http/billing';
import { Formats } from '../format/formats.ts';
import { Icon } from '../look/icon.ts';
import { Words } from '../words/words.ts';

/** What closing would do to the money, and what would be left hanging. */
@Component({
  selector: 'wl-closing-figures',
  imports: [Icon],
  template: `
    <dl class="facts">
      <div>
        <dt>{{ t('close-account.balance-now') }}</dt>
        <dd>{{ formats.money(preview().balanceMicros) }}</dd>
      </div>
      <div>
        <dt>{{ t('close-account.final-charge') }}</dt>
        <dd>{{ formats.money(preview().finalChargeMicros) }}</dd>
      </div>
      <div>
        <dt>{{ t('close-account.final-balance') }}</dt>
        <dd>{{ formats.money(preview().finalBalanceMicros) }}</dd>
      </div>
      @if (preview().arrearsMicros > 0) {
        <div>
          <dt>{{ t('close-account.arrears') }}</dt>
          <dd>{{ formats.money(-preview().arrearsMicros) }}</dd>
        </div>
      }
      @if (preview().refundMicros > 0) {
        <div>
          <dt>{{ t(restLabel()) }}</dt>
          <dd>{{ formats.money(preview().refundMicros) }}</dd>
        </div>
      }
      @if (preview().owedMicros > 0) {
        <div>
          <dt>{{ t('close-account.owed') }}</dt>
          <dd>{{ formats.money(preview().owedMicros) }}</dd>
        </div>
      }
    </dl>
    @for (obstacle of preview().obstacles; track $index) {
      <p class="note warn">
        <wl-icon name="warning" />{{
          t('obstacle.' + obstacle.kind, {
            amount: formats.money(obstacle.amountMicros),
            reference: obstacle.reference ?? '–',
          })
        }}
      </p>
    }
  `,
})
export class ClosingFigures {
  readonly preview = input.required<ClosePreview>();
  /** What becomes of a credit. */
  readonly restLabel = input('close-account.refund');
  protected readonly formats = inject(Formats);
  protected readonly t = inject(Words).t;
}
