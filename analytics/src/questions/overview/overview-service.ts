// SPDX-License-Identifier: Apache-2.0
/** The first page: how today, this month and this year stand against the spans before, and where the energy goes. */
import { DateTime } from 'luxon';
import { mayDo, media, type Medium, type Principal } from '@wattledger/contracts';
import { unitOfMedium, type GroupOverview, type ProjectOverview } from '@wattledger/contracts/http/analytics';
import {
  askEnergy,
  figureOfAll,
  figureOfGroup,
  plainSpan,
  type AskedEnergy,
  type EnergyQuestion,
} from '../../asking/asked-energy.ts';
import { gridOf, scopeOfMedium, type Asker, type Scope } from '../../asking/asker.ts';
import { ratioOf } from '../../asking/figures.ts';
import { subjectOf } from '../../asking/subjects.ts';
import { currentEdges, spanOf, type Grid } from '../../calendar/span.ts';
import { readChargedSpans } from '../../charge-days/charges-store.ts';
import { newestReading } from '../../coverage/as-of.ts';
import { placeOf, tenantOf } from '../../selection/selection.ts';
import { pointsOfMedium, treesOver, type Site } from '../../site/site.ts';
import { askLossTotal } from '../loss/loss-service.ts';

const topConsumersMax = 10;

function mediaOf(site: Site): readonly Medium[] {
  return media.filter((medium) => pointsOfMedium(site, medium).length > 0);
}

function countsOf(site: Site): {
  meteringPoints: number;
  meters: number;
  gateways: number;
  tenants: number;
  places: number;
} {
  return {
    meteringPoints: site.points.size,
    meters: site.meters.size,
    gateways: site.gateways.size,
    tenants: site.tenants.size,
    places: site.places.size,
  };
}

const units = ['day', 'month', 'year'] as const;
type Unit = (typeof units)[number];
type Question = Pick<EnergyQuestion, 'grouping'> & Partial<EnergyQuestion>;

/** Asks about the running day, month or year against the span before. */
async function askCurrent(asker: Asker, scope: Scope, unit: Unit, question: Question): Promise<AskedEnergy> {
  return await askEnergy(asker, scope, {
    ...currentEdges(scope.grid, unit, scope.nowMs),
    compare: 'previous',
    grain: null,
    ...question,
  });
}

async function askFigures(
  asker: Asker,
  scope: Scope,
): Promise<{ readonly day: AskedEnergy; readonly month: AskedEnergy; readonly year: AskedEnergy }> {
  const [day, month, year] = await Promise.all(
    units.map(async (unit) => await askCurrent(asker, scope, unit, { grouping: 'none' })),
  );
  if (day === undefined || month === undefined || year === undefined)
    throw new Error('three spans were asked');
  return { day, month, year };
}

/** A medium's part of the project page. */
async function mediumOverview(
  asker: Asker,
  site: Site,
  medium: Medium,
): Promise<ProjectOverview['media'][number]> {
  const scope = await scopeOfMedium(asker, site.project.id, medium);
  const [figures, monthYearOnYear, bySubItem, byPlace, curve, points, loss] = await Promise.all([
    askFigures(asker, scope),
    askCurrent(asker, scope, 'month', { grouping: 'none', compare: 'last-year' }),
    askCurrent(asker, scope, 'month', { grouping: 'sub-item' }),
    askCurrent(asker, scope, 'month', { grouping: 'place' }),
    askCurrent(asker, scope, 'day', { grouping: 'none', grain: 'slot' }),
    askCurrent(asker, scope, 'month', { grouping: 'point', among: 'ends' }),
    askLossTotal(asker, scope, currentEdges(scope.grid, 'month', scope.nowMs)),
  ]);
  const month = figureOfAll(figures.month);
  return {
    medium,
    unit: unitOfMedium[medium],
    today: figureOfAll(figures.day),
    month,
    year: figureOfAll(figures.year),
    monthYearOnYear: figureOfAll(monthYearOnYear),
    bySubItem: bySubItem.groups.map((group, index) => ({
      ...subjectOf(site, group),
      month: figureOfGroup(bySubItem, index),
      share: shareOf(bySubItem, index, month.consumption),
    })),
    byPlace: byPlace.groups.map((group, index) => {
      const areaM2 = site.places.get(group.id ?? '')?.areaM2 ?? null;
      const figure = figureOfGroup(byPlace, index);
      return {
        ...subjectOf(site, group),
        month: figure,
        share: ratioOf(figure.consumption, month.consumption),
        areaM2,
        monthPerM2: perM2(figure.consumption, areaM2),
      };
    }),
    curve: curveOf(curve),
    topConsumers: topConsumersOf(points, month.consumption),
    loss,
    asOf: figures.month.asOf,
  };
}

function shareOf(asked: AskedEnergy, group: number, whole: number | null): number | null {
  return ratioOf(figureOfGroup(asked, group).consumption, whole);
}

function perM2(consumption: number | null, areaM2: number | null): number | null {
  return consumption === null || areaM2 === null || areaM2 <= 0
    ? null
    : Math.round((consumption / areaM2) * 1_000) / 1_000;
}

