// SPDX-License-Identifier: Apache-2.0
/** What is known of a caller, and how it is told to the registry while nobody has claimed it. Pure. */
import type { CalledMeter, CallTransport, DeviceCall, MqttDialect } from '@wattledger/contracts';
import type { RegisterMap } from '../register-maps/index.ts';

export interface CallerIdentity {
  readonly via: CallTransport;
  readonly serial: string;
  readonly dialect: MqttDialect | null;
  readonly productKey: string | null;
}

/** What a caller tells of itself; what it does not say stays as it was. */
export interface CallerFacts {
  readonly kind?: DeviceCall['kind'];
  readonly modelName?: string | null;
  /** Where the caller tells its model by a code. */
  readonly modelId?: string | null;
  readonly firmware?: string | null;
  readonly signalDbm?: number | null;
  readonly simId?: string | null;
  readonly remoteAddress?: string | null;
  readonly uploadIntervalMinutes?: number | null;
  /** All meters behind it. */
  readonly topology?: readonly Omit<CalledMeter, 'modelId'>[];
  /** Meters seen behind it, besides those known. */
  readonly seen?: readonly Omit<CalledMeter, 'modelId'>[];
}

export type KnownCaller = Omit<DeviceCall, 'unusedReadings' | 'atMs'>;

/** More meters than any gateway has; the rest of a longer list is not told. */
const topologyMax = 1_000;

export function strangerOf({ via, serial, dialect, productKey }: CallerIdentity): KnownCaller {
  return {
    serial,
    via,
    dialect,
    productKey,
    kind: via === 'acrel-upload' ? 'meter' : 'gateway',
    modelName: null,
    modelId: null,
    firmware: null,
    signalDbm: null,
    simId: null,
    remoteAddress: null,
    uploadIntervalMinutes: null,
    topology: [],
  };
}

export function learn(
  known: KnownCaller,
  facts: CallerFacts,
  maps: ReadonlyMap<string, RegisterMap>,
): KnownCaller {
  const { topology, seen, modelId, ...plain } = facts;
  const told = { ...known, ...definedOf(plain) };
  const meters = topology?.map((meter) => recognised(meter, maps)) ?? [...known.topology];
  for (const meter of seen ?? []) {
    const at = meters.findIndex((one) => sameMeter(one, meter));
    if (at < 0) meters.push(recognised(meter, maps));
  }
  return {
    ...told,
    modelId: modelId ?? (facts.modelName === undefined ? known.modelId : modelIdOf(facts.modelName, maps)),
    topology: meters.slice(0, topologyMax),
  };
}

function definedOf(facts: Partial<KnownCaller>): Partial<KnownCaller> {
  return Object.fromEntries(Object.entries(facts).filter(([, value]) => value !== undefined));
}

function sameMeter(a: Omit<CalledMeter, 'modelId'>, b: Omit<CalledMeter, 'modelId'>): boolean {
  return a.serial === b.serial && a.unitId === b.unitId && a.lineAddress === b.lineAddress;
}

function recognised(
  meter: Omit<CalledMeter, 'modelId'>,
  maps: ReadonlyMap<string, RegisterMap>,
): CalledMeter {
  return { ...meter, modelId: modelIdOf(meter.modelName, maps) };
}

/** Letters and digits only: "ADL300-EY-IOT" and "adl300 ey/4G" are written by different hands. */
function plainName(name: string): string {
  return name.toUpperCase().replaceAll(/[^A-Z0-9]/g, '');
}
/** Endings that name the modem, not the meter. */
const modemEndings = /(IOT|4G|WIFI|WF|NB|LTE)+$/;

/** The register map with this model name or alias. */
export function modelIdOf(modelName: string | null, maps: ReadonlyMap<string, RegisterMap>): string | null {
  if (modelName === null) return null;
  const plain = plainName(modelName);
  const wanted = [plain, plain.replace(modemEndings, '')].filter((name) => name !== '');
  for (const name of wanted) {
    for (const map of maps.values()) {
      if ([map.id, map.model, ...map.aliases].some((alias) => plainName(alias) === name)) return map.id;
    }
  }
  return null;
}
