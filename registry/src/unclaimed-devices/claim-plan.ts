// SPDX-License-Identifier: Apache-2.0
/** What a claim makes, and every fault that stands in its way, by row. Pure: the same for a dry run and the claim itself. */
import {
  newId,
  slotLengthMs,
  slotStartOf,
  type DeviceCall,
  type GatewaySnapshot,
  type GatewayTransport,
  type MeteringPointSnapshot,
  type MeterSnapshot,
  type ProjectSnapshot,
} from '@wattledger/contracts';
import type { Claim } from '@wattledger/contracts/http/claims';
import type { FieldFault } from '../changes/faults.ts';
import type { PointRow } from '../metering-points/metering-points-store.ts';
import type { ParentLink } from '../metering-points/parent-tree.ts';
import { faultsOfMeter } from '../meters/meter.ts';
import { overlapsOf, type MountedSegment, type SegmentOverlap } from '../mountings/segment.ts';
import { planMounting, type PlannedMounting } from './claim-mounting.ts';
import { faultsOfClaimedLinks } from './claim-links.ts';
import type { MeterModel, MeterModels } from './meter-models.ts';

/** What the plan must know of the registry; read in one transaction with what the plan then changes. */
export interface ClaimContext {
  readonly project: ProjectSnapshot;
  readonly nowMs: number;
  /** Null: it has never called. */
  readonly call: DeviceCall | null;
  readonly gatewayCodeTaken: boolean;
  readonly gatewayCodes: ReadonlyMap<string, string>;
  /** Meters of the project with a serial of the claim. */
  readonly meters: readonly MeterSnapshot[];
  /** Points that the claim names by id, and points that have a code of the claim. */
  readonly points: readonly MeteringPointSnapshot[];
  readonly placeIds: ReadonlySet<string>;
  readonly tenantIds: ReadonlySet<string>;
  readonly links: readonly ParentLink[];
  /** Segments of those meters and points. */
  readonly segments: readonly MountedSegment[];
  /** Null: nobody handed in the register maps; models are taken on trust. */
  readonly modelOf: MeterModels | null;
}

export interface ClaimPlan {
  readonly fromMs: number;
  readonly gateway: GatewaySnapshot;
  readonly meters: readonly MeterSnapshot[];
  readonly points: readonly PointRow[];
  readonly links: readonly ParentLink[];
  readonly segments: readonly MountedSegment[];
  readonly faults: readonly FieldFault[];
}

/** A caller answers over a mobile network: a second is too short for it. */
const callerTimeoutMs = 5000;

export function planClaim(claim: Claim, context: ClaimContext): ClaimPlan {
  const { slotMinutes } = context.project;
  const fromMs = claim.fromMs ?? slotStartOf(context.nowMs, slotMinutes) + slotLengthMs(slotMinutes);
  const { gateway, faults: gatewayFaults } = planGateway(claim, context);
  const meters = claim.meters.map((row) => planMeter(row, gateway.id, context));
  const mounted: PlannedMounting[] = [];
  for (const [index, row] of claim.meters.entries()) {
    const meter = meters[index];
    if (meter === undefined) continue;
    const model = modelOf(context, meter.modelId);
    for (const [place, mounting] of row.mountings.entries()) {
      const path = `meters.${index}.mountings.${place}`;
      mounted.push(planMounting({ path, mounting, meter, model, fromMs, context }));
    }
  }
  const points = mounted.flatMap(({ point }) => (point === null ? [] : [point]));
  const { links, faults: linkFaults } = faultsOfClaimedLinks(mounted, context);
  const segments = mounted.flatMap(({ segment }) => (segment === null ? [] : [segment]));
  return {
    fromMs,
    gateway,
    meters,
    points,
    links,
    segments,
    faults: [
      ...gatewayFaults,
      ...claim.meters.flatMap((_, index) => faultsOfClaimedMeter(index, meters, context)),
      ...mounted.flatMap(({ faults }) => faults),
      ...faultsOfCodes(mounted),
      ...linkFaults,
      ...faultsOfOverlaps(mounted, context),
    ],
  };
}

export function transportOfCall(call: DeviceCall): GatewayTransport {
  const { serial } = call;
  switch (call.via) {
    case 'rtu-dial-in':
      return { kind: 'rtu-dial-in', registration: serial, registrationOn: 'connect', heartbeat: null };
    case 'mqtt':
      return {
        kind: 'mqtt',
        dialect: call.dialect ?? 'wattledger',
        productKey: call.productKey,
        serial,
      };
    case 'acrel-upload':
      return { kind: 'acrel-upload', serial };
  }
}

function planGateway(
  claim: Claim,
  { call, project, gatewayCodeTaken }: ClaimContext,
): { readonly gateway: GatewaySnapshot; readonly faults: readonly FieldFault[] } {
  const faults: FieldFault[] = [];
  const serial = call?.serial ?? claim.serial;
  const path = 'gateway.transport';
  const transport = claim.gateway.transport ?? (call === null ? null : transportOfCall(call));
  if (transport === null) {
    faults.push({ path, message: 'this serial has never called in: say how it is expected to call' });
  } else if (calledNameOf(transport) === null) {
    faults.push({
      path,
      message: 'only a gateway that calls in by itself is claimed; make this one under gateways',
    });
  } else if (calledNameOf(transport) !== serial) {
    faults.push({ path, message: `it must call in as ${serial}, the serial that is claimed` });
  }
  if (gatewayCodeTaken) {
    faults.push({ path: 'gateway.code', message: 'another gateway of the project has this code' });
  }
  const gateway: GatewaySnapshot = {
    id: newId('gateway'),
    projectId: project.id,
    code: claim.gateway.code,
    name: claim.gateway.name,
    transport: transport ?? { kind: 'acrel-upload', serial },
    timeoutMs: claim.gateway.timeoutMs ?? callerTimeoutMs,
    pollIntervalSeconds: claim.gateway.pollIntervalSeconds,
    enabled: true,
  };
  return { gateway, faults };
}

