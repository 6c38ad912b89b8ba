// SPDX-License-Identifier: Apache-2.0
/** Parents of the metering points that a claim makes: points that are there, or others of the same claim. Pure. */
import type { FieldFault } from '../changes/faults.ts';
import { faultsOfLinks, type ParentLink } from '../metering-points/parent-tree.ts';
import { textOfLinkFault } from '../metering-points/parent-tree-text.ts';
import type { PlannedMounting } from './claim-mounting.ts';
import type { ClaimContext } from './claim-plan.ts';

interface Candidate {
  readonly id: string;
  readonly code: string;
  readonly medium: string;
}

export function faultsOfClaimedLinks(
  mounted: readonly PlannedMounting[],
  context: ClaimContext,
): { readonly links: readonly ParentLink[]; readonly faults: readonly FieldFault[] } {
  const made = mounted.flatMap(({ point }) => (point === null ? [] : [point]));
  const known = new Map<string, Candidate>([...context.points, ...made].map((point) => [point.id, point]));
  const links: ParentLink[] = [];
  const faults: FieldFault[] = [];
  const pathOf = new Map<string, string>();
  for (const { path, point, parent, segment } of mounted) {
    if (point === null || parent === null || (parent.parentId === null && parent.parentCode === null))
      continue;
    const field = `${path}.meteringPoint.${parent.parentId === null ? 'parentCode' : 'parentId'}`;
    const found =
      parent.parentId === null
        ? made.find(({ code }) => code === parent.parentCode)
        : context.points.find(({ id }) => id === parent.parentId);
    if (parent.parentId !== null && parent.parentCode !== null) {
      faults.push({ path: field, message: 'a metering point has one parent: give its id or its code' });
    } else if (found === undefined) {
      const where = parent.parentId === null ? 'in this claim' : 'in this project';
      faults.push({ path: field, message: `there is no such metering point ${where}` });
    } else if (found.medium !== point.medium) {
      const message = `a ${point.medium} point cannot be summed under ${found.code}, which counts ${found.medium}`;
      faults.push({ path: field, message });
    } else {
      // Before it counts it has nothing to sum.
      links.push({ pointId: point.id, parentId: found.id, fromMs: segment?.fromMs ?? 0, toMs: null });
      pathOf.set(point.id, field);
    }
  }
  const codeOf = (id: string): string => known.get(id)?.code ?? id;
  for (const fault of faultsOfLinks([...context.links, ...links], new Set(pathOf.keys()))) {
    const path = pathOf.get(fault.link.pointId) ?? 'meters';
    faults.push({ path, message: textOfLinkFault(fault, codeOf) });
  }
  return { links, faults };
}
