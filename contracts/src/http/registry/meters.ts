// SPDX-License-Identifier: Apache-2.0
/** Meters. */
import { z } from 'zod';
import { meterSnapshotShape } from '../../topics/registry-snapshots.ts';
import { code, id, pollIntervalSeconds, projectParamsShape, searchQueryShape, text } from './words.ts';

export const unitIdMin = 1;
export const unitIdMax = 247;
export const meterDetailShape = meterSnapshotShape.extend({
  /** Where its registers count now. */
  mountedAt: z.array(
    z.object({ meteringPointId: z.string(), code: z.string(), name: z.string(), register: z.string() }),
  ),
});
export type MeterDetail = z.infer<typeof meterDetailShape>;
export const meterListQueryShape = searchQueryShape.extend({ gatewayId: id.optional() });
export const meterListShape = z.object({ meters: z.array(meterDetailShape), next: z.string().nullable() });
export type MeterList = z.infer<typeof meterListShape>;
export const meterParamsShape = projectParamsShape.extend({ meterId: id });
const modelId = z.string().regex(/^[a-z0-9][a-z0-9.-]{0,63}$/, 'a register map id such as acrel-dtsy1352');
const unitId = z
  .number()
  .int()
  .min(unitIdMin, 'Modbus unit ids are 1 to 247')
  .max(unitIdMax, 'Modbus unit ids are 1 to 247');
/** The 12 digits of DL/T 645, or the name a gateway gives the meter ("3_1"). */
const lineAddress = text(64);
export const meterCreateBodyShape = z.strictObject({
  serial: code,
  modelId: modelId.nullable().default(null),
  gatewayId: id.nullable().default(null),
  unitId: unitId.nullable().default(null),
  lineAddress: lineAddress.nullable().default(null),
  pollIntervalSeconds: pollIntervalSeconds.nullable().default(null),
  switchable: z.boolean().default(false),
  enabled: z.boolean().default(true),
});
export type MeterCreateBody = z.input<typeof meterCreateBodyShape>;
export const meterPatchBodyShape = z.strictObject({
  modelId: modelId.nullable().optional(),
  gatewayId: id.nullable().optional(),
  unitId: unitId.nullable().optional(),
  lineAddress: lineAddress.nullable().optional(),
  pollIntervalSeconds: pollIntervalSeconds.nullable().optional(),
  switchable: z.boolean().optional(),
  enabled: z.boolean().optional(),
});
export type MeterPatchBody = z.infer<typeof meterPatchBodyShape>;
