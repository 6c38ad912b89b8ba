// SPDX-License-Identifier: Apache-2.0
/**
 * What a file would change: the tables of the file laid over what exists, judged by the same rules as a person's
 * change; no input or output. Things are recognised by their codes; what the file does not name stays as it is.
 *
 * A blank cell means "none" or the column's default; a column that is left out says nothing. Links and mountings are
 * history: there a blank cell too says nothing about what is already known.
 */
import { setImmediate as giveWay } from 'node:timers/promises';
import type {
  GatewaySnapshot,
  MeteringPointSnapshot,
  MeterSnapshot,
  PlaceSnapshot,
  ProjectSnapshot,
  TenantSnapshot,
} from '@wattledger/contracts';
import type { PointRow } from '../metering-points/metering-points-store.ts';
import type { ParentLink } from '../metering-points/parent-tree.ts';
import type { MountedSegment } from '../mountings/segment.ts';
import { countOf, createContext, type Count, type Counts, type Planned } from './plan-context.ts';
import { planGateways, planMeters, planPlaces, planPoints, planTenants } from './plan-entities.ts';
import { planLinks } from './plan-links.ts';
import { planMountings } from './plan-mountings.ts';
import { planProject } from './plan-project.ts';
import type { ReadSite } from './read-site-file.ts';
import type { SiteFaults } from './site-faults.ts';

export interface ExistingSite {
  readonly project: ProjectSnapshot | null;
  readonly places: readonly PlaceSnapshot[];
  readonly tenants: readonly TenantSnapshot[];
  readonly gateways: readonly GatewaySnapshot[];
  readonly meters: readonly MeterSnapshot[];
  readonly points: readonly MeteringPointSnapshot[];
  readonly segments: readonly MountedSegment[];
}
export const emptySite: ExistingSite = {
  project: null,
  places: [],
  tenants: [],
  gateways: [],
  meters: [],
  points: [],
  segments: [],
};

export interface SitePlan {
  readonly project: ProjectSnapshot;
  readonly places: readonly PlaceSnapshot[];
  readonly tenants: readonly TenantSnapshot[];
  readonly gateways: readonly GatewaySnapshot[];
  readonly meters: readonly MeterSnapshot[];
  readonly points: readonly PointRow[];
  /** Complete sets of links of the points whose links change. */
  readonly links: { readonly pointIds: readonly string[]; readonly links: readonly ParentLink[] };
  /** Segments to be written, each with its state before (undefined: new). */
  readonly segments: readonly {
    readonly before: MountedSegment | undefined;
    readonly after: MountedSegment;
  }[];
  readonly counts: Counts;
}

/**
 * The plan, or null when the file has a fault; faults are in `faults`. Gives way to other work between sheets: a site of
 * 35,000 meters takes seconds, and meters are being polled meanwhile.
 */
export async function planSite(
  read: ReadSite,
  existing: ExistingSite,
  faults: SiteFaults,
): Promise<SitePlan | null> {
  const { tables, broken } = read;
  const project = planProject(tables, existing.project, faults);
  if (project === null) return null;
  const context = createContext(project, faults, broken);
  const places = planPlaces(context, tables.places, existing.places);
  await giveWay();
  const tenants = planTenants(context, tables.tenants, existing.tenants);
  await giveWay();
  const gateways = planGateways(context, tables.gateways, existing.gateways);
  await giveWay();
  const meters = planMeters(context, tables.meters, existing.meters, gateways);
  await giveWay();
  const points = planPoints(context, tables.metering_points, existing.points, { places, tenants });
  await giveWay();
  const links = planLinks(context, tables, existing.points, points);
  await giveWay();
  const segments = planMountings(context, tables, existing.segments, { meters, points });
  if (faults.total > 0) return null;

  const linked = new Set(links.pointIds);
  return {
    project,
    places: places.put,
    tenants: tenants.put,
    gateways: gateways.put,
    meters: meters.put,
    points: points.put,
    links,
    segments: segments.put,
    counts: {
      projects: countOf(existing.project, project),
      places: places.count,
      tenants: tenants.count,
      gateways: gateways.count,
      meters: meters.count,
      meteringPoints: withLinks(points, linked),
      mountings: segments.count,
    },
  };
}

/** A point whose links alone change is an updated point. */
function withLinks(points: Planned<PointRow>, linked: ReadonlySet<string>): Count {
  const put = new Set(points.put.map((point) => point.id));
  const more = [...linked].filter((id) => !put.has(id)).length;
  const { created, updated, unchanged } = points.count;
  return { created, updated: updated + more, unchanged: Math.max(0, unchanged - more) };
}
