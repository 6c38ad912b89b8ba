// SPDX-License-Identifier: Apache-2.0
import { Component, computed, inject, signal } from '@angular/core';
import { RouterLink } from '@angular/router';
import type { UnclaimedDevice } from '@wattledger/contracts/http/claims';
import { DevicesApi } from '../../api/devices-api.ts';
import { ask } from '../../api/question.ts';
import { Clock } from '../../clock/clock.ts';
import { SignalBars } from '../../devices/signal-bars.ts';
import { Formats } from '../../format/formats.ts';
import { everySeconds } from '../../live/every-seconds.ts';
import { Icon } from '../../look/icon.ts';
import { Site } from '../../session/site.ts';
import { Words } from '../../words/words.ts';

const shownAtFirst = 3;
const shownMax = 200;

/** What calls in and belongs to nobody: on top, because somebody stands at a switchboard and waits for it. */
@Component({
  selector: 'wl-unclaimed-card',
  imports: [Icon, RouterLink, SignalBars],
  template: `
    @if (devices.value(); as answer) {
      @if (answer.total > 0) {
        <section class="card" [attr.aria-label]="t('unclaimed.title')">
          <header class="card-head">
            <h2>
              {{ t('unclaimed.title') }}&ngsp;<span class="badge">{{ formats.count(answer.total) }}</span>
            </h2>
            <p class="muted wide-only">{{ t('unclaimed.lead') }}</p>
          </header>
          <ul>
            @for (device of shown(); track device.serial) {
              <li>
                <wl-icon class="kind" [name]="device.kind === 'meter' ? 'gauge' : 'gateway'" />
                <div class="what">
                  <p>
                    <strong class="mono">{{ device.serial }}</strong>&ngsp;
                    <span class="muted">{{
                      [device.modelName, t('call.' + device.via)].filter(known).join(' · ')
                    }}</span>
                  </p>
                  <p class="muted line">
                    <span>{{ age(device) }}</span>
                    @if (device.topology.length > 0) {
                      <span
                        >·
                        {{
                          words.counted(
                            'unclaimed.meters',
                            device.topology.length,
                            formats.count(device.topology.length)
                          )
                        }}</span
                      >
                    }
                    @if (device.unusedReadings > 0) {
                      <span
                        >· {{ t('unclaimed.unused', { count: formats.count(device.unusedReadings) }) }}</span
                      >
                    }
                  </p>
                </div>
                <wl-signal-bars [dbm]="device.signalDbm" />
                <a
                  class="button small"
                  [routerLink]="['/p', site.projectId(), 'claim']"
                  [queryParams]="{ serial: device.serial }"
                  [attr.aria-label]="t('unclaimed.claim-of', { serial: device.serial })"
                  >{{ t('unclaimed.claim') }}</a
                >
              </li>
            }
          </ul>
          @if (answer.devices.length > shownAtFirst) {
            <footer class="card-foot">
              <button type="button" class="link-button" (click)="all.set(!all())">
                {{
                  all() ? t('unclaimed.fewer') : t('unclaimed.all', { count: formats.count(answer.total) })
                }}
              </button>
            </footer>
          }
        </section>
      }
    }
  `,
  styles: `
    .card {
      border-color: color-mix(in srgb, var(--info) 45%, var(--line));
    }
    .badge {
      display: inline-block;
      min-width: 22px;
      padding: 1px 7px;
      border-radius: 99px;
      background: var(--info-soft);
      color: var(--info);
      text-align: center;
      font-variant-numeric: tabular-nums;
    }
    ul {
      max-height: 320px;
      overflow-y: auto;
    }
    li {
      display: flex;
      align-items: center;
      gap: 12px;
      padding: 8px var(--s4);
      border-top: 1px solid var(--line);
    }
    .kind {
      flex: none;
      color: var(--ink-3);
    }
    .what {
      flex: 1;
      min-width: 0;
      font-size: var(--t-s);
    }
    .line {
      display: flex;
      flex-wrap: wrap;
      gap: 0 6px;
    }
  `,
})
export class UnclaimedCard {
  private readonly api = inject(DevicesApi);
  private readonly clock = inject(Clock);
  protected readonly site = inject(Site);
  protected readonly formats = inject(Formats);
  protected readonly words = inject(Words);
  protected readonly t = this.words.t;
  protected readonly shownAtFirst = shownAtFirst;
  protected readonly all = signal(false);
  protected readonly devices = ask({
    params: () => true,
    load: (_, abort) => this.api.unclaimed({ limit: shownMax }, abort),
  });
  protected readonly shown = computed(() =>
    (this.devices.value()?.devices ?? []).slice(0, this.all() ? shownMax : shownAtFirst),
  );

  constructor() {
    everySeconds(15, () => this.devices.reload());
  }

  protected readonly known = (part: string | null): boolean => part !== null && part !== '';

  protected age(device: UnclaimedDevice): string {
    return this.t('unclaimed.called', {
      age: this.formats.age(Math.max(0, this.clock.nowMs() - device.atMs)),
    });
  }
}
