// SPDX-License-Identifier: Apache-2.0
/** Places. */
import { z } from 'zod';
import { placeSnapshotShape } from '../../topics/registry-snapshots.ts';
import { areaM2, code, id, name, projectParamsShape, text } from './words.ts';

export const placeKinds = ['area', 'building', 'floor', 'room'] as const;
export const placeListShape = z.object({ places: z.array(placeSnapshotShape), next: z.string().nullable() });
export type PlaceList = z.infer<typeof placeListShape>;
export const placeParamsShape = projectParamsShape.extend({ placeId: id });
export const placeCreateBodyShape = z.strictObject({
  parentId: id.nullable().default(null),
  kind: z.enum(placeKinds),
  code,
  name,
  use: text(64).nullable().default(null),
  areaM2: areaM2.nullable().default(null),
  sortOrder: z.number().int().min(-1_000_000).max(1_000_000).default(0),
});
export type PlaceCreateBody = z.input<typeof placeCreateBodyShape>;
export const placePatchBodyShape = z.strictObject({
  parentId: id.nullable().optional(),
  name: name.optional(),
  use: text(64).nullable().optional(),
  areaM2: areaM2.nullable().optional(),
  sortOrder: z.number().int().min(-1_000_000).max(1_000_000).optional(),
});
export type PlacePatchBody = z.infer<typeof placePatchBodyShape>;
