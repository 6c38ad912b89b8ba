// SPDX-License-Identifier: Apache-2.0
import {
  addressOfTransport,
  type GatewaySnapshot,
  type MeteringPointSnapshot,
  type MeterSnapshot,
  type PlaceSnapshot,
  type TenantSnapshot,
} from '@wattledger/contracts';
import { faultsOfMeter } from '../meters/meter.ts';
import type { PointRow } from '../metering-points/metering-points-store.ts';
import { faultsOfPlaces } from '../places/place-tree.ts';
import { given, planThings, type PlanContext, type Planned, type Referable } from './plan-context.ts';
import type { Numbered, SiteRow, SiteTables } from './site-tables.ts';
import { stableId } from './stable-id.ts';
import { calledNameOf, transportOf } from './transport-cells.ts';

const codeOf = (thing: { readonly code: string }): string => thing.code;

export function planPlaces(
  context: PlanContext,
  rows: SiteTables['places'],
  existing: readonly PlaceSnapshot[],
): Planned<PlaceSnapshot> {
  // Parents may stand below their children, so ids of all rows are known before the first is merged.
  const idOfCode = new Map(existing.map((place) => [place.code, place.id]));
  for (const { values } of rows) {
    if (!idOfCode.has(values.code))
      idOfCode.set(values.code, stableId('place', [context.projectId, values.code]));
  }
  const target = { sheet: 'places', what: 'place', idOfCode } as const;
  const planned = planThings({
    context,
    sheet: 'places',
    keyColumn: 'code',
    rows,
    existing,
    keyOfRow: codeOf,
    keyOfThing: codeOf,
    merge: ({ row, values }, before): PlaceSnapshot => ({
      id: idOfCode.get(values.code) ?? '',
      projectId: context.projectId,
      parentId:
        values.parent === undefined
          ? (before?.parentId ?? null)
          : context.refer('places', row, 'parent', values.parent, target),
      kind: values.kind,
      code: values.code,
      name: values.name,
      use: given(values.use, before?.use, null),
      areaM2: given(values.area_m2, before?.areaM2, null),
      sortOrder: given(values.sort_order, before?.sortOrder, 0),
    }),
  });
  for (const { id, message } of faultsOfPlaces(planned.all)) {
    const place = planned.all.find((candidate) => candidate.id === id);
    context.faults.add(
      'places',
      planned.rowOfId.get(id) ?? null,
      'parent',
      `${place?.code ?? id}: ${message}`,
    );
  }
  return planned;
}

export function planTenants(
  context: PlanContext,
  rows: SiteTables['tenants'],
  existing: readonly TenantSnapshot[],
): Planned<TenantSnapshot> {
  return planThings({
    context,
    sheet: 'tenants',
    keyColumn: 'code',
    rows,
    existing,
    keyOfRow: codeOf,
    keyOfThing: codeOf,
    merge: ({ values }, before): TenantSnapshot => ({
      id: before?.id ?? stableId('tenant', [context.projectId, values.code]),
      projectId: context.projectId,
      code: values.code,
      name: values.name,
      tenantClass: given(values.class, before?.tenantClass, 'standard'),
      phone: given(values.phone, before?.phone, null),
      email: given(values.email, before?.email, null),
    }),
  });
}

export function planGateways(
  context: PlanContext,
  rows: SiteTables['gateways'],
  existing: readonly GatewaySnapshot[],
): Planned<GatewaySnapshot> {
  const planned = planThings({
    context,
    sheet: 'gateways',
    keyColumn: 'code',
    rows,
    existing,
    keyOfRow: codeOf,
    keyOfThing: codeOf,
    merge: ({ row, values }, before): GatewaySnapshot => ({
      id: before?.id ?? stableId('gateway', [context.projectId, values.code]),
      projectId: context.projectId,
      code: values.code,
      name: values.name,
      transport: transportOf(values, before?.transport, (column, message) => {
        context.faults.add('gateways', row, column, message);
      }),
      timeoutMs: given(values.timeout_ms, before?.timeoutMs, 1000),
      pollIntervalSeconds: given(values.poll_interval_seconds, before?.pollIntervalSeconds, null),
      enabled: given(values.enabled, before?.enabled, true),
    }),
  });
  refuseRepeats(
    planned,
    // What calls in is unique in the whole group, which the database sees.
    ({ transport }) => (calledNameOf(transport) === null ? addressOfTransport(transport) : null),
    (gateway, other, key) => {
      const row = planned.rowOfId.get(gateway.id) ?? null;
      context.faults.add(
        'gateways',
        row,
        'host',
        `gateway ${other.code} has the address ${key} too; two pollers on one line take each other's answers`,
      );
    },
  );
  return planned;
}

