// SPDX-License-Identifier: Apache-2.0
import { Component, computed, inject, input } from '@angular/core';
import { CreditApi } from '../api/credit-api.ts';
import { ask } from '../api/question.ts';
import { Formats } from '../format/formats.ts';
import { Site } from '../session/site.ts';
import { Words } from '../words/words.ts';

/** How a top-up would be divided; nothing where all of it goes to the balance. */
@Component({
  selector: 'wl-allocation-preview',
  template: `
    @if (divided(); as it) {
      <dl class="facts" [attr.aria-label]="t('allocation.title')">
        @if (it.parts.arrearsMicros > 0) {
          <div>
            <dt>{{ t('receipt.arrears') }}</dt>
            <dd>{{ formats.money(it.parts.arrearsMicros) }}</dd>
          </div>
        }
        @if (it.parts.emergencyMicros > 0) {
          <div>
            <dt>{{ t('receipt.emergency') }}</dt>
            <dd>{{ formats.money(it.parts.emergencyMicros) }}</dd>
          </div>
        }
        <div>
          <dt>{{ t('receipt.to-balance') }}</dt>
          <dd>{{ formats.money(it.parts.balanceMicros) }}</dd>
        </div>
      </dl>
    }
  `,
})
export class AllocationPreviewView {
  // Not required: a template may ask `divided` before it has bound them.
  readonly accountId = input('');
  readonly amountMicros = input<number | null>(null);
  private readonly credit = inject(CreditApi);
  private readonly site = inject(Site);
  protected readonly formats = inject(Formats);
  protected readonly t = inject(Words).t;
  private readonly preview = ask({
    params: () => {
      const [projectId, amountMicros] = [this.site.projectId(), this.amountMicros()];
      return projectId === null || amountMicros === null || amountMicros <= 0
        ? undefined
        : { projectId, accountId: this.accountId(), amountMicros };
    },
    load: ({ projectId, accountId, amountMicros }, abort) =>
      this.credit.preview(projectId, accountId, amountMicros, abort),
    subject: ({ accountId }) => accountId,
  });
  /** Null where nothing but the balance receives of it. */
  readonly divided = computed(() => {
    const found = this.preview.value();
    if (found === undefined || found.amountMicros !== this.amountMicros()) return null;
    return found.parts.balanceMicros === found.amountMicros ? null : found;
  });
}
