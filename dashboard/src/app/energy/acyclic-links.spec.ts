// SPDX-License-Identifier: Apache-2.0
import fc from 'fast-check';
import { acyclicLinks } from './acyclic-links.ts';

const node = fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f');

test('what has no circle is kept as it is', () => {
  const links = [
    { source: 'supply', target: 'main' },
    { source: 'main', target: 'lifts' },
    { source: 'main', target: 'mall' },
    { source: 'solar', target: 'main' },
  ];
  expect(acyclicLinks(links)).toEqual(links);
});

test('whatever comes in, no node reaches itself', () => {
  fc.assert(
    fc.property(fc.array(fc.record({ source: node, target: node }), { maxLength: 40 }), (links) => {
      const kept = acyclicLinks(links);
      const reach = (from: string, seen: ReadonlySet<string>): boolean =>
        kept
          .filter((link) => link.source === from)
          .some((link) => seen.has(link.target) || reach(link.target, new Set([...seen, link.target])));
      for (const start of ['a', 'b', 'c', 'd', 'e', 'f']) expect(reach(start, new Set([start]))).toBe(false);
    }),
  );
});
