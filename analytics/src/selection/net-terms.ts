// SPDX-License-Identifier: Apache-2.0
/**
 * Turns "energy of a selection, by group" into a sum of metering points' own energy. A point's net energy is its own
 * less that of its metered children; it belongs to the point's group. Summed over a group, a child cancels out of its
 * parent where both are in the group and is taken away where it belongs to another. So each point enters with at most
 * one group it adds to and one it is taken from, and the groups together give the whole exactly.
 */
import type { MeteringPointSnapshot } from '@wattledger/contracts';
import type { Grouping } from '@wattledger/contracts/http/analytics';
import { placeChainOf, pointsOfMedium, type Site, type Tree } from '../site/site.ts';
import { isSelected, isWithin, placeOf, subItemOf, tenantOf, type Selection } from './selection.ts';

/** No group: the energy is not counted. */
export const noGroup = -1;

/** During [fromMs, toMs) the point's energy is added to one group and taken from another. */
export interface Term {
  readonly pointId: string;
  /** Index of the group it adds to, or noGroup. */
  readonly plus: number;
  /** Index of the group it is taken from, or noGroup. */
  readonly minus: number;
  readonly fromMs: number;
  readonly toMs: number;
}

/** A group of an answer. `rest` gathers what belongs to no other. */
export interface Group {
  readonly kind: 'total' | 'point' | 'place' | 'tenant' | 'sub-item' | 'rest';
  readonly id: string | null;
}

export interface GroupedTerms {
  readonly groups: readonly Group[];
  readonly terms: readonly Term[];
}

/** Gives groups their numbers in order of first use. */
class GroupIndex {
  readonly groups: Group[] = [];
  readonly #byKey = new Map<string, number>();

  of(kind: Group['kind'], id: string | null): number {
    const key = `${kind}/${id ?? ''}`;
    const found = this.#byKey.get(key);
    if (found !== undefined) return found;
    this.#byKey.set(key, this.groups.length);
    this.groups.push({ kind, id });
    return this.groups.length - 1;
  }
}

/** Group of each selected point's net energy during one tree; points of another selection have none. */
type Attribution = (tree: Tree, point: MeteringPointSnapshot) => number;

export type PlaceLevel = 'area' | 'building' | 'floor' | 'room';
const levels: readonly PlaceLevel[] = ['area', 'building', 'floor', 'room'];

/** The uppermost level with two or more places inside the selected ones; the uppermost with any otherwise. */
export function defaultPlaceLevel(site: Site, selection: Selection): PlaceLevel {
  const inside = [...site.places.values()].filter(
    (place) =>
      selection.places === null ||
      placeChainOf(site, place.id).some((outer) => selection.places?.has(outer.id) === true),
  );
  const count = (level: PlaceLevel): number => inside.filter((place) => place.kind === level).length;
  return levels.find((level) => count(level) >= 2) ?? levels.find((level) => count(level) > 0) ?? 'building';
}

function attributionOf(
  site: Site,
  grouping: Exclude<Grouping, 'point'>,
  level: PlaceLevel,
  index: GroupIndex,
): Attribution {
  if (grouping === 'none') return () => index.of('total', null);
  const named = (kind: 'place' | 'tenant' | 'sub-item', id: string | null): number =>
    id === null ? index.of('rest', null) : index.of(kind, id);
  if (grouping === 'sub-item') return (tree, point) => named('sub-item', subItemOf(point, tree));
  if (grouping === 'tenant') return (tree, point) => named('tenant', tenantOf(site, tree, point));
  return (tree, point) => {
    const place = placeOf(site, tree, point);
    const atLevel =
      place === null ? undefined : placeChainOf(site, place).find((candidate) => candidate.kind === level);
    return named('place', atLevel?.id ?? null);
  };
}

/** Terms kept per tree: of 10,000 points they take some 1 MB and 30 ms to make. */
const termsKeptMax = 12;

/** By the links of a tree, which is what is shared between the spans it is asked for. */
const kept = new WeakMap<Tree['linkOf'], Map<string, GroupedTerms>>();

