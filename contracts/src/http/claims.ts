// SPDX-License-Identifier: Apache-2.0
/**
 * HTTP shapes of claiming: gateways and meters that called in and belong to no project yet, and the claim that makes one
 * of them a gateway with its meters, metering points and mountings.
 *
 * GET  /api/unclaimed-devices                     unclaimedDevicesShape  (project:write in any project)
 * GET  /api/unclaimed-devices/lookup?label=…      deviceLookupShape      (project:write in any project)
 * POST /api/projects/{projectId}/claims           claimBodyShape → claimAnswerShape (project:write)
 *
 * A claim is released by removing the gateway: DELETE /api/projects/{projectId}/gateways/{gatewayId}.
 */
import { z } from 'zod';
import { serialCharactersMax } from '../device-label.ts';
import { quantities, media } from '../quantities.ts';
import { deviceCallShape } from '../topics/device-calls.ts';
import { gatewaySnapshotShape, meterSnapshotShape } from '../topics/registry-snapshots.ts';
import {
  gatewayCreateBodyShape,
  meterCreateBodyShape,
  meteringPointCreateBodyShape,
  mountingBodyShape,
  mountingDetailShape,
  searchQueryShape,
} from './registry.ts';

// ── Unclaimed devices ────────────────────────────────────────────────────────────────────────────────────────────

export const unclaimedDeviceShape = deviceCallShape.extend({
  /** First call we know of; `atMs` is the newest. */
  firstCallMs: z.number().int(),
});
export type UnclaimedDevice = z.infer<typeof unclaimedDeviceShape>;

export const unclaimedDevicesQueryShape = searchQueryShape;
/** Newest call first. */
export const unclaimedDevicesShape = z.object({
  devices: z.array(unclaimedDeviceShape),
  next: z.string().nullable(),
  /** All of them, whatever was searched for. */
  total: z.number().int(),
});
export type UnclaimedDevices = z.infer<typeof unclaimedDevicesShape>;

export const deviceLookupQueryShape = z.object({
  label: z.string().min(1).max(2000).describe('A serial, or what a camera read from the label.'),
});
export const deviceLookupShape = z.object({
  /** As the device itself wrote it when it has called, else as on the label. */
  serial: z.string(),
  state: z.enum(['unclaimed', 'claimed', 'never-called']),
  device: unclaimedDeviceShape.nullable(),
  /** Of a claimed one, to somebody who may read its project; null otherwise. */
  claimed: z
    .object({
      projectId: z.string(),
      gatewayId: z.string(),
      gatewayCode: z.string(),
      gatewayName: z.string(),
    })
    .nullable(),
});
export type DeviceLookup = z.infer<typeof deviceLookupShape>;

// ── Claim ────────────────────────────────────────────────────────────────────────────────────────────────────────

/** Most meters behind one gateway, and most registers of one meter (a cabinet has 36 users), in one claim. */
export const claimMetersMax = 1000;
export const claimMountingsMax = 36;

const mountFields = mountingBodyShape.options[0].shape;
const pointFields = meteringPointCreateBodyShape.shape;

/** A metering point that is there, or one that the claim makes. */
export const claimedPointShape = z.union([
  z.strictObject({ meteringPointId: mountFields.meteringPointId }),
  z.strictObject({
    code: pointFields.code,
    name: pointFields.name,
    medium: z
      .enum(media)
      .optional()
      .describe("Default: what the meter's register map measures, else electricity."),
    role: pointFields.role,
    subItem: pointFields.subItem,
    placeId: pointFields.placeId,
    tenantId: pointFields.tenantId,
    areaM2: pointFields.areaM2,
    headcount: pointFields.headcount,
    /** Parent in the metering tree, from the instant of mounting: a point that is there … */
    parentId: mountFields.meteringPointId.nullable().default(null),
    /** … or one of this claim. */
    parentCode: pointFields.code.nullable().default(null),
  }),
]);
export type ClaimedPoint = z.output<typeof claimedPointShape>;

export const claimedMountingShape = z.strictObject({
  meteringPoint: claimedPointShape,
  register: mountFields.register.optional().describe("Default: the main register of the meter's map."),
  quantity: z.enum(quantities).optional().describe('Default: what the medium usually counts.'),
  multiplierNumerator: mountFields.multiplierNumerator,
  multiplierDenominator: mountFields.multiplierDenominator,
  registerMax: mountFields.registerMax,
  powerMax: mountFields.powerMax,
  openingReading: mountFields.openingReading,
});

const meterFields = meterCreateBodyShape.shape;
export const claimedMeterShape = z.strictObject({
  /** A meter of the project that is on no gateway yet is taken as it is, mountings and all. */
  serial: meterFields.serial,
  modelId: meterFields.modelId,
  unitId: meterFields.unitId,
  lineAddress: meterFields.lineAddress,
  pollIntervalSeconds: meterFields.pollIntervalSeconds,
  switchable: z.boolean().optional().describe("Default: whether the meter's map can drive a switch."),
  mountings: z.array(claimedMountingShape).max(claimMountingsMax).default([]),
});

const gatewayFields = gatewayCreateBodyShape.shape;
/** POST /api/projects/{projectId}/claims */
export const claimBodyShape = z.strictObject({
  serial: z.string().trim().min(1).max(serialCharactersMax),
  gateway: z.strictObject({
    code: gatewayFields.code,
    name: gatewayFields.name,
    transport: gatewayFields.transport
      .optional()
      .describe('Default: as it called. One that never called needs it: what is expected to call.'),
    timeoutMs: gatewayFields.timeoutMs.removeDefault().optional(),
    pollIntervalSeconds: gatewayFields.pollIntervalSeconds,
  }),
  meters: z.array(claimedMeterShape).max(claimMetersMax).default([]),
  /** When the meters begin to count; default: the next start of a slot. */
  fromMs: mountFields.fromMs.optional(),
  /** Tells every fault and changes nothing. */
  dryRun: z.boolean().default(false),
});
export type ClaimBody = z.input<typeof claimBodyShape>;
export type Claim = z.output<typeof claimBodyShape>;

export const claimFaultShape = z.object({ path: z.string(), message: z.string() });
export const claimAnswerShape = z.object({
  dryRun: z.boolean(),
  gateway: gatewaySnapshotShape,
  meters: z.array(meterSnapshotShape),
  /** Metering points made by the claim. */
  meteringPointIds: z.array(z.string()),
  mountings: z.array(mountingDetailShape),
  fromMs: z.number().int(),
  /** It has called in before; otherwise it is expected. */
  called: z.boolean(),
  /** Of a dry run: what stands in the way, by row; a claim that is carried out has none. */
  faults: z.array(claimFaultShape),
});
export type ClaimAnswer = z.infer<typeof claimAnswerShape>;
