// SPDX-License-Identifier: Apache-2.0
/** HTTP shapes of the process itself: health, doctor, back-fill of the demo site. */
import { z } from 'zod';

const state = z.enum(['ok', 'degraded', 'failed']);
const counter = z.number().int().min(0);

/** GET /api/health (public): no names of customers, only the state of the parts. */
export const healthShape = z.object({
  state,
  nowMs: z.number().int(),
  startedAtMs: z.number().int(),
  pipeline: z.object({
    acceptedRecords: counter,
    uncountedRecords: counter,
    unchargedRecords: counter,
    oldestUnchargedMs: z.number().int().nullable(),
  }),
  services: z.array(
    z.object({
      name: z.string(),
      state,
      facts: z.record(z.string(), z.union([z.string(), z.number(), z.null()])),
    }),
  ),
  /** History that is being filled in behind (demo site, imports); null when none. */
  backfill: z
    .object({ label: z.string(), done: counter, total: counter, etaMs: z.number().int().nullable() })
    .nullable(),
});
export type Health = z.infer<typeof healthShape>;

/** GET /api/doctor (system:read): every invariant, asked of the stores. */
export const doctorReportShape = z.object({
  ok: z.boolean(),
  atMs: z.number().int(),
  checks: z.array(z.object({ name: z.string(), ok: z.boolean(), detail: z.string() })),
});
export type DoctorReport = z.infer<typeof doctorReportShape>;
