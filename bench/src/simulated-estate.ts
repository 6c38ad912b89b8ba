// SPDX-License-Identifier: Apache-2.0
/** An estate to poll: meters spread evenly over gateways, some gateways dead, one meter in twenty silent. */
import { flatCalendar } from '@wattledger/contracts';
import { draw, type MeterSpec, type SiteSpec } from '@wattledger/ingest';

export interface EstateSize {
  readonly gateways: number;
  readonly meters: number;
  readonly deadGateways: number;
}

export interface Estate extends SiteSpec {
  /** They take connections and requests, and never answer: the worst kind of dead. */
  readonly dead: ReadonlySet<string>;
  /** Meters behind living gateways that never answer. */
  readonly silent: readonly MeterSpec[];
  /** How many meters can answer. */
  readonly living: number;
}

export const estateCode = 'bench';
export const estateModel = 'acrel-dtsy1352';
const seed = 7;
const silentShare = 0.05;

/** The same estate in every process that asks for one of this size. */
export function estateOf(size: EstateSize): Estate {
  const gateways = Array.from({ length: size.gateways }, (_, index) => `G${String(index + 1)}`);
  const everySoMany = Math.floor(size.gateways / size.deadGateways);
  const dead = new Set(gateways.filter((_, index) => index % everySoMany === everySoMany >> 1));
  const meters = Array.from({ length: size.meters }, (_, index): MeterSpec => ({
    serial: `M${String(index)}`,
    gateway: gateways[index % size.gateways] ?? null,
    unitId: 1 + Math.floor(index / size.gateways),
    modelId: estateModel,
    parent: null,
    load: { kind: 'shop', dayConsumption: 60_000 + index, seed: index },
    registerAtStart: 0,
  }));
  const reachable = meters.filter(({ gateway }) => gateway !== null && !dead.has(gateway));
  const silent = reachable
    .map((meter, index) => ({ meter, lot: draw(seed, index, 0) }))
    .sort((a, b) => a.lot - b.lot)
    .slice(0, Math.round(reachable.length * silentShare))
    .map(({ meter }) => meter);
  return {
    code: estateCode,
    zone: 'Asia/Shanghai',
    calendar: flatCalendar,
    gateways,
    meters,
    dead,
    silent,
    living: reachable.length - silent.length,
  };
}
