// SPDX-License-Identifier: Apache-2.0
import type { Bucket, EnergyAnswer, Figure, Grain, Grouping } from '@wattledger/contracts/http/analytics';
import {
  figureOfGroup,
  headOf,
  slotsOfGroup,
  type AskedEnergy,
  type AskedSeries,
} from '../../asking/asked-energy.ts';
import { subjectOf } from '../../asking/subjects.ts';
import { instantText, type Table } from '../../csv/csv.ts';

interface Values {
  consumption: (number | null)[];
  slotsEstimated: number[];
  slotsMissing: number[];
}

/** Values of the buckets from one to before another. */
function valuesOf(series: AskedSeries | undefined, from: number, to?: number): Values {
  const slots = (series?.slots ?? []).slice(from, to);
  return {
    consumption: (series?.consumption ?? []).slice(from, to),
    slotsEstimated: slots.map((counts) => counts.estimated),
    slotsMissing: slots.map((counts) => counts.missing),
  };
}

/** @param total the selection's own figure, in which nothing is counted twice */
export function energyAnswer(
  asked: AskedEnergy,
  total: Figure,
  grain: Grain,
  grouping: Grouping,
): EnergyAnswer {
  const { buckets, counterparts, seriesBefore } = asked;
  const before = (group: number, from: number, to?: number): Values | null =>
    seriesBefore === null ? null : valuesOf(seriesBefore[group], from, to);
  return {
    ...headOf(asked, grouping === 'point' ? 'gross' : 'net'),
    grain,
    grouping,
    buckets: [...buckets],
    comparisonBuckets: counterparts === null ? null : [...counterparts.beside],
    comparisonAlone: [...(counterparts?.alone ?? [])],
    total,
    series: asked.groups.map((group, index) => ({
      subject: subjectOf(asked.scope.site, group),
      total: figureOfGroup(asked, index),
      slots: slotsOfGroup(asked, index),
      ...valuesOf(asked.series[index], 0),
      comparison: before(index, 0, buckets.length),
      comparisonAlone: before(index, buckets.length),
    })),
  };
}

type Series = EnergyAnswer['series'][number];

function subjectCells({ subject }: Series): (string | null)[] {
  return [subject.kind, subject.code, subject.name];
}

/** One row per series and bucket; then one per part of the comparison that stands beside no bucket. */
export function energyTable(answer: EnergyAnswer): Table {
  const bucketCells = ({ label, startMs, endMs }: Bucket): (string | null)[] => [
    label,
    instantText(startMs),
    instantText(endMs),
  ];
  const rows = answer.series.flatMap((series) => [
    ...answer.buckets.map((bucket, index) => [
      ...subjectCells(series),
      ...bucketCells(bucket),
      series.consumption[index] ?? null,
      series.comparison?.consumption[index] ?? null,
      series.slotsEstimated[index] ?? null,
      series.slotsMissing[index] ?? null,
    ]),
    ...answer.comparisonAlone.map((bucket, index) => [
      ...subjectCells(series),
      ...bucketCells(bucket),
      null,
      series.comparisonAlone?.consumption[index] ?? null,
      null,
      null,
    ]),
  ]);
  return {
    columns: [
      'kind',
      'code',
      'name',
      'label',
      'start',
      'end',
      `consumption_${answer.unit}`,
      `before_${answer.unit}`,
      'slots_estimated',
      'slots_missing',
    ],
    rows,
  };
}
