// SPDX-License-Identifier: Apache-2.0
/** Each calendar span beside the one a year (or a month) before: like with like, a part against the same part. */
import type { ComparedAnswer } from '@wattledger/contracts/http/analytics';
import { figureOfGroup, headOf, type AskedEnergy } from '../../asking/asked-energy.ts';
import { figureOf } from '../../asking/figures.ts';
import { subjectOf } from '../../asking/subjects.ts';
import { instantText, type Table } from '../../csv/csv.ts';

export function comparedAnswer(
  asked: AskedEnergy,
  grain: ComparedAnswer['grain'],
  gross: boolean,
): ComparedAnswer {
  const { scope, buckets, counterparts } = asked;
  return {
    ...headOf(asked, gross ? 'gross' : 'net'),
    grain,
    buckets: buckets.map((bucket, index) => ({
      ...bucket,
      before: counterparts?.[index] ?? null,
      complete: bucket.endMs <= scope.nowMs,
    })),
    series: asked.groups.map((group, index) => {
      const series = asked.series[index];
      const before = asked.seriesBefore?.[index];
      const none = { measured: 0, estimated: 0, edited: 0, missing: 0 };
      return {
        subject: subjectOf(scope.site, group),
        total: figureOfGroup(asked, index),
        figures: buckets.map((_bucket, at) =>
          figureOf(
            series?.consumption[at] ?? null,
            series?.samePart[at] ?? null,
            before?.samePart[at] ?? null,
          ),
        ),
        slots: buckets.map((_bucket, at) => series?.slots[at] ?? none),
        slotsBefore: buckets.map((_bucket, at) => before?.slots[at] ?? none),
      };
    }),
  };
}

/** One row per series and bucket. */
export function comparedTable(answer: ComparedAnswer): Table {
  const { unit } = answer;
  return {
    columns: [
      'kind',
      'code',
      'name',
      'label',
      'start',
      'end',
      'before_start',
      'before_end',
      `consumption_${unit}`,
      `same_part_${unit}`,
      `before_${unit}`,
      `change_${unit}`,
      'change_share',
      'slots_missing',
      'before_slots_missing',
    ],
    rows: answer.series.flatMap((series) =>
      answer.buckets.map((bucket, index) => {
        const figure = series.figures[index];
        return [
          series.subject.kind,
          series.subject.code,
          series.subject.name,
          bucket.label,
          instantText(bucket.startMs),
          instantText(bucket.endMs),
          instantText(bucket.before?.startMs ?? null),
          instantText(bucket.before?.endMs ?? null),
          figure?.consumption ?? null,
          figure?.samePart ?? null,
          figure?.before ?? null,
          figure?.change ?? null,
          figure?.changeShare ?? null,
          series.slots[index]?.missing ?? null,
          series.slotsBefore[index]?.missing ?? null,
        ];
      }),
    ),
  };
}
