// SPDX-License-Identifier: Apache-2.0
/** The whole tree of a project in one answer. */
import { z } from 'zod';
import { media } from '../../quantities.ts';
import {
  gatewaySnapshotShape,
  meterSnapshotShape,
  placeSnapshotShape,
  pointRoles,
  projectSnapshotShape,
  subItems,
  tenantSnapshotShape,
} from '../../topics/registry-snapshots.ts';
import { instantMs } from './words.ts';

export const treeQueryShape = z.object({
  atMs: z.coerce
    .number()
    .int()
    .min(0)
    .optional()
    .describe('Links and mountings in force at this instant; default now.'),
});
export const treePointShape = z.object({
  id: z.string(),
  code: z.string(),
  name: z.string(),
  medium: z.enum(media),
  role: z.enum(pointRoles),
  subItem: z.enum(subItems),
  placeId: z.string().nullable(),
  tenantId: z.string().nullable(),
  areaM2: z.number().nullable(),
  headcount: z.number().int().nullable(),
  /** Parent in the metering tree at the instant asked about. */
  parentId: z.string().nullable(),
  /** Meter mounted at the instant asked about. */
  mounting: z
    .object({ segmentId: z.string(), meterId: z.string(), register: z.string(), fromMs: z.number().int() })
    .nullable(),
});
export type TreePoint = z.infer<typeof treePointShape>;
/** GET /api/projects/{projectId}/tree: everything a screen needs to draw trees and walls, in one answer. */
export const treeShape = z.object({
  project: projectSnapshotShape,
  atMs: instantMs,
  places: z.array(placeSnapshotShape),
  points: z.array(treePointShape),
  meters: z.array(meterSnapshotShape),
  gateways: z.array(gatewaySnapshotShape),
  tenants: z.array(tenantSnapshotShape),
});
export type Tree = z.infer<typeof treeShape>;
