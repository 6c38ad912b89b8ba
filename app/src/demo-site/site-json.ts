// SPDX-License-Identifier: Apache-2.0
/** A plan as the registry's site file (docs/operating/site-file.md): the demo comes in by the door every customer uses. */
import type { SitePlan } from './site-plan.ts';

const clockOf = (minute: number): string =>
  `${String(Math.floor(minute / 60)).padStart(2, '0')}:${String(minute % 60).padStart(2, '0')}`;
const weekdays = ['monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday', 'sunday'] as const;

/** Answers arrive within milliseconds on loopback; a dead meter should not cost more than it must. */
const gatewayTimeoutMs = 600;

export const projectIdOf = (plan: SitePlan): string => `prj_${plan.project.code.toLowerCase()}`;

/** @param portOf port of a gateway's simulated server */
export function siteJsonOf(plan: SitePlan, portOf: (gateway: string) => number): string {
  const { project } = plan;
  const { calendar } = project;
  return JSON.stringify({
    project: {
      code: project.code,
      id: projectIdOf(plan),
      name: project.name,
      zone: project.zone,
      currency: project.currency,
      slot_minutes: project.slotMinutes,
      poll_interval_seconds: project.pollIntervalSeconds,
      area_m2: project.areaM2,
      address: project.address,
      latitude: project.latitude,
      longitude: project.longitude,
      calendar_id: calendar.id,
      calendar_name: calendar.name,
    },
    day_profiles: Object.entries(calendar.dayProfiles).flatMap(([profile, spans]) =>
      spans.map((span) => ({ profile, from: clockOf(span.fromMinute), period: span.period })),
    ),
    seasons: calendar.seasons.map((season) => ({
      name: season.name,
      from: season.fromMonthDay,
      ...Object.fromEntries(weekdays.map((day, index) => [day, season.weekday[index] ?? ''])),
    })),
    special_days: Object.entries(calendar.specialDays).map(([day, profile]) => ({ day, profile })),
    places: plan.places.map((place) => ({
      code: place.code,
      name: place.name,
      kind: place.kind,
      parent: place.parent,
      use: place.use,
      area_m2: place.areaM2,
      sort_order: place.sortOrder,
    })),
    tenants: plan.tenants.map((tenant) => ({
      code: tenant.code,
      name: tenant.name,
      class: tenant.tenantClass,
      phone: tenant.phone,
    })),
    gateways: plan.gateways.map((gateway) => ({
      code: gateway.code,
      name: gateway.name,
      host: '127.0.0.1',
      port: portOf(gateway.code),
      timeout_ms: gatewayTimeoutMs,
    })),
    meters: plan.points.map((point) => ({
      serial: point.serial,
      model: point.modelId,
      gateway: point.gateway,
      unit_id: point.unitId,
      poll_interval_seconds: point.pollIntervalSeconds,
      switchable: point.switchable ? 'yes' : 'no',
    })),
    metering_points: plan.points.map((point) => ({
      code: point.code,
      name: point.name,
      medium: point.medium,
      role: point.role,
      sub_item: point.subItem,
      place: point.place,
      tenant: point.tenant,
      area_m2: point.areaM2,
      headcount: point.headcount,
      parent: point.parent,
      meter_serial: point.serial,
      register: point.register,
      multiplier:
        point.multiplier.denominator === 1
          ? point.multiplier.numerator
          : `${point.multiplier.numerator}/${point.multiplier.denominator}`,
      register_max: point.registerMax,
      power_max: point.powerMax,
    })),
  });
}
