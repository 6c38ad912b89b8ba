// SPDX-License-Identifier: Apache-2.0
/** Energy answers as series to draw. Pure. */
import type { Bucket, EnergyAnswer, Figure, Grain } from '@wattledger/contracts/http/analytics';

export interface DrawnSeries {
  readonly name: string;
  /** Base units along the buckets; null = nothing known. */
  readonly values: readonly (number | null)[];
  readonly slotsEstimated: readonly number[];
  readonly slotsMissing: readonly number[];
  readonly total: Figure;
  /** The same buckets in the span before. */
  readonly before: readonly (number | null)[] | null;
}

export interface Drawing {
  readonly grain: Grain;
  readonly buckets: readonly Bucket[];
  readonly beforeBuckets: readonly (Bucket | null)[] | null;
  /** From here on energy is still coming in: a bucket that reaches beyond is not whole. */
  readonly untilMs: number;
  readonly series: readonly DrawnSeries[];
}

/** Several answers over the same span laid over each other; each gives its first series under the given name. */
export function overlay(
  answers: readonly { readonly name: string; readonly answer: EnergyAnswer }[],
): Drawing | null {
  const first = answers[0]?.answer;
  if (first === undefined) return null;
  return {
    grain: first.grain,
    buckets: first.buckets,
    beforeBuckets: first.comparisonBuckets,
    untilMs: first.period.untilMs,
    series: answers.map(({ name, answer }) => {
      const series = answer.series[0];
      return {
        name,
        values: series?.consumption ?? answer.buckets.map(() => null),
        slotsEstimated: series?.slotsEstimated ?? [],
        slotsMissing: series?.slotsMissing ?? [],
        total: answer.total,
        before: series?.comparison?.consumption ?? null,
      };
    }),
  };
}

/** The groups of one answer, largest first; beyond `seriesMax` the rest is added up under one name. */
export function groups(
  answer: EnergyAnswer,
  nameOf: (subject: EnergyAnswer['series'][number]['subject']) => string,
  restName: string,
  seriesMax = 8,
): Drawing {
  const sorted = [...answer.series].sort((a, b) => (b.total.consumption ?? 0) - (a.total.consumption ?? 0));
  const shown = sorted.slice(0, sorted.length > seriesMax ? seriesMax - 1 : seriesMax);
  const rest = sorted.slice(shown.length);
  const drawn: DrawnSeries[] = shown.map((series) => ({
    name: nameOf(series.subject),
    values: series.consumption,
    slotsEstimated: series.slotsEstimated,
    slotsMissing: series.slotsMissing,
    total: series.total,
    before: null,
  }));
  if (rest.length > 0) drawn.push(sumOf(rest, restName, answer.buckets.length));
  return {
    grain: answer.grain,
    buckets: answer.buckets,
    beforeBuckets: null,
    untilMs: answer.period.untilMs,
    series: drawn,
  };
}

function sumOf(rest: EnergyAnswer['series'], name: string, length: number): DrawnSeries {
  const along = <T>(pick: (index: number) => T): T[] => Array.from({ length }, (_, index) => pick(index));
  const total = rest.reduce((sum, series) => sum + (series.total.consumption ?? 0), 0);
  return {
    name,
    values: along((index) => addKnown(rest.map((series) => series.consumption[index] ?? null))),
    slotsEstimated: along((index) =>
      rest.reduce((sum, series) => sum + (series.slotsEstimated[index] ?? 0), 0),
    ),
    slotsMissing: along((index) => rest.reduce((sum, series) => sum + (series.slotsMissing[index] ?? 0), 0)),
    total: { consumption: total, samePart: total, before: null, change: null, changeShare: null },
    before: null,
  };
}

/** The bucket is not whole yet. */
export function isRunning(drawing: Drawing, index: number): boolean {
  return (drawing.buckets[index]?.endMs ?? 0) > drawing.untilMs;
}

/** Sum of what is known; null when nothing is. */
export function addKnown(values: readonly (number | null)[]): number | null {
  const known = values.filter((value) => value !== null);
  return known.length === 0 ? null : known.reduce((sum, value) => sum + value, 0);
}

/** Every height that is drawn, for choosing one scale; of stacked series the height of the stack. */
export function drawnValues(drawing: Drawing | null, stacked = false): readonly (number | null)[] {
  if (drawing === null) return [];
  if (stacked)
    return drawing.buckets.map((_, index) =>
      addKnown(drawing.series.map((series) => series.values[index] ?? null)),
    );
  return drawing.series.flatMap((series) => [...series.values, ...(series.before ?? [])]);
}
