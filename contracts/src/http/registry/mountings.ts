// SPDX-License-Identifier: Apache-2.0
/** Which meter counts where and when. */
import { z } from 'zod';
import { quantities } from '../../quantities.ts';
import { segmentShape } from '../../topics/readings.ts';
import { mountingChangeShape, mountingDetailShape } from './metering-points.ts';
import { id, instantMs, text } from './words.ts';

/** A value read by a person: value × 10^scaler base units (Wh, l, dm³) as the register shows it, before the multiplier. */
export const registerValueShape = z.strictObject({
  value: z.number().int().min(0),
  scaler: z.number().int().min(-6).max(6),
});
const registerName = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/, 'a register name of the meter, such as energy.active.total');
const reason = text(500);
const mountedRegister = {
  meterId: id,
  register: registerName,
  multiplierNumerator: z.number().int().min(1).max(1_000_000_000).default(1),
  multiplierDenominator: z.number().int().min(1).max(1_000_000_000).default(1),
  registerMax: z.number().int().min(1).nullable().default(null),
  powerMax: z.number().int().min(1).nullable().default(null),
  openingReading: registerValueShape.nullable().default(null),
};
/**
 * What a proposed change was made from: the segments of the meter's register as they then were. Refused with
 * `proposal-stale` when they have changed since.
 */
const madeFrom = z
  .strictObject({ proposalId: z.string().max(64), segments: z.array(segmentShape).min(1).max(500) })
  .optional();
export const mountingExchangeShape = z.strictObject({
  action: z.literal('exchange'),
  meteringPointId: id,
  atMs: instantMs,
  closingReading: registerValueShape.nullable().default(null),
  next: z.strictObject(mountedRegister),
  madeFrom,
  reason,
});
export const mountingCorrectionShape = z.strictObject({
  action: z.literal('correct'),
  segmentId: id,
  fromMs: instantMs.optional(),
  toMs: instantMs.nullable().optional(),
  multiplierNumerator: z.number().int().min(1).max(1_000_000_000).optional(),
  multiplierDenominator: z.number().int().min(1).max(1_000_000_000).optional(),
  registerMax: z.number().int().min(1).nullable().optional(),
  powerMax: z.number().int().min(1).nullable().optional(),
  openingReading: registerValueShape.nullable().optional(),
  closingReading: registerValueShape.nullable().optional(),
  madeFrom,
  reason,
});
/** POST /api/projects/{projectId}/mountings. Readings given here hold at the instant of the change. */
export const mountingBodyShape = z.discriminatedUnion('action', [
  z.strictObject({
    action: z.literal('mount'),
    meteringPointId: id,
    ...mountedRegister,
    quantity: z
      .enum(quantities)
      .optional()
      .describe("Default: the point's own, else the usual one of its medium."),
    fromMs: instantMs,
    reason,
  }),
  mountingExchangeShape,
  z.strictObject({
    action: z.literal('unmount'),
    meteringPointId: id,
    atMs: instantMs,
    closingReading: registerValueShape.nullable().default(null),
    reason,
  }),
  mountingCorrectionShape,
  z.strictObject({ action: z.literal('undo'), changeId: id, reason }),
]);
export type MountingBody = z.input<typeof mountingBodyShape>;
export const mountingAnswerShape = z.object({
  change: mountingChangeShape,
  /** The segments touched, as they are now. */
  segments: z.array(mountingDetailShape),
});
export type MountingAnswer = z.infer<typeof mountingAnswerShape>;
