// SPDX-License-Identifier: Apache-2.0
/** A planned project together with the ids the registry gave it. */
import type { Tree } from '@wattledger/contracts/http/registry';
import type { PlannedAccount, PlannedPoint, SitePlan } from './site-plan.ts';

export interface SeededProject {
  readonly plan: SitePlan;
  readonly projectId: string;
  /** By serial. */
  readonly meterIds: ReadonlyMap<string, string>;
  /** By code. */
  readonly pointIds: ReadonlyMap<string, string>;
  readonly placeIds: ReadonlyMap<string, string>;
  readonly tenantIds: ReadonlyMap<string, string>;
  readonly points: ReadonlyMap<string, PlannedPoint>;
  /** By account id. */
  readonly accounts: ReadonlyMap<string, PlannedAccount>;
}

/** Stable, so that opening the accounts again opens nothing twice. */
export const accountIdOf = (plan: SitePlan, account: PlannedAccount): string =>
  `acc_${plan.project.code}_${account.tenant}`.toLowerCase();

export function seededProjectOf(plan: SitePlan, tree: Tree): SeededProject {
  return {
    plan,
    projectId: tree.project.id,
    meterIds: new Map(tree.meters.map((meter) => [meter.serial, meter.id])),
    pointIds: new Map(tree.points.map((point) => [point.code, point.id])),
    placeIds: new Map(tree.places.map((place) => [place.code, place.id])),
    tenantIds: new Map(tree.tenants.map((tenant) => [tenant.code, tenant.id])),
    points: new Map(plan.points.map((point) => [point.code, point])),
    accounts: new Map(plan.accounts.map((account) => [accountIdOf(plan, account), account])),
  };
}

/** @throws RangeError when the registry does not know it (somebody has removed a part of the demo) */
export function idIn(ids: ReadonlyMap<string, string>, name: string): string {
  const id = ids.get(name);
  if (id === undefined)
    throw new RangeError(
      `the registry has no "${name}" any more; start with a new data directory to see the demo whole`,
    );
  return id;
}
