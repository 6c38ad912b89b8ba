// SPDX-License-Identifier: Apache-2.0
/** One register of a claimed meter at one metering point. Pure. */
import { newId, type Medium, type MeterSnapshot } from '@wattledger/contracts';
import type { Claim, ClaimedPoint } from '@wattledger/contracts/http/claims';
import type { FieldFault } from '../changes/faults.ts';
import type { PointRow } from '../metering-points/metering-points-store.ts';
import { faultsOfSegment, usualQuantityOf, type MountedSegment } from '../mountings/segment.ts';
import type { ClaimContext } from './claim-plan.ts';
import type { MeterModel } from './meter-models.ts';

type ClaimedMounting = Claim['meters'][number]['mountings'][number];
type NewPoint = Exclude<ClaimedPoint, { meteringPointId: string }>;

export interface PlannedMounting {
  readonly path: string;
  /** The point that the claim makes; null: it was there, or is not known. */
  readonly point: PointRow | null;
  readonly parent: Pick<NewPoint, 'parentId' | 'parentCode'> | null;
  /** Null: not enough is known of it; the faults say what. */
  readonly segment: MountedSegment | null;
  readonly faults: readonly FieldFault[];
}

interface Request {
  readonly path: string;
  readonly mounting: ClaimedMounting;
  readonly meter: MeterSnapshot;
  readonly model: MeterModel | null;
  readonly fromMs: number;
  readonly context: ClaimContext;
}

export function planMounting(request: Request): PlannedMounting {
  const { path, mounting, model, context } = request;
  const { meteringPoint } = mounting;
  if ('meteringPointId' in meteringPoint) {
    const known = context.points.find((point) => point.id === meteringPoint.meteringPointId);
    if (known === undefined) {
      const message = 'there is no such metering point in this project';
      return noSegment(path, { path: `${path}.meteringPoint.meteringPointId`, message });
    }
    return { path, point: null, parent: null, ...planSegment(request, known) };
  }
  const point = newPoint(meteringPoint, model?.medium ?? 'electricity', context);
  const { segment, faults } = planSegment(request, point);
  return {
    path,
    point,
    parent: meteringPoint,
    segment,
    faults: [...faultsOfPoint(`${path}.meteringPoint`, point, context), ...faults],
  };
}

function noSegment(path: string, fault: FieldFault): PlannedMounting {
  return { path, point: null, parent: null, segment: null, faults: [fault] };
}

function newPoint(given: NewPoint, usualMedium: Medium, context: ClaimContext): PointRow {
  const { parentId: _parentId, parentCode: _parentCode, medium, ...fields } = given;
  return {
    id: newId('meteringPoint'),
    projectId: context.project.id,
    ...fields,
    medium: medium ?? usualMedium,
  };
}

function faultsOfPoint(path: string, point: PointRow, context: ClaimContext): readonly FieldFault[] {
  const faults: FieldFault[] = [];
  if (context.points.some(({ code }) => code === point.code)) {
    faults.push({
      path: `${path}.code`,
      message: `there is a metering point ${point.code} already: choose it, or give this one another code`,
    });
  }
  if (point.placeId !== null && !context.placeIds.has(point.placeId)) {
    faults.push({ path: `${path}.placeId`, message: 'there is no such place in this project' });
  }
  if (point.tenantId !== null && !context.tenantIds.has(point.tenantId)) {
    faults.push({ path: `${path}.tenantId`, message: 'there is no such tenant in this project' });
  }
  return faults;
}

function planSegment(
  { path, mounting, meter, model, fromMs }: Request,
  point: Pick<PointRow, 'id' | 'medium'>,
): Pick<PlannedMounting, 'segment' | 'faults'> {
  const register = mounting.register ?? model?.mainRegister ?? null;
  const registerPath = `${path}.register`;
  if (register === null) {
    const message = 'name the register of the meter that counts here, e.g. energy.active.total';
    return { segment: null, faults: [{ path: registerPath, message }] };
  }
  const row = model === null ? null : model.register(register);
  if (model !== null && row === null) {
    const message = `${meter.modelId ?? 'the model'} has no register "${register}"`;
    return { segment: null, faults: [{ path: registerPath, message }] };
  }
  const segment: MountedSegment = {
    segmentId: newId('segment'),
    meterId: meter.id,
    register,
    meteringPointId: point.id,
    quantity: mounting.quantity ?? row?.quantity ?? usualQuantityOf(point.medium),
    fromMs,
    toMs: null,
    multiplierNumerator: mounting.multiplierNumerator,
    multiplierDenominator: mounting.multiplierDenominator,
    registerMax: mounting.registerMax ?? row?.registerMax ?? null,
    powerMax: mounting.powerMax,
    openingReading: mounting.openingReading,
    closingReading: null,
  };
  const faults = faultsOfSegment(segment, point.medium);
  return {
    segment,
    faults: faults.map((fault) => ({ path: `${path}.${fault.path}`, message: fault.message })),
  };
}
