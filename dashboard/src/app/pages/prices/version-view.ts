// SPDX-License-Identifier: Apache-2.0
import { Component, computed, inject, input } from '@angular/core';
import type { Medium } from '@wattledger/contracts';
import type { PriceVersion } from '@wattledger/contracts/http/billing';
import { Formats } from '../../format/formats.ts';
import { TableBox } from '../../look/table-box.ts';
import { Words } from '../../words/words.ts';
import { CalendarView } from './calendar-view.ts';
import { itemWords, rateBlocks } from './version-words.ts';

/** All that a version says: its rates by tier, season and period, its calendar, what else a month costs. */
@Component({
  selector: 'wl-version-view',
  imports: [CalendarView, TableBox],
  template: `
    @if (version().terms.priceSeriesId !== null) {
      <p>{{ t('price.by-series', { name: seriesName() }) }}</p>
    }
    @if (tierRows(); as tiers) {
      <div class="table-box">
        <table class="table">
          <thead>
            <tr>
              <th scope="col">
                {{ t('price.energy-tiers') }}
                <span class="muted">{{
                  t(medium() === 'electricity' ? 'price.per-kwh' : 'price.per-m3')
                }}</span>
              </th>
              @for (column of tiers[0]?.columns; track column) {
                <th scope="col" class="num">{{ columnName(column) }}</th>
              }
            </tr>
          </thead>
          <tbody>
            @for (block of tiers; track $index; let place = $index) {
              <tr>
                <th scope="row">
                  {{ t('price.tier', { number: place + 1 }) }}
                  <span class="muted">{{ beyond(block.above) }}</span>
                </th>
                @for (micros of block.rows[0]?.micros; track $index) {
                  <td class="num">{{ formats.moneyExact(micros) }}</td>
                }
              </tr>
            }
          </tbody>
        </table>
      </div>
    }
    @for (block of tierRows() === null ? blocks() : []; track $index; let place = $index) {
      @if (block.above !== null) {
        <h3>
          {{ t('price.tier', { number: place + 1 }) }}
          <span class="muted">{{ beyond(block.above) }}</span>
        </h3>
      }
      <div class="table-box">
        <table class="table">
          <thead>
            <tr>
              <th scope="col">
                {{ t('price.period') }}
                <span class="muted">{{
                  t(medium() === 'electricity' ? 'price.per-kwh' : 'price.per-m3')
                }}</span>
              </th>
              @for (column of block.columns; track column) {
                <th scope="col" class="num">{{ columnName(column) }}</th>
              }
            </tr>
          </thead>
          <tbody>
            @for (row of block.rows; track row.period) {
              <tr>
                <th scope="row">
                  <i class="tou-key" [style.background]="'var(--tou-' + row.period + ')'"></i
                  >{{ t(block.rows.length === 1 ? 'price.one-rate' : 'tou.' + row.period) }}
                </th>
                @for (micros of row.micros; track $index) {
                  <td class="num">{{ formats.moneyExact(micros) }}</td>
                }
              </tr>
            }
          </tbody>
        </table>
      </div>
    }
    @if (items().length > 0) {
      <dl>
        @for (item of items(); track $index) {
          <div>
            <dt>
              {{ item.name }} <span class="chip">{{ t('component.' + item.component) }}</span>
            </dt>
            <dd>{{ item.text }}</dd>
          </div>
        }
      </dl>
    }
    @if (manyPeriods()) {
      <wl-calendar-view [calendar]="version().calendar" />
    }
  `,
  styles: `
    :host {
      display: grid;
      grid-template-columns: minmax(0, 1fr);
      gap: 12px;
    }
    h3 {
      font-size: var(--t-s);
    }
    .table-box {
      max-width: 760px;
    }
    .table {
      width: auto;
      min-width: min(360px, 100%);
    }
    dl {
      display: grid;
      grid-template-columns: repeat(auto-fill, minmax(230px, 1fr));
      gap: 8px 20px;
      margin: 0;
    }
    dt {
      font-weight: 500;
    }
    dd {
      margin: 0;
      color: var(--ink-2);
      font-size: var(--t-s);
    }
  `,
})
export class VersionView {
  readonly version = input.required<PriceVersion>();
  readonly medium = input.required<Medium>();
  readonly seriesName = input('');
  private readonly words = inject(Words);
  protected readonly formats = inject(Formats);
  protected readonly t = this.words.t;
  protected readonly blocks = computed(() => rateBlocks(this.version()));
  /** Tiers that have one rate each, alike in their seasons: rows of one table. */
  protected readonly tierRows = computed(() => {
    const blocks = this.blocks();
    const [first] = blocks;
    const alike = (columns: readonly string[]): boolean => columns.join() === first?.columns.join();
    const single = blocks.every(({ rows, columns }) => rows.length === 1 && alike(columns));
    return blocks.length > 1 && single ? blocks : null;
  });
  protected readonly manyPeriods = computed(() => this.blocks().some((block) => block.rows.length > 1));
  protected readonly items = computed(() =>
    itemWords(this.version(), {
      t: this.t,
      money: (micros) => this.formats.moneyExact(micros),
      share: (share) => this.formats.share(share, 2),
      seasonName: (season) => this.seasonName(season),
      currency: this.formats.currency(),
      medium: this.medium(),
    }),
  );

  protected beyond(above: number | null): string {
    if (above === null || above === 0) return this.t('price.tier-first');
    const span = this.t(`price.tier-span-${this.version().terms.tiers?.span ?? 'month'}`);
    return this.t('price.tier-beyond', {
      amount: this.formats.consumption(above, this.medium()),
      span,
    });
  }

  private seasonName(season: string): string {
    return this.words.nameOf(`season.${season}`, season);
  }
  protected columnName(season: string): string {
    return season === '' ? this.t('price.all-year') : this.seasonName(season);
  }
}
