// SPDX-License-Identifier: Apache-2.0
import type { MeteringPointSnapshot } from '@wattledger/contracts';
import type { PointRow } from '../metering-points/metering-points-store.ts';
import { faultsOfLinks, type ParentLink, type ParentLinkFault } from '../metering-points/parent-tree.ts';
import { textOfLinkFault } from '../metering-points/parent-tree-text.ts';
import type { FileInstant } from './site-cells.ts';
import type { PlanContext, Planned, Referable } from './plan-context.ts';
import type { SheetName, SiteTables } from './site-tables.ts';

interface Stated {
  readonly sheet: SheetName;
  readonly row: number;
  readonly pointId: string;
  readonly parent: string;
  readonly from: FileInstant | null | undefined;
  readonly to: FileInstant | null | undefined;
}
interface Source {
  readonly sheet: SheetName;
  readonly row: number;
}
const keyOf = (link: { readonly pointId: string; readonly fromMs: number }): string =>
  `${link.pointId} ${link.fromMs}`;

/** The links of the points whose links change, complete. A link is known by its point and its beginning. */
export function planLinks(
  context: PlanContext,
  tables: SiteTables,
  existing: readonly MeteringPointSnapshot[],
  points: Planned<PointRow>,
): { readonly pointIds: readonly string[]; readonly links: readonly ParentLink[] } {
  const target: Referable = { sheet: 'metering_points', what: 'metering point', idOfCode: points.idOfCode };
  const links = new Map<string, ParentLink>();
  for (const { id: pointId, parentLinks } of existing) {
    for (const link of parentLinks) links.set(keyOf({ pointId, fromMs: link.fromMs }), { pointId, ...link });
  }
  const sources = new Map<string, Source>();
  const changed = new Set<string>();
  for (const { sheet, row, pointId, parent, from, to } of statedLinks(context, tables, target)) {
    const parentId = context.refer(sheet, row, 'parent', parent, target);
    const faultsBefore = context.faults.total;
    const fromMs = context.instantOf(sheet, row, 'parent_from', from) ?? 0;
    const toMs = context.instantOf(sheet, row, 'parent_to', to);
    if (parentId === null || context.faults.total > faultsBefore) continue;
    const key = keyOf({ pointId, fromMs });
    const before = links.get(key);
    const other = sources.get(key);
    if (other !== undefined) {
      context.faults.add(
        sheet,
        row,
        'parent_from',
        `the same point has another parent from the same instant in ${other.sheet}, row ${other.row}`,
      );
      continue;
    }
    sources.set(key, { sheet, row });
    const link: ParentLink = { pointId, parentId, fromMs, toMs: toMs ?? before?.toMs ?? null };
    if (before?.parentId !== link.parentId || before.toMs !== link.toMs) changed.add(pointId);
    links.set(key, link);
  }
  const all = [...links.values()];
  judge(context, all, changed, sources, points);
  return { pointIds: [...changed], links: all.filter((link) => changed.has(link.pointId)) };
}

function* statedLinks(context: PlanContext, tables: SiteTables, target: Referable): Generator<Stated> {
  for (const { row, values } of tables.metering_points) {
    const pointId = target.idOfCode.get(values.code);
    if (pointId === undefined || typeof values.parent !== 'string') continue;
    yield {
      sheet: 'metering_points',
      row,
      pointId,
      parent: values.parent,
      from: values.parent_from,
      to: values.parent_to,
    };
  }
  for (const { row, values } of tables.parent_links) {
    const pointId = context.refer('parent_links', row, 'point', values.point, target);
    if (pointId === null) continue;
    yield {
      sheet: 'parent_links',
      row,
      pointId,
      parent: values.parent,
      from: values.parent_from,
      to: values.parent_to,
    };
  }
}

function judge(
  context: PlanContext,
  links: readonly ParentLink[],
  changed: ReadonlySet<string>,
  sources: ReadonlyMap<string, Source>,
  points: Planned<PointRow>,
): void {
  const byId = new Map(points.all.map((point) => [point.id, point]));
  for (const link of links) {
    const [point, parent] = [byId.get(link.pointId), byId.get(link.parentId)];
    const source = sources.get(keyOf(link));
    if (
      source !== undefined &&
      point !== undefined &&
      parent !== undefined &&
      point.medium !== parent.medium
    ) {
      const message = `a ${point.medium} point cannot be summed under ${parent.code}, which counts ${parent.medium}`;
      context.faults.add(source.sheet, source.row, 'parent', message);
    }
  }
  const byPoint = new Map([...sources].map(([key, source]) => [key.split(' ')[0] ?? '', source]));
  const told = new Set<string>();
  for (const fault of faultsOfLinks(links, changed)) {
    // A circle is found from each of its points; once is enough.
    const circle = fault.kind === 'cycle' ? [...fault.path].sort().join(' ') : keyOf(fault.link);
    if (told.has(circle)) continue;
    told.add(circle);
    const source = sourceOf(fault, sources, byPoint);
    const message = textOfLinkFault(fault, (id) => byId.get(id)?.code ?? id);
    context.faults.add(source?.sheet ?? 'metering_points', source?.row ?? null, 'parent', message);
  }
}

/** The row that states the link at fault, or another link of the circle. */
function sourceOf(
  fault: ParentLinkFault,
  sources: ReadonlyMap<string, Source>,
  byPoint: ReadonlyMap<string, Source>,
): Source | undefined {
  const own = sources.get(keyOf(fault.link));
  if (own !== undefined) return own;
  for (const pointId of fault.path) {
    const source = byPoint.get(pointId);
    if (source !== undefined) return source;
  }
  return undefined;
}
