// SPDX-License-Identifier: Apache-2.0
/** From what the registry tells to what is to be asked. Pure. */
import type {
  GatewaySnapshot,
  GatewayTransport,
  MeterSnapshot,
  MeteringPointSnapshot,
  ProjectSnapshot,
} from '@wattledger/contracts';
import { unitIdMax } from '@wattledger/contracts/http/registry';
import type { Dlt645Target } from '../dlt645/dlt645-driver.ts';
import { isLineAddress } from '../dlt645/frames.ts';
import {
  planReads,
  polledRows,
  protocolOf,
  rowsOf,
  type ReadRequest,
  type RegisterMap,
  type RegisterRow,
} from '../register-maps/index.ts';

export interface MeterTarget {
  readonly meterId: string;
  readonly projectId: string;
  readonly serial: string;
  readonly gatewayId: string;
  readonly intervalMs: number;
  readonly switchable: boolean;
  /** null: it cannot be asked, `fault` says why. */
  readonly ask: {
    readonly unitId: number;
    readonly map: RegisterMap;
    readonly plan: readonly ReadRequest[];
    /** Counted rows whose values go into the log. */
    readonly reported: ReadonlySet<string>;
  } | null;
  /** null: no meter of DL/T 645, or it cannot be asked. */
  readonly dlt645: Dlt645Target | null;
  readonly fault: string | null;
  /** For a gateway that tells by itself: where the meter is behind it, and what of its words is understood and kept. */
  readonly place: {
    readonly unitId: number | null;
    readonly lineAddress: string | null;
    readonly map: RegisterMap | null;
    readonly reported: ReadonlySet<string>;
  };
}

export interface GatewayTarget {
  readonly gatewayId: string;
  readonly projectId: string;
  readonly name: string;
  readonly transport: GatewayTransport;
  readonly timeoutMs: number;
  /** Of its project: what its clock shows. */
  readonly zone: string;
  readonly meters: readonly MeterTarget[];
}

export interface Fleet {
  readonly projects: readonly ProjectSnapshot[];
  readonly gateways: readonly GatewaySnapshot[];
  readonly meters: readonly MeterSnapshot[];
  readonly points: readonly MeteringPointSnapshot[];
}

/** Where a project says nothing. */
const intervalSecondsDefault = 1800;

/** Effective interval: the meter's own, else its gateway's, else its project's. */
export function intervalSecondsOf(
  meter: Pick<MeterSnapshot, 'pollIntervalSeconds'>,
  gateway: Pick<GatewaySnapshot, 'pollIntervalSeconds'> | undefined,
  project: Pick<ProjectSnapshot, 'pollIntervalSeconds'> | undefined,
): number {
  return (
    meter.pollIntervalSeconds ??
    gateway?.pollIntervalSeconds ??
    project?.pollIntervalSeconds ??
    intervalSecondsDefault
  );
}

/** Registers of each meter that are mounted at some metering point, now or at another time. */
export function mountedRegisters(
  points: readonly MeteringPointSnapshot[],
): ReadonlyMap<string, ReadonlySet<string>> {
  const byMeter = new Map<string, Set<string>>();
  for (const point of points) {
    for (const { meterId, register } of point.mountings) {
      const registers = byMeter.get(meterId);
      if (registers === undefined) byMeter.set(meterId, new Set([register]));
      else registers.add(register);
    }
  }
  return byMeter;
}

/**
 * Counted rows whose readings go into the log: the mounted ones; of a meter that is mounted nowhere yet the primary
 * one, so that its history begins with its first answer.
 */
export function reportedRows(
  map: RegisterMap,
  mounted: ReadonlySet<string> | undefined,
): ReadonlySet<string> {
  const counted = rowsOf(map).filter((row) => row.kind === 'counted');
  const wanted = (row: RegisterRow): boolean =>
    mounted === undefined || mounted.size === 0 ? row.primary === true : mounted.has(row.name);
  return new Set(counted.filter(wanted).map((row) => row.name));
}

/** Enabled gateways with their enabled meters, in the order of their unit ids. */
export function pollTargets(fleet: Fleet, maps: ReadonlyMap<string, RegisterMap>): readonly GatewayTarget[] {
  const projects = new Map(fleet.projects.map((project) => [project.id, project]));
  const mounted = mountedRegisters(fleet.points);
  const metersByGateway = new Map<string, MeterSnapshot[]>();
  for (const meter of fleet.meters) {
    if (!meter.enabled || meter.gatewayId === null) continue;
    const meters = metersByGateway.get(meter.gatewayId);
    if (meters === undefined) metersByGateway.set(meter.gatewayId, [meter]);
    else meters.push(meter);
  }
  return fleet.gateways
    .filter((gateway) => gateway.enabled)
    .map((gateway) => ({
      gatewayId: gateway.id,
      projectId: gateway.projectId,
      name: gateway.name,
      transport: gateway.transport,
      timeoutMs: gateway.timeoutMs,
      zone: projects.get(gateway.projectId)?.zone ?? 'UTC',
      meters: (metersByGateway.get(gateway.id) ?? [])
        .sort((a, b) => (a.unitId ?? 0) - (b.unitId ?? 0) || (a.id < b.id ? -1 : 1))
        .map((meter) =>
          meterTarget(meter, gateway, projects.get(meter.projectId), mounted.get(meter.id), maps),
        ),
    }));
}

function meterTarget(
  meter: MeterSnapshot,
  gateway: GatewaySnapshot,
  project: ProjectSnapshot | undefined,
  mounted: ReadonlySet<string> | undefined,
  maps: ReadonlyMap<string, RegisterMap>,
): MeterTarget {
  const map = meter.modelId === null ? undefined : maps.get(meter.modelId);
  const target = {
    meterId: meter.id,
    projectId: meter.projectId,
    serial: meter.serial,
    gatewayId: gateway.id,
    intervalMs: 1000 * intervalSecondsOf(meter, gateway, project),
    switchable: meter.switchable,
    dlt645: null,
    place: {
      unitId: meter.unitId,
      lineAddress: meter.lineAddress,
      map: map ?? null,
      reported: map === undefined ? new Set<string>() : reportedRows(map, mounted),
    },
  };
  if (map === undefined) {
    const fault =
      meter.modelId === null ? 'the meter has no model' : `there is no register map "${meter.modelId}"`;
    return { ...target, ask: null, fault };
  }
  if (protocolOf(map) === 'dlt645') {
    const fault = faultOfDlt645(meter, gateway);
    const rows = polledRows(map, mounted);
    const dlt645 = fault === null ? { address: meter.lineAddress ?? '', map, rows } : null;
    return { ...target, dlt645, ask: null, fault };
  }
  if (meter.unitId === null) return { ...target, ask: null, fault: 'the meter has no unit id' };
  const plan = planReads(map, polledRows(map, mounted));
  const last = meter.unitId + Math.max(0, ...plan.map((request) => request.unitOffset));
  if (last > unitIdMax) {
    const fault = `a mounted circuit would have unit id ${last}, beyond ${unitIdMax}`;
    return { ...target, ask: null, fault };
  }
  return {
    ...target,
    ask: { unitId: meter.unitId, map, plan, reported: reportedRows(map, mounted) },
    fault: null,
  };
}

function faultOfDlt645({ lineAddress }: MeterSnapshot, { transport }: GatewaySnapshot): string | null {
  if (transport.kind === 'modbus-tcp')
    return 'a gateway of Modbus TCP passes no DL/T 645: use a serial server that passes bytes through';
  if (lineAddress === null || !isLineAddress(lineAddress))
    return 'the meter needs its line address: the 12 digits of DL/T 645 on its plate';
  return null;
}
