// SPDX-License-Identifier: Apache-2.0
import { Component, computed, inject } from '@angular/core';
import { Api } from '../api/api.ts';
import { Clock } from '../clock/clock.ts';
import { Formats } from '../format/formats.ts';
import { Live } from '../live/live.ts';
import { Words } from '../words/words.ts';

/** Whether the screen hears what happens, and how old the newest reading is. Only the former is worth reading aloud. */
@Component({
  selector: 'wl-live-indicator',
  template: `
    @if (state() !== 'off') {
      <span class="live" [class]="'live ' + state()" [attr.title]="title()">
        <span class="dot" aria-hidden="true"></span>
        <span class="word" role="status">{{ t('live.' + state()) }}</span>
        @if (age(); as text) {
          <span class="age">{{ text }}</span>
        }
      </span>
    }
  `,
  styles: `
    .live {
      display: inline-flex;
      align-items: center;
      gap: 6px;
      padding: 0 6px;
      color: var(--ink-2);
      font-size: var(--t-s);
      white-space: nowrap;
    }
    .dot {
      width: 8px;
      height: 8px;
      border-radius: 50%;
      background: var(--quiet);
    }
    .live.live .dot {
      background: var(--good);
    }
    .live.broken .dot {
      border-radius: 1px;
      background: var(--warn);
      transform: rotate(45deg);
    }
    .live.connecting .dot {
      background: none;
      box-shadow: inset 0 0 0 2px var(--quiet);
    }
    .age {
      color: var(--ink-3);
    }
    @media (max-width: 1180px) {
      .age {
        display: none;
      }
    }
    @media (max-width: 640px) {
      .live {
        padding: 0 4px;
      }
      .word {
        position: absolute;
        width: 1px;
        height: 1px;
        overflow: hidden;
        clip-path: inset(50%);
      }
    }
  `,
})
export class LiveIndicator {
  private readonly clock = inject(Clock);
  private readonly formats = inject(Formats);
  private readonly api = inject(Api);
  protected readonly live = inject(Live);
  protected readonly t = inject(Words).t;
  /** A stream that has not noticed yet that the connection is gone is not live. */
  protected readonly state = computed(() =>
    this.live.state() === 'live' && !this.api.reachable() ? 'broken' : this.live.state(),
  );
  /** Age of the newest reading seen, or nothing before the first. */
  protected readonly age = computed(() => {
    const newest = this.live.newestReadingMs();
    return newest === null ? null : this.formats.age(Math.max(0, this.clock.nowMs() - newest));
  });
  protected readonly title = computed(() => {
    const newest = this.live.newestReadingMs();
    if (newest === null) return this.t(`live.${this.state()}.title`);
    return `${this.t(`live.${this.state()}.title`)} ${this.t('live.newest', { time: this.formats.instant(newest, 'date-time-seconds') })}`;
  });
}
