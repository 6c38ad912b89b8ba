// SPDX-License-Identifier: Apache-2.0
import { Component, computed, inject } from '@angular/core';
import { BillingApi } from '../../../api/billing-api.ts';
import { ask } from '../../../api/question.ts';
import { Formats } from '../../../format/formats.ts';
import { Dialogs } from '../../../look/dialogs.ts';
import { Icon } from '../../../look/icon.ts';
import { Site } from '../../../session/site.ts';
import { Words } from '../../../words/words.ts';
import { SeriesDialog, type SeriesDialogData } from '../series-dialog.ts';
import { DraftState } from './draft-state.ts';
import { RateTable } from './rate-table.ts';
import { newTier, type EnergyKind } from './version-draft.ts';

const tiersMax = 20;

/** What energy costs: a rate per period and season, tiers of such rates, or prices by the hour from a table. */
@Component({
  selector: 'wl-energy-editor',
  imports: [Icon, RateTable],
  templateUrl: './energy-editor.html',
  styles: `
    :host {
      display: grid;
      grid-template-columns: minmax(0, 1fr);
      gap: 12px;
    }
    .tier {
      display: grid;
      grid-template-columns: minmax(0, 1fr);
      gap: 8px;
    }
    .tier-head {
      display: flex;
      flex-wrap: wrap;
      gap: 8px;
      align-items: center;
    }
    .tier-head .input {
      width: 120px;
    }
    .fault {
      color: var(--bad);
      font-size: var(--t-s);
    }
    .row {
      display: flex;
      flex-wrap: wrap;
      gap: 12px;
      align-items: center;
    }
  `,
})
export class EnergyEditor {
  private readonly billing = inject(BillingApi);
  private readonly dialogs = inject(Dialogs);
  protected readonly site = inject(Site);
  protected readonly formats = inject(Formats);
  protected readonly state = inject(DraftState);
  protected readonly t = inject(Words).t;
  protected readonly kinds: readonly EnergyKind[] = ['rates', 'tiers', 'series'];
  protected readonly spans = ['month', 'year'] as const;
  protected readonly tiersMax = tiersMax;
  protected readonly unit = computed(() => (this.state.medium() === 'electricity' ? 'kWh' : 'm³'));
  protected readonly series = ask({
    params: () => this.site.projectId() ?? undefined,
    load: (projectId, abort) => this.billing.priceSeries(projectId, abort),
    subject: (projectId) => projectId,
  });
  protected readonly ofMedium = computed(() =>
    (this.series.value()?.series ?? []).filter((one) => one.medium === this.state.medium()),
  );
  protected readonly shown = computed(() => {
    const { energy, tiers } = this.state.draft();
    return energy === 'tiers' ? tiers.map((_, place) => place) : energy === 'rates' ? [0] : [];
  });

  protected choose(energy: EnergyKind): void {
    if (energy === 'tiers' && this.state.draft().tiers.length < 2) this.state.add('tiers', newTier);
    this.state.patch({ energy });
  }

  /** What was typed for the year stands in every season, and the other way round. */
  protected chooseSeasons(bySeason: boolean): void {
    const seasons = this.state.seasons();
    const tiers = this.state.draft().tiers.map((tier) =>
      bySeason
        ? {
            ...tier,
            seasons: Object.fromEntries(
              seasons.map((name) => [name, { ...tier.all, ...tier.seasons[name] }]),
            ),
          }
        : {
            ...tier,
            all: { ...Object.assign({}, ...seasons.map((name) => tier.seasons[name])), ...tier.all },
          },
    );
    this.state.patch({ bySeason, tiers });
  }

  protected addTier(): void {
    this.state.add('tiers', newTier);
  }

  protected async addSeries(): Promise<void> {
    const id = await this.dialogs.open<string, SeriesDialogData>(
      SeriesDialog,
      { medium: this.state.medium(), series: null },
      { wide: true },
    );
    if (id === undefined) return;
    this.series.reload();
    this.state.patch({ priceSeriesId: id });
  }
}
