// SPDX-License-Identifier: Apache-2.0
/**
 * Goal: a set of dated links is accepted exactly when at every instant each point has at most one parent and nobody is
 * their own ancestor. Method: random links, judged again the slow way at every instant where anything changes.
 */
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { faultsOfLinks, holdsAt, treeDepthMax, type ParentLink } from './parent-tree.ts';
import { textOfLinkFault } from './parent-tree-text.ts';

const linkArbitrary = fc
  .record({
    pointId: fc.constantFrom('a', 'b', 'c', 'd', 'e'),
    parentId: fc.constantFrom('a', 'b', 'c', 'd', 'e'),
    fromMs: fc.nat(8),
    length: fc.option(fc.integer({ min: 1, max: 8 })),
  })
  .map(({ pointId, parentId, fromMs, length }): ParentLink => ({
    pointId,
    parentId,
    fromMs,
    toMs: length === null ? null : fromMs + length,
  }));

/** Walks up from every point at every instant. */
function soundSlowly(links: readonly ParentLink[]): boolean {
  const instants = [...new Set(links.map((link) => link.fromMs))];
  return instants.every((instant) => {
    const now = links.filter((link) => holdsAt(link, instant));
    const parentOf = new Map(now.map((link) => [link.pointId, link.parentId]));
    if (parentOf.size < now.length) return false;
    return [...parentOf.keys()].every((start) => {
      let at: string | undefined = parentOf.get(start);
      for (let steps = 0; at !== undefined; steps += 1) {
        if (at === start || steps > 10) return false;
        at = parentOf.get(at);
      }
      return true;
    });
  });
}

describe('dated links', () => {
  test('are at fault exactly when some instant is', () => {
    fc.assert(
      fc.property(fc.array(linkArbitrary, { maxLength: 10 }), (links) => {
        expect(faultsOfLinks(links).length === 0).toBe(soundSlowly(links));
      }),
      { numRuns: 2000 },
    );
  });

  test('a change to one point of a sound tree is judged from that point alone', () => {
    fc.assert(
      fc.property(fc.array(linkArbitrary, { maxLength: 8 }), linkArbitrary, (links, added) => {
        fc.pre(soundSlowly(links));
        const next = [...links, added];
        expect(faultsOfLinks(next, new Set([added.pointId])).length === 0).toBe(soundSlowly(next));
      }),
      { numRuns: 2000 },
    );
  });

  test('one that ends before it begins is named', () => {
    const [fault] = faultsOfLinks([{ pointId: 'a', parentId: 'b', fromMs: 5, toMs: 5 }]);
    expect(fault?.kind).toBe('span');
  });

  test('parents that swap their places at an instant are no circle', () => {
    const before = { fromMs: 0, toMs: 10 };
    const after = { fromMs: 10, toMs: null };
    expect(
      faultsOfLinks([
        { pointId: 'a', parentId: 'b', ...before },
        { pointId: 'b', parentId: 'a', ...after },
      ]),
    ).toEqual([]);
  });

  test('a circle is told with the names on it', () => {
    const always = { fromMs: 0, toMs: null };
    const [fault] = faultsOfLinks([
      { pointId: 'a', parentId: 'b', ...always },
      { pointId: 'b', parentId: 'c', ...always },
      { pointId: 'c', parentId: 'a', ...always },
    ]);
    expect(fault && textOfLinkFault(fault, (id) => id.toUpperCase())).toContain('A → B → C → A');
  });

  test('deeper than any real tree is refused rather than walked', () => {
    const chain = Array.from({ length: treeDepthMax + 5 }, (_, level) => ({
      pointId: `p${level}`,
      parentId: `p${level + 1}`,
      fromMs: 0,
      toMs: null,
    }));
    expect(faultsOfLinks(chain).map((fault) => fault.kind)).toContain('too-deep');
    expect(faultsOfLinks(chain.slice(0, treeDepthMax - 1))).toEqual([]);
  });
});
