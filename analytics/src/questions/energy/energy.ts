// SPDX-License-Identifier: Apache-2.0
import type { EnergyAnswer, Figure, Grain, Grouping } from '@wattledger/contracts/http/analytics';
import {
  figureOfGroup,
  headOf,
  slotsOfGroup,
  type AskedEnergy,
  type AskedSeries,
} from '../../asking/asked-energy.ts';
import { subjectOf } from '../../asking/subjects.ts';
import { instantText, type Table } from '../../csv/csv.ts';

function valuesOf(series: AskedSeries | undefined): {
  consumption: (number | null)[];
  slotsEstimated: number[];
  slotsMissing: number[];
} {
  return {
    consumption: [...(series?.consumption ?? [])],
    slotsEstimated: (series?.slots ?? []).map((slots) => slots.estimated),
    slotsMissing: (series?.slots ?? []).map((slots) => slots.missing),
  };
}

/** @param total the selection's own figure, in which nothing is counted twice */
export function energyAnswer(
  asked: AskedEnergy,
  total: Figure,
  grain: Grain,
  grouping: Grouping,
): EnergyAnswer {
  return {
    ...headOf(asked, grouping === 'point' ? 'gross' : 'net'),
    grain,
    grouping,
    buckets: [...asked.buckets],
    comparisonBuckets: asked.counterparts === null ? null : [...asked.counterparts],
    total,
    series: asked.groups.map((group, index) => ({
      subject: subjectOf(asked.scope.site, group),
      total: figureOfGroup(asked, index),
      slots: slotsOfGroup(asked, index),
      ...valuesOf(asked.series[index]),
      comparison: asked.seriesBefore === null ? null : valuesOf(asked.seriesBefore[index]),
    })),
  };
}

/** One row per series and bucket. */
export function energyTable(answer: EnergyAnswer): Table {
  const rows = answer.series.flatMap((series) =>
    answer.buckets.map((bucket, index) => [
      series.subject.kind,
      series.subject.code,
      series.subject.name,
      bucket.label,
      instantText(bucket.startMs),
      instantText(bucket.endMs),
      series.consumption[index] ?? null,
      series.comparison?.consumption[index] ?? null,
      series.slotsEstimated[index] ?? null,
      series.slotsMissing[index] ?? null,
    ]),
  );
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
