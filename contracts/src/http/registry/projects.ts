// SPDX-License-Identifier: Apache-2.0
/** Projects. */
import { z } from 'zod';
import { slotMinutesAllowed } from '../../slot.ts';
import { tariffCalendarShape } from '../../tariff-calendar.ts';
import { projectSnapshotShape } from '../../topics/registry-snapshots.ts';
import { areaM2, code, counter, name, pollIntervalSeconds, text } from './words.ts';

export const projectCountsShape = z.object({
  places: counter,
  gateways: counter,
  meters: counter,
  meteringPoints: counter,
  tenants: counter,
  /** Open or acknowledged. */
  alarms: counter,
});
export const projectSummaryShape = projectSnapshotShape
  .omit({ calendar: true })
  .extend({ counts: projectCountsShape });
export type ProjectSummary = z.infer<typeof projectSummaryShape>;
/** GET /api/projects: those the caller may read. */
export const projectListShape = z.object({ projects: z.array(projectSummaryShape) });
export type ProjectList = z.infer<typeof projectListShape>;

/** GET /api/projects/{projectId} */
export const projectDetailShape = projectSnapshotShape.extend({ counts: projectCountsShape });
export type ProjectDetail = z.infer<typeof projectDetailShape>;

/** POST /api/projects. The currency cannot be changed later: balances are kept in it. */
export const projectCreateBodyShape = z.strictObject({
  code,
  name,
  zone: z.string().min(1).max(64).describe('IANA zone, e.g. Asia/Shanghai'),
  currency: z
    .string()
    .regex(/^[A-Z]{3}$/)
    .describe('ISO 4217, e.g. CNY'),
  slotMinutes: z.literal(slotMinutesAllowed).default(30),
  pollIntervalSeconds: pollIntervalSeconds.default(1800),
  calendar: tariffCalendarShape.optional().describe('Default: one flat period.'),
  areaM2: areaM2.nullable().default(null),
  address: text(500).nullable().default(null),
  latitude: z.number().min(-90).max(90).nullable().default(null),
  longitude: z.number().min(-180).max(180).nullable().default(null),
});
export type ProjectCreateBody = z.input<typeof projectCreateBodyShape>;

/** PATCH /api/projects/{projectId}. Another zone or slot length lays all energy of the project on the new grid. */
export const projectPatchBodyShape = z.strictObject({
  name: name.optional(),
  zone: z.string().min(1).max(64).optional(),
  slotMinutes: z.literal(slotMinutesAllowed).optional(),
  pollIntervalSeconds: pollIntervalSeconds.optional(),
  areaM2: areaM2.nullable().optional(),
  address: text(500).nullable().optional(),
  latitude: z.number().min(-90).max(90).nullable().optional(),
  longitude: z.number().min(-180).max(180).nullable().optional(),
});
export type ProjectPatchBody = z.infer<typeof projectPatchBodyShape>;

/** PUT /api/projects/{projectId}/calendar; the answer is the project. */
export const calendarBodyShape = tariffCalendarShape;
