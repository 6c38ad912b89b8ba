// SPDX-License-Identifier: Apache-2.0
import { Component, computed, inject } from '@angular/core';
import type { ChargeComponent } from '@wattledger/contracts/http/billing';
import { Icon } from '../../../look/icon.ts';
import { Site } from '../../../session/site.ts';
import { Words } from '../../../words/words.ts';
import { DraftState } from './draft-state.ts';
import { newAdjustment, newDemand, newFixed, type DemandDraft } from './version-draft.ts';

const itemsMax = 20;
const components: readonly ChargeComponent[] = [
  'energy',
  'demand',
  'fixed',
  'minimum',
  'surcharge',
  'tax',
  'rebate',
];

/** What a month costs beyond its energy: demand, fixed charges, the minimum, surcharges, taxes and rebates. */
@Component({
  selector: 'wl-items-editor',
  imports: [Icon],
  templateUrl: './items-editor.html',
  styleUrl: './items-editor.css',
})
export class ItemsEditor {
  protected readonly site = inject(Site);
  protected readonly state = inject(DraftState);
  private readonly words = inject(Words);
  protected readonly t = this.words.t;
  protected readonly itemsMax = itemsMax;
  protected readonly kinds = ['surcharge', 'tax', 'rebate'] as const;
  protected readonly newItems = { demand: newDemand, fixed: newFixed, adjustment: newAdjustment };
  protected readonly windows = ([15, 30, 60] as const).flatMap((windowMinutes) =>
    (['block', 'sliding'] as const).map((window) => ({ window, windowMinutes })),
  );
  protected readonly bySeason = computed(
    () => this.state.draft().bySeason && this.state.draft().energy !== 'series',
  );

  protected seasonName(season: string): string {
    return this.words.nameOf(`season.${season}`, season);
  }
  protected setPeriod(at: number, place: number): void {
    this.state.setItem('demand', at, { period: this.state.periods()[place - 1] ?? null });
  }
  protected setWindow(at: number, place: number): void {
    this.state.setItem('demand', at, this.windows[place] ?? {});
  }
  protected setSeasonRate(at: number, item: DemandDraft, season: string, rate: string): void {
    this.state.setItem('demand', at, { seasons: { ...item.seasons, [season]: rate } });
  }
  /** Components that stand before an adjustment. */
  protected before(at: number): readonly ChargeComponent[] {
    const earlier = new Set<string>(
      this.state
        .draft()
        .adjustments.slice(0, at)
        .map((item) => item.component),
    );
    return components.filter(
      (component) => !['surcharge', 'tax', 'rebate'].includes(component) || earlier.has(component),
    );
  }
  protected toggle(at: number, component: ChargeComponent, of: readonly ChargeComponent[]): void {
    const next = of.includes(component) ? of.filter((other) => other !== component) : [...of, component];
    this.state.setItem('adjustments', at, { of: next });
  }
}
