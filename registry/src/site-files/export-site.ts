// SPDX-License-Identifier: Apache-2.0
/** A project as the tables of a site file: importing them again changes nothing. Pure. */
import type { MeteringPointSnapshot, ProjectSnapshot } from '@wattledger/contracts';
import type { MountedSegment } from '../mountings/segment.ts';
import type { FileInstant } from './site-cells.ts';
import { reduce } from './site-cells.ts';
import type { ExistingSite } from './site-plan.ts';
import type { Numbered, SheetName, SiteRow, SiteTables } from './site-tables.ts';
import { transportCells } from './transport-cells.ts';

export function tablesOf(site: ExistingSite & { readonly project: ProjectSnapshot }): SiteTables {
  const codeOf = new Map(
    [...site.places, ...site.tenants, ...site.gateways, ...site.points].map((thing) => [
      thing.id,
      thing.code,
    ]),
  );
  const code = (id: string | null): string | null => (id === null ? null : (codeOf.get(id) ?? null));
  return {
    ...calendarTables(site.project),
    project: numbered<'project'>([projectRow(site.project)]),
    places: numbered<'places'>(
      site.places.map((place) => ({
        code: place.code,
        name: place.name,
        kind: place.kind,
        parent: code(place.parentId),
        use: place.use,
        area_m2: place.areaM2,
        sort_order: place.sortOrder,
      })),
    ),
    tenants: numbered<'tenants'>(
      site.tenants.map(({ tenantClass, code: own, name, phone, email }) => ({
        code: own,
        name,
        class: tenantClass,
        phone,
        email,
      })),
    ),
    gateways: numbered<'gateways'>(
      site.gateways.map((gateway) => ({
        code: gateway.code,
        name: gateway.name,
        ...transportCells(gateway.transport),
        timeout_ms: gateway.timeoutMs,
        poll_interval_seconds: gateway.pollIntervalSeconds,
        enabled: gateway.enabled,
      })),
    ),
    meters: numbered<'meters'>(
      site.meters.map((meter) => ({
        serial: meter.serial,
        model: meter.modelId,
        gateway: code(meter.gatewayId),
        unit_id: meter.unitId,
        line_address: meter.lineAddress,
        poll_interval_seconds: meter.pollIntervalSeconds,
        switchable: meter.switchable,
        enabled: meter.enabled,
      })),
    ),
    ...pointTables(site, code),
  };
}

function numbered<Sheet extends SheetName>(
  rows: readonly SiteRow<Sheet>[],
): readonly Numbered<SiteRow<Sheet>>[] {
  return rows.map((values, index) => ({ row: index + 2, values }));
}

function projectRow(project: ProjectSnapshot): SiteRow<'project'> {
  return {
    code: project.code,
    name: project.name,
    zone: project.zone,
    currency: project.currency,
    slot_minutes: project.slotMinutes,
    poll_interval_seconds: project.pollIntervalSeconds,
    area_m2: project.areaM2,
    address: project.address,
    latitude: project.latitude,
    longitude: project.longitude,
    // An id that was not made by a file is not one that a file can ask for.
    id: /^prj_[a-z0-9_-]{1,60}$/.test(project.id) ? project.id : null,
    calendar_id: project.calendar.id,
    calendar_name: project.calendar.name,
  };
}

function calendarTables({
  calendar,
}: ProjectSnapshot): Pick<SiteTables, 'day_profiles' | 'seasons' | 'special_days'> {
  return {
    day_profiles: numbered<'day_profiles'>(
      Object.entries(calendar.dayProfiles).flatMap(([profile, spans]) =>
        spans.map(({ fromMinute, period }) => ({ profile, from: fromMinute, period })),
      ),
    ),
    seasons: numbered<'seasons'>(
      calendar.seasons.map(({ name, fromMonthDay, weekday }) => {
        const [
          monday = '',
          tuesday = '',
          wednesday = '',
          thursday = '',
          friday = '',
          saturday = '',
          sunday = '',
        ] = weekday;
        return { name, from: fromMonthDay, monday, tuesday, wednesday, thursday, friday, saturday, sunday };
      }),
    ),
    special_days: numbered<'special_days'>(
      Object.entries(calendar.specialDays).map(([day, profile]) => ({ day, profile })),
    ),
  };
}

/** A point's row carries its newest link and mounting; earlier ones stand in sheets of their own. */
function pointTables(
  site: ExistingSite,
  code: (id: string | null) => string | null,
): Pick<SiteTables, 'metering_points' | 'parent_links' | 'mountings'> {
  const serialOf = new Map(site.meters.map((meter) => [meter.id, meter.serial]));
  const serial = (meterId: string): string => serialOf.get(meterId) ?? '';
  const segmentsOf = Map.groupBy(site.segments, (segment) => segment.meteringPointId);
  const newest = <Span extends { readonly fromMs: number }>(spans: readonly Span[]): readonly Span[] =>
    spans.toSorted((a, b) => b.fromMs - a.fromMs);
  const sorted = site.points.map((point) => ({
    point,
    links: newest(point.parentLinks),
    segments: newest(segmentsOf.get(point.id) ?? []),
  }));
  return {
    metering_points: numbered<'metering_points'>(
      sorted.map(({ point, links: [link], segments: [segment] }) => ({
        ...pointCells(point, code),
        parent: code(link?.parentId ?? null),
        parent_from: startOf(link),
        parent_to: endOf(link),
        meter_serial: segment === undefined ? null : serial(segment.meterId),
        register: segment?.register ?? null,
        ...mountingCells(segment),
      })),
    ),
    parent_links: numbered<'parent_links'>(
      sorted.flatMap(({ point, links: [, ...earlier] }) =>
        earlier.map((link) => ({
          point: point.code,
          parent: code(link.parentId) ?? '',
          parent_from: startOf(link),
          parent_to: endOf(link),
        })),
      ),
    ),
    mountings: numbered<'mountings'>(
      sorted.flatMap(({ point, segments: [, ...earlier] }) =>
        earlier.map((segment) => ({
          point: point.code,
          meter_serial: serial(segment.meterId),
          register: segment.register,
          ...mountingCells(segment),
        })),
      ),
    ),
  };
}

function pointCells(point: MeteringPointSnapshot, code: (id: string | null) => string | null) {
  return {
    code: point.code,
    name: point.name,
    medium: point.medium,
    role: point.role,
    sub_item: point.subItem,
    place: code(point.placeId),
    tenant: code(point.tenantId),
    area_m2: point.areaM2,
    headcount: point.headcount,
  };
}

function mountingCells(segment: MountedSegment | undefined) {
  return {
    quantity: segment?.quantity ?? null,
    mounted_from: startOf(segment),
    mounted_to: endOf(segment),
    multiplier:
      segment === undefined
        ? null
        : reduce(BigInt(segment.multiplierNumerator), BigInt(segment.multiplierDenominator)),
    register_max: segment?.registerMax ?? null,
    power_max: segment?.powerMax ?? null,
    opening: segment?.openingReading ?? null,
    closing: segment?.closingReading ?? null,
  };
}

/** Blank is the beginning. */
function startOf(span: { readonly fromMs: number } | undefined): FileInstant | null {
  return span === undefined || span.fromMs === 0 ? null : { ms: span.fromMs };
}
function endOf(span: { readonly toMs: number | null } | undefined): FileInstant | null {
  return span === undefined || span.toMs === null ? null : { ms: span.toMs };
}
