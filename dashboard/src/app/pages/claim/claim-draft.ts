// SPDX-License-Identifier: Apache-2.0
/** A claim while somebody fills it in: what the call tells comes prefilled, one row per meter. Pure. */
import type { CalledMeter, MeteringPointSnapshot } from '@wattledger/contracts';
import type { ClaimBody, UnclaimedDevice } from '@wattledger/contracts/http/claims';
import type { RegisterMapSummary } from '@wattledger/contracts/http/ingest';
import { transportOf, type TransportDraft } from '../../devices/transport-draft.ts';

/** From the street inwards. */
export const pointRoles = [
  'supply',
  'main',
  'feeder',
  'sub',
  'generation',
] as const satisfies readonly MeteringPointSnapshot['role'][];

export interface PointDraft {
  readonly mode: 'new' | 'existing' | 'none';
  readonly meteringPointId: string | null;
  readonly code: string;
  readonly name: string;
  /** The name was typed, so that choosing a room does not change it any more. */
  readonly named: boolean;
  readonly role: MeteringPointSnapshot['role'];
  readonly subItem: MeteringPointSnapshot['subItem'];
  readonly parentId: string | null;
  readonly placeId: string | null;
  readonly tenantId: string | null;
  /** '' = the main register of the model. */
  readonly register: string;
  /** CT ratio × PT ratio as typed. */
  readonly multiplier: string;
}

export interface MeterDraft {
  /** Of the row, for ever: rows may be taken away between others. */
  readonly key: number;
  readonly serial: string;
  readonly modelName: string | null;
  readonly modelId: string | null;
  /** Unit id (1 to 247), or the name that the line gives the meter. */
  readonly address: string;
  readonly points: readonly PointDraft[];
}

export interface ClaimDraft {
  readonly serial: string;
  readonly code: string;
  readonly name: string;
  /** Null: as it called. */
  readonly transport: TransportDraft | null;
  readonly interval: number | null;
  readonly meters: readonly MeterDraft[];
}

export interface ClaimSurroundings {
  /** Meters of the project by their serials. */
  readonly known: ReadonlyMap<string, { readonly mounted: boolean }>;
}

/** What is known of the device, as the draft of its claim. */
export function draftOfDevice(
  serial: string,
  device: UnclaimedDevice | null,
  { known }: ClaimSurroundings,
  transport: TransportDraft | null,
): ClaimDraft {
  const called: readonly CalledMeter[] =
    device === null
      ? []
      : device.topology.length > 0
        ? device.topology
        : device.kind === 'meter'
          ? [
              {
                serial,
                unitId: null,
                lineAddress: serial,
                modelName: device.modelName,
                modelId: device.modelId,
              },
            ]
          : [];
  return {
    serial,
    code: serial,
    name: [device?.modelName, serial].filter((part) => part !== null && part !== undefined).join(' '),
    transport,
    interval: null,
    meters: called.map((meter, index) => meterOf(index, meter, serial, known)),
  };
}

function meterOf(
  key: number,
  meter: CalledMeter,
  gatewaySerial: string,
  known: ClaimSurroundings['known'],
): MeterDraft {
  const address = meter.lineAddress ?? (meter.unitId === null ? '' : String(meter.unitId));
  const serial =
    meter.serial === '' ? `${gatewaySerial}-${address === '' ? String(key + 1) : address}` : meter.serial;
  const mounted = known.get(serial)?.mounted === true;
  return {
    key,
    serial,
    modelName: meter.modelName,
    modelId: meter.modelId,
    address,
    points: mounted ? [] : [pointOf(serial)],
  };
}

export function pointOf(code: string): PointDraft {
  return {
    mode: 'new',
    meteringPointId: null,
    code,
    name: code,
    named: false,
    role: 'sub',
    subItem: 'other',
    parentId: null,
    placeId: null,
    tenantId: null,
    register: '',
    multiplier: '1',
  };
}

/** A further row, for a meter that the device did not tell of. */
export function anotherMeter(meters: readonly MeterDraft[], gatewaySerial: string): MeterDraft {
  const key = Math.max(-1, ...meters.map((meter) => meter.key)) + 1;
  const taken = new Set(meters.map((meter) => meter.address));
  let unit = 1;
  while (taken.has(String(unit))) unit += 1;
  const last = meters.at(-1);
  const serial = `${gatewaySerial}-${String(unit)}`;
  return {
    key,
    serial,
    modelName: null,
    modelId: last?.modelId ?? null,
    address: String(unit),
    points: [{ ...pointOf(serial), parentId: last?.points[0]?.parentId ?? null }],
  };
}

