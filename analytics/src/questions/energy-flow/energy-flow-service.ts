// SPDX-License-Identifier: Apache-2.0
import type { Medium, MeteringPointSnapshot, Quantity } from '@wattledger/contracts';
import {
  unitOfMedium,
  type EnergyFlowAnswer,
  type FlowNode,
  type NoteKind,
  type energyFlowQueryShape,
} from '@wattledger/contracts/http/analytics';
import { RequestError } from '@wattledger/platform';
import type { z } from 'zod';
import { plainSpan } from '../../asking/asked-energy.ts';
import { scopeOfMedium, type Asker, type Scope } from '../../asking/asker.ts';
import { parseEdges, spanOf } from '../../calendar/span.ts';
import { asOfOf, newestReading } from '../../coverage/as-of.ts';
import { defaultPlaceLevel, noGroup, type Term } from '../../selection/net-terms.ts';
import { placeOf, subItemOf, tenantOf } from '../../selection/selection.ts';
import {
  chainOf,
  mountingsOf,
  placeChainOf,
  pointsOfMedium,
  treesOver,
  type Site,
  type Tree,
} from '../../site/site.ts';
import { sumEnergy, type EnergySums } from '../../sums/energy-sums.ts';
import { drawFlow, type Drawing, type FlowEdge, type FlowEnd } from './flow-graph.ts';

export type EnergyFlowQuery = z.infer<typeof energyFlowQueryShape>;

interface EdgeTerms {
  readonly edges: { readonly parentId: string | null; readonly pointId: string }[];
  readonly terms: Term[];
}

/** Each point's energy, apart by the parent it was linked to at the time. */
function edgeTerms(points: readonly MeteringPointSnapshot[], trees: readonly Tree[]): EdgeTerms {
  const edges: EdgeTerms['edges'] = [];
  const terms: Term[] = [];
  for (const point of points) {
    let open = null as { readonly parentId: string | null; readonly term: Term } | null;
    for (const tree of trees) {
      const parentId = tree.meteredParentOf.get(point.id) ?? null;
      if (open?.parentId === parentId) {
        open = { parentId, term: { ...open.term, toMs: tree.toMs } };
        continue;
      }
      if (open !== null) terms.push(open.term);
      edges.push({ parentId, pointId: point.id });
      open = {
        parentId,
        term: {
          pointId: point.id,
          plus: edges.length - 1,
          minus: noGroup,
          fromMs: tree.fromMs,
          toMs: tree.toMs,
        },
      };
    }
    if (open !== null) terms.push(open.term);
  }
  return { edges, terms };
}

interface Flows {
  readonly edges: FlowEdge[];
  readonly sums: readonly EnergySums[];
  readonly trees: readonly Tree[];
}

async function askQuantity(
  asker: Asker,
  scope: Scope,
  quantity: Quantity,
  points: readonly MeteringPointSnapshot[],
  trees: readonly Tree[],
  kindOf: (point: MeteringPointSnapshot) => FlowEdge['kind'],
): Promise<{ edges: FlowEdge[]; sums: EnergySums | null }> {
  const first = trees[0];
  const last = trees.at(-1);
  if (points.length === 0 || first === undefined || last === undefined) return { edges: [], sums: null };
  const { edges, terms } = edgeTerms(points, trees);
  const sums = await sumEnergy(asker.warehouse, {
    site: scope.site,
    grid: scope.grid,
    quantity,
    terms: { groups: edges.map((edge) => ({ kind: 'point', id: edge.pointId })), terms },
    edges: { startsMs: [first.fromMs], endMs: last.toMs },
    nowMs: scope.nowMs,
  });
  return {
    sums,
    edges: edges.flatMap(({ parentId, pointId }, index) => {
      const consumption = sums.groups[index]?.consumption[0] ?? null;
      const point = scope.site.points.get(pointId);
      return consumption === null || point === undefined
        ? []
        : [{ parentId, pointId, kind: kindOf(point), consumption }];
    }),
  };
}

/** Import, generation and (of electricity) export of every point, by its parent of the time. */
async function askFlows(
  asker: Asker,
  scope: Scope,
  medium: Medium,
  range: { readonly fromMs: number; readonly toMs: number },
): Promise<Flows> {
  const { site, selection } = scope;
  const trees = treesOver(site, selection.quantity, range.fromMs, range.toMs);
  const points = pointsOfMedium(site, medium);
  const exporting =
    medium === 'electricity' ? points.filter((point) => mountingsOf(point, 'active-export').length > 0) : [];
  const [used, givenBack] = await Promise.all([
    askQuantity(asker, scope, selection.quantity, points, trees, (point) =>
      point.role === 'generation' ? 'generation' : 'use',
    ),
    // A generator's meter may count on its export register; anything else that exports gives back to the supply.
    askQuantity(asker, scope, 'active-export', exporting, trees, (point) =>
      point.role === 'generation' ? 'generation' : 'export',
    ),
  ]);
  return {
    edges: [...used.edges, ...givenBack.edges],
    sums: [used.sums, givenBack.sums].filter((sums) => sums !== null),
    trees,
  };
}

