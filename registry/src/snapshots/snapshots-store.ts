// SPDX-License-Identifier: Apache-2.0
/** Reads entities from the tables in the shape in which they are told to everybody else. */
import type {
  AlarmSchemeSnapshot,
  GatewaySnapshot,
  MeteringPointSnapshot,
  MeterSnapshot,
  Mounting,
  PlaceSnapshot,
  ProjectSnapshot,
  RegistryEntity,
  SnapshotOf,
  TenantSnapshot,
} from '@wattledger/contracts';
import type { Queryable } from '@wattledger/platform';
import { segmentOf } from '../mountings/segment.ts';
import { readSegments } from '../mountings/mountings-store.ts';

/** `ids` null means all of the project; a page may follow the id `after`, in order of ids. */
export interface SnapshotSelection {
  readonly projectId: string;
  readonly ids: readonly string[] | null;
}

type Loader<Snapshot> = (queryable: Queryable, selection: SnapshotSelection) => Promise<readonly Snapshot[]>;

const selected = (alias: string): string =>
  `${alias}.project_id = $1 and ($2::text[] is null or ${alias}.id = any ($2))`;

const loadProjects: Loader<ProjectSnapshot> = async (queryable, { projectId, ids }) =>
  (
    await queryable.query<ProjectSnapshot>(
      `select p.id, p.code, p.name, p.zone, p.currency, p.slot_minutes as "slotMinutes",
         p.poll_interval_seconds as "pollIntervalSeconds", p.calendar, p.area_m2 as "areaM2", p.address, p.latitude, p.longitude
       from registry.projects p
       where p.id = $1 and ($2::text[] is null or p.id = any ($2))`,
      [projectId, ids],
    )
  ).rows;

const loadPlaces: Loader<PlaceSnapshot> = async (queryable, { projectId, ids }) =>
  (
    await queryable.query<PlaceSnapshot>(
      `select p.id, p.project_id as "projectId", p.parent_id as "parentId", p.kind, p.code, p.name, p.use,
         p.area_m2 as "areaM2", p.sort_order as "sortOrder"
       from registry.places p where ${selected('p')}
       order by p.sort_order, p.code`,
      [projectId, ids],
    )
  ).rows;

const loadGateways: Loader<GatewaySnapshot> = async (queryable, { projectId, ids }) =>
  (
    await queryable.query<GatewaySnapshot>(
      `select g.id, g.project_id as "projectId", g.code, g.name, g.transport, g.timeout_ms as "timeoutMs",
         g.poll_interval_seconds as "pollIntervalSeconds", g.enabled
       from registry.gateways g where ${selected('g')}
       order by g.code`,
      [projectId, ids],
    )
  ).rows;

const loadMeters: Loader<MeterSnapshot> = async (queryable, { projectId, ids }) =>
  (
    await queryable.query<MeterSnapshot>(
      `select m.id, m.project_id as "projectId", m.serial, m.model_id as "modelId", m.gateway_id as "gatewayId",
         m.unit_id as "unitId", m.line_address as "lineAddress", m.poll_interval_seconds as "pollIntervalSeconds", m.switchable, m.enabled
       from registry.meters m where ${selected('m')}
       order by m.serial`,
      [projectId, ids],
    )
  ).rows;

const loadTenants: Loader<TenantSnapshot> = async (queryable, { projectId, ids }) =>
  (
    await queryable.query<TenantSnapshot>(
      `select t.id, t.project_id as "projectId", t.code, t.name, t.tenant_class as "tenantClass", t.phone, t.email
       from registry.tenants t where ${selected('t')}
       order by t.code`,
      [projectId, ids],
    )
  ).rows;

interface SpanRow {
  readonly pointId: string;
  readonly fromMs: number;
  readonly toMs: number | null;
}
type LinkRow = SpanRow & { readonly parentId: string };
type MountedRow = SpanRow & MeteringPointSnapshot['mountings'][number];

/**
 * Three plain questions, joined here: a join in SQL went wrong by seconds while the tables had no statistics yet, which
 * is exactly when a large site has just been imported (10,000 points: 11 s, now 0.15 s).
 */
