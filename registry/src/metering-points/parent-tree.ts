// SPDX-License-Identifier: Apache-2.0
/**
 * The tree of metering points. Each link holds for a span of time, so the tree is another one at each instant; at
 * every instant a point has at most one parent and no point is its own ancestor.
 */
import { spansOverlap } from '../mountings/segment.ts';

export interface ParentLink {
  readonly pointId: string;
  readonly parentId: string;
  readonly fromMs: number;
  /** Exclusive; null is "for ever". */
  readonly toMs: number | null;
}
export interface ParentLinkFault {
  readonly kind: 'span' | 'two-parents' | 'cycle' | 'too-deep';
  /** The link at fault; of two that contradict each other, the one that begins later. */
  readonly link: ParentLink;
  /** For a cycle: the points on it, from the link's child upwards. */
  readonly path: readonly string[];
}

/** Real trees have 4 to 8 levels. The limit bounds the work that a wrong file can ask for. */
export const treeDepthMax = 64;

/**
 * Faults of a set of links: spans that end before they begin, two parents at an instant, cycles. `onlyPoints`
 * restricts where walks begin: enough when only those points' links changed, since a new cycle holds a new link.
 * Each walk goes up at most `treeDepthMax` levels.
 */
export function faultsOfLinks(
  links: readonly ParentLink[],
  onlyPoints?: ReadonlySet<string>,
): readonly ParentLinkFault[] {
  const faults: ParentLinkFault[] = [];
  const linksOf = Map.groupBy(links, (link) => link.pointId);
  for (const [pointId, own] of linksOf) {
    own.sort((a, b) => a.fromMs - b.fromMs);
    if (onlyPoints !== undefined && !onlyPoints.has(pointId)) continue;
    for (const [index, link] of own.entries()) {
      if (link.toMs !== null && link.toMs <= link.fromMs) faults.push({ kind: 'span', link, path: [] });
      const previous = own[index - 1];
      if (previous !== undefined && spansOverlap(previous, link))
        faults.push({ kind: 'two-parents', link, path: [] });
    }
  }
  // Walks assume one parent at an instant; with two they could multiply.
  if (faults.length > 0) return faults;
  for (const [pointId, own] of linksOf) {
    if (onlyPoints !== undefined && !onlyPoints.has(pointId)) continue;
    for (const link of own) {
      const fault = walkUp(linksOf, link);
      if (fault !== null) faults.push(fault);
    }
  }
  return faults;
}

interface Step {
  readonly pointId: string;
  readonly fromMs: number;
  readonly toMs: number | null;
  readonly path: readonly string[];
}

/**
 * Follows a link up through all its ancestors, each only for the time that remains of the walk. Meeting a point again
 * with time left is a cycle; only those through the link's own child are reported, so each is found from its members.
 */
function walkUp(
  linksOf: ReadonlyMap<string, readonly ParentLink[]>,
  link: ParentLink,
): ParentLinkFault | null {
  const steps: Step[] = [
    { pointId: link.parentId, fromMs: link.fromMs, toMs: link.toMs, path: [link.pointId] },
  ];
  for (let step = steps.pop(); step !== undefined; step = steps.pop()) {
    const { pointId, path } = step;
    if (pointId === link.pointId) return { kind: 'cycle', link, path };
    // A cycle above us that does not hold our child: reported from its own members.
    if (path.includes(pointId)) continue;
    if (path.length >= treeDepthMax) return { kind: 'too-deep', link, path };
    for (const up of linksOf.get(pointId) ?? []) {
      if (!spansOverlap(step, up)) continue;
      steps.push({
        pointId: up.parentId,
        fromMs: Math.max(step.fromMs, up.fromMs),
        toMs: earlierEnd(step.toMs, up.toMs),
        path: [...path, pointId],
      });
    }
  }
  return null;
}

function earlierEnd(a: number | null, b: number | null): number | null {
  if (a === null) return b;
  return b === null ? a : Math.min(a, b);
}

/** Whether a span holds an instant. */
export function holdsAt(
  span: { readonly fromMs: number; readonly toMs: number | null },
  instantMs: number,
): boolean {
  return span.fromMs <= instantMs && (span.toMs === null || instantMs < span.toMs);
}
