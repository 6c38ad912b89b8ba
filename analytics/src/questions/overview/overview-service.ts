// SPDX-License-Identifier: Apache-2.0
/** The first page: how today, this month and this year stand against the spans before, and where the energy goes. */
import { DateTime } from 'luxon';
import { mayDo, media, type Medium, type Principal } from '@wattledger/contracts';
import { unitOfMedium, type GroupOverview, type ProjectOverview } from '@wattledger/contracts/http/analytics';
import { plainSpan } from '../../asking/asked-energy.ts';
import { gridOf, scopeOfMedium, type Asker } from '../../asking/asker.ts';
import { currentEdges, spanOf, type Grid } from '../../calendar/span.ts';
import { readChargedSpans } from '../../charge-days/charges-store.ts';
import { newestReading } from '../../coverage/as-of.ts';
import { pointsOfMedium, type Site } from '../../site/site.ts';
import { askCurrentFigures, coverageOfSpans, type Unit } from '../../asking/current-figures.ts';
import { askMediumOverview, perM2 } from './medium-overview.ts';

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
    media: await Promise.all(
      mediaOf(site).map(async (medium) => await askMediumOverview(asker, site, medium)),
    ),
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
      const { today, month, year, coverage } = await askCurrentFigures(
        asker,
        await scopeOfMedium(asker, projectId, medium),
      );
      const monthPerM2 = perM2(month.consumption, project.areaM2);
      return {
        medium,
        unit: unitOfMedium[medium],
        today,
        month,
        year,
        coverage: coverageOfSpans(coverage),
        monthPerM2,
        asOf: coverage.month.asOf,
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
