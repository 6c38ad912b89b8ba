// SPDX-License-Identifier: Apache-2.0
import { Component, computed, effect, inject, input, signal } from '@angular/core';
import { sampleShapes, type PricePreview, type SampleShape } from '@wattledger/contracts/http/billing';
import { BillingApi } from '../../../api/billing-api.ts';
import { ask } from '../../../api/question.ts';
import { Clock } from '../../../clock/clock.ts';
import { Formats } from '../../../format/formats.ts';
import { Site } from '../../../session/site.ts';
import { Words } from '../../../words/words.ts';
import { parseDecimal } from './decimal-text.ts';
import { DraftState } from './draft-state.ts';

type BillLine = NonNullable<PricePreview['bill']>['lines'][number];
const typingPauseMs = 350;

/** What the draft would ask for a month: worked out by the server's own arithmetic while one types. */
@Component({
  selector: 'wl-example-bill',
  templateUrl: './example-bill.html',
  styleUrl: './example-bill.css',
})
export class ExampleBill {
  readonly priceSchemeId = input.required<string>();
  private readonly billing = inject(BillingApi);
  private readonly words = inject(Words);
  protected readonly site = inject(Site);
  protected readonly formats = inject(Formats);
  protected readonly state = inject(DraftState);
  protected readonly t = this.words.t;
  protected readonly shapes = sampleShapes;
  protected readonly month = signal(monthOf(inject(Clock).exactMs()));
  protected readonly consumption = signal('1000');
  protected readonly contracted = signal('10');
  protected readonly shape = signal<SampleShape>('even');
  protected readonly unit = computed(() => (this.state.medium() === 'electricity' ? 'kWh' : 'm³'));
  protected readonly asksContracted = computed(() =>
    this.state.draft().fixed.some((item) => item.basis === 'kw'),
  );

  private readonly wanted = computed(() => {
    const { body } = this.state.checked();
    const consumption = parseDecimal(this.consumption(), 3);
    const contracted = parseDecimal(this.contracted(), 3);
    if (body === null || consumption === null || consumption < 0 || !/^\d{4}-\d\d$/.test(this.month()))
      return null;
    return {
      ...body,
      sample: {
        month: this.month(),
        consumption: consumption / 1000,
        shape: this.shape(),
        contractedDemandW: Math.max(0, (contracted ?? 0) / 1000),
      },
    };
  });
  /** What is asked once the fingers rest. */
  private readonly asked = signal<ReturnType<typeof this.wanted>>(null);
  protected readonly answer = ask({
    params: () => {
      const body = this.asked();
      const projectId = this.site.projectId();
      return body === null || projectId === null ? undefined : { projectId, body };
    },
    load: ({ projectId, body }) => this.billing.previewPriceVersion(projectId, this.priceSchemeId(), body),
    // The last bill stays on the screen while the next is worked out.
    subject: ({ projectId }) => projectId,
  });
  protected readonly bill = computed(() => this.answer.value()?.bill ?? null);
  protected readonly mean = computed(() => {
    const bill = this.bill();
    return bill === null || bill.consumption === 0
      ? null
      : Math.round((bill.totalMicros * 1000) / bill.consumption);
  });
  /** Fields that still keep the bill from being worked out. */
  protected readonly waiting = computed(() => this.wanted() === null);

  constructor() {
    effect((onCleanup) => {
      const body = this.wanted();
      if (body === null) return;
      const timer = setTimeout(() => this.asked.set(body), typingPauseMs);
      onCleanup(() => clearTimeout(timer));
    });
  }

  protected title(line: BillLine): string {
    if (line.item !== null) return line.component === 'minimum' ? this.t('component.minimum') : line.item;
    const parts = [line.period === null ? '' : this.t(`tou.${line.period}`)];
    if (this.state.draft().bySeason && line.season !== null)
      parts.push(this.words.nameOf(`season.${line.season}`, line.season));
    if (this.state.draft().energy === 'tiers')
      parts.push(this.t('price.tier', { number: (line.tier ?? 0) + 1 }));
    return parts.join(' · ');
  }

  /** How the amount comes about, in one line. */
  protected working(line: BillLine): string {
    const { working } = line;
    if (working === null) {
      const consumption = this.formats.consumption(line.consumption, this.state.medium());
      return line.rateMicros === null
        ? consumption
        : `${consumption} × ${this.formats.moneyExact(line.rateMicros)}`;
    }
    switch (working.kind) {
      case 'demand':
        return working.peaks
          .map(
            (peak) =>
              `${this.formats.decimal(peak.demandW / 1000, 3)} kW × ${this.formats.moneyExact(peak.rateMicros)}`,
          )
          .join(' + ');
      case 'fixed':
        return this.t(`price.working-${working.per}`, {
          amount: this.formats.moneyExact(working.amountMicros),
          days: working.days,
        });
      case 'minimum':
        return this.t('price.working-minimum', {
          minimum: this.formats.money(working.minimumMicros),
          charged: this.formats.money(working.chargedMicros),
        });
      case 'share':
        return `${this.formats.share(working.sharePpm / 1_000_000, 2)} × ${this.formats.money(working.baseMicros)}`;
      case 'unit':
        return `${this.formats.consumption(working.consumption, this.state.medium())} × ${this.formats.moneyExact(working.rateMicros)}`;
    }
  }
}

const monthOf = (ms: number): string => new Date(ms).toISOString().slice(0, 7);
