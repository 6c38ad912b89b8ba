// SPDX-License-Identifier: Apache-2.0
import type { ElementRef } from '@angular/core';
import {
  Component,
  DestroyRef,
  afterNextRender,
  computed,
  inject,
  input,
  output,
  signal,
  viewChild,
} from '@angular/core';
import { RouterLink } from '@angular/router';
import type { ClaimAnswer } from '@wattledger/contracts/http/claims';
import { DevicesApi } from '../../api/devices-api.ts';
import { MeteringApi } from '../../api/metering-api.ts';
import { ask } from '../../api/question.ts';
import { Clock } from '../../clock/clock.ts';
import { countdown } from '../../devices/duration.ts';
import { Formats } from '../../format/formats.ts';
import { everySeconds } from '../../live/every-seconds.ts';
import { Icon } from '../../look/icon.ts';
import { Site } from '../../session/site.ts';
import { Words } from '../../words/words.ts';

const lookAgainSeconds = 3;

/** After the claim: the engineer stays until the first reading of every meter is there. */
@Component({
  selector: 'wl-claim-progress',
  imports: [Icon, RouterLink],
  template: `
    <section class="card" [attr.aria-label]="t('claim.done')">
      <header class="card-head">
        <h2 #heading tabindex="-1">
          <wl-icon name="check-circle" /> {{ t('claim.done-of', { name: answer().gateway.name }) }}
        </h2>
      </header>
      <div class="card-body">
        @if (missing() > 0) {
          <p class="wait">
            @if (called()) {
              <span>{{ t('claim.first-in') }}</span>
              <span class="figure" role="timer" [attr.aria-label]="t('claim.first-in')">{{
                remaining()
              }}</span>
            } @else {
              <span>{{ t('gateway.waiting') }}</span>
            }
          </p>
        }
        <p class="visually-hidden" role="status">
          {{ t('claim.progress', { some: rows().length - missing(), all: rows().length }) }}
        </p>
        <ul>
          @for (row of rows(); track row.id) {
            <li>
              <wl-icon
                [class.good]="row.readingMs !== null"
                [name]="row.readingMs === null ? 'rates' : 'check-circle'"
              />
              <span class="what"
                ><strong>{{ row.name }}</strong
                ><span class="mono muted">{{ row.serial }}</span></span
              >
              @if (row.readingMs !== null) {
                <span class="value"
                  >{{ row.value }}<br /><span class="muted">{{
                    formats.instant(row.readingMs, 'time-seconds')
                  }}</span></span
                >
              } @else {
                <span class="muted">{{
                  row.fault === null ? t('claim.waiting') : t('poll-fault.' + row.fault)
                }}</span>
              }
            </li>
          }
        </ul>
        <p class="muted">
          {{ t('claim.counts-from', { at: formats.instant(answer().fromMs, 'date-time') }) }}
        </p>
      </div>
      <footer class="card-foot">
        <a
          class="button"
          [routerLink]="['/p', answer().gateway.projectId, 'gateways', answer().gateway.id]"
          >{{ t('claim.open-gateway') }}</a
        >
        <button type="button" class="button primary" (click)="again.emit()">
          <wl-icon name="scan" />{{ t('claim.another') }}
        </button>
      </footer>
    </section>
  `,
  styles: `
    h2 {
      display: flex;
      gap: 8px;
      align-items: center;
      font-size: var(--t-l);
      outline: none;
    }
    h2 wl-icon,
    .good {
      color: var(--good);
    }
    .card-body {
      display: grid;
      gap: var(--s3);
    }
    .wait {
      display: flex;
      flex-wrap: wrap;
      gap: 4px 14px;
      align-items: baseline;
    }
    li {
      display: flex;
      gap: 12px;
      align-items: center;
      padding: 8px 0;
      border-top: 1px solid var(--line);
      font-size: var(--t-s);
    }
    .what {
      display: grid;
      flex: 1;
      min-width: 0;
    }
    .value {
      font-variant-numeric: tabular-nums;
      font-weight: 600;
      text-align: right;
    }
    .value .muted {
      font-weight: 400;
    }
  `,
})
export class ClaimProgress {
  readonly answer = input.required<ClaimAnswer>();
  /** How often the device itself sends; null: it is asked. */
  readonly uploadMinutes = input<number | null>(null);
  readonly again = output();
  private readonly devices = inject(DevicesApi);
  private readonly metering = inject(MeteringApi);
  private readonly clock = inject(Clock);
  private readonly site = inject(Site);
  protected readonly formats = inject(Formats);
  protected readonly t = inject(Words).t;
  private readonly heading = viewChild.required<ElementRef<HTMLElement>>('heading');
  private readonly startedMs = this.clock.exactMs();
  private readonly nowMs = signal(this.startedMs);
  private readonly subject = computed(() => {
    const { projectId, id } = this.answer().gateway;
    return { projectId, gatewayId: id };
  });
  private readonly states = ask({
    params: () => this.subject(),
    load: ({ projectId, gatewayId }, abort) => this.devices.meterStates(projectId, gatewayId, abort),
  });
  private readonly gateways = ask({
    params: () => (this.answer().called ? undefined : this.subject()),
    load: ({ projectId }, abort) => this.metering.gatewayStates(projectId, abort),
  });
  /** It has called: before the claim, or since. */
  protected readonly called = computed(
    () =>
      this.answer().called ||
      this.gateways.value()?.gateways.find((state) => state.gatewayId === this.subject().gatewayId)
        ?.online === true,
  );
  private readonly intervalSeconds = computed(() => {
    const minutes = this.uploadMinutes();
    if (minutes !== null) return minutes * 60;
    return (
      this.answer().gateway.pollIntervalSeconds ?? this.site.tree.value()?.project.pollIntervalSeconds ?? 1800
    );
  });
  protected readonly remaining = computed(() =>
    countdown(this.startedMs + this.intervalSeconds() * 1000 - this.nowMs()),
  );
  protected readonly rows = computed(() => {
    const states = new Map(this.states.value()?.map((state) => [state.meterId, state]) ?? []);
    return this.answer().meters.map(({ id, serial }) => {
      const state = states.get(id);
      const mounting = this.answer().mountings.find((one) => one.meterId === id);
      const register =
        state?.registers.find((one) => one.register === mounting?.register) ?? state?.registers[0];
      const isNew = (state?.lastReadingMs ?? 0) >= this.startedMs - 60_000;
      return {
        id,
        serial,
        name: this.site.points().get(mounting?.meteringPointId ?? '')?.name ?? serial,
        readingMs: isNew ? (state?.lastReadingMs ?? null) : null,
        value:
          register === undefined
            ? ''
            : `${this.formats.register(register.value, register.scaler)} ${this.unitOf(register.unit)}`,
        fault: state?.lastFault?.kind ?? null,
      };
    });
  });
  protected readonly missing = computed(
    () => this.rows().filter(({ readingMs }) => readingMs === null).length,
  );

  constructor() {
    const ticking = setInterval(() => this.nowMs.set(this.clock.exactMs()), 1000);
    inject(DestroyRef).onDestroy(() => clearInterval(ticking));
    everySeconds(lookAgainSeconds, () => {
      if (this.missing() === 0) return;
      this.states.reload();
      if (!this.called()) this.gateways.reload();
    });
    // The form is gone: whoever listens is told what came of it.
    afterNextRender(() => this.heading().nativeElement.focus());
  }

  private unitOf(unit: string): string {
    if (unit === 'Wh') return this.t('unit.kwh');
    return unit === 'l' ? this.t('unit.m3') : this.t('unit.kilo', { unit });
  }
}
