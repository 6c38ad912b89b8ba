// SPDX-License-Identifier: Apache-2.0
import { Component, inject, input } from '@angular/core';
import type { ChargeLine } from '@wattledger/contracts/http/billing';
import { Answer } from '../../api/answer.ts';
import { BillingApi } from '../../api/billing-api.ts';
import { ask } from '../../api/question.ts';
import { Formats } from '../../format/formats.ts';
import { Selection } from '../../selection/selection.ts';
import { Site } from '../../session/site.ts';
import { Words } from '../../words/words.ts';

/** Both sides of a posting and the charge lines it is made of. */
@Component({
  selector: 'wl-posting-view',
  imports: [Answer],
  template: `
    <wl-answer [of]="posting" [height]="90">
      @if (posting.value(); as it) {
        <p class="muted">
          <span class="mono">{{ it.postingId }}</span> ·
          {{ t('ledger.effective', { time: formats.instant(it.effectiveAtMs, 'date-time-seconds') }) }} ·
          {{ t('ledger.request') }} <span class="mono">{{ it.requestId }}</span>
        </p>
        <div class="both">
          <table>
            <thead>
              <tr>
                <th scope="col">{{ t('ledger.side') }}</th>
                <th scope="col" class="num">{{ t('ledger.debit') }}</th>
                <th scope="col" class="num">{{ t('ledger.credit') }}</th>
              </tr>
            </thead>
            <tbody>
              @for (entry of it.entries; track $index) {
                <tr>
                  <td>{{ sideOf(entry.ledgerAccount) }}</td>
                  <td class="num">
                    {{ entry.debitMicros === 0 ? '' : formats.moneyExact(entry.debitMicros) }}
                  </td>
                  <td class="num">
                    {{ entry.creditMicros === 0 ? '' : formats.moneyExact(entry.creditMicros) }}
                  </td>
                </tr>
              }
            </tbody>
          </table>
          @if (it.lines.length > 0) {
            <table>
              <thead>
                <tr>
                  <th scope="col">{{ t('grain.day') }}</th>
                  <th scope="col">{{ t('energy.period') }}</th>
                  <th scope="col" class="num">{{ t('energy.consumption') }}</th>
                  <th scope="col" class="num">{{ t('charges.amount') }}</th>
                </tr>
              </thead>
              <tbody>
                @for (line of it.lines; track $index) {
                  <tr>
                    <td>
                      <button
                        type="button"
                        class="link-button"
                        (click)="
                          selection.patch({
                            tab: null,
                            period: 'month',
                            day: line.localDay,
                            'charge-day': line.localDay,
                            'charge-point': line.meteringPointId,
                          })
                        "
                      >
                        {{ formats.day(line.localDay) }}
                      </button>
                    </td>
                    <td>
                      {{ aboutOf(line) }}
                    </td>
                    <td class="num">{{ formats.decimal(line.consumption / 1000, 3) }}</td>
                    <td class="num">{{ formats.moneyExact(line.amountMicros) }}</td>
                  </tr>
                }
              </tbody>
            </table>
          }
        </div>
      }
    </wl-answer>
  `,
  styles: `
    :host {
      display: block;
      padding: 10px 16px 14px 34px;
      border-left: 3px solid var(--blossom);
    }
    .both {
      display: grid;
      grid-template-columns: repeat(auto-fit, minmax(min(320px, 100%), 1fr));
      gap: 24px;
      padding-top: 6px;
    }
    table {
      align-self: start;
      width: 100%;
      border-collapse: collapse;
    }
    th,
    td {
      padding: 3px 8px 3px 0;
      border-bottom: 1px solid var(--line);
      font-weight: 400;
      text-align: left;
    }
    th {
      color: var(--ink-3);
    }
    .num {
      text-align: right;
    }
  `,
})
export class PostingView {
  readonly accountId = input.required<string>();
  readonly postingId = input.required<string>();
  private readonly billing = inject(BillingApi);
  private readonly site = inject(Site);
  private readonly words = inject(Words);
  protected readonly selection = inject(Selection);
  protected readonly formats = inject(Formats);
  protected readonly t = this.words.t;
  protected readonly posting = ask({
    params: () => {
      const projectId = this.site.projectId();
      return projectId === null
        ? undefined
        : { projectId, accountId: this.accountId(), postingId: this.postingId() };
    },
    load: ({ projectId, accountId, postingId }, abort) =>
      this.billing.posting(projectId, accountId, postingId, abort),
    subject: ({ postingId }) => postingId,
  });

  /** Period and tier of energy, the reason of the unpriced, the name of a month's item. */
  protected aboutOf(line: ChargeLine): string {
    if (line.component === 'minimum') return this.t('charge-component.minimum');
    if (line.component !== 'energy') return line.item ?? '';
    if (line.period === null) return this.t(`unpriced.short.${line.unpricedReason}`);
    const period = this.t(`tou.${line.period}`);
    return line.tier === null
      ? period
      : `${period}, ${this.t('explain.tier-number', { tier: line.tier + 1 })}`;
  }

  protected sideOf(ledgerAccount: string): string {
    const key = `ledger-account.${ledgerAccount}`;
    return this.words.has(key) ? this.t(key) : ledgerAccount;
  }
}
