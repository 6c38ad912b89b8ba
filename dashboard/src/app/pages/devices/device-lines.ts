// SPDX-License-Identifier: Apache-2.0
/** The tree of a project's gateways and meters as lines of a virtual list. Pure. */
import type { GatewaySnapshot, MeterSnapshot } from '@wattledger/contracts';
import type { GatewayState, MeterState } from '@wattledger/contracts/http/ingest';
import { stateOfGateway, stateOfMeter, type DeviceState } from '../../devices/device-state.ts';

export interface GatewayLine {
  readonly kind: 'gateway';
  readonly id: string;
  readonly gateway: GatewaySnapshot;
  readonly state: DeviceState;
  readonly figures: GatewayState | undefined;
  readonly meters: number;
  readonly metersOnline: number;
  readonly open: boolean;
}
/** Meters that hang on no gateway: imported, pushed, or waiting for one. */
export interface LooseLine {
  readonly kind: 'loose';
  readonly id: string;
  readonly meters: number;
  readonly open: boolean;
}
export interface MeterLine {
  readonly kind: 'meter';
  readonly id: string;
  readonly meter: MeterSnapshot;
  readonly state: DeviceState;
  readonly figures: MeterState | undefined;
}
export type DeviceLine = GatewayLine | LooseLine | MeterLine;

export interface DeviceTree {
  readonly gateways: readonly GatewaySnapshot[];
  readonly meters: readonly MeterSnapshot[];
  readonly gatewayStates: ReadonlyMap<string, GatewayState>;
  readonly meterStates: ReadonlyMap<string, MeterState>;
}
export interface DeviceFilter {
  readonly text: string;
  readonly states: readonly string[];
  /** Gateways stand folded out unless the project is large. */
  readonly openAtFirst: boolean;
  /** Ids of gateways that a person folded the other way; the meters without one stand under 'loose'. */
  readonly toggled: ReadonlySet<string>;
  /** Names of a meter beyond its own: where it counts. */
  readonly namesOf: (meterId: string) => string;
}

export interface DeviceLines {
  readonly lines: readonly DeviceLine[];
  /** Of meters and gateways that the text fits, whatever their state. */
  readonly counts: ReadonlyMap<DeviceState, number>;
  /** What the filter leaves over. */
  readonly found: number;
}

export function deviceLines(tree: DeviceTree, filter: DeviceFilter): DeviceLines {
  const words = filter.text
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== '');
  const fits = (text: string): boolean => {
    const haystack = text.toLowerCase();
    return words.every((word) => haystack.includes(word));
  };
  const narrowed = words.length > 0 || filter.states.length > 0;
  const counts = new Map<DeviceState, number>();
  const lines: DeviceLine[] = [];
  let found = 0;
  const metersOf = Map.groupBy(tree.meters, (meter) => meter.gatewayId ?? '');
  const take = (state: DeviceState): boolean => {
    counts.set(state, (counts.get(state) ?? 0) + 1);
    const wanted = filter.states.length === 0 || filter.states.includes(state);
    if (wanted) found += 1;
    return wanted;
  };
  const meterLines = (meters: readonly MeterSnapshot[], all: boolean): readonly MeterLine[] =>
    meters.flatMap((meter) => {
      if (!all && !fits(`${meter.serial} ${meter.modelId ?? ''} ${filter.namesOf(meter.id)}`)) return [];
      const figures = tree.meterStates.get(meter.id);
      const state = stateOfMeter(meter, figures);
      return take(state) ? [{ kind: 'meter', id: meter.id, meter, state, figures } as const] : [];
    });

  for (const gateway of tree.gateways) {
    const figures = tree.gatewayStates.get(gateway.id);
    const own = metersOf.get(gateway.id) ?? [];
    const silent = own.filter(
      (meter) => stateOfMeter(meter, tree.meterStates.get(meter.id)) === 'offline',
    ).length;
    const state = stateOfGateway(gateway, figures, silent);
    const named = fits(`${gateway.code} ${gateway.name} ${figures?.address ?? ''}`);
    const wanted = named && take(state);
    const below = meterLines(own, named);
    if (!wanted && below.length === 0) continue;
    // What was searched for is shown; of a gateway found by its own name the meters are as they were.
    const byDefault = narrowed && !(named && words.length > 0) ? below.length > 0 : filter.openAtFirst;
    const open = filter.toggled.has(gateway.id) !== byDefault;
    const metersOnline = own.filter((meter) => tree.meterStates.get(meter.id)?.online === true).length;
    lines.push({
      kind: 'gateway',
      id: gateway.id,
      gateway,
      state,
      figures,
      meters: own.length,
      metersOnline,
      open,
    });
    if (open) lines.push(...below);
  }
  const loose = meterLines(metersOf.get('') ?? [], false);
  if (loose.length > 0) {
    const open = filter.toggled.has('loose') !== (narrowed || filter.openAtFirst);
    lines.push({ kind: 'loose', id: 'loose', meters: loose.length, open });
    if (open) lines.push(...loose);
  }
  return { lines, counts, found };
}