/** Where the tree stood still all the span, terms made for it before, over this span's time. */
function keptTerms(
  selection: Selection,
  trees: readonly Tree[],
  how: string,
  make: () => GroupedTerms,
): GroupedTerms {
  const [tree] = trees;
  if (tree === undefined || trees.length > 1) return make();
  const ofTree = kept.get(tree.linkOf) ?? new Map<string, GroupedTerms>();
  kept.set(tree.linkOf, ofTree);
  const key = `${how} ${keyOf(selection)}`;
  const found = ofTree.get(key) ?? make();
  ofTree.delete(key);
  ofTree.set(key, found);
  for (const oldest of ofTree.keys()) {
    if (ofTree.size <= termsKeptMax) break;
    ofTree.delete(oldest);
  }
  const { fromMs, toMs } = tree;
  return { groups: found.groups, terms: found.terms.map((term) => ({ ...term, fromMs, toMs })) };
}

function keyOf({ quantity, direction, points, places, tenants, subItems }: Selection): string {
  const ids = [points, places, tenants, subItems].map((set) => (set === null ? null : [...set].sort()));
  return JSON.stringify([quantity, direction, ...ids]);
}

/**
 * Terms of a selection by groups that add up (`net`). `trees` cover the span without gaps.
 * Groups come in the registry's order of their first point.
 */
export function netTerms(
  site: Site,
  selection: Selection,
  trees: readonly Tree[],
  grouping: Exclude<Grouping, 'point'>,
  level: PlaceLevel,
): GroupedTerms {
  return keptTerms(selection, trees, `${grouping}/${level}`, () =>
    makeNetTerms(site, selection, trees, grouping, level),
  );
}

function makeNetTerms(
  site: Site,
  selection: Selection,
  trees: readonly Tree[],
  grouping: Exclude<Grouping, 'point'>,
  level: PlaceLevel,
): GroupedTerms {
  const index = new GroupIndex();
  if (grouping === 'none') index.of('total', null);
  const attribution = attributionOf(site, grouping, level, index);
  const points = pointsOfMedium(site, selection.medium);
  const open = new Map<string, Term>();
  const terms: Term[] = [];
  for (const tree of trees) {
    const groupOf = new Map<string, number>();
    for (const point of points)
      groupOf.set(point.id, isSelected(site, selection, tree, point) ? attribution(tree, point) : noGroup);
    for (const point of points) {
      const plus = groupOf.get(point.id) ?? noGroup;
      const parent = tree.meteredParentOf.get(point.id);
      // What a generator beneath a parent makes is not part of what the parent was supplied with.
      const minus =
        parent === undefined || point.role === 'generation' ? noGroup : (groupOf.get(parent) ?? noGroup);
      const last = open.get(point.id);
      if (last !== undefined && last.plus === plus && last.minus === minus) {
        open.set(point.id, { ...last, toMs: tree.toMs });
        continue;
      }
      if (last !== undefined) terms.push(last);
      open.set(point.id, { pointId: point.id, plus, minus, fromMs: tree.fromMs, toMs: tree.toMs });
    }
  }
  terms.push(...open.values());
  return { groups: index.groups, terms: terms.filter((term) => term.plus !== term.minus) };
}

/**
 * Terms of single points, each its own group, children included (`gross`): the points named in the selection, else all
 * that belong to it; asked for export, generators too, since giving is what they do. `among: 'ends'` leaves out points that have metered children at the end of the span.
 */
export function grossTerms(
  site: Site,
  selection: Selection,
  trees: readonly Tree[],
  among: 'all' | 'ends',
): GroupedTerms {
  return keptTerms(selection, trees, among, () => makeGrossTerms(site, selection, trees, among));
}

function makeGrossTerms(
  site: Site,
  selection: Selection,
  trees: readonly Tree[],
  among: 'all' | 'ends',
): GroupedTerms {
  const last = trees.at(-1);
  const first = trees[0];
  if (last === undefined || first === undefined) return { groups: [], terms: [] };
  const named = selection.points;
  const isShown = selection.direction === 'export' ? isWithin : isSelected;
  const wanted = pointsOfMedium(site, selection.medium).filter((point) => {
    if (!trees.some((tree) => isShown(site, selection, tree, point))) return false;
    if (among === 'ends') return (last.meteredChildrenOf.get(point.id)?.length ?? 0) === 0;
    return named === null || named.has(point.id);
  });
  return {
    groups: wanted.map((point) => ({ kind: 'point', id: point.id })),
    terms: wanted.map((point, group) => ({
      pointId: point.id,
      plus: group,
      minus: noGroup,
      fromMs: first.fromMs,
      toMs: last.toMs,
    })),
  };
}
