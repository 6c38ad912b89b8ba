// SPDX-License-Identifier: Apache-2.0
import { Component, ElementRef, afterNextRender, computed, inject, input, output } from '@angular/core';
import { RouterLink } from '@angular/router';
import { Clock } from '../../clock/clock.ts';
import { placeBeside } from '../../energy/place-beside.ts';
import { Formats } from '../../format/formats.ts';
import { LiveValues } from '../../live/live-values.ts';
import { Icon } from '../../look/icon.ts';
import { StageChip } from '../../money/stage-chip.ts';
import { Selection } from '../../selection/selection.ts';
import { Site } from '../../session/site.ts';
import { Words } from '../../words/words.ts';
import { wallIcons } from './wall-state.ts';
import type { WallTile } from './wall-tile.ts';

/** What is known of one tile, beside the wall. */
@Component({
  selector: 'wl-wall-panel',
  imports: [Icon, RouterLink, StageChip],
  templateUrl: './wall-panel.html',
  styleUrl: './wall-panel.css',
  host: { '(keydown.escape)': 'closed.emit()' },
})
export class WallPanel {
  readonly tile = input.required<WallTile>();
  readonly closed = output();
  private readonly clock = inject(Clock);
  private readonly live = inject(LiveValues);
  protected readonly site = inject(Site);
  protected readonly selection = inject(Selection);
  protected readonly formats = inject(Formats);
  protected readonly words = inject(Words);
  protected readonly t = this.words.t;
  protected readonly icons = wallIcons;
  protected readonly place = computed(() =>
    placeBeside(this.site.placeName(this.tile().point.placeId), this.tile().tenantName),
  );
  protected readonly event = computed(() => this.live.accounts().get(this.tile().account?.accountId ?? ''));
  protected readonly desired = computed(
    () => this.event()?.desiredRelay ?? this.tile().account?.supply.desiredRelay ?? null,
  );
  protected readonly reported = computed(() => {
    const meterId = this.tile().meter?.meterId ?? '';
    return (
      this.event()?.reportedRelay ??
      this.live.telemetry().get(meterId)?.relay ??
      this.tile().meter?.relay ??
      'unknown'
    );
  });
  /** The switch does not stand as it should. */
  protected readonly differs = computed(
    () => this.desired() !== null && this.reported() !== 'unknown' && this.desired() !== this.reported(),
  );
  protected readonly register = computed(() => {
    const registers = this.tile().meter?.registers ?? [];
    return (
      registers.find((candidate) => candidate.register === this.tile().point.mounting?.register) ??
      registers[0] ??
      null
    );
  });
  protected readonly age = computed(() => {
    const at = this.tile().lastReadingMs;
    return at === null ? '' : this.formats.age(Math.max(0, this.clock.nowMs() - at));
  });

  constructor() {
    const host = inject<ElementRef<HTMLElement>>(ElementRef);
    afterNextRender(() =>
      host.nativeElement.querySelector<HTMLElement>('h2')?.focus({ preventScroll: true }),
    );
  }
}
