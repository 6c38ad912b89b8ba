// SPDX-License-Identifier: Apache-2.0
/**
 * Where energy went: from supply through mains and feeders to what used it, as nodes and links of a Sankey diagram.
 * Pure. Values are exact sums; there is never a circle; nothing flows backwards.
 *
 * At every metering point: own energy + what is generated beneath it = Σ children + what is exported + remainder.
 * The remainder of a distributing point is loss and unmetered consumption (`loss`); that of a point that is given to
 * a sub-item is that sub-item's. Where the children exceed their parent there is no remainder: the excess is listed.
 */
import { ratioOf } from '../../asking/figures.ts';

/** Energy of one point while it was linked to one parent. */
export interface FlowEdge {
  /** null = at the top. */
  readonly parentId: string | null;
  readonly pointId: string;
  readonly kind: 'use' | 'generation' | 'export';
  readonly consumption: number;
}

/** Where what stays at a point ends; null = nowhere further (the point is the end). */
export interface FlowEnd {
  readonly kind: 'sub-item' | 'place' | 'tenant' | 'rest' | 'loss';
  readonly subjectId: string | null;
}

export interface FlowWish {
  readonly edges: readonly FlowEdge[];
  /** Draw only what is beneath this point. */
  readonly rootId: string | null;
  readonly endOf: (pointId: string, isLeaf: boolean) => FlowEnd | null;
  /** Most nodes for metering points; smaller ones are folded into their parent's `folded` node. */
  readonly pointNodesMax: number;
}

export interface DrawnNode {
  readonly id: string;
  readonly kind:
    | 'supply'
    | 'generation'
    | 'point'
    | 'sub-item'
    | 'place'
    | 'tenant'
    | 'rest'
    | 'loss'
    | 'export'
    | 'folded';
  readonly meteringPointId: string | null;
  readonly subjectId: string | null;
  readonly depth: number;
  readonly consumption: number;
  readonly share: number | null;
  readonly foldedPoints: number;
  readonly drillable: boolean;
}
export interface DrawnLink {
  readonly source: string;
  readonly target: string;
  readonly consumption: number;
  readonly kind: 'flow' | 'loss' | 'export' | 'generation' | 'folded';
  readonly share: number | null;
}
export interface Drawing {
  readonly nodes: DrawnNode[];
  readonly links: DrawnLink[];
  readonly excesses: { readonly pointId: string; readonly excess: number }[];
}

/** What was once linked the other way round comes from here and goes there, so that no circle arises. */
const relinkedIn = 'rest:relinked-in';
const relinkedOut = 'rest:relinked-out';
const relinkedFacts = { kind: 'rest', meteringPointId: null, subjectId: null, drillable: false } as const;
const exportNode = 'export';
const lossNode = 'loss';

interface PointNode {
  readonly pointId: string;
  /** Everything measured at the point, under whichever parent. */
  own: number;
  readonly children: Map<string, number>;
  readonly generators: Map<string, number>;
  exported: number;
  /** Energy that left for a link which would close a circle. */
  relinked: number;
}

/** Points with their energy and links; links that would close a circle are taken apart. */
class PointGraph {
  readonly nodes = new Map<string, PointNode>();
  readonly generation = new Map<string, { consumption: number; parentId: string | null }>();
  /** Energy that enters a point from no drawn parent. */
  readonly fromRelinked = new Map<string, number>();
  readonly tops = new Set<string>();
  loneExport = 0;

  node(pointId: string): PointNode {
    let node = this.nodes.get(pointId);
    if (node === undefined)
      this.nodes.set(
        pointId,
        (node = { pointId, own: 0, children: new Map(), generators: new Map(), exported: 0, relinked: 0 }),
      );
    return node;
  }