export function planMeters(
  context: PlanContext,
  rows: SiteTables['meters'],
  existing: readonly MeterSnapshot[],
  gateways: Planned<GatewaySnapshot>,
): Planned<MeterSnapshot> {
  const target: Referable = { sheet: 'gateways', what: 'gateway', idOfCode: gateways.idOfCode };
  const columnOf: Readonly<Record<string, string>> = {
    unitId: 'unit_id',
    lineAddress: 'line_address',
    gatewayId: 'gateway',
    modelId: 'model',
  };
  const planned = planThings({
    context,
    sheet: 'meters',
    keyColumn: 'serial',
    rows,
    existing,
    keyOfRow: (values) => values.serial,
    keyOfThing: (meter) => meter.serial,
    merge: ({ row, values }, before): MeterSnapshot => {
      const faultsBefore = context.faults.total;
      const meter: MeterSnapshot = {
        id: before?.id ?? stableId('meter', [context.projectId, values.serial]),
        projectId: context.projectId,
        serial: values.serial,
        modelId: given(values.model, before?.modelId, null),
        gatewayId:
          values.gateway === undefined
            ? (before?.gatewayId ?? null)
            : context.refer('meters', row, 'gateway', values.gateway, target),
        unitId: given(values.unit_id, before?.unitId, null),
        lineAddress: given(values.line_address, before?.lineAddress, null),
        pollIntervalSeconds: given(values.poll_interval_seconds, before?.pollIntervalSeconds, null),
        switchable: given(values.switchable, before?.switchable, false),
        enabled: given(values.enabled, before?.enabled, true),
      };
      const named = typeof values.gateway === 'string' && meter.gatewayId === null;
      // A gateway that was named but not found has been told; without it the unit id looks lost, which it is not.
      if (context.faults.total === faultsBefore && !named) {
        for (const { path, message } of faultsOfMeter(meter))
          context.faults.add('meters', row, columnOf[path] ?? path, message);
      }
      return meter;
    },
  });
  const tellRepeat = (meter: MeterSnapshot, column: string, message: string): void => {
    context.faults.add('meters', planned.rowOfId.get(meter.id) ?? null, column, message);
  };
  refuseRepeats(
    planned,
    (meter) =>
      meter.gatewayId === null || meter.unitId === null ? null : `${meter.gatewayId} ${meter.unitId}`,
    (meter, other) => {
      tellRepeat(
        meter,
        'unit_id',
        `meter ${other.serial} has unit id ${meter.unitId ?? ''} on the same gateway`,
      );
    },
  );
  refuseRepeats(
    planned,
    (meter) =>
      meter.gatewayId === null || meter.lineAddress === null
        ? null
        : `${meter.gatewayId} ${meter.lineAddress}`,
    (meter, other) => {
      tellRepeat(
        meter,
        'line_address',
        `meter ${other.serial} has line address ${meter.lineAddress ?? ''} on the same gateway`,
      );
    },
  );
  return planned;
}

export function planPoints(
  context: PlanContext,
  rows: SiteTables['metering_points'],
  existing: readonly MeteringPointSnapshot[],
  { places, tenants }: { readonly places: Planned<PlaceSnapshot>; readonly tenants: Planned<TenantSnapshot> },
): Planned<PointRow> {
  const place: Referable = { sheet: 'places', what: 'place', idOfCode: places.idOfCode };
  const tenant: Referable = { sheet: 'tenants', what: 'tenant', idOfCode: tenants.idOfCode };
  const merge = (
    { row, values }: Numbered<SiteRow<'metering_points'>>,
    before: PointRow | undefined,
  ): PointRow => {
    const medium = given(values.medium, before?.medium, 'electricity');
    if (before !== undefined && medium !== before.medium) {
      context.faults.add(
        'metering_points',
        row,
        'medium',
        `${values.code} counts ${before.medium}; that cannot be changed. Make another point`,
      );
    }
    return {
      id: before?.id ?? stableId('meteringPoint', [context.projectId, values.code]),
      projectId: context.projectId,
      code: values.code,
      name: values.name,
      medium,
      role: given(values.role, before?.role, 'sub'),
      subItem: given(values.sub_item, before?.subItem, 'other'),
      placeId:
        values.place === undefined
          ? (before?.placeId ?? null)
          : context.refer('metering_points', row, 'place', values.place, place),
      tenantId:
        values.tenant === undefined
          ? (before?.tenantId ?? null)
          : context.refer('metering_points', row, 'tenant', values.tenant, tenant),
      areaM2: given(values.area_m2, before?.areaM2, null),
      headcount: given(values.headcount, before?.headcount, null),
    };
  };
  return planThings({
    context,
    sheet: 'metering_points',
    keyColumn: 'code',
    rows,
    existing: existing.map(({ parentLinks: _links, mountings: _mountings, ...point }): PointRow => point),
    keyOfRow: codeOf,
    keyOfThing: codeOf,
    merge,
  });
}

/** Things that share what only one may have; those the file speaks of are at fault, not those that were there. */
function refuseRepeats<Thing extends { readonly id: string }>(
  planned: Planned<Thing>,
  keyOf: (thing: Thing) => string | null,
  refuse: (thing: Thing, other: Thing, key: string) => void,
): void {
  const holder = new Map<string, Thing>();
  const inFileLast = [...planned.all].sort(
    (a, b) => (planned.rowOfId.get(a.id) ?? 0) - (planned.rowOfId.get(b.id) ?? 0),
  );
  for (const thing of inFileLast) {
    const key = keyOf(thing);
    if (key === null) continue;
    const other = holder.get(key);
    if (other === undefined) holder.set(key, thing);
    else refuse(thing, other, key);
  }
}
