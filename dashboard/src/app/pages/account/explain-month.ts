// SPDX-License-Identifier: Apache-2.0
import { Component, computed, inject, input } from '@angular/core';
import type { ItemWorking, MonthItems } from '@wattledger/contracts/http/billing';
import { Answer } from '../../api/answer.ts';
import { BillingApi } from '../../api/billing-api.ts';
import { ask } from '../../api/question.ts';
import { Formats } from '../../format/formats.ts';
import { TableBox } from '../../look/table-box.ts';
import { Site } from '../../session/site.ts';
import { Words } from '../../words/words.ts';

/** What a month costs beyond its energy: each item with the numbers that lead to it. */
@Component({
  selector: 'wl-explain-month',
  imports: [Answer, TableBox],
  templateUrl: './explain-month.html',
  styleUrl: './explain-day.css',
})
export class ExplainMonth {
  readonly accountId = input.required<string>();
  readonly pointId = input.required<string>();
  readonly month = input.required<string>();
  private readonly billing = inject(BillingApi);
  private readonly site = inject(Site);
  protected readonly formats = inject(Formats);
  protected readonly t = inject(Words).t;

  protected readonly explain = ask({
    params: () => {
      const projectId = this.site.projectId();
      return projectId === null
        ? undefined
        : {
            projectId,
            accountId: this.accountId(),
            query: { meteringPointId: this.pointId(), month: this.month() },
          };
    },
    load: ({ projectId, accountId, query }, abort) =>
      this.billing.monthItems(projectId, accountId, query, abort),
    subject: ({ accountId, query }) => `${accountId}|${query.meteringPointId}|${query.month}`,
  });
  private readonly versions = computed(
    () =>
      new Map(this.explain.value()?.priceVersions.map((version) => [version.priceVersionId, version]) ?? []),
  );

  protected versionOf(item: MonthItems['items'][number]): string {
    const version = this.versions().get(item.priceVersionId);
    return version === undefined
      ? '–'
      : this.t('explain.version', { scheme: version.schemeName, number: version.number });
  }

  /** The working in words, one line for each step. */
  protected workingOf(working: ItemWorking): readonly string[] {
    const { formats, t } = this;
    switch (working.kind) {
      case 'demand':
        return working.peaks.map((peak) =>
          t(peak.atMs === null ? 'items.no-demand' : 'items.demand', {
            demand: formats.decimal(peak.demandW / 1000, 3),
            at: peak.atMs === null ? '' : formats.instant(peak.atMs),
            rate: formats.moneyExact(peak.rateMicros),
            season: peak.season,
            days: peak.days,
            of: working.daysInMonth,
          }),
        );
      case 'fixed': {
        const facts = {
          amount: formats.moneyExact(working.amountMicros),
          days: working.days,
          of: working.daysInMonth,
          demand: formats.decimal((working.contractedDemandW ?? 0) / 1000, 3),
        };
        const basis = working.contractedDemandW === null ? '' : '-kw';
        return [t(`items.fixed.${working.per}${basis}`, facts)];
      }
      case 'minimum':
        return [
          t('items.minimum', {
            minimum: formats.moneyExact(working.minimumMicros),
            charged: formats.moneyExact(working.chargedMicros),
          }),
        ];
      case 'share':
        return [
          t('items.share', {
            share: formats.share(working.sharePpm / 1e6, 2),
            base: formats.moneyMicros(working.baseMicros),
            of: working.of.map((component) => t(`charge-component.${component}`)).join(', '),
          }),
        ];
      case 'unit':
        return [
          t('items.unit', {
            consumption: formats.decimal(working.consumption / 1000, 3),
            rate: formats.moneyExact(working.rateMicros),
          }),
        ];
    }
  }
}
