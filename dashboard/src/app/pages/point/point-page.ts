// SPDX-License-Identifier: Apache-2.0
import { Component, computed, inject, input } from '@angular/core';
import { RouterLink } from '@angular/router';
import { AnalyticsApi } from '../../api/analytics-api.ts';
import { Answer } from '../../api/answer.ts';
import { BillingApi } from '../../api/billing-api.ts';
import { ask } from '../../api/question.ts';
import { RegistryApi } from '../../api/registry-api.ts';
import { MeterControl } from '../../control/meter-control.ts';
import { placeBeside } from '../../energy/place-beside.ts';
import { Formats } from '../../format/formats.ts';
import { keepFresh } from '../../live/keep-fresh.ts';
import { FigureTile } from '../../look/figure-tile.ts';
import { Icon } from '../../look/icon.ts';
import { QualityBadge } from '../../quality/quality-badge.ts';
import { Selection } from '../../selection/selection.ts';
import { Site } from '../../session/site.ts';
import { Words } from '../../words/words.ts';
import { ConsumptionTab } from './consumption-tab.ts';
import { MeterCard } from './meter-card.ts';
import { MountingTab } from '../../metering/mounting-tab.ts';
import { ProfileTab } from '../../metering/profile-tab.ts';
import { ReadingsTab } from '../../metering/readings-tab.ts';

const tabs = ['consumption', 'profile', 'readings', 'mounting'] as const;

/** A metering point: what it measures, the meter mounted there, and the proof of every figure. */
@Component({
  selector: 'wl-point-page',
  imports: [
    Answer,
    ConsumptionTab,
    FigureTile,
    Icon,
    MeterCard,
    MeterControl,
    MountingTab,
    ProfileTab,
    QualityBadge,
    ReadingsTab,
    RouterLink,
  ],
  templateUrl: './point-page.html',
  styleUrl: './point-page.css',
})
export class PointPage {
  readonly pointId = input.required<string>();
  private readonly analytics = inject(AnalyticsApi);
  private readonly registry = inject(RegistryApi);
  private readonly billing = inject(BillingApi);
  protected readonly site = inject(Site);
  protected readonly selection = inject(Selection);
  protected readonly formats = inject(Formats);
  protected readonly placeBeside = placeBeside;
  protected readonly t = inject(Words).t;
  protected readonly tabs = tabs;
  protected readonly tab = computed(() => this.selection.choice('tab', tabs, 'consumption'));
  private readonly params = computed(() => {
    const projectId = this.site.projectId();
    return projectId === null ? undefined : { projectId, pointId: this.pointId() };
  });

  protected readonly point = ask({
    params: () => this.params(),
    load: ({ projectId, pointId }, abort) => this.registry.point(projectId, pointId, abort),
    subject: ({ pointId }) => pointId,
  });
  protected readonly summary = ask({
    params: () => this.params(),
    load: ({ projectId, pointId }, abort) => this.analytics.pointSummary(projectId, pointId, abort),
    subject: ({ pointId }) => pointId,
  });
  private readonly accounts = ask({
    params: () => (this.site.may('account:read') ? this.params() : undefined),
    load: ({ projectId, pointId }, abort) =>
      this.billing.accounts(projectId, { meteringPointId: pointId, limit: 1 }, abort),
    subject: ({ pointId }) => pointId,
  });
  protected readonly account = computed(() => this.accounts.value()?.accounts[0] ?? null);
  /** Meters mounted now. */
  protected readonly meterIds = computed(() => [
    ...new Set(
      (this.point.value()?.mountings ?? [])
        .filter((mounting) => mounting.toMs === null)
        .map((mounting) => mounting.meterId),
    ),
  ]);

  constructor() {
    keepFresh(['energy'], [this.summary], 20_000);
  }

  /** From the area down to the room itself. */
  protected placeText(place: { readonly path: readonly string[]; readonly name: string }): string {
    return [...place.path, ...(place.path.at(-1) === place.name ? [] : [place.name])].join(' · ');
  }
}