/** Today's slots, with yesterday's slot of the same local time behind each. */
function curveOf(asked: AskedEnergy): ProjectOverview['media'][number]['curve'] {
  return {
    startMs: asked.buckets.map((bucket) => bucket.startMs),
    localTime: asked.buckets.map((bucket) => bucket.label.slice(11)),
    today: [...(asked.series[0]?.consumption ?? [])],
    yesterday: asked.buckets.map((_bucket, index) => asked.seriesBefore?.[0]?.consumption[index] ?? null),
  };
}

function topConsumersOf(
  asked: AskedEnergy,
  whole: number | null,
): ProjectOverview['media'][number]['topConsumers'] {
  const { site, selection, nowMs } = asked.scope;
  const tree = treesOver(site, selection.quantity, nowMs, nowMs + 1)[0];
  const rows = asked.groups.map((group, index) => {
    const point = site.points.get(group.id ?? '');
    const placeId = point === undefined || tree === undefined ? null : placeOf(site, tree, point);
    const tenantId = point === undefined || tree === undefined ? null : tenantOf(site, tree, point);
    const month = figureOfGroup(asked, index);
    return {
      ...subjectOf(site, group),
      placeName: placeId === null ? null : (site.places.get(placeId)?.name ?? null),
      tenantName: tenantId === null ? null : (site.tenants.get(tenantId)?.name ?? null),
      month,
      share: ratioOf(month.consumption, whole),
    };
  });
  return rows
    .filter((row) => row.month.consumption !== null)
    .sort((a, b) => (b.month.consumption ?? 0) - (a.month.consumption ?? 0))
    .slice(0, topConsumersMax);
}

/** @throws RequestError no-such-project */
export async function askProjectOverview(asker: Asker, projectId: string): Promise<ProjectOverview> {
  const site = asker.sites.get(projectId);
  const nowMs = asker.clock.nowMs();
  const grid = gridOf(site);
  const newestReadingMs = newestReading(site.points.keys(), await asker.freshness.ofProject(projectId));
  const span = (unit: Unit): ReturnType<typeof plainSpan> => {
    const edges = currentEdges(grid, unit, nowMs);
    return plainSpan(spanOf(grid, edges.fromMs, edges.toMs, { nowMs, newestReadingMs }));
  };
  return {
    projectId,
    zone: site.project.zone,
    slotMinutes: site.project.slotMinutes,
    currency: site.project.currency,
    nowMs,
    spans: { today: span('day'), month: span('month'), year: span('year') },
    counts: countsOf(site),
    media: await Promise.all(mediaOf(site).map(async (medium) => await mediumOverview(asker, site, medium))),
  };
}

type GroupProject = GroupOverview['projects'][number];

async function chargesOf(
  asker: Asker,
  grid: Grid,
  projectId: string,
  nowMs: number,
): Promise<NonNullable<GroupProject['charges']>> {
  const local = DateTime.fromMillis(nowMs, { zone: grid.zone });
  const day = (time: DateTime): string => time.toISODate() ?? '';
  const [todayMicros, monthMicros, yearMicros, monthBeforeMicros] = await readChargedSpans(
    asker.warehouse,
    projectId,
    [
      { fromDay: day(local), toDay: day(local.plus({ days: 1 })) },
      { fromDay: day(local.startOf('month')), toDay: day(local.startOf('month').plus({ months: 1 })) },
      { fromDay: day(local.startOf('year')), toDay: day(local.startOf('year').plus({ years: 1 })) },
      { fromDay: day(local.startOf('month').minus({ months: 1 })), toDay: day(local.startOf('month')) },
    ],
  );
  return {
    todayMicros: todayMicros ?? 0,
    monthMicros: monthMicros ?? 0,
    yearMicros: yearMicros ?? 0,
    monthBeforeMicros: monthBeforeMicros ?? 0,
  };
}

async function groupProject(
  asker: Asker,
  principal: Principal,
  projectId: string,
  nowMs: number,
): Promise<GroupProject> {
  const site = asker.sites.get(projectId);
  const { project } = site;
  const { meteringPoints, meters, gateways, tenants } = countsOf(site);
  const askedMedia = await Promise.all(
    mediaOf(site).map(async (medium) => {
      const figures = await askFigures(asker, await scopeOfMedium(asker, projectId, medium));
      const month = figureOfAll(figures.month);
      return {
        medium,
        unit: unitOfMedium[medium],
        today: figureOfAll(figures.day),
        month,
        year: figureOfAll(figures.year),
        monthPerM2: perM2(month.consumption, project.areaM2),
        asOf: figures.month.asOf,
      };
    }),
  );
  return {
    projectId,
    code: project.code,
    name: project.name,
    zone: project.zone,
    currency: project.currency,
    address: project.address,
    latitude: project.latitude,
    longitude: project.longitude,
    areaM2: project.areaM2,
    meteringPoints,
    meters,
    gateways,
    tenants,
    media: askedMedia,
    charges: mayDo(principal, 'account:read', projectId)
      ? await chargesOf(asker, gridOf(site), projectId, nowMs)
      : null,
  };
}

/** Every project of which the caller may see the energy. */
export async function askGroupOverview(asker: Asker, principal: Principal): Promise<GroupOverview> {
  const nowMs = asker.clock.nowMs();
  const visible = asker.sites.projectIds().filter((projectId) => mayDo(principal, 'energy:read', projectId));
  return {
    nowMs,
    projects: await Promise.all(
      visible.map(async (projectId) => await groupProject(asker, principal, projectId, nowMs)),
    ),
  };
}
