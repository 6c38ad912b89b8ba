// SPDX-License-Identifier: Apache-2.0
import { Component, computed, inject, input } from '@angular/core';
import type { TouPeriod } from '@wattledger/contracts';
import { TableBox } from '../../../look/table-box.ts';
import { Site } from '../../../session/site.ts';
import { Words } from '../../../words/words.ts';
import { DraftState } from './draft-state.ts';
import type { TierDraft } from './version-draft.ts';

/** A rate for each period and season that the calendar uses, of one tier. */
@Component({
  selector: 'wl-rate-table',
  imports: [TableBox],
  template: `
    <div class="table-box">
      <table class="table">
        <thead>
          <tr>
            <th scope="col">
              {{ t('price.period') }}
              <span class="muted">{{ site.currency() }} {{ perUnit() }}</span>
            </th>
            @for (column of columns(); track column) {
              <th scope="col">{{ columnName(column) }}</th>
            }
          </tr>
        </thead>
        <tbody>
          @for (period of state.periods(); track period) {
            <tr>
              <th scope="row" class="nowrap">
                <i class="tou-key" [style.background]="'var(--tou-' + period + ')'"></i
                >{{ t(state.periods().length === 1 ? 'price.one-rate' : 'tou.' + period) }}
              </th>
              @for (column of columns(); track column) {
                <td>
                  @if (column === '' || state.uses(column, period)) {
                    <input
                      #box
                      class="input small"
                      inputmode="decimal"
                      autocomplete="off"
                      [attr.aria-label]="t('tou.' + period) + ', ' + columnName(column)"
                      [attr.aria-invalid]="fault(column, period) !== null"
                      [value]="text(column, period)"
                      (input)="set(column, period, box.value)"
                    />
                    @if (fault(column, period); as key) {
                      <span class="fault">{{ t(key) }}</span>
                    }
                  } @else {
                    <span class="muted" [attr.title]="t('price.season-without')">–</span>
                  }
                </td>
              }
            </tr>
          }
        </tbody>
      </table>
    </div>
  `,
  styles: `
    :host {
      display: block;
      min-width: 0;
    }
    .input {
      min-width: 92px;
      max-width: 150px;
      font-variant-numeric: tabular-nums;
    }
    td {
      vertical-align: top;
    }
    .fault {
      display: block;
      color: var(--bad);
      font-size: var(--t-s);
    }
  `,
})
export class RateTable {
  /** Which tier, from 0. */
  readonly place = input.required<number>();
  protected readonly site = inject(Site);
  protected readonly state = inject(DraftState);
  private readonly words = inject(Words);
  protected readonly t = this.words.t;
  /** Seasons; one without a name where the rates hold all year. */
  protected readonly columns = computed(() => (this.state.draft().bySeason ? this.state.seasons() : ['']));
  protected readonly perUnit = computed(() =>
    this.t(this.state.medium() === 'electricity' ? 'price.per-kwh' : 'price.per-m3'),
  );
  private readonly tier = computed<TierDraft | undefined>(() => this.state.draft().tiers[this.place()]);

  protected columnName(season: string): string {
    return season === '' ? this.t('price.all-year') : this.words.nameOf(`season.${season}`, season);
  }
  protected text(season: string, period: TouPeriod): string {
    const tier = this.tier();
    return (season === '' ? tier?.all[period] : tier?.seasons[season]?.[period]) ?? '';
  }
  protected fault(season: string, period: TouPeriod): string | null {
    return this.state.fault(`tier.${this.place()}.${season === '' ? 'all' : season}.${period}`);
  }
  protected set(season: string, period: TouPeriod, text: string): void {
    const tier = this.tier();
    if (season === '') this.state.setItem('tiers', this.place(), { all: { ...tier?.all, [period]: text } });
    else {
      const seasons = { ...tier?.seasons, [season]: { ...tier?.seasons[season], [period]: text } };
      this.state.setItem('tiers', this.place(), { seasons });
    }
  }
}
