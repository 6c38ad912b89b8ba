// SPDX-License-Identifier: Apache-2.0
/** A project as the registry last told it, with its trees. Pure values; `sites.ts` keeps them fresh. */
import {
  slotLengthMs,
  type GatewaySnapshot,
  type Medium,
  type MeterSnapshot,
  type MeteringPointSnapshot,
  type PlaceSnapshot,
  type ProjectSnapshot,
  type Quantity,
  type TenantSnapshot,
} from '@wattledger/contracts';

export interface Site {
  readonly project: ProjectSnapshot;
  readonly places: ReadonlyMap<string, PlaceSnapshot>;
  readonly points: ReadonlyMap<string, MeteringPointSnapshot>;
  readonly tenants: ReadonlyMap<string, TenantSnapshot>;
  readonly meters: ReadonlyMap<string, MeterSnapshot>;
  readonly gateways: ReadonlyMap<string, GatewaySnapshot>;
}

/** What a point counts when energy flows its usual way, and the way back. */
export function quantityOf(medium: Medium, direction: 'import' | 'export'): Quantity {
  if (medium === 'water') return 'water-volume';
  if (medium === 'gas') return 'gas-volume';
  return direction === 'export' ? 'active-export' : 'active-import';
}

export function mediumOf(quantity: Quantity): Medium {
  return quantity === 'water-volume' ? 'water' : quantity === 'gas-volume' ? 'gas' : 'electricity';
}

export type Mounting = MeteringPointSnapshot['mountings'][number];

/** Mountings of a point that count a quantity; one without a quantity counts what such a point usually does: a generator gives, all others take. */
export function mountingsOf(point: MeteringPointSnapshot, quantity: Quantity): readonly Mounting[] {
  const usual = quantityOf(point.medium, point.role === 'generation' ? 'export' : 'import');
  return point.mountings.filter((mounting) => (mounting.quantity ?? usual) === quantity);
}

/** The metering tree as it stood during one stretch of time. */
export interface Tree {
  readonly fromMs: number;
  readonly toMs: number;
  /** Link as registered, whether or not the parent was metered: attributes are inherited along it. */
  readonly linkOf: ReadonlyMap<string, string>;
  readonly linkedChildrenOf: ReadonlyMap<string, readonly string[]>;
  /** Nearest ancestor that had a meter mounted: what a point's energy is part of. */
  readonly meteredParentOf: ReadonlyMap<string, string>;
  readonly meteredChildrenOf: ReadonlyMap<string, readonly string[]>;
}

/**
 * Mountings widened to whole slots: a slot in which a meter was mounted for a part is the meter's, so that no slot
 * counts both a parent and, as if it had none, its children.
 */
export function meteredSpans(
  site: Pick<Site, 'project'>,
  point: MeteringPointSnapshot,
  quantity: Quantity,
): { readonly fromMs: number; readonly toMs: number }[] {
  const length = slotLengthMs(site.project.slotMinutes);
  return mountingsOf(point, quantity).map((mounting) => ({
    fromMs: Math.floor(mounting.fromMs / length) * length,
    toMs: mounting.toMs === null ? Infinity : Math.ceil(mounting.toMs / length) * length,
  }));
}

/** Points of one medium, in the registry's order. */
export function pointsOfMedium(site: Site, medium: Medium): readonly MeteringPointSnapshot[] {
  return [...site.points.values()].filter((point) => point.medium === medium);
}

/** All instants at which the tree changes: links, and mountings of points that ever had children. */
function treeChanges(
  site: Site,
  points: readonly MeteringPointSnapshot[],
  quantity: Quantity,
): readonly number[] {
  const parents = new Set(points.flatMap((point) => point.parentLinks.map((link) => link.parentId)));
  const instants = new Set<number>([-Infinity]);
  for (const point of points) {
    for (const link of point.parentLinks) {
      instants.add(link.fromMs);
      if (link.toMs !== null) instants.add(link.toMs);
    }
    if (!parents.has(point.id)) continue;
    for (const span of meteredSpans(site, point, quantity)) {
      instants.add(span.fromMs);
      if (span.toMs !== Infinity) instants.add(span.toMs);
    }
  }
  return [...instants].sort((a, b) => a - b);
}

/** Trees kept per quantity of a site: one of 10,000 points takes some 2 MB and 60 ms to make. */
const treesKeptMax = 24;

/** The trees of one quantity one after another, each made when it is asked for and kept while it is among the latest. */
class TreeLine {
  readonly #site: Site;
  readonly #quantity: Quantity;
  readonly #points: readonly MeteringPointSnapshot[];
  readonly #startsMs: readonly number[];
  readonly #kept = new Map<number, Tree>();

  constructor(site: Site, quantity: Quantity) {
    this.#site = site;
    this.#quantity = quantity;
    this.#points = pointsOfMedium(site, mediumOf(quantity));
    this.#startsMs = treeChanges(site, this.#points, quantity);
  }

