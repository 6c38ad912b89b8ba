// SPDX-License-Identifier: Apache-2.0
import { Component, computed, inject, signal } from '@angular/core';
import type { DoctorReport } from '@wattledger/contracts/http/system';
import { Answer } from '../../api/answer.ts';
import { Api } from '../../api/api.ts';
import { Clock } from '../../clock/clock.ts';
import { Formats } from '../../format/formats.ts';
import { FigureTile } from '../../look/figure-tile.ts';
import { Icon } from '../../look/icon.ts';
import { Notices } from '../../notices/notices.ts';
import { BackFillBanner } from '../../system/back-fill-banner.ts';
import { HealthWatch } from '../../system/health.ts';
import { Words } from '../../words/words.ts';

const tones = { ok: 'good', degraded: 'warn', failed: 'bad' } as const;

/** How the product itself is: the pipeline's lag, its parts, and the invariants on request. */
@Component({
  selector: 'wl-system-page',
  imports: [Answer, BackFillBanner, FigureTile, Icon],
  templateUrl: './system-page.html',
  styleUrl: './system-page.css',
})
export class SystemPage {
  private readonly api = inject(Api);
  private readonly clock = inject(Clock);
  private readonly notices = inject(Notices);
  protected readonly formats = inject(Formats);
  private readonly words = inject(Words);
  protected readonly t = this.words.t;
  protected readonly tones = tones;
  protected readonly health = inject(HealthWatch).health;
  protected readonly doctor = signal<DoctorReport | null>(null);
  protected readonly asking = signal(false);
  protected readonly services = computed(() =>
    (this.health.value()?.services ?? []).map((service) => ({
      ...service,
      facts: Object.entries(service.facts).map(([name, value]) => ({
        name: this.factName(name),
        value: this.factValue(name, value),
      })),
    })),
  );

  protected age(instantMs: number | null): string {
    return instantMs === null
      ? this.t('system.none-waiting')
      : this.formats.age(Math.max(0, this.clock.nowMs() - instantMs));
  }

  protected async askDoctor(): Promise<void> {
    this.asking.set(true);
    try {
      this.doctor.set(await this.api.get<DoctorReport>('/api/doctor'));
    } catch (error) {
      this.notices.failed(error);
    } finally {
      this.asking.set(false);
    }
  }

  private factName(name: string): string {
    const key = `fact.${name}`;
    return this.words.has(key) ? this.t(key) : name;
  }

  private factValue(name: string, value: string | number | null): string {
    if (value === null) return '–';
    if (typeof value === 'number')
      return name.endsWith('Ms') && value > 1e11 ? this.formats.instant(value) : this.formats.count(value);
    return value;
  }
}
