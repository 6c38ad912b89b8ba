// SPDX-License-Identifier: Apache-2.0
import { Component, computed, inject, input } from '@angular/core';
import { Formats } from '../../format/formats.ts';
import { Words } from '../../words/words.ts';

/** Faults of a gateway's polls by their kind, most frequent first: bars and figures in one table. */
@Component({
  selector: 'wl-fault-bars',
  template: `
    @if (rows().length === 0) {
      <p class="none muted">{{ t('gateway.no-faults') }}</p>
    } @else {
      <table class="table">
        <thead class="visually-hidden">
          <tr>
            <th scope="col">{{ t('gateway.fault-kind') }}</th>
            <th scope="col">{{ t('gateway.fault-count') }}</th>
          </tr>
        </thead>
        <tbody>
          @for (row of rows(); track row.kind) {
            <tr>
              <th scope="row">{{ words.nameOf('poll-fault.' + row.kind, row.kind) }}</th>
              <td class="num">{{ formats.count(row.count) }}</td>
              <td class="wide" aria-hidden="true">
                <span class="bar"><span [style.width.%]="row.share * 100"></span></span>
              </td>
            </tr>
          }
        </tbody>
      </table>
    }
  `,
  styles: `
    .none {
      padding: 0 var(--s4) var(--s4);
    }
    .wide {
      width: 45%;
    }
    .bar > span {
      background: var(--warn);
    }
  `,
})
export class FaultBars {
  readonly faults = input.required<Readonly<Record<string, number>>>();
  protected readonly formats = inject(Formats);
  protected readonly words = inject(Words);
  protected readonly t = this.words.t;
  protected readonly rows = computed(() => {
    const found = Object.entries(this.faults()).filter(([, count]) => count > 0);
    const max = Math.max(1, ...found.map(([, count]) => count));
    return found
      .map(([kind, count]) => ({ kind, count, share: count / max }))
      .sort((a, b) => b.count - a.count || a.kind.localeCompare(b.kind));
  });
}
