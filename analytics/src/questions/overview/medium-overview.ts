// SPDX-License-Identifier: Apache-2.0
/** A medium's part of the project page: five questions of the warehouse in all. */
import type { Medium } from '@wattledger/contracts';
import {
  unitOfMedium,
  type Figure,
  type ProjectOverview,
  type SlotCounts,
} from '@wattledger/contracts/http/analytics';
import { askEnergy, type AskedEnergy } from '../../asking/asked-energy.ts';
import { scopeOfMedium, type Asker, type Scope } from '../../asking/asker.ts';
import { ratioOf } from '../../asking/figures.ts';
import { hullOf, sumIntervals, type Interval, type IntervalSums } from '../../asking/interval-sums.ts';
import { subjectOf } from '../../asking/subjects.ts';
import { currentEdges } from '../../calendar/span.ts';
import { defaultPlaceLevel, grossTerms, netTerms, type Group } from '../../selection/net-terms.ts';
import { placeOf, tenantOf } from '../../selection/selection.ts';
import { treesOver, type Site, type Tree } from '../../site/site.ts';
import { askLossTotal } from '../loss/loss-service.ts';
import {
  askCurrentFigures,
  currentOf,
  figureFrom,
  intervalsOf,
  type Compared,
} from '../../asking/current-figures.ts';

const topConsumersMax = 10;

type MediumOverview = ProjectOverview['media'][number];

/** Every point's month, and how points group over it. */
interface Month {
  readonly compared: Compared;
  readonly intervals: readonly Interval[];
  readonly trees: readonly Tree[];
  readonly points: IntervalSums;
}

async function askMonth(asker: Asker, scope: Scope, compared: Compared): Promise<Month> {
  const intervals = intervalsOf(compared);
  const hull = hullOf(intervals);
  const trees = treesOver(scope.site, scope.selection.quantity, hull.fromMs, hull.toMs);
  const terms = grossTerms(scope.site, scope.selection, trees, 'all');
  return { compared, intervals, trees, points: await sumIntervals(asker, scope, terms, intervals) };
}

/** Figures of groups: out of the single points where the tree stood still, else asked for. */
async function askGroups(
  asker: Asker,
  scope: Scope,
  { compared, intervals, trees, points }: Month,
  grouping: 'sub-item' | 'place',
): Promise<{ readonly group: Group; readonly month: Figure; readonly slots: SlotCounts }[]> {
  const level = defaultPlaceLevel(scope.site, scope.selection);
  const terms = netTerms(scope.site, scope.selection, trees, grouping, level);
  const values = points.regroupedBy(terms) ?? (await sumIntervals(asker, scope, terms, intervals));
  return terms.groups.map((group, index) => ({
    group,
    month: figureFrom((interval) => values.valueOf(index, interval), compared),
    slots: values.slotsOf(index, compared.span),
  }));
}

export async function askMediumOverview(asker: Asker, site: Site, medium: Medium): Promise<MediumOverview> {
  const scope = await scopeOfMedium(asker, site.project.id, medium);
  const day = currentEdges(scope.grid, 'day', scope.nowMs);
  const current = currentOf(scope);
  const [figures, month, curve, loss] = await Promise.all([
    askCurrentFigures(asker, scope, current),
    askMonth(asker, scope, current.spans.month),
    askEnergy(asker, scope, { ...day, compare: 'previous', grain: 'slot', grouping: 'none' }),
    askLossTotal(asker, scope, currentEdges(scope.grid, 'month', scope.nowMs)),
  ]);
  const whole = figures.month.consumption;
  const { today, month: thisMonth, year, monthLastYear } = figures.coverage;
  const bySubItem = await askGroups(asker, scope, month, 'sub-item');
  const byPlace = await askGroups(asker, scope, month, 'place');
  return {
    medium,
    unit: unitOfMedium[medium],
    today: figures.today,
    month: figures.month,
    year: figures.year,
    monthYearOnYear: figures.monthLastYear,
    coverage: { today, month: thisMonth, year, monthYearOnYear: monthLastYear },
    bySubItem: bySubItem.map(({ group, month: figure, slots }) => ({
      ...subjectOf(site, group),
      month: figure,
      share: ratioOf(figure.consumption, whole),
      slots,
    })),
    byPlace: byPlace.map(({ group, month: figure, slots }) => {
      const areaM2 = site.places.get(group.id ?? '')?.areaM2 ?? null;
      return {
        ...subjectOf(site, group),
        month: figure,
        share: ratioOf(figure.consumption, whole),
        areaM2,
        monthPerM2: perM2(figure.consumption, areaM2),
        slots,
      };
    }),
    curve: curveOf(curve),
    topConsumers: topConsumersOf(scope, month, whole),
    loss,
    asOf: thisMonth.asOf,
  };
}

/** Base units per m² to a thousandth; null where either is unknown. */
export function perM2(consumption: number | null, areaM2: number | null): number | null {
  return consumption === null || areaM2 === null || areaM2 <= 0
    ? null
    : Math.round((consumption / areaM2) * 1_000) / 1_000;
}

/** Today's slots, with yesterday's slot of the same local time behind each. */
function curveOf(asked: AskedEnergy): MediumOverview['curve'] {
  const slots = asked.series[0]?.slots ?? [];
  return {
    startMs: asked.buckets.map((bucket) => bucket.startMs),
    localTime: asked.buckets.map((bucket) => bucket.label.slice(11)),
    today: [...(asked.series[0]?.consumption ?? [])],
    yesterday: asked.buckets.map((_bucket, index) => asked.seriesBefore?.[0]?.consumption[index] ?? null),
    slotsEstimated: slots.map((counts) => counts.estimated),
    slotsMissing: slots.map((counts) => counts.missing),
  };
}

/** The largest points that have nothing metered beneath them. */
function topConsumersOf(
  { site }: Scope,
  { points, trees, compared }: Month,
  whole: number | null,
): MediumOverview['topConsumers'] {
  const tree = trees.at(-1);
  if (tree === undefined) return [];
  return points.groups
    .map((group, index) => ({ group, index, consumption: points.valueOf(index, compared.span) }))
    .filter(
      ({ group, consumption }) =>
        consumption !== null && (tree.meteredChildrenOf.get(group.id ?? '')?.length ?? 0) === 0,
    )
    .sort((a, b) => (b.consumption ?? 0) - (a.consumption ?? 0))
    .slice(0, topConsumersMax)
    .map(({ group, index, consumption }) => {
      const point = site.points.get(group.id ?? '');
      const placeId = point === undefined ? null : placeOf(site, tree, point);
      const tenantId = point === undefined ? null : tenantOf(site, tree, point);
      return {
        ...subjectOf(site, group),
        placeName: placeId === null ? null : (site.places.get(placeId)?.name ?? null),
        tenantName: tenantId === null ? null : (site.tenants.get(tenantId)?.name ?? null),
        month: figureFrom((interval) => points.valueOf(index, interval), compared),
        share: ratioOf(consumption, whole),
        slots: points.slotsOf(index, compared.span),
      };
    });
}
