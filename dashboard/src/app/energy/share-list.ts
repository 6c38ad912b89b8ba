// SPDX-License-Identifier: Apache-2.0
import { Component, computed, inject, input } from '@angular/core';
import { RouterLink, type Params } from '@angular/router';
import { Formats } from '../format/formats.ts';
import type { Scale } from '../format/quantity-format.ts';
import { Change } from '../look/change.ts';

export interface ShareRow {
  readonly id: string;
  readonly name: string;
  readonly detail?: string;
  readonly value: number | null;
  /** 0…1 of the whole. */
  readonly share: number | null;
  readonly change: number | null;
  readonly link: readonly string[] | null;
  readonly query?: Params;
}

/** Parts of a whole as bars with their numbers: readable at a glance, and a table by nature. */
@Component({
  selector: 'wl-share-list',
  imports: [Change, RouterLink],
  template: `
    <ol>
      @for (row of rows(); track row.id) {
        <li>
          <span class="name ellipsis">
            @if (row.link; as link) {
              <a [routerLink]="link" [queryParams]="row.query">{{ row.name }}</a>
            } @else {
              {{ row.name }}
            }
            @if (row.detail) {
              <span class="muted">{{ row.detail }}</span>
            }
          </span>
          <span class="num strong">{{ formats.scaled(row.value, scale()) }}</span>
          <span class="num share">{{ formats.share(row.share) }}</span>
          <wl-change [share]="row.change" />
          <span class="bar" aria-hidden="true"
            ><span [style.width.%]="largest() === 0 ? 0 : ((row.value ?? 0) / largest()) * 100"></span
          ></span>
        </li>
      }
    </ol>
  `,
  styles: `
    li {
      display: grid;
      grid-template-columns: minmax(0, 1fr) auto 52px 66px;
      gap: 2px 10px;
      align-items: baseline;
      padding: 5px 0;
      font-variant-numeric: tabular-nums;
    }
    .num {
      text-align: right;
    }
    .share {
      color: var(--ink-3);
      font-size: var(--t-s);
    }
    wl-change {
      justify-content: flex-end;
    }
    .bar {
      grid-column: 1 / -1;
    }
    .bar > span {
      min-width: 2px;
    }
  `,
})
export class ShareList {
  readonly rows = input.required<readonly ShareRow[]>();
  readonly scale = input.required<Scale>();
  protected readonly formats = inject(Formats);
  protected readonly largest = computed(() => Math.max(0, ...this.rows().map((row) => row.value ?? 0)));
}
