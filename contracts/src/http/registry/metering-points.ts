// SPDX-License-Identifier: Apache-2.0
/** Metering points and their parents. */
import { z } from 'zod';
import { media, quantities } from '../../quantities.ts';
import {
  meteringPointSnapshotShape,
  pointRoles,
  subItems,
  tenantSnapshotShape,
} from '../../topics/registry-snapshots.ts';
import { areaM2, code, id, instantMs, name, projectParamsShape, searchQueryShape } from './words.ts';

export const meteringPointListQueryShape = searchQueryShape.extend({
  medium: z.enum(media).optional(),
  role: z.enum(pointRoles).optional(),
  subItem: z.enum(subItems).optional(),
  placeId: id.optional().describe('This place or any place within it.'),
  tenantId: id.optional(),
});
export const meteringPointListShape = z.object({
  meteringPoints: z.array(meteringPointSnapshotShape),
  next: z.string().nullable(),
});
export type MeteringPointList = z.infer<typeof meteringPointListShape>;
export const meteringPointParamsShape = projectParamsShape.extend({ meteringPointId: id });

const handReadingShape = z.object({
  instantMs: z.number().int(),
  value: z.number().int(),
  scaler: z.number().int(),
});
/** One segment: a meter's register at a metering point, half-open [fromMs, toMs). */
export const mountingDetailShape = z.object({
  segmentId: z.string(),
  meteringPointId: z.string(),
  meterId: z.string(),
  meterSerial: z.string(),
  register: z.string(),
  quantity: z.enum(quantities),
  fromMs: z.number().int(),
  toMs: z.number().int().nullable(),
  multiplierNumerator: z.number().int(),
  multiplierDenominator: z.number().int(),
  registerMax: z.number().int().nullable(),
  powerMax: z.number().int().nullable(),
  openingReading: handReadingShape.nullable(),
  closingReading: handReadingShape.nullable(),
});
export type MountingDetail = z.infer<typeof mountingDetailShape>;

export const mountingChangeKinds = ['mount', 'exchange', 'unmount', 'correct', 'undo', 'import'] as const;
/** One change of a point's mountings: who, when, why; undo it by its id while nothing later touches the same segments. */
export const mountingChangeShape = z.object({
  id: z.string(),
  kind: z.enum(mountingChangeKinds),
  atMs: z.number().int(),
  by: z.string(),
  reason: z.string(),
  /** Id of the change that undid this one. */
  undoneBy: z.string().nullable(),
  undoable: z.boolean(),
  segmentIds: z.array(z.string()),
});
export type MountingChange = z.infer<typeof mountingChangeShape>;

const relatedPointShape = z.object({
  id: z.string(),
  code: z.string(),
  name: z.string(),
  role: z.enum(pointRoles),
});
/** GET /api/projects/{projectId}/metering-points/{meteringPointId} */
export const meteringPointDetailShape = meteringPointSnapshotShape.omit({ mountings: true }).extend({
  place: z
    .object({ id: z.string(), code: z.string(), name: z.string(), path: z.array(z.string()) })
    .nullable(),
  tenant: tenantSnapshotShape.nullable(),
  /** Parent now. */
  parent: relatedPointShape.nullable(),
  /** Children now. */
  children: z.array(relatedPointShape),
  /** Oldest first. */
  mountings: z.array(mountingDetailShape),
  /** Newest first; at most 100. */
  mountingChanges: z.array(mountingChangeShape),
});
export type MeteringPointDetail = z.infer<typeof meteringPointDetailShape>;

export const parentLinkBodyShape = z.strictObject({
  parentId: id,
  fromMs: instantMs.default(0),
  toMs: instantMs.nullable().default(null),
});
export const meteringPointCreateBodyShape = z.strictObject({
  code,
  name,
  medium: z.enum(media),
  role: z.enum(pointRoles).default('sub'),
  subItem: z.enum(subItems).default('other'),
  placeId: id.nullable().default(null),
  tenantId: id.nullable().default(null),
  areaM2: areaM2.nullable().default(null),
  headcount: z.number().int().min(0).max(1_000_000).nullable().default(null),
  parentLinks: z.array(parentLinkBodyShape).max(100).default([]),
});
export type MeteringPointCreateBody = z.input<typeof meteringPointCreateBodyShape>;
/** `parentLinks`, where given, are the complete new set. The medium cannot change. */
export const meteringPointPatchBodyShape = z.strictObject({
  name: name.optional(),
  role: z.enum(pointRoles).optional(),
  subItem: z.enum(subItems).optional(),
  placeId: id.nullable().optional(),
  tenantId: id.nullable().optional(),
  areaM2: areaM2.nullable().optional(),
  headcount: z.number().int().min(0).max(1_000_000).nullable().optional(),
  parentLinks: z.array(parentLinkBodyShape).max(100).optional(),
});
export type MeteringPointPatchBody = z.input<typeof meteringPointPatchBodyShape>;
