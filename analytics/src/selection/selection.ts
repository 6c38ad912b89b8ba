// SPDX-License-Identifier: Apache-2.0
/**
 * Which metering points a question is about. Filters are joined by "and"; a place stands for everything in it, a
 * metering point for everything beneath it.
 */
import { subItems, type Medium, type MeteringPointSnapshot, type Quantity } from '@wattledger/contracts';
import { RequestError } from '@wattledger/platform';
import { chainOf, inherited, placeChainOf, quantityOf, type Site, type Tree } from '../site/site.ts';

export type SubItem = (typeof subItems)[number];

export interface Selection {
  readonly medium: Medium;
  readonly direction: 'import' | 'export';
  readonly quantity: Quantity;
  /** Null = no such filter. */
  readonly points: ReadonlySet<string> | null;
  readonly places: ReadonlySet<string> | null;
  readonly tenants: ReadonlySet<string> | null;
  readonly subItems: ReadonlySet<SubItem> | null;
}

export interface SelectionQuery {
  readonly points?: string | undefined;
  readonly places?: string | undefined;
  readonly tenants?: string | undefined;
  readonly subItems?: string | undefined;
  readonly medium: Medium;
  readonly direction: 'import' | 'export';
}

function idsOf(text: string | undefined): ReadonlySet<string> | null {
  if (text === undefined || text.trim() === '') return null;
  return new Set(
    text
      .split(',')
      .map((id) => id.trim())
      .filter((id) => id !== ''),
  );
}

/** Ids of another project look the same as ids that do not exist: nothing is told about them. */
function refuseUnknown(
  ids: ReadonlySet<string> | null,
  known: { has(id: string): boolean },
  path: string,
  word: string,
): void {
  const unknown = [...(ids ?? [])].filter((id) => !known.has(id));
  if (unknown.length === 0) return;
  throw new RequestError({
    status: 404,
    code: `no-such-${word}`,
    message: `this project has no ${word.replace('-', ' ')} ${unknown.slice(0, 3).join(', ')}`,
    hint: "The ids come from the project's own lists.",
    faults: unknown.slice(0, 20).map((id) => ({ path, message: `unknown: ${id}` })),
  });
}

/**
 * Reads the filters of a question.
 * @throws RequestError no-such-metering-point, no-such-place, no-such-tenant, no-such-sub-item, export-of-electricity-only
 */
export function parseSelection(site: Site, query: SelectionQuery): Selection {
  const points = idsOf(query.points);
  const places = idsOf(query.places);
  const tenants = idsOf(query.tenants);
  const wantedSubItems = idsOf(query.subItems);
  refuseUnknown(points, site.points, 'points', 'metering-point');
  refuseUnknown(places, site.places, 'places', 'place');
  refuseUnknown(tenants, site.tenants, 'tenants', 'tenant');
  refuseUnknown(wantedSubItems, new Set<string>(subItems), 'subItems', 'sub-item');
  if (query.direction === 'export' && query.medium !== 'electricity') {
    throw new RequestError({
      status: 400,
      code: 'export-of-electricity-only',
      message: `${query.medium} flows one way`,
      hint: 'Leave out direction=export.',
    });
  }
  return {
    medium: query.medium,
    direction: query.direction,
    quantity: quantityOf(query.medium, query.direction),
    points,
    places,
    tenants,
    subItems: wantedSubItems as ReadonlySet<SubItem> | null,
  };
}

/** Everything of one medium. */
export function wholeMedium(medium: Medium): Selection {
  return {
    medium,
    direction: 'import',
    quantity: quantityOf(medium, 'import'),
    points: null,
    places: null,
    tenants: null,
    subItems: null,
  };
}

/** Nothing but the medium is chosen. */
export function isWhole(selection: Selection): boolean {
  return (
    selection.points === null &&
    selection.places === null &&
    selection.tenants === null &&
    selection.subItems === null
  );
}

/**
 * The sub-item a point's net energy counts for; null for a distributing point that is not given to one: what such a
 * main keeps for itself is loss and unmetered consumption.
 */
export function subItemOf(point: MeteringPointSnapshot, tree: Tree): SubItem | null {
  if (point.subItem === 'other' && (tree.meteredChildrenOf.get(point.id)?.length ?? 0) > 0) return null;
  return point.subItem;
}

export function placeOf(site: Site, tree: Tree, point: MeteringPointSnapshot): string | null {
  return inherited(site, tree, point.id, (candidate) =>
    candidate.placeId !== null && site.places.has(candidate.placeId) ? candidate.placeId : null,
  );
}

export function tenantOf(site: Site, tree: Tree, point: MeteringPointSnapshot): string | null {
  return inherited(site, tree, point.id, (candidate) =>
    candidate.tenantId !== null && site.tenants.has(candidate.tenantId) ? candidate.tenantId : null,
  );
}

/**
 * Whether a point's net energy belongs to the selection. What a generator makes is no consumption: such a point
 * counts only when it is asked for by its own id.
 */
export function isSelected(
  site: Site,
  selection: Selection,
  tree: Tree,
  point: MeteringPointSnapshot,
): boolean {
  if (point.role === 'generation' && selection.points?.has(point.id) !== true) return false;
  return isWithin(site, selection, tree, point);
}

/** Whether a point passes the filters, whatever its role: what it measured itself may be shown. */
export function isWithin(
  site: Site,
  selection: Selection,
  tree: Tree,
  point: MeteringPointSnapshot,
): boolean {
  if (selection.points !== null && !chainOf(tree, point.id).some((id) => selection.points?.has(id) === true))
    return false;
  if (selection.places !== null) {
    const place = placeOf(site, tree, point);
    if (
      place === null ||
      !placeChainOf(site, place).some((candidate) => selection.places?.has(candidate.id) === true)
    )
      return false;
  }
  if (selection.tenants !== null) {
    const tenant = tenantOf(site, tree, point);
    if (tenant === null || !selection.tenants.has(tenant)) return false;
  }
  if (selection.subItems !== null) {
    const subItem = subItemOf(point, tree);
    if (subItem === null || !selection.subItems.has(subItem)) return false;
  }
  return true;
}