function endsOf(
  site: Site,
  tree: Tree,
  query: EnergyFlowQuery,
  scope: Scope,
): (pointId: string, isLeaf: boolean) => FlowEnd | null {
  const level = query.placeLevel ?? defaultPlaceLevel(site, scope.selection);
  return (pointId, isLeaf) => {
    const point = site.points.get(pointId);
    if (point === undefined) return null;
    const subItem = subItemOf(point, tree);
    if (!isLeaf && subItem === null) return { kind: 'loss', subjectId: null };
    if (query.ends === 'none') return isLeaf ? null : { kind: 'rest', subjectId: null };
    if (query.ends === 'sub-item') return { kind: 'sub-item', subjectId: subItem ?? 'other' };
    if (query.ends === 'tenant') {
      const tenant = tenantOf(site, tree, point);
      return tenant === null ? { kind: 'rest', subjectId: null } : { kind: 'tenant', subjectId: tenant };
    }
    const place = placeOf(site, tree, point);
    const atLevel =
      place === null ? undefined : placeChainOf(site, place).find((candidate) => candidate.kind === level);
    return atLevel === undefined
      ? { kind: 'rest', subjectId: null }
      : { kind: 'place', subjectId: atLevel.id };
  };
}

function nameOf(site: Site, node: Drawing['nodes'][number]): string | null {
  if (node.kind === 'place') return site.places.get(node.subjectId ?? '')?.name ?? null;
  if (node.kind === 'tenant') return site.tenants.get(node.subjectId ?? '')?.name ?? null;
  return node.meteringPointId === null ? null : (site.points.get(node.meteringPointId)?.name ?? null);
}

/** @throws RequestError no-such-metering-point besides those of the period */
export async function askEnergyFlow(
  asker: Asker,
  projectId: string,
  query: EnergyFlowQuery,
): Promise<EnergyFlowAnswer> {
  const scope = await scopeOfMedium(asker, projectId, query.medium);
  const { site, grid, nowMs, lastReadingOf, selection } = scope;
  const rootId = query.root ?? null;
  if (rootId !== null && site.points.get(rootId)?.medium !== query.medium) {
    throw new RequestError({
      status: 404,
      code: 'no-such-metering-point',
      message: `this project has no metering point ${rootId} of this medium`,
      hint: 'Leave out root to begin at the top.',
      faults: [{ path: 'root', message: 'unknown' }],
    });
  }
  const range = parseEdges(grid, query.from, query.to);
  const { edges, sums, trees } = await askFlows(asker, scope, query.medium, range);
  const tree = trees.at(-1);
  if (tree === undefined) throw new Error('a span has at least one tree');
  const drawing = drawFlow({
    edges,
    rootId,
    endOf: endsOf(site, tree, query, scope),
    pointNodesMax: Math.max(1, query.nodesMax - endNodes(query)),
  });
  const points = [...new Set(sums.flatMap((one) => one.points))];
  const span = spanOf(grid, range.fromMs, range.toMs, {
    nowMs,
    newestReadingMs: newestReading(points, lastReadingOf),
  });
  const slots = sums
    .map((one) => one.slots)
    .reduce(
      (a, b) => ({
        measured: a.measured + b.measured,
        estimated: a.estimated + b.estimated,
        edited: a.edited + b.edited,
        missing: a.missing + b.missing,
      }),
      { measured: 0, estimated: 0, edited: 0, missing: 0 },
    );
  const notes: NoteKind[] =
    trees.length > 1 && edges.length > new Set(edges.map((edge) => edge.pointId)).size
      ? ['parent-links-changed']
      : [];
  return {
    projectId,
    zone: site.project.zone,
    slotMinutes: site.project.slotMinutes,
    medium: query.medium,
    direction: selection.direction,
    unit: unitOfMedium[query.medium],
    counting: 'gross',
    period: plainSpan(span),
    comparison: null,
    notes,
    asOf: asOfOf({ site, points, slots, lastReadingOf, span, nowMs }),
    comparisonAsOf: null,
    root: rootId,
    path:
      rootId === null
        ? []
        : [...chainOf(tree, rootId)]
            .reverse()
            .map((id) => ({ meteringPointId: id, name: site.points.get(id)?.name ?? id })),
    nodes: drawing.nodes.map((node): FlowNode => ({ ...node, name: nameOf(site, node) })),
    links: drawing.links,
    excesses: drawing.excesses.map(({ pointId, excess }) => ({
      meteringPointId: pointId,
      name: site.points.get(pointId)?.name ?? pointId,
      excess,
    })),
  };
}

/** Nodes set aside for ends, loss, export and folds. */
function endNodes(query: EnergyFlowQuery): number {
  return query.ends === 'none' ? 4 : Math.min(40, Math.floor(query.nodesMax / 4));
}
