// SPDX-License-Identifier: Apache-2.0
/** From what a person asked to meters: which of them, what governs each, and who is left out. */
import type { MeterSnapshot } from '@wattledger/contracts';
import {
  batchMetersMax,
  type BatchAction,
  type BatchTarget,
  type ControlRefusal,
} from '@wattledger/contracts/http/commands';
import { RequestError, type Queryable } from '@wattledger/platform';
import type { BillingParts } from '../parts.ts';
import type { MountedMeters } from '../supply/mounted-meters.ts';
import { loadGoverningAccounts, type GoverningAccount } from './mode-items-store.ts';
import { loadOrders, type OrderRow } from './orders-store.ts';
import { refusalOf } from './refusals.ts';

export interface Target {
  readonly meterId: string;
  readonly serial: string;
  readonly account: GoverningAccount | null;
  readonly order: OrderRow | null;
  readonly refusal: ControlRefusal | null;
}

type Registry = BillingParts['registry'];

/** @throws RequestError 422 target-refused when it names no meters, both ways, or too many */
export function wantedMeters(
  registry: Registry,
  projectId: string,
  { meterIds, filter }: Pick<BatchTarget, 'meterIds' | 'filter'>,
): readonly string[] {
  if ((meterIds === undefined) === (filter === undefined))
    throw targetRefused('Name the meters, or a filter, one of the two.');
  const ids = meterIds === undefined ? filtered(registry, projectId, filter ?? {}) : [...new Set(meterIds)];
  if (ids.length === 0) throw targetRefused('No meter answers to this filter.');
  if (ids.length > batchMetersMax) throw targetRefused(`These are more than ${batchMetersMax} meters.`);
  return ids;
}

function filtered(
  registry: Registry,
  projectId: string,
  { placeId, gatewayId, medium }: NonNullable<BatchTarget['filter']>,
): string[] {
  const within = placeId === undefined ? null : placesBelow(registry, projectId, placeId);
  const found = new Set<string>();
  for (const point of registry.all('metering-point', projectId)) {
    if (medium !== undefined && point.medium !== medium) continue;
    if (within !== null && (point.placeId === null || !within.has(point.placeId))) continue;
    for (const { meterId, toMs } of point.mountings) if (toMs === null) found.add(meterId);
  }
  return [...found]
    .filter((meterId) => gatewayId === undefined || registry.get('meter', meterId)?.gatewayId === gatewayId)
    .sort();
}

function placesBelow(registry: Registry, projectId: string, placeId: string): ReadonlySet<string> {
  const children = new Map<string | null, string[]>();
  for (const place of registry.all('place', projectId))
    children.set(place.parentId, [...(children.get(place.parentId) ?? []), place.id]);
  const found = new Set<string>();
  const open = [placeId];
  for (let id = open.pop(); id !== undefined; id = open.pop()) {
    if (found.has(id)) continue;
    found.add(id);
    open.push(...(children.get(id) ?? []));
  }
  return found;
}

/** What governs each meter now, and whether the action may reach it. In the order of the ids. */
export async function judgeTargets(
  queryable: Queryable,
  { registry, mounted }: { readonly registry: Registry; readonly mounted: MountedMeters },
  ask: {
    readonly projectId: string;
    readonly meterIds: readonly string[];
    readonly action: BatchAction;
    readonly nowMs: number;
  },
): Promise<readonly Target[]> {
  const accounts = await loadGoverningAccounts(queryable, ask.projectId);
  const accountOfPoint = new Map(
    accounts.flatMap((account) => account.meteringPointIds.map((id) => [id, account] as const)),
  );
  const orders = new Map(
    (await loadOrders(queryable, ask.projectId, ask.meterIds)).map((order) => [order.meterId, order]),
  );
  return ask.meterIds.map((meterId): Target => {
    const meter = registry.get('meter', meterId);
    if (meter?.projectId !== ask.projectId)
      return { meterId, serial: meterId, account: null, order: null, refusal: 'unknown-meter' };
    const points = mounted.pointsNow(meterId, ask.nowMs);
    const governing = [...new Set(points.map((pointId) => accountOfPoint.get(pointId) ?? null))];
    const account = governing.find((found) => found !== null) ?? null;
    const order = orders.get(meterId) ?? null;
    const refusal = refusalOf(ask.action, {
      polled: isPolled(meter),
      switchable: meter.switchable,
      shared: account !== null && governing.length > 1,
      account,
      order: order?.action ?? null,
    });
    return { meterId, serial: meter.serial, account, order, refusal };
  });
}

const isPolled = (meter: MeterSnapshot): boolean =>
  meter.enabled && meter.gatewayId !== null && meter.modelId !== null;

const targetRefused = (message: string): RequestError =>
  new RequestError({
    status: 422,
    code: 'target-refused',
    message,
    hint: `Give meterIds, or a filter by place, gateway or medium; at most ${batchMetersMax} meters at once.`,
  });
