// SPDX-License-Identifier: Apache-2.0
import { mayDo, type MeteringPointSnapshot, type Principal } from '@wattledger/contracts';
import {
  unitOfMedium,
  type NoteKind,
  type ProjectRankingAnswer,
  type RankingAnswer,
  type projectRankingQueryShape,
  type rankingQueryShape,
} from '@wattledger/contracts/http/analytics';
import type { z } from 'zod';
import {
  askEnergy,
  figureOfGroup,
  headOf,
  slotsOfGroup,
  type AskedEnergy,
} from '../../asking/asked-energy.ts';
import { gridOf, scopeOf, scopeOfMedium, type Asker } from '../../asking/asker.ts';
import { sumKnown } from '../../asking/figures.ts';
import { subjectOf } from '../../asking/subjects.ts';
import { parseEdges } from '../../calendar/span.ts';
import { joinedAsOf } from '../../coverage/as-of.ts';
import { placeOf, tenantOf } from '../../selection/selection.ts';
import type { Group } from '../../selection/net-terms.ts';
import { pointsOfMedium, treesOver, type Tree } from '../../site/site.ts';
import { rank, type Candidate } from './ranking.ts';

export type RankingQuery = z.infer<typeof rankingQueryShape>;
export type ProjectRankingQuery = z.infer<typeof projectRankingQueryShape>;

interface Divisors {
  readonly areaM2: number | null;
  readonly headcount: number | null;
}
const noDivisors: Divisors = { areaM2: null, headcount: null };

/** Areas and heads by tenant or place: sums over the metering points that belong to each, sought in one pass. */
function divisorsByOwner(
  points: readonly MeteringPointSnapshot[],
  ownerOf: (point: MeteringPointSnapshot) => string | null,
): ReadonlyMap<string, Divisors> {
  // One room may be metered for light and for power: its area counts once, as the largest told for it.
  const roomsOf = new Map<string, Map<string, Divisors>>();
  for (const point of points) {
    const owner = ownerOf(point);
    if (owner === null) continue;
    const rooms = roomsOf.get(owner) ?? new Map<string, Divisors>();
    roomsOf.set(owner, rooms);
    const room = point.placeId ?? point.id;
    const known = rooms.get(room) ?? noDivisors;
    rooms.set(room, {
      areaM2: larger(known.areaM2, point.areaM2),
      headcount: larger(known.headcount, point.headcount),
    });
  }
  return new Map(
    [...roomsOf].map(([owner, rooms]) => [
      owner,
      {
        areaM2: sumKnown([...rooms.values()].map((room) => room.areaM2)),
        headcount: sumKnown([...rooms.values()].map((room) => room.headcount)),
      },
    ]),
  );
}

/** Area and heads of a group: its own where the registry has it, else the sum over its metering points. */
function divisorsOf(asked: AskedEnergy, tree: Tree): (group: Group) => Divisors {
  const { site } = asked.scope;
  const points = [...site.points.values()];
  const kind = asked.groups.find((group) => group.kind !== 'rest')?.kind;
  if (kind === 'point') {
    return ({ id }) => {
      const point = site.points.get(id ?? '');
      return { areaM2: point?.areaM2 ?? null, headcount: point?.headcount ?? null };
    };
  }
  if (kind === 'tenant') {
    const byTenant = divisorsByOwner(points, (point) => tenantOf(site, tree, point));
    return ({ id }) => byTenant.get(id ?? '') ?? noDivisors;
  }
  const byPlace = divisorsByOwner(points, (point) => placeOf(site, tree, point));
  return ({ id }) => {
    const ofPoints = byPlace.get(id ?? '') ?? noDivisors;
    return { ...ofPoints, areaM2: site.places.get(id ?? '')?.areaM2 ?? ofPoints.areaM2 };
  };
}

const larger = (a: number | null, b: number | null): number | null =>
  a === null ? b : b === null ? a : Math.max(a, b);

