// SPDX-License-Identifier: Apache-2.0
import { newId, type PlaceSnapshot } from '@wattledger/contracts';
import {
  placeCreateBodyShape,
  type PlaceCreateBody,
  type PlaceList,
  type PlacePatchBody,
} from '@wattledger/contracts/http/registry';
import type { Database } from '@wattledger/platform';
import type { Actor } from '../changes/actor.ts';
import { conflict, invalid, notFound } from '../changes/faults.ts';
import { cutPage, pageOf, type PageRequest } from '../changes/page.ts';
import type { ProjectWrite, ProjectWriter } from '../changes/project-writer.ts';
import { withGiven } from '../changes/with-given.ts';
import { loadSnapshot } from '../snapshots/snapshots-store.ts';
import { faultsOfPlaces } from './place-tree.ts';
import { countInPlace, deletePlace, listPlaces, putPlaces, readPlaceNodes } from './places-store.ts';

export interface PlacesService {
  list(projectId: string, page: PageRequest): Promise<PlaceList>;
  get(projectId: string, placeId: string): Promise<PlaceSnapshot>;
  create(actor: Actor, projectId: string, body: PlaceCreateBody): Promise<PlaceSnapshot>;
  patch(actor: Actor, projectId: string, placeId: string, body: PlacePatchBody): Promise<PlaceSnapshot>;
  /** @throws RequestError place-not-empty */
  remove(actor: Actor, projectId: string, placeId: string): Promise<void>;
}

export function createPlacesService(parts: {
  readonly database: Database;
  readonly writer: ProjectWriter;
}): PlacesService {
  const { database, writer } = parts;

  /** Puts the place and proves that the whole tree still stands. */
  async function put(write: ProjectWrite, place: PlaceSnapshot, action: string): Promise<PlaceSnapshot> {
    const others = (await readPlaceNodes(write.transaction, write.project.id)).filter(
      (node) => node.id !== place.id,
    );
    const faults = faultsOfPlaces([...others, place]);
    if (faults.length > 0) {
      throw invalid(
        faults.slice(0, 1).map(({ message }) => ({ path: 'parentId', message })),
        'Areas hold buildings, buildings hold floors, floors hold rooms; a level may be left out.',
      );
    }
    const put = await write.apply('place', place.id, action, async () => {
      await putPlaces(write.transaction, write.project.id, [place]);
    });
    return put ?? place;
  }

  return {
    async list(projectId, page) {
      const { rows, next } = cutPage(
        await listPlaces(database, projectId, pageOf(page)),
        page.limit,
        (place) => place.code,
      );
      return { places: rows, next };
    },
    async get(projectId, placeId) {
      const place = await loadSnapshot(database, 'place', projectId, placeId);
      if (place === undefined) throw notFound('place');
      return place;
    },
    async create(actor, projectId, body) {
      const place = { id: newId('place'), projectId, ...placeCreateBodyShape.parse(body) };
      return await writer.write(actor, projectId, async (write) => await put(write, place, 'place.create'));
    },
    async patch(actor, projectId, placeId, body) {
      return await writer.write(actor, projectId, async (write) => {
        const place = await loadSnapshot(write.transaction, 'place', projectId, placeId);
        if (place === undefined) throw notFound('place');
        return await put(write, withGiven(place, body), 'place.update');
      });
    },
    async remove(actor, projectId, placeId) {
      await writer.write(actor, projectId, async (write) => {
        if ((await loadSnapshot(write.transaction, 'place', projectId, placeId)) === undefined)
          throw notFound('place');
        const inside = await countInPlace(write.transaction, placeId);
        if (inside.places + inside.points > 0) {
          throw conflict(
            'place-not-empty',
            `The place holds ${inside.places} places and ${inside.points} metering points.`,
            'Move or delete them first.',
          );
        }
        await write.apply('place', placeId, 'place.delete', async () => {
          await deletePlace(write.transaction, projectId, placeId);
        });
      });
    },
  };
}
