// SPDX-License-Identifier: Apache-2.0
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { drawFlow, type Drawing, type FlowEdge } from './flow-graph.ts';

const endOf = (_pointId: string, isLeaf: boolean) =>
  isLeaf
    ? ({ kind: 'sub-item', subjectId: 'tenant' } as const)
    : ({ kind: 'loss', subjectId: null } as const);
const use = (parentId: string | null, pointId: string, consumption: number): FlowEdge => ({
  parentId,
  pointId,
  kind: 'use',
  consumption,
});

function inflow(drawing: Drawing, id: string): number {
  return drawing.links.filter((link) => link.target === id).reduce((sum, link) => sum + link.consumption, 0);
}
function outflow(drawing: Drawing, id: string): number {
  return drawing.links.filter((link) => link.source === id).reduce((sum, link) => sum + link.consumption, 0);
}

describe('energy flow', () => {
  test('loss is what a parent does not pass on; a parent below its children is listed', () => {
    const drawing = drawFlow({
      edges: [use(null, 's', 100), use('s', 'a', 60), use('s', 'b', 30), use('b', 'c', 35)],
      rootId: null,
      endOf,
      pointNodesMax: 50,
    });
    expect(
      drawing.links.map((link) => [link.source, link.target, link.consumption, link.kind]).sort(),
    ).toEqual([
      ['a', 'sub-item:tenant', 60, 'flow'],
      ['b', 'c', 35, 'flow'],
      ['c', 'sub-item:tenant', 35, 'flow'],
      ['s', 'a', 60, 'flow'],
      ['s', 'b', 30, 'flow'],
      ['s', 'loss', 10, 'loss'],
    ]);
    expect(drawing.excesses).toEqual([{ pointId: 'b', excess: 5 }]);
    expect(drawing.nodes.find((node) => node.id === 's')).toMatchObject({
      kind: 'supply',
      depth: 0,
      consumption: 100,
      share: 1,
    });
  });

  test('generation flows in beside the supply, export flows out, also where the registry links them to nothing', () => {
    const edges: FlowEdge[] = [
      use(null, 's', 70),
      use('s', 'house', 90),
      { parentId: null, pointId: 'pv', kind: 'generation', consumption: 50 },
      { parentId: null, pointId: 'x', kind: 'export', consumption: 25 },
    ];
    const drawing = drawFlow({ edges, rootId: null, endOf, pointNodesMax: 50 });
    expect(inflow(drawing, 's')).toBe(50);
    expect(inflow(drawing, 'export')).toBe(25);
    expect(inflow(drawing, 'loss')).toBe(70 + 50 - 90 - 25);
  });

  test('a root draws only what is beneath it', () => {
    const drawing = drawFlow({
      edges: [use(null, 's', 100), use('s', 'a', 60), use('s', 'b', 30), use('b', 'c', 20)],
      rootId: 'b',
      endOf,
      pointNodesMax: 50,
    });
    expect(drawing.nodes.map((node) => node.id).sort()).toEqual(['b', 'c', 'loss', 'sub-item:tenant']);
    expect(drawing.nodes.find((node) => node.id === 'b')?.share).toBe(1);
  });

  test('links that turned round inside the span make no circle and lose nothing', () => {
    const drawing = drawFlow({
      edges: [use(null, 'a', 50), use('a', 'b', 40), use(null, 'b', 30), use('b', 'a', 10)],
      rootId: null,
      endOf,
      pointNodesMax: 50,
    });
    expect(drawing.links.some((link) => link.source === 'b' && link.target === 'a')).toBe(false);
    expect(inflow(drawing, 'rest:relinked-out')).toBe(10);
    expect(outflow(drawing, 'rest:relinked-in')).toBe(10);
  });

  /** Every point linked to one or two earlier or later points: circles included. */
  const graphs = fc.array(
    fc.tuple(
      fc.option(fc.nat(11)),
      fc.nat(11),
      fc.nat(1_000),
      fc.constantFrom(
        'use' as const,
        'use' as const,
        'use' as const,
        'generation' as const,
        'export' as const,
      ),
    ),
    { minLength: 1, maxLength: 25 },
  );

  test('whatever the links: no circle, whole values, sums kept, folded or not', () => {
    fc.assert(
      fc.property(graphs, fc.integer({ min: 1, max: 12 }), (drawn, pointNodesMax) => {
        const kinds = new Map<number, FlowEdge['kind']>();
        const edges = drawn.map(([parent, point, consumption, kind]): FlowEdge => {
          const settled = kinds.get(point) ?? kind;
          kinds.set(point, settled);
          return {
            parentId: parent === null ? null : `p${parent}`,
            pointId: `p${point}`,
            kind: settled,
            consumption,
          };
        });
        const full = drawFlow({ edges, rootId: null, endOf, pointNodesMax: 1_000 });
        const folded = drawFlow({ edges, rootId: null, endOf, pointNodesMax });
        for (const drawing of [full, folded]) {
          const depthOf = new Map(drawing.nodes.map((node) => [node.id, node.depth]));
          for (const link of drawing.links) {
            expect(link.consumption).toBeGreaterThan(0);
            expect(Number.isInteger(link.consumption)).toBe(true);
            // Strictly from left to right: there is no circle.
            expect(depthOf.get(link.source) ?? NaN).toBeLessThan(depthOf.get(link.target) ?? NaN);
          }
          expect(
            drawing.nodes.filter((node) => node.kind === 'point' || node.kind === 'supply').length,
          ).toBeLessThanOrEqual(drawing === folded ? pointNodesMax : 1_000);
        }
        // Folding moves nothing to another end.
        for (const end of ['loss', 'export', 'sub-item:tenant'])
          expect({ end, value: inflow(folded, end) }).toEqual({ end, value: inflow(full, end) });
        expect(folded.excesses).toEqual(full.excesses);
      }),
      { numRuns: 1_000 },
    );
  });

  test('every drawn point passes on what it got, apart from its listed excess', () => {
    fc.assert(
      fc.property(graphs, (drawn) => {
        const edges = drawn
          .filter(([, , , kind]) => kind === 'use')
          .map(([parent, point, consumption]) =>
            use(parent === null ? null : `p${parent}`, `p${point}`, consumption),
          );
        const drawing = drawFlow({ edges, rootId: null, endOf, pointNodesMax: 1_000 });
        const own = new Map<string, number>();
        for (const edge of edges) own.set(edge.pointId, (own.get(edge.pointId) ?? 0) + edge.consumption);
        const parents = new Set(edges.flatMap((edge) => (edge.parentId === null ? [] : [edge.parentId])));
        for (const id of new Set([...own.keys(), ...parents])) {
          const excess = drawing.excesses.find((one) => one.pointId === id)?.excess ?? 0;
          const reached =
            drawing.nodes.some((node) => node.id === id) || excess > 0 || outflow(drawing, id) > 0;
          if (reached)
            expect({ id, out: outflow(drawing, id) }).toEqual({ id, out: (own.get(id) ?? 0) + excess });
        }
      }),
      { numRuns: 500 },
    );
  });
});