function calledNameOf(transport: GatewayTransport): string | null {
  switch (transport.kind) {
    case 'rtu-dial-in':
      return transport.registration;
    case 'mqtt':
    case 'acrel-upload':
      return transport.serial;
    case 'modbus-tcp':
    case 'rtu-over-tcp':
    case 'serial':
      return null;
  }
}

function modelOf(context: ClaimContext, modelId: string | null): MeterModel | null {
  return modelId === null || context.modelOf === null ? null : context.modelOf(modelId);
}

/** A meter that is known without a gateway keeps its id, and with it its mountings and readings. */
function planMeter(row: Claim['meters'][number], gatewayId: string, context: ClaimContext): MeterSnapshot {
  const known = context.meters.find((meter) => meter.serial === row.serial);
  const modelId = row.modelId ?? known?.modelId ?? null;
  return {
    id: known?.id ?? newId('meter'),
    projectId: context.project.id,
    serial: row.serial,
    modelId,
    gatewayId,
    unitId: row.unitId,
    lineAddress: row.lineAddress,
    pollIntervalSeconds: row.pollIntervalSeconds,
    switchable: row.switchable ?? modelOf(context, modelId)?.switchable ?? known?.switchable ?? false,
    enabled: true,
  };
}

function faultsOfClaimedMeter(
  index: number,
  meters: readonly MeterSnapshot[],
  context: ClaimContext,
): readonly FieldFault[] {
  const meter = meters[index];
  if (meter === undefined) return [];
  const path = `meters.${index}`;
  const faults: FieldFault[] = faultsOfMeter(meter).map((fault) => ({
    path: `${path}.${fault.path}`,
    message: fault.message,
  }));
  const known = context.meters.find(({ serial }) => serial === meter.serial);
  if (known !== undefined && known.gatewayId !== null) {
    const code = context.gatewayCodes.get(known.gatewayId) ?? known.gatewayId;
    faults.push({
      path: `${path}.serial`,
      message: `meter ${meter.serial} is on gateway ${code}: take it off there first, or check the serial`,
    });
  }
  if (meter.modelId !== null && context.modelOf !== null && context.modelOf(meter.modelId) === null) {
    faults.push({ path: `${path}.modelId`, message: `there is no register map "${meter.modelId}"` });
  }
  const before = meters.slice(0, index);
  if (before.some(({ serial }) => serial === meter.serial)) {
    faults.push({ path: `${path}.serial`, message: `two meters of the claim have serial ${meter.serial}` });
  }
  if (meter.unitId !== null && before.some(({ unitId }) => unitId === meter.unitId)) {
    faults.push({ path: `${path}.unitId`, message: `two meters of the claim have unit id ${meter.unitId}` });
  }
  const { lineAddress } = meter;
  if (lineAddress !== null && before.some((other) => other.lineAddress === lineAddress)) {
    faults.push({
      path: `${path}.lineAddress`,
      message: `two meters of the claim have line address ${lineAddress}`,
    });
  }
  return faults;
}

function faultsOfCodes(mounted: readonly PlannedMounting[]): readonly FieldFault[] {
  const seen = new Set<string>();
  return mounted.flatMap(({ path, point }) => {
    if (point === null) return [];
    if (!seen.has(point.code)) {
      seen.add(point.code);
      return [];
    }
    return [
      {
        path: `${path}.meteringPoint.code`,
        message: `two metering points of the claim have code ${point.code}`,
      },
    ];
  });
}

function faultsOfOverlaps(mounted: readonly PlannedMounting[], context: ClaimContext): readonly FieldFault[] {
  const own = mounted.flatMap(({ path, segment }) => (segment === null ? [] : [{ path, segment }]));
  const pathOf = new Map(own.map(({ path, segment }) => [segment.segmentId, path]));
  const codeOf = new Map(context.points.map((point) => [point.id, point.code]));
  return overlapsOf([...context.segments, ...own.map(({ segment }) => segment)]).flatMap((overlap) => {
    const path = pathOf.get(overlap.later.segmentId) ?? pathOf.get(overlap.earlier.segmentId);
    if (path === undefined) return [];
    return [textOfOverlap(path, overlap, codeOf.get(overlap.later.meteringPointId) ?? 'the metering point')];
  });
}

function textOfOverlap(path: string, overlap: SegmentOverlap, code: string): FieldFault {
  const { kind, earlier, later } = overlap;
  switch (kind) {
    case 'point-occupied':
      return {
        path: `${path}.meteringPoint`,
        message: `another meter is mounted at ${code} then: choose another point, or exchange that meter`,
      };
    case 'register-mounted-twice':
      return {
        path: `${path}.register`,
        message: `register ${later.register} of this meter would count at two metering points`,
      };
    case 'quantity-changed':
      return {
        path: `${path}.quantity`,
        message: `${code} counts ${earlier.quantity}; it cannot also count ${later.quantity}`,
      };
  }
}
