// SPDX-License-Identifier: Apache-2.0
import type { SiteSpec } from '@wattledger/ingest';
import type { SitePlan } from './site-plan.ts';

/** The field that stands behind a plan: each metering point's meter with its load, its parent and its gateway. */
export function simulatedSiteOf(plan: SitePlan): SiteSpec {
  const serialOf = new Map(plan.points.map((point) => [point.code, point.serial]));
  return {
    code: plan.project.code,
    zone: plan.project.zone,
    calendar: plan.project.calendar,
    gateways: plan.gateways.map((gateway) => gateway.code),
    meters: plan.points.map((point) => ({
      serial: point.serial,
      gateway: point.gateway,
      unitId: point.unitId,
      modelId: point.modelId,
      parent: point.parent === null ? null : (serialOf.get(point.parent) ?? null),
      load: point.load,
      lossPermille: point.lossPermille,
      multiplier: point.multiplier,
      registerAtStart: point.registerAtStart,
    })),
  };
}
