// SPDX-License-Identifier: Apache-2.0
/** Each calendar span beside the one a year (or a month) before: like with like, a part against the same part. */
import type { ComparedAnswer } from '@wattledger/contracts/http/analytics';
import { figureOfGroup, headOf, type AskedEnergy } from '../../asking/asked-energy.ts';
import { figureOf } from '../../asking/figures.ts';
import { subjectOf } from '../../asking/subjects.ts';
import { instantText, type Table } from '../../csv/csv.ts';
import { noSlots } from '../../sums/energy-sums.ts';

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
      before: counterparts?.beside[index] ?? null,
      complete: bucket.endMs <= scope.nowMs,
    })),
    comparisonAlone: [...(counterparts?.alone ?? [])],
    series: asked.groups.map((group, index) => {
      const series = asked.series[index];
      const before = asked.seriesBefore?.[index];
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
        slots: buckets.map((_bucket, at) => series?.slots[at] ?? noSlots),
        slotsBefore: buckets.map((_bucket, at) => before?.slots[at] ?? noSlots),
        alone: (counterparts?.alone ?? []).map((_bucket, at) => ({
          before: before?.samePart[buckets.length + at] ?? null,
          slotsBefore: before?.slots[buckets.length + at] ?? noSlots,
        })),
      };
    }),
  };
}

/** One row per series and bucket; then one per part of the comparison that stands beside no bucket. */
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
    rows: answer.series.flatMap((series) => [...bucketRows(answer, series), ...aloneRows(answer, series)]),
  };
}

type Series = ComparedAnswer['series'][number];

function bucketRows({ buckets }: ComparedAnswer, { subject, ...series }: Series): Table['rows'] {
  return buckets.map((bucket, index) => {
    const figure = series.figures[index];
    return [
      subject.kind,
      subject.code,
      subject.name,
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
  });
}

function aloneRows({ comparisonAlone }: ComparedAnswer, { subject, alone }: Series): Table['rows'] {
  return comparisonAlone.map(({ label, startMs, endMs }, index) => [
    subject.kind,
    subject.code,
    subject.name,
    label,
    null,
    null,
    instantText(startMs),
    instantText(endMs),
    null,
    null,
    alone[index]?.before ?? null,
    null,
    null,
    null,
    alone[index]?.slotsBefore.missing ?? null,
  ]);
}
