// SPDX-License-Identifier: Apache-2.0
import { Component, computed, inject, input, signal } from '@angular/core';
import { CdkConnectedOverlay, CdkOverlayOrigin } from '@angular/cdk/overlay';
import type { AsOf } from '@wattledger/contracts';
import { Clock } from '../clock/clock.ts';
import { Formats } from '../format/formats.ts';
import { Icon } from '../look/icon.ts';
import { Words } from '../words/words.ts';
import { freshnessOf, qualityShares } from './quality-shares.ts';

/** Stands on everything with energy or money: as of when, and how much was measured. Opens to the full account. */
@Component({
  selector: 'wl-quality-badge',
  imports: [CdkConnectedOverlay, CdkOverlayOrigin, Icon],
  templateUrl: './quality-badge.html',
  styleUrl: './quality-badge.css',
})
export class QualityBadge {
  readonly asOf = input.required<AsOf | null | undefined>();
  /** A span that is over is not late, however old its newest reading. */
  readonly running = input(true);
  /** Where several projects stand side by side: the zone of this one. */
  readonly zone = input<string>();
  private readonly clock = inject(Clock);
  protected readonly formats = inject(Formats);
  protected readonly t = inject(Words).t;
  protected readonly open = signal(false);
  protected readonly shares = computed(() => {
    const asOf = this.asOf();
    return asOf === null || asOf === undefined ? null : qualityShares(asOf);
  });
  protected readonly freshness = computed(() => {
    const asOf = this.asOf();
    if (asOf === null || asOf === undefined) return 'none';
    const freshness = freshnessOf(asOf.asOfMs, this.clock.nowMs());
    return this.running() || freshness === 'none' ? freshness : 'fresh';
  });
  /** Worth a second look: something is estimated or missing, or points are silent. */
  protected readonly flawed = computed(() => {
    const shares = this.shares();
    return (
      shares !== null && (shares.measured + shares.edited < 0.995 || (this.asOf()?.pointsStale ?? 0) > 0)
    );
  });
  protected readonly asOfText = computed(() => {
    const at = this.asOf()?.asOfMs ?? null;
    if (at === null) return this.t('quality.none');
    const zone = this.zone() ?? this.formats.zone();
    const sameDay =
      this.formats.instant(at, 'date', zone) === this.formats.instant(this.clock.nowMs(), 'date', zone);
    return this.t('quality.as-of', { time: this.formats.instant(at, sameDay ? 'time' : 'day-time', zone) });
  });
  protected readonly rows = computed(() => {
    const shares = this.shares();
    const asOf = this.asOf();
    if (shares === null || asOf === null || asOf === undefined) return [];
    return [
      { quality: 'measured', share: shares.measured, slots: asOf.slotsMeasured },
      { quality: 'estimated', share: shares.estimated, slots: asOf.slotsEstimated },
      { quality: 'edited', share: shares.edited, slots: asOf.slotsEdited },
      { quality: 'missing', share: shares.missing, slots: asOf.slotsMissing },
    ];
  });
}
