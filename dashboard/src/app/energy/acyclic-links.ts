// SPDX-License-Identifier: Apache-2.0

interface Link {
  readonly source: string;
  readonly target: string;
}

/** Links without those that close a circle: one circle is enough to make a Sankey diagram fail. Pure; keeps the order. */
export function acyclicLinks<T extends Link>(links: readonly T[]): readonly T[] {
  const targetsOf = new Map<string, string[]>();
  const reaches = (from: string, wanted: string): boolean => {
    const seen = new Set<string>();
    const open = [from];
    for (let node = open.pop(); node !== undefined; node = open.pop()) {
      if (node === wanted) return true;
      if (seen.has(node)) continue;
      seen.add(node);
      open.push(...(targetsOf.get(node) ?? []));
    }
    return false;
  };
  return links.filter((link) => {
    if (link.source === link.target || reaches(link.target, link.source)) return false;
    targetsOf.set(link.source, [...(targetsOf.get(link.source) ?? []), link.target]);
    return true;
  });
}