  /** The greatest link of a pair of opposite ones stays. */
  addUse(edge: FlowEdge): void {
    const node = this.node(edge.pointId);
    node.own += edge.consumption;
    if (edge.parentId === null) {
      this.tops.add(edge.pointId);
      return;
    }
    const parent = this.node(edge.parentId);
    if (edge.parentId === edge.pointId || this.#reaches(edge.pointId, edge.parentId)) {
      parent.relinked += edge.consumption;
      this.fromRelinked.set(edge.pointId, (this.fromRelinked.get(edge.pointId) ?? 0) + edge.consumption);
      return;
    }
    parent.children.set(edge.pointId, (parent.children.get(edge.pointId) ?? 0) + edge.consumption);
  }

  addGeneration(edge: FlowEdge): void {
    const known = this.generation.get(edge.pointId);
    this.generation.set(edge.pointId, {
      consumption: (known?.consumption ?? 0) + edge.consumption,
      parentId: edge.parentId,
    });
    if (edge.parentId !== null) {
      const parent = this.node(edge.parentId);
      parent.generators.set(edge.pointId, (parent.generators.get(edge.pointId) ?? 0) + edge.consumption);
    }
  }

  addExport(edge: FlowEdge): void {
    if (edge.parentId === null) this.loneExport += edge.consumption;
    else this.node(edge.parentId).exported += edge.consumption;
  }

  #reaches(from: string, to: string): boolean {
    const waiting = [from];
    const seen = new Set<string>();
    for (let at = waiting.pop(); at !== undefined; at = waiting.pop()) {
      if (at === to) return true;
      if (seen.has(at)) continue;
      seen.add(at);
      waiting.push(...(this.nodes.get(at)?.children.keys() ?? []));
    }
    return false;
  }

  /** Points at and beneath one. */
  beneath(rootId: string): Set<string> {
    const found = new Set<string>();
    const waiting = [rootId];
    for (let at = waiting.pop(); at !== undefined; at = waiting.pop()) {
      if (found.has(at)) continue;
      found.add(at);
      waiting.push(...(this.nodes.get(at)?.children.keys() ?? []));
    }
    return found;
  }
}

function graphOf(edges: readonly FlowEdge[]): PointGraph {
  const graph = new PointGraph();
  // Large links first: of two that contradict each other the larger one is drawn.
  for (const edge of [...edges].sort(
    (a, b) => b.consumption - a.consumption || (a.pointId < b.pointId ? -1 : 1),
  )) {
    if (edge.kind === 'use') graph.addUse(edge);
    else if (edge.kind === 'generation') graph.addGeneration(edge);
    else graph.addExport(edge);
  }
  settleLoneEnds(graph);
  return graph;
}

/** Generation and export without a parent belong to the only top, where there is one. */
function settleLoneEnds(graph: PointGraph): void {
  const [top, second] = graph.tops;
  if (top === undefined || second !== undefined) return;
  const node = graph.node(top);
  node.exported += graph.loneExport;
  graph.loneExport = 0;
  for (const [pointId, generator] of graph.generation) {
    if (generator.parentId !== null) continue;
    node.generators.set(pointId, generator.consumption);
    generator.parentId = top;
  }
}

/** Which points get a node of their own: the tops, then always the largest child of a kept point. */
function keptPoints(graph: PointGraph, tops: readonly string[], max: number): Set<string> {
  const kept = new Set<string>();
  const candidates = [...tops];
  const sizeOf = (pointId: string): number => graph.nodes.get(pointId)?.own ?? 0;
  while (candidates.length > 0 && kept.size < max) {
    let best = 0;
    for (let index = 1; index < candidates.length; index += 1)
      if (sizeOf(candidates[index] ?? '') > sizeOf(candidates[best] ?? '')) best = index;
    const [pointId] = candidates.splice(best, 1);
    if (pointId === undefined || kept.has(pointId)) continue;
    kept.add(pointId);
    for (const child of graph.nodes.get(pointId)?.children.keys() ?? [])
      if (!kept.has(child)) candidates.push(child);
  }
  return kept;
}