/** The same for every new point of the claim: a riser feeds a whole floor. */
export function withAll(
  meters: readonly MeterDraft[],
  change: Partial<Pick<PointDraft, 'parentId' | 'placeId' | 'subItem'>>,
): readonly MeterDraft[] {
  return meters.map((meter) => ({
    ...meter,
    points: meter.points.map((point) => (point.mode === 'new' ? { ...point, ...change } : point)),
  }));
}

/** The next user of a cabinet: the same meter, its next circuit, a point of its own. */
export function anotherCircuit(meter: MeterDraft, map: RegisterMapSummary): MeterDraft {
  const { circuits } = map;
  if (circuits === null || meter.points.length >= circuits.max) return meter;
  const next = meter.points.length + 1;
  const named = (circuit: number): string =>
    circuits.namedAs.replace('circuit1', `circuit${String(circuit)}`);
  const points = meter.points.map((point, index) => ({
    ...point,
    register: point.register === '' ? named(index + 1) : point.register,
  }));
  const last = points.at(-1);
  return {
    ...meter,
    points: [
      ...points,
      {
        ...pointOf(`${meter.serial}-${String(next)}`),
        register: named(next),
        parentId: last?.parentId ?? null,
        placeId: last?.placeId ?? null,
      },
    ],
  };
}

/** What the form says, as the server takes it; null while something lacks. */
export function bodyOf(draft: ClaimDraft): ClaimBody | null {
  const [serial, code, name] = [draft.serial.trim(), draft.code.trim(), draft.name.trim()];
  const transport = draft.transport === null ? undefined : transportOf(draft.transport);
  if (serial === '' || code === '' || name === '' || transport === null) return null;
  const meters = draft.meters.map(meterBody);
  if (!meters.every((meter) => meter !== null)) return null;
  return {
    serial,
    gateway: {
      code,
      name,
      pollIntervalSeconds: draft.interval,
      ...(transport === undefined ? {} : { transport }),
    },
    meters,
  };
}

type MeterBody = NonNullable<ClaimBody['meters']>[number];
type MountingBody = NonNullable<MeterBody['mountings']>[number];

function meterBody(meter: MeterDraft): MeterBody | null {
  const [serial, address] = [meter.serial.trim(), meter.address.trim()];
  const unitId = /^\d{1,3}$/.test(address) ? Number(address) : null;
  const mountings = meter.points.filter((point) => point.mode !== 'none').map(mountingBody);
  if (serial === '' || address === '' || !mountings.every((mounting) => mounting !== null)) return null;
  return { serial, modelId: meter.modelId, unitId, lineAddress: unitId === null ? address : null, mountings };
}

function mountingBody(point: PointDraft): MountingBody | null {
  const multiplier = fractionOf(point.multiplier);
  if (multiplier === null) return null;
  const fields = {
    ...(point.register === '' ? {} : { register: point.register }),
    multiplierNumerator: multiplier.numerator,
    multiplierDenominator: multiplier.denominator,
  };
  const { code, name, role, subItem, parentId, placeId, tenantId, meteringPointId } = point;
  if (point.mode === 'existing') {
    return meteringPointId === null ? null : { meteringPoint: { meteringPointId }, ...fields };
  }
  if (code.trim() === '' || name.trim() === '') return null;
  return {
    meteringPoint: { code: code.trim(), name: name.trim(), role, subItem, parentId, placeId, tenantId },
    ...fields,
  };
}

/** "40" or "1.5" as whole numbers; null for what is no ratio. */
export function fractionOf(
  text: string,
): { readonly numerator: number; readonly denominator: number } | null {
  const [, whole = '', decimals = ''] = /^(\d{1,6})(?:[.,](\d{1,3}))?$/.exec(text.trim()) ?? [];
  if (whole === '') return null;
  const denominator = 10 ** decimals.length;
  const numerator = Number(whole) * denominator + Number(decimals === '' ? 0 : decimals);
  return numerator > 0 ? { numerator, denominator } : null;
}

/** Faults of one meter's row, with the rest of their paths. */
export function faultsOfRow(
  faults: readonly { readonly path: string; readonly message: string }[],
  index: number,
): readonly { readonly path: string; readonly message: string }[] {
  const prefix = `meters.${String(index)}.`;
  return faults
    .filter(({ path }) => path.startsWith(prefix))
    .map(({ path, message }) => ({ path: path.slice(prefix.length), message }));
}
