// SPDX-License-Identifier: Apache-2.0
import { Component, inject, input } from '@angular/core';
import { AnalyticsApi } from '../api/analytics-api.ts';
import { Answer } from '../api/answer.ts';
import { ask } from '../api/question.ts';
import { Formats } from '../format/formats.ts';
import { Icon } from '../look/icon.ts';
import { QualityMark } from '../quality/quality-mark.ts';
import { Site } from '../session/site.ts';
import { Words } from '../words/words.ts';

/** From a slot's energy down to the registers: readings, differences, multiplier, and how much fell into the slot. */
@Component({
  selector: 'wl-slot-evidence',
  imports: [Answer, Icon, QualityMark],
  templateUrl: './slot-evidence.html',
  styleUrl: './slot-evidence.css',
})
export class SlotEvidence {
  readonly pointId = input.required<string>();
  readonly slotStartMs = input.required<number>();
  private readonly analytics = inject(AnalyticsApi);
  private readonly site = inject(Site);
  protected readonly formats = inject(Formats);
  protected readonly words = inject(Words);
  protected readonly t = this.words.t;
  protected readonly evidence = ask({
    params: () => {
      const projectId = this.site.projectId();
      return projectId === null
        ? undefined
        : { projectId, pointId: this.pointId(), start: new Date(this.slotStartMs()).toISOString() };
    },
    load: ({ projectId, pointId, start }, abort) =>
      this.analytics.slotEvidence(projectId, pointId, start, abort),
    subject: ({ pointId, start }) => `${pointId}|${start}`,
  });

  /** Register values of one segment share their scaler. */
  protected scalerOf(segment: { readonly readings: readonly { readonly scaler: number }[] }): number {
    return segment.readings[0]?.scaler ?? 0;
  }

  protected multiplier(segment: {
    readonly multiplierNumerator: number | null;
    readonly multiplierDenominator: number | null;
  }): string {
    const { multiplierNumerator: numerator, multiplierDenominator: denominator } = segment;
    if (numerator === null || denominator === null) return '–';
    return denominator === 1
      ? this.formats.count(numerator)
      : `${this.formats.count(numerator)} / ${this.formats.count(denominator)}`;
  }

  protected exact(consumption: number | null): string {
    return this.formats.decimal(consumption === null ? null : consumption / 1000, 3);
  }
}