class Canvas {
  readonly #links = new Map<
    string,
    { source: string; target: string; consumption: number; kind: DrawnLink['kind'] }
  >();
  readonly #inflow = new Map<string, number>();
  readonly #outflow = new Map<string, number>();
  readonly #facts = new Map<
    string,
    Pick<DrawnNode, 'kind' | 'meteringPointId' | 'subjectId' | 'drillable'>
  >();
  readonly #folded = new Map<string, number>();

  declare(
    id: string,
    facts: Pick<DrawnNode, 'kind' | 'meteringPointId' | 'subjectId' | 'drillable'>,
  ): string {
    if (!this.#facts.has(id)) this.#facts.set(id, facts);
    return id;
  }

  countFolded(id: string): void {
    this.#folded.set(id, (this.#folded.get(id) ?? 0) + 1);
  }

  link(source: string, target: string, consumption: number, kind: DrawnLink['kind']): void {
    if (consumption <= 0 || source === target) return;
    const key = `${source}\n${target}`;
    const known = this.#links.get(key);
    if (known === undefined) this.#links.set(key, { source, target, consumption, kind });
    else known.consumption += consumption;
    this.#outflow.set(source, (this.#outflow.get(source) ?? 0) + consumption);
    this.#inflow.set(target, (this.#inflow.get(target) ?? 0) + consumption);
  }

  /** Own energy of a node that nothing drawn flows into. */
  enter(id: string, consumption: number): void {
    if (consumption > 0) this.#inflow.set(id, (this.#inflow.get(id) ?? 0) + consumption);
  }

  /**
   * Folding can close a circle between points that changed their parent: the smallest link of what cannot be ordered
   * is led through the relinked nodes instead, until everything can.
   */
  #openCircles(): void {
    for (;;) {
      const unsettled = unsettledOf(this.#links.values());
      const smallest = [...this.#links]
        .filter(
          ([, link]) =>
            unsettled.has(link.source) && unsettled.has(link.target) && link.target !== relinkedOut,
        )
        .sort(([, a], [, b]) => a.consumption - b.consumption)[0];
      if (smallest === undefined) return;
      const [key, { source, target, consumption }] = smallest;
      this.#links.delete(key);
      this.#outflow.set(source, (this.#outflow.get(source) ?? 0) - consumption);
      this.#inflow.set(target, (this.#inflow.get(target) ?? 0) - consumption);
      this.link(source, this.declare(relinkedOut, relinkedFacts), consumption, 'flow');
      this.link(this.declare(relinkedIn, relinkedFacts), target, consumption, 'flow');
    }
  }

  finish(entering: number): Pick<Drawing, 'nodes' | 'links'> {
    this.#openCircles();
    const links = [...this.#links.values()];
    const sizeOf = (id: string): number => Math.max(this.#inflow.get(id) ?? 0, this.#outflow.get(id) ?? 0);
    const depths = depthsOf(links);
    const nodes = [...this.#facts]
      .filter(([id]) => sizeOf(id) > 0)
      .map(([id, facts]): DrawnNode => ({
        id,
        ...facts,
        depth: depths.get(id) ?? 0,
        consumption: sizeOf(id),
        share: ratioOf(sizeOf(id), entering),
        foldedPoints: this.#folded.get(id) ?? 0,
      }));
    return {
      nodes,
      links: links.map((link) => ({ ...link, share: ratioOf(link.consumption, sizeOf(link.source)) })),
    };
  }
}

/** Nodes that no order from left to right can hold: those on circles and behind them. */
function unsettledOf(links: Iterable<{ readonly source: string; readonly target: string }>): Set<string> {
  const all = [...links];
  const settled = depthsOf(all);
  return new Set(all.flatMap(({ source, target }) => [source, target]).filter((id) => !settled.has(id)));
}

/** Longest way from a source: links go from left to right only. Nodes on and behind a circle have none. */
function depthsOf(
  links: readonly { readonly source: string; readonly target: string }[],
): Map<string, number> {
  const longest = new Map<string, number>();
  const out = new Map<string, string[]>();
  const waitingFor = new Map<string, number>();
  for (const { source, target } of links) {
    out.set(source, [...(out.get(source) ?? []), target]);
    waitingFor.set(target, (waitingFor.get(target) ?? 0) + 1);
    if (!waitingFor.has(source)) waitingFor.set(source, 0);
  }
  const depths = new Map<string, number>();
  const ready = [...waitingFor].filter(([, count]) => count === 0).map(([id]) => id);
  for (let at = ready.pop(); at !== undefined; at = ready.pop()) {
    const depth = longest.get(at) ?? 0;
    depths.set(at, depth);
    for (const target of out.get(at) ?? []) {
      longest.set(target, Math.max(longest.get(target) ?? 0, depth + 1));
      const left = (waitingFor.get(target) ?? 0) - 1;
      waitingFor.set(target, left);
      if (left === 0) ready.push(target);
    }
  }
  return depths;
}

/** The largest parent of each point: whose fold it joins. */
function mainParents(graph: PointGraph): Map<string, string> {
  const best = new Map<string, { parentId: string; consumption: number }>();
  for (const [parentId, node] of graph.nodes) {
    for (const [child, consumption] of node.children) {
      const known = best.get(child);
      if (known === undefined || consumption > known.consumption) best.set(child, { parentId, consumption });
    }
  }
  return new Map([...best].map(([child, { parentId }]) => [child, parentId]));
}

/** Where energy comes in from outside: the tops, and parents that measured nothing themselves. */
function entriesOf(graph: PointGraph): string[] {
  const children = new Set([...graph.nodes.values()].flatMap((node) => [...node.children.keys()]));
  return [...graph.nodes.keys()].filter(
    (id) => graph.tops.has(id) || graph.fromRelinked.has(id) || !children.has(id),
  );
}

/** Makes the drawing. */
export function drawFlow(wish: FlowWish): Drawing {
  const graph = graphOf(wish.edges);
  const shown = wish.rootId === null ? new Set(graph.nodes.keys()) : graph.beneath(wish.rootId);
  const entries = wish.rootId === null ? entriesOf(graph) : [wish.rootId];
  const kept = keptPoints(graph, entries, wish.pointNodesMax);
  const parents = mainParents(graph);
  const nodeOf = (pointId: string): string => {
    if (kept.has(pointId)) return pointId;
    for (let at = parents.get(pointId); at !== undefined; at = parents.get(at))
      if (kept.has(at)) return `folded:${at}`;
    return 'folded:';
  };
  const canvas = new Canvas();
  for (const pointId of shown) {
    const id = nodeOf(pointId);
    const drillable = (graph.nodes.get(pointId)?.children.size ?? 0) > 0;
    if (id === pointId)
      canvas.declare(id, {
        kind: wish.rootId === null && graph.tops.has(pointId) ? 'supply' : 'point',
        meteringPointId: pointId,
        subjectId: null,
        drillable,
      });
    else {
      const holder = id.slice('folded:'.length);
      canvas.declare(id, {
        kind: 'folded',
        meteringPointId: holder === '' ? null : holder,
        subjectId: null,
        drillable: holder !== '' && holder !== wish.rootId,
      });
      canvas.countFolded(id);
    }
  }
  const excesses = drawPoints(wish, graph, shown, nodeOf, canvas);
  const entering = drawEntries(wish, graph, shown, nodeOf, canvas);
  return { ...canvas.finish(entering), excesses };
}

function drawPoints(
  wish: FlowWish,
  graph: PointGraph,
  shown: ReadonlySet<string>,
  nodeOf: (pointId: string) => string,
  canvas: Canvas,
): Drawing['excesses'] {
  const excesses: { pointId: string; excess: number }[] = [];
  const declareEnd = (end: FlowEnd): string => {
    const id = end.kind === 'loss' ? lossNode : `${end.kind}:${end.subjectId ?? ''}`;
    return canvas.declare(id, {
      kind: end.kind,
      meteringPointId: null,
      subjectId: end.subjectId,
      drillable: false,
    });
  };
  for (const pointId of shown) {
    const node = graph.node(pointId);
    const from = nodeOf(pointId);
    for (const [child, consumption] of node.children)
      canvas.link(from, nodeOf(child), consumption, nodeOf(child) === child ? 'flow' : 'folded');
    if (node.exported > 0)
      canvas.link(
        from,
        canvas.declare(exportNode, {
          kind: 'export',
          meteringPointId: null,
          subjectId: null,
          drillable: false,
        }),
        node.exported,
        'export',
      );
    if (node.relinked > 0)
      canvas.link(from, canvas.declare(relinkedOut, relinkedFacts), node.relinked, 'flow');
    const generated = sumOf(node.generators.values());
    const remainder = node.own + generated - sumOf(node.children.values()) - node.exported - node.relinked;
    if (remainder < 0) excesses.push({ pointId, excess: -remainder });
    const isLeaf = node.children.size === 0;
    const end = wish.endOf(pointId, isLeaf);
    if (remainder > 0 && end !== null)
      canvas.link(from, declareEnd(end), remainder, end.kind === 'loss' ? 'loss' : 'flow');
  }
  return excesses.sort((a, b) => b.excess - a.excess);
}

const sumOf = (values: Iterable<number>): number => [...values].reduce((sum, value) => sum + value, 0);

/** What flows in from outside. Answers with its sum. */
function drawEntries(
  wish: FlowWish,
  graph: PointGraph,
  shown: ReadonlySet<string>,
  nodeOf: (pointId: string) => string,
  canvas: Canvas,
): number {
  let entering = 0;
  const inflowOf = new Map<string, number>();
  for (const node of graph.nodes.values())
    for (const [child, consumption] of node.children)
      inflowOf.set(child, (inflowOf.get(child) ?? 0) + consumption);
  for (const pointId of shown) {
    const node = graph.node(pointId);
    const relinked = graph.fromRelinked.get(pointId) ?? 0;
    const outside =
      wish.rootId === null
        ? node.own - (inflowOf.get(pointId) ?? 0) - relinked
        : pointId === wish.rootId
          ? node.own
          : 0;
    canvas.enter(nodeOf(pointId), outside);
    entering += Math.max(0, outside);
    if (wish.rootId === null && relinked > 0)
      canvas.link(canvas.declare(relinkedIn, relinkedFacts), nodeOf(pointId), relinked, 'flow');
    for (const [generator, consumption] of node.generators) {
      canvas.link(
        canvas.declare(generator, {
          kind: 'generation',
          meteringPointId: generator,
          subjectId: null,
          drillable: false,
        }),
        nodeOf(pointId),
        consumption,
        'generation',
      );
      entering += consumption;
    }
  }
  if (wish.rootId !== null) return entering;
  entering += drawLoneEnds(graph, canvas);
  return entering;
}

/** Generation and export that no single top can be named for: side by side, from one to the other. */
function drawLoneEnds(graph: PointGraph, canvas: Canvas): number {
  const rest = (): string =>
    canvas.declare('rest:site', { kind: 'rest', meteringPointId: null, subjectId: null, drillable: false });
  let entering = 0;
  for (const [pointId, { consumption, parentId }] of graph.generation) {
    if (parentId !== null) continue;
    canvas.link(
      canvas.declare(pointId, {
        kind: 'generation',
        meteringPointId: pointId,
        subjectId: null,
        drillable: false,
      }),
      rest(),
      consumption,
      'generation',
    );
    entering += consumption;
  }
  if (graph.loneExport > 0)
    canvas.link(
      rest(),
      canvas.declare(exportNode, {
        kind: 'export',
        meteringPointId: null,
        subjectId: null,
        drillable: false,
      }),
      graph.loneExport,
      'export',
    );
  return entering;
}
