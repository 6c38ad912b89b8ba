// SPDX-License-Identifier: Apache-2.0
import type { ParentLinkFault } from './parent-tree.ts';

/** What is wrong with a link and what to do, for a person; `codeOf` names a point as people know it. */
export function textOfLinkFault(
  { kind, link, path }: ParentLinkFault,
  codeOf: (pointId: string) => string,
): string {
  const point = codeOf(link.pointId);
  const parent = codeOf(link.parentId);
  switch (kind) {
    case 'span':
      return `the link of ${point} to ${parent} must end after it begins`;
    case 'two-parents':
      return `${point} would have two parents from ${instantText(link.fromMs)} on; end the earlier link where the one to ${parent} begins`;
    case 'cycle':
      return `${[...path, link.pointId].map(codeOf).join(' → ')} would be a circle; a point cannot lie below itself`;
    case 'too-deep':
      return `${point} would lie ${path.length} levels deep; check the parents, real trees have fewer than ten levels`;
  }
}

function instantText(instantMs: number): string {
  return instantMs === 0 ? 'the beginning' : new Date(instantMs).toISOString();
}
