// SPDX-License-Identifier: Apache-2.0
/** The tree of places: area → building → floor → room. A level may be left out; only areas may lie in areas. */
import type { PlaceSnapshot } from '@wattledger/contracts';

export type PlaceKind = PlaceSnapshot['kind'];
export interface PlaceNode {
  readonly id: string;
  readonly parentId: string | null;
  readonly kind: PlaceKind;
  readonly code: string;
}
export interface PlaceFault {
  readonly id: string;
  readonly message: string;
}

const rankOf: Readonly<Record<PlaceKind, number>> = { area: 0, building: 1, floor: 2, room: 3 };

/** Whether a place of one kind may lie in a place of another. */
export function mayLieIn(inner: PlaceKind, outer: PlaceKind): boolean {
  return rankOf[outer] < rankOf[inner] || (inner === 'area' && outer === 'area');
}

/** Places that lie where they cannot: in an unknown place, in a smaller kind, or in themselves. Linear. */
export function faultsOfPlaces(places: readonly PlaceNode[]): readonly PlaceFault[] {
  const byId = new Map(places.map((place) => [place.id, place]));
  const faults: PlaceFault[] = [];
  for (const place of places) {
    if (place.parentId === null) continue;
    const parent = byId.get(place.parentId);
    if (parent === undefined)
      faults.push({ id: place.id, message: 'the place it lies in does not exist in this project' });
    else if (!mayLieIn(place.kind, parent.kind)) {
      faults.push({
        id: place.id,
        message: `a ${place.kind} cannot lie in a ${parent.kind} (${parent.code})`,
      });
    }
  }
  for (const id of placesInThemselves(byId)) faults.push({ id, message: 'it would lie within itself' });
  return faults;
}

/** Ids on a cycle of parents. Each place is walked once. */
function placesInThemselves(byId: ReadonlyMap<string, PlaceNode>): readonly string[] {
  const settled = new Set<string>();
  const found: string[] = [];
  for (const start of byId.keys()) {
    const path: string[] = [];
    const onPath = new Set<string>();
    let id: string | null = start;
    while (id !== null && !settled.has(id) && !onPath.has(id)) {
      path.push(id);
      onPath.add(id);
      id = byId.get(id)?.parentId ?? null;
    }
    if (id !== null && onPath.has(id)) found.push(...path.slice(path.indexOf(id)));
    for (const walked of path) settled.add(walked);
  }
  return found;
}
