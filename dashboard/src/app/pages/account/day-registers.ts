// SPDX-License-Identifier: Apache-2.0
import { Component, computed, inject, input } from '@angular/core';
import type { SlotEvidenceAnswer } from '@wattledger/contracts/http/analytics';
import type { Explain } from '@wattledger/contracts/http/billing';
import { AnalyticsApi } from '../../api/analytics-api.ts';
import { Answer } from '../../api/answer.ts';
import { ask } from '../../api/question.ts';
import { Formats } from '../../format/formats.ts';
import { Site } from '../../session/site.ts';
import { Words } from '../../words/words.ts';

type Segment = SlotEvidenceAnswer['segments'][number];
type Reading = Segment['readings'][number];

/** A segment's registers at both ends of the day, and what they make with the multiplier. */
interface RegisterLine {
  readonly segmentId: string;
  readonly serial: string;
  readonly from: Reading | undefined;
  readonly to: Reading | undefined;
  readonly multiplier: string;
  /** kWh or m³ between the two readings; null across a rollover or an exchange. */
  readonly energy: number | null;
  /** Of the day's intervals. */
  readonly consumption: number;
}

/** Register × multiplier = energy of the day, for each meter that measured it. */
@Component({
  selector: 'wl-day-registers',
  imports: [Answer],
  templateUrl: './day-registers.html',
  styles: `
    .facts-line {
      display: flex;
      flex-wrap: wrap;
      gap: 4px 18px;
      padding-top: 4px;
    }
  `,
})
export class DayRegisters {
  readonly pointId = input.required<string>();
  readonly segments = input.required<Explain['segments']>();
  readonly slotMinutes = input.required<number>();
  private readonly analytics = inject(AnalyticsApi);
  private readonly site = inject(Site);
  protected readonly formats = inject(Formats);
  protected readonly t = inject(Words).t;
  protected readonly ends = ask({
    params: () => {
      const projectId = this.site.projectId();
      return projectId === null
        ? undefined
        : { projectId, pointId: this.pointId(), segments: this.segments(), minutes: this.slotMinutes() };
    },
    load: async ({ projectId, pointId, segments, minutes }, abort) => {
      const at = async (segmentId: string, startMs: number): Promise<Segment | undefined> => {
        const start = new Date(startMs).toISOString();
        const evidence = await this.analytics.slotEvidence(projectId, pointId, start, abort);
        return evidence.segments.find((segment) => segment.segmentId === segmentId);
      };
      return await Promise.all(
        segments.map(async (segment) => {
          const [first, last] = await Promise.all([
            at(segment.segmentId, segment.fromMs),
            at(segment.segmentId, segment.toMs - minutes * 60_000),
          ]);
          return lineOf(segment, first, last);
        }),
      );
    },
    subject: ({ pointId, segments }) =>
      `${pointId}|${segments.map((segment) => `${segment.segmentId}${segment.fromMs}`).join()}`,
  });
  protected readonly lines = computed(() => this.ends.value() ?? []);
}

function lineOf(
  { segmentId, fromMs, toMs, consumption }: Explain['segments'][number],
  first: Segment | undefined,
  last: Segment | undefined,
): RegisterLine {
  // The last reading before the day, or its first; the first after it, or its last.
  const before = first?.readings.filter((reading) => reading.instantMs <= fromMs).at(-1);
  const from = before ?? first?.readings[0];
  const to = last?.readings.find((reading) => reading.instantMs >= toMs) ?? last?.readings.at(-1);
  const numerator = last?.multiplierNumerator ?? null;
  const denominator = last?.multiplierDenominator ?? null;
  const known = from !== undefined && to !== undefined && numerator !== null && denominator !== null;
  const difference = known ? to.value * 10 ** to.scaler - from.value * 10 ** from.scaler : null;
  return {
    segmentId,
    serial: last?.meterSerial ?? last?.meterId ?? segmentId,
    from,
    to,
    multiplier:
      numerator === null ? '–' : denominator === 1 ? `${numerator}` : `${numerator} / ${denominator}`,
    energy:
      difference === null || !known || difference < 0 ? null : (difference * numerator) / denominator / 1000,
    consumption,
  };
}
