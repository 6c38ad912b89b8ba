// SPDX-License-Identifier: Apache-2.0
import { Component, computed, inject, input, signal } from '@angular/core';
import type { ExplainSlot } from '@wattledger/contracts/http/billing';
import { Answer } from '../../api/answer.ts';
import { BillingApi } from '../../api/billing-api.ts';
import { ask } from '../../api/question.ts';
import { Formats } from '../../format/formats.ts';
import { Icon } from '../../look/icon.ts';
import { TableBox } from '../../look/table-box.ts';
import { QualityMark } from '../../quality/quality-mark.ts';
import { Site } from '../../session/site.ts';
import { Words } from '../../words/words.ts';
import { SlotEvidence } from '../../metering/slot-evidence.ts';
import { DayRegisters } from './day-registers.ts';

/** Every slot behind a day's amount: period, price version, rate, rounding; a slot opens to its registers. */
@Component({
  selector: 'wl-explain-day',
  imports: [Answer, DayRegisters, Icon, QualityMark, SlotEvidence, TableBox],
  templateUrl: './explain-day.html',
  styleUrl: './explain-day.css',
})
export class ExplainDay {
  readonly accountId = input.required<string>();
  readonly pointId = input.required<string>();
  readonly day = input.required<string>();
  private readonly billing = inject(BillingApi);
  private readonly site = inject(Site);
  protected readonly formats = inject(Formats);
  protected readonly t = inject(Words).t;
  protected readonly openSlot = signal<number | null>(null);

  protected readonly explain = ask({
    params: () => {
      const projectId = this.site.projectId();
      return projectId === null
        ? undefined
        : {
            projectId,
            accountId: this.accountId(),
            query: { meteringPointId: this.pointId(), day: this.day() },
          };
    },
    load: ({ projectId, accountId, query }, abort) =>
      this.billing.explain(projectId, accountId, query, abort),
    subject: ({ accountId, query }) => `${accountId}|${query.meteringPointId}|${query.day}`,
  });
  protected readonly versions = computed(
    () =>
      new Map(this.explain.value()?.priceVersions.map((version) => [version.priceVersionId, version]) ?? []),
  );
  protected readonly medium = computed(() => this.explain.value()?.medium ?? 'electricity');
  protected readonly tiered = computed(() =>
    (this.explain.value()?.slots ?? []).some((slot) => slot.position !== null),
  );
  protected readonly seasons = computed(() => [
    ...new Set((this.explain.value()?.slots ?? []).flatMap((slot) => slot.season ?? [])),
  ]);
  /** What rounding added to the day, in the currency's millionths. */
  protected readonly rounding = computed(() =>
    (this.explain.value()?.slots ?? []).reduce((sum, slot) => sum + slot.roundingMilliMicros, 0),
  );

  protected versionOf(slot: ExplainSlot): string {
    const version = this.versions().get(slot.priceVersionId ?? '');
    return version === undefined
      ? '–'
      : this.t('explain.version', { scheme: version.schemeName, number: version.number });
  }

  /** Which tier, and how much of the interval fell into it where a boundary was crossed. */
  protected tierText(slot: ExplainSlot, part: ExplainSlot['parts'][number]): string {
    const tier = part.tier === null ? '' : this.t('explain.tier-number', { tier: part.tier + 1 });
    return slot.parts.length === 1 ? tier : `${tier}: ${this.exact(part.consumption)}`;
  }

  /** Consumption in the unit of the rate, to the last base unit. */
  protected exact(consumption: number): string {
    return this.formats.decimal(consumption / 1000, 3);
  }

  /** Thousandths of a micro as micros with a sign. */
  protected roundingText(milliMicros: number): string {
    return this.formats.decimal(milliMicros / 1000, 3);
  }

  protected toggle(startMs: number): void {
    this.openSlot.update((open) => (open === startMs ? null : startMs));
  }
}