function candidatesOf(asked: AskedEnergy): Candidate[] {
  const { site, selection, nowMs } = asked.scope;
  const at = Math.min(nowMs, asked.span.toMs - 1);
  const tree = treesOver(site, selection.quantity, at, at + 1)[0];
  if (tree === undefined) return [];
  const divisors = divisorsOf(asked, tree);
  return asked.groups.flatMap((group, index) => {
    // The rest is no contestant.
    if (group.kind === 'rest') return [];
    const point = group.kind === 'point' ? site.points.get(group.id ?? '') : undefined;
    const placeId = point === undefined ? null : placeOf(site, tree, point);
    const tenantId = point === undefined ? null : tenantOf(site, tree, point);
    return [
      {
        subject: subjectOf(site, group),
        figure: figureOfGroup(asked, index),
        ...divisors(group),
        slots: slotsOfGroup(asked, index),
        placeName: placeId === null ? null : (site.places.get(placeId)?.name ?? null),
        tenantName: tenantId === null ? null : (site.tenants.get(tenantId)?.name ?? null),
      },
    ];
  });
}

const truncated = (rows: number, total: number): NoteKind[] => (rows < total ? ['rows-truncated'] : []);

/** @throws RequestError as askEnergy and scopeOf */
export async function askRanking(
  asker: Asker,
  projectId: string,
  query: RankingQuery,
): Promise<RankingAnswer> {
  const scope = await scopeOf(asker, projectId, query);
  const edges = parseEdges(gridOf(scope.site), query.from, query.to);
  const asked = await askEnergy(asker, scope, {
    ...edges,
    compare: query.compare,
    grain: null,
    grouping: query.by,
    placeLevel: query.placeLevel,
    among: query.among,
  });
  const ranked = rank(candidatesOf(asked), query);
  const head = headOf(asked, query.by === 'point' ? 'gross' : 'net');
  return {
    ...head,
    notes: [...head.notes, ...truncated(ranked.rows.length, ranked.rowsTotal)],
    by: query.by,
    measure: query.measure,
    order: query.order,
    ...ranked,
  };
}

/** Projects of which the caller may see the energy. */
export function visibleProjects(asker: Asker, principal: Principal): readonly string[] {
  return asker.sites.projectIds().filter((projectId) => mayDo(principal, 'energy:read', projectId));
}

/** The projects against each other; local days count in each project's own zone. */
export async function askProjectRanking(
  asker: Asker,
  principal: Principal,
  query: ProjectRankingQuery,
): Promise<ProjectRankingAnswer> {
  const withMedium = visibleProjects(asker, principal).filter(
    (projectId) => pointsOfMedium(asker.sites.get(projectId), query.medium).length > 0,
  );
  const asked = await Promise.all(
    withMedium.map(async (projectId) => {
      const scope = await scopeOfMedium(asker, projectId, query.medium);
      const edges = parseEdges(scope.grid, query.from, query.to);
      return await askEnergy(asker, scope, {
        ...edges,
        compare: query.compare,
        grain: null,
        grouping: 'none',
      });
    }),
  );
  const candidates = asked.map((one): Candidate => {
    const { project } = one.scope.site;
    return {
      subject: { kind: 'project', id: project.id, code: project.code, name: project.name },
      figure: one.whole,
      areaM2: project.areaM2,
      headcount: null,
      slots: slotsOfGroup(one, 0),
      placeName: null,
      tenantName: null,
    };
  });
  const before = asked.map((one) => one.comparisonAsOf).filter((asOf) => asOf !== null);
  return {
    medium: query.medium,
    unit: unitOfMedium[query.medium],
    from: query.from,
    to: query.to,
    asOf: joinedAsOf(asked.map((one) => one.asOf)),
    comparisonAsOf: before.length === 0 ? null : joinedAsOf(before),
    measure: query.measure,
    order: query.order,
    ...rank(candidates, query),
  };
}
