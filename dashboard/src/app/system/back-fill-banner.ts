// SPDX-License-Identifier: Apache-2.0
import { Component, computed, inject } from '@angular/core';
import { Formats } from '../format/formats.ts';
import { Icon } from '../look/icon.ts';
import { Words } from '../words/words.ts';
import { HealthWatch } from './health.ts';

/** While history is being filled in behind: what is there, how far it is, and that the page can be left. */
@Component({
  selector: 'wl-back-fill-banner',
  imports: [Icon],
  template: `
    @if (backFill()) {
      <div class="note" role="status">
        <wl-icon name="info" />
        <div class="grow">
          <p>
            <strong>{{ t('back-fill.title') }}</strong> {{ t('back-fill.text') }}
          </p>
          <span
            class="bar"
            role="progressbar"
            aria-valuemin="0"
            aria-valuemax="100"
            [attr.aria-valuenow]="percent()"
            [attr.aria-label]="t('back-fill.progress')"
          >
            <span [style.width.%]="percent()"></span>
          </span>
          <p>
            {{ formats.share(percent() / 100, 0) }}
            @if (remaining(); as text) {
              · {{ text }}
            }
          </p>
        </div>
      </div>
    }
  `,
  styles: `
    /* Nothing to say takes no room, not even a gap. */
    :host {
      display: contents;
    }
    .grow {
      flex: 1;
    }
    .bar {
      margin: 6px 0 4px;
      background: color-mix(in srgb, var(--info) 18%, transparent);
    }
    .bar > span {
      background: var(--info);
    }
  `,
})
export class BackFillBanner {
  private readonly watch = inject(HealthWatch);
  protected readonly formats = inject(Formats);
  protected readonly t = inject(Words).t;
  protected readonly backFill = computed(() => this.watch.health.value()?.backfill ?? null);
  protected readonly percent = computed(() => {
    const found = this.backFill();
    return found === null || found.total === 0
      ? 0
      : Math.min(100, Math.floor((found.done / found.total) * 100));
  });
  protected readonly remaining = computed(() => {
    const etaMs = this.backFill()?.etaMs ?? null;
    const nowMs = this.watch.health.value()?.nowMs ?? 0;
    if (etaMs === null) return null;
    return this.t('back-fill.minutes', { minutes: Math.max(1, Math.ceil((etaMs - nowMs) / 60_000)) });
  });
}