  over(fromMs: number, toMs: number): readonly Tree[] {
    const first = this.#startsMs.findLastIndex((startMs) => startMs <= fromMs);
    const trees: Tree[] = [];
    for (let index = first; index === first || (this.#startsMs[index] ?? Infinity) < toMs; index += 1) {
      const tree = this.#treeOf(index);
      trees.push({ ...tree, fromMs: Math.max(fromMs, tree.fromMs), toMs: Math.min(toMs, tree.toMs) });
    }
    return trees;
  }

  #treeOf(index: number): Tree {
    const kept = this.#kept.get(index);
    this.#kept.delete(index);
    const [startMs, endMs] = [this.#startsMs[index] ?? Infinity, this.#startsMs[index + 1] ?? Infinity];
    const tree = kept ?? treeAt(this.#site, this.#points, this.#quantity, startMs, endMs);
    this.#kept.set(index, tree);
    for (const oldest of this.#kept.keys()) {
      if (this.#kept.size <= treesKeptMax) break;
      this.#kept.delete(oldest);
    }
    return tree;
  }
}

/** A site never changes, a change of the registry makes another: its trees live as long as it does. */
const treeLines = new WeakMap<Site, Map<Quantity, TreeLine>>();

/**
 * The trees of one quantity over a span, each as long as nothing changes. A point is metered while a mounting counts
 * the quantity. A link to a point of another medium, or one that would close a circle, is not followed.
 */
export function treesOver(site: Site, quantity: Quantity, fromMs: number, toMs: number): readonly Tree[] {
  const lines = treeLines.get(site) ?? new Map<Quantity, TreeLine>();
  treeLines.set(site, lines);
  const line = lines.get(quantity) ?? new TreeLine(site, quantity);
  lines.set(quantity, line);
  return line.over(fromMs, toMs);
}

function treeAt(
  site: Site,
  points: readonly MeteringPointSnapshot[],
  quantity: Quantity,
  fromMs: number,
  toMs: number,
): Tree {
  const known = new Set(points.map((point) => point.id));
  const linkOf = new Map<string, string>();
  for (const point of points) {
    const link = point.parentLinks.find(
      (candidate) => candidate.fromMs <= fromMs && (candidate.toMs === null || fromMs < candidate.toMs),
    );
    if (link !== undefined && known.has(link.parentId)) linkOf.set(point.id, link.parentId);
  }
  cutCircles(points, linkOf);
  const mounted = new Set(
    points
      .filter((point) =>
        meteredSpans(site, point, quantity).some((span) => span.fromMs <= fromMs && fromMs < span.toMs),
      )
      .map((point) => point.id),
  );
  const meteredParentOf = new Map<string, string>();
  for (const point of points) {
    let parent = linkOf.get(point.id);
    while (parent !== undefined && !mounted.has(parent)) parent = linkOf.get(parent);
    if (parent !== undefined) meteredParentOf.set(point.id, parent);
  }
  return {
    fromMs,
    toMs,
    linkOf,
    linkedChildrenOf: childrenOf(linkOf),
    meteredParentOf,
    meteredChildrenOf: childrenOf(meteredParentOf),
  };
}

function childrenOf(parentOf: ReadonlyMap<string, string>): Map<string, string[]> {
  const children = new Map<string, string[]>();
  for (const [id, parent] of parentOf) {
    const known = children.get(parent);
    if (known === undefined) children.set(parent, [id]);
    else known.push(id);
  }
  return children;
}

/** Drops one link of every circle: the one of the point that comes first in the registry's order. */
function cutCircles(points: readonly MeteringPointSnapshot[], linkOf: Map<string, string>): void {
  const settled = new Set<string>();
  for (const point of points) {
    const path = new Set<string>();
    let at: string | undefined = point.id;
    while (at !== undefined && !settled.has(at)) {
      if (path.has(at)) {
        linkOf.delete(at);
        break;
      }
      path.add(at);
      at = linkOf.get(at);
    }
    for (const id of path) settled.add(id);
  }
}

/** The point and everything above it, along the links. */
export function chainOf(tree: Tree, pointId: string): readonly string[] {
  const chain: string[] = [];
  for (let at: string | undefined = pointId; at !== undefined; at = tree.linkOf.get(at)) chain.push(at);
  return chain;
}

/** The place and everything it lies in, innermost first. Ends at a circle. */
export function placeChainOf(site: Site, placeId: string): readonly PlaceSnapshot[] {
  const chain: PlaceSnapshot[] = [];
  const seen = new Set<string>();
  for (
    let place = site.places.get(placeId);
    place !== undefined && !seen.has(place.id);
    place = place.parentId === null ? undefined : site.places.get(place.parentId)
  ) {
    seen.add(place.id);
    chain.push(place);
  }
  return chain;
}

/** First value along the chain from the point upwards: a sub-meter without place or tenant belongs where its feeder does. */
export function inherited<T>(
  site: Site,
  tree: Tree,
  pointId: string,
  attribute: (point: MeteringPointSnapshot) => T | null,
): T | null {
  for (let at: string | undefined = pointId; at !== undefined; at = tree.linkOf.get(at)) {
    const point = site.points.get(at);
    const value = point === undefined ? null : attribute(point);
    if (value !== null) return value;
  }
  return null;
}
