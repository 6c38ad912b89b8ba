// SPDX-License-Identifier: Apache-2.0
import { Component, computed, inject, input, signal } from '@angular/core';
import { CdkConnectedOverlay, CdkOverlayOrigin } from '@angular/cdk/overlay';
import { A11yModule } from '@angular/cdk/a11y';
import type { ComparisonKind } from '@wattledger/contracts/http/analytics';
import { Icon } from '../look/icon.ts';
import { Words } from '../words/words.ts';
import { PeriodCalendar } from './period-calendar.ts';
import { periodLabel } from './period-label.ts';
import { periodKinds, periodOf, shiftPeriod, type Period, type PeriodKind } from './period.ts';
import { Selection } from './selection.ts';

/** The one choice of time of a page, and what it is compared with. */
@Component({
  selector: 'wl-period-picker',
  imports: [A11yModule, CdkConnectedOverlay, CdkOverlayOrigin, Icon, PeriodCalendar],
  templateUrl: './period-picker.html',
  styleUrl: './period-picker.css',
})
export class PeriodPicker {
  /** Pages that compare by their own nature, or not at all, leave the choice of comparison out. */
  readonly comparing = input(true);
  readonly kinds = input<readonly PeriodKind[]>(periodKinds);
  protected readonly selection = inject(Selection);
  private readonly words = inject(Words);
  protected readonly t = this.words.t;
  protected readonly open = signal(false);
  protected readonly label = computed(() => periodLabel(this.selection.period(), this.words.locale()));
  protected readonly comparisons: readonly ComparisonKind[] = ['none', 'previous', 'last-year'];
  protected readonly comparedLabel = computed(() => {
    const compared = this.selection.comparedWith();
    return compared === null ? '' : periodLabel(compared, this.words.locale());
  });
  /** The next period would lie wholly in the future. */
  protected readonly atEnd = computed(() => this.selection.period().to > this.selection.today());

  protected chooseKind(kind: PeriodKind): void {
    const { from, to } = this.selection.period();
    if (kind === 'free') {
      const last =
        to > this.selection.today() ? this.selection.today() : shiftPeriod(periodOf('day', to), -1).from;
      this.selection.choosePeriod(periodOf('free', from, last));
      this.open.set(true);
      return;
    }
    // Within a longer period that holds today, today's day (week, month) is what is meant.
    this.selection.choosePeriod(periodOf(kind, this.selection.running() ? this.selection.today() : from));
  }

  protected chosen(period: Period): void {
    this.open.set(false);
    this.selection.choosePeriod(period);
  }

  protected step(steps: number): void {
    this.selection.choosePeriod(shiftPeriod(this.selection.period(), steps));
  }

  protected toPresent(): void {
    const kind = this.selection.period().kind;
    this.selection.choosePeriod(periodOf(kind === 'free' ? 'month' : kind, this.selection.today()));
  }

  protected chooseComparison(value: string): void {
    const comparison = this.comparisons.find((candidate) => candidate === value);
    if (comparison !== undefined) this.selection.chooseComparison(comparison);
  }
}