const loadMeteringPoints: Loader<MeteringPointSnapshot> = async (queryable, { projectId, ids }) => {
  const points = await queryable.query<Omit<MeteringPointSnapshot, 'parentLinks' | 'mountings'>>(
    `select p.id, p.project_id as "projectId", p.code, p.name, p.medium, p.role, p.sub_item as "subItem",
       p.place_id as "placeId", p.tenant_id as "tenantId", p.area_m2 as "areaM2", p.headcount
     from registry.metering_points p where ${selected('p')}
     order by p.code`,
    [projectId, ids],
  );
  const links = await queryable.query<LinkRow>(
    `select l.point_id as "pointId", l.parent_id as "parentId", l.from_ms as "fromMs", l.to_ms as "toMs"
     from registry.parent_links l where l.project_id = $1 and ($2::text[] is null or l.point_id = any ($2))
     order by l.from_ms`,
    [projectId, ids],
  );
  const mounted = await queryable.query<MountedRow>(
    `select s.point_id as "pointId", s.segment_id as "segmentId", s.meter_id as "meterId", s.register,
       s.from_ms as "fromMs", s.to_ms as "toMs", s.quantity, s.multiplier_numerator as "multiplierNumerator",
       s.multiplier_denominator as "multiplierDenominator", s.register_max as "registerMax",
       s.power_max as "powerMax"
     from registry.mountings s where s.project_id = $1 and ($2::text[] is null or s.point_id = any ($2))
     order by s.from_ms`,
    [projectId, ids],
  );
  const linksOf = Map.groupBy(links.rows, (link) => link.pointId);
  const mountedAt = Map.groupBy(mounted.rows, (segment) => segment.pointId);
  return points.rows.map((point) => ({
    ...point,
    parentLinks: (linksOf.get(point.id) ?? []).map(({ parentId, fromMs, toMs }) => ({
      parentId,
      fromMs,
      toMs,
    })),
    mountings: (mountedAt.get(point.id) ?? []).map(({ pointId: _pointId, ...segment }) => segment),
  }));
};

/** Who is told stays here: the others get what they judge by. */
const loadAlarmSchemes: Loader<AlarmSchemeSnapshot> = async (queryable, { projectId, ids }) =>
  (
    await queryable.query<AlarmSchemeSnapshot>(
      `select s.id, s.project_id as "projectId", s.tenant_class as "tenantClass", s.body -> 'rules' as rules
       from registry.alarm_schemes s where ${selected('s')}
       order by s.tenant_class nulls first`,
      [projectId, ids],
    )
  ).rows;

const loaders: { readonly [E in RegistryEntity]: Loader<SnapshotOf[E]> } = {
  project: loadProjects,
  place: loadPlaces,
  gateway: loadGateways,
  meter: loadMeters,
  'metering-point': loadMeteringPoints,
  tenant: loadTenants,
  'alarm-scheme': loadAlarmSchemes,
};

export const registryEntities = Object.keys(loaders) as readonly RegistryEntity[];

/** Snapshots of a project's entities of one kind, in their natural order (code or serial). */
export async function loadSnapshots<E extends RegistryEntity>(
  queryable: Queryable,
  entity: E,
  selection: SnapshotSelection,
): Promise<readonly SnapshotOf[E][]> {
  return await loaders[entity](queryable, selection);
}

export async function loadSnapshot<E extends RegistryEntity>(
  queryable: Queryable,
  entity: E,
  projectId: string,
  id: string,
): Promise<SnapshotOf[E] | undefined> {
  return (await loadSnapshots(queryable, entity, { projectId, ids: [id] }))[0];
}

/** Mounting records of meters: all their segments, oldest first, with the project's zone, slots and calendar. */
export async function loadMountings(
  queryable: Queryable,
  project: ProjectSnapshot,
  meterIds: readonly string[],
): Promise<readonly Mounting[]> {
  const byMeter = new Map<string, Mounting['segments']>(meterIds.map((meterId) => [meterId, []]));
  for (const mounted of await readSegments(queryable, project.id, { meterIds }))
    byMeter.get(mounted.meterId)?.push(segmentOf(mounted));
  return [...byMeter].map(([meterId, segments]) => ({
    kind: 'mounting',
    meterId,
    projectId: project.id,
    zone: project.zone,
    slotMinutes: project.slotMinutes,
    calendar: project.calendar,
    segments,
  }));
}
