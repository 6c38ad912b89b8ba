// SPDX-License-Identifier: Apache-2.0
/** One site of the simulated field: its tree of flows, its meters' registers, and their history. */
import { primaryRowOf, registerMapOf, type RegisterMap, type RegisterRow } from '../register-maps/index.ts';
import type { FleetFault } from './fleet-faults.ts';
import type { FleetEvent } from './fleet-journal.ts';
import { guarded, guardOf } from './guarded-unit.ts';
import { createLoadModel, type LoadModel } from './load-model.ts';
import { createLocalDayLine, halfHourMs, type DayNumber, type LocalDayLine } from './local-day-line.ts';
import { createSummedFlow, createSwitchedFlow, isSwitched, type MeteredFlow } from './metered-flow.ts';
import { createMeterImage } from './meter-image.ts';
import { seedOf } from './seeded-draws.ts';
import type { MeterSpec, SiteSpec } from './simulated-fleet.ts';
import {
  countOfBaseUnits,
  createSimulatedRegister,
  directlyConnected,
  secondaryOf,
} from './simulated-register.ts';
import { simulatedBalance } from './simulated-balance.ts';
import { simulatedClock } from './simulated-clock.ts';
import { createSimulatedUnit, type SimulatedUnit } from './simulated-unit.ts';
import { createTariffRegisters } from './tariff-registers.ts';

/** Readings of one register, as a `ReadingBatch` carries them: whole counts × 10^scaler base units. */
export interface MeterHistory {
  readonly serial: string;
  readonly register: string;
  readonly scaler: number;
  /** One array for all meters of an answer: they are read at the same instants. */
  readonly instants: readonly number[];
  readonly values: readonly number[];
}

export interface SimulatedMeter {
  readonly serial: string;
  readonly unit: SimulatedUnit;
  registerAt(instantMs: number): number;
  countAt(instantMs: number): number;
  readonly isSupplyClosed: boolean;
  readonly lastSetMs: number;
  setRegister(value: number, instantMs: number): Promise<void>;
  /** As told by the journal: nothing is written again. */
  restoreSwitch(words: readonly number[], closed: boolean, instantMs: number): void;
  restoreRegister(value: number, instantMs: number): void;
}

export interface SimulatedSite {
  readonly firstMs: number;
  readonly meters: readonly SimulatedMeter[];
  readonly secretReads: number;
  find(serial: string): SimulatedMeter | undefined;
  /** @throws RangeError when there is none */
  meterOf(serial: string): SimulatedMeter;
  unitOf(gateway: string, unitId: number): SimulatedUnit | undefined;
  history(fromMs: number, toMs: number, stepMs: number, serials?: readonly string[]): readonly MeterHistory[];
}

export interface SiteParts {
  readonly seed: number;
  readonly firstDay: DayNumber;
  readonly madeMs: number;
  readonly timeScale: number;
  /** Writes an event down; resolves when it is durable. */
  readonly keep: (event: FleetEvent) => Promise<void>;
  readonly clockDriftMs: (meter: MeterSpec) => number;
  /** Faults of a meter now. */
  readonly faultsOf: (meter: MeterSpec) => readonly FleetFault[];
}

/** A meter with what history needs of it. */
interface MountedMeter extends SimulatedMeter {
  readonly map: RegisterMap;
  /** Register that history tells of; undefined: the model counts nothing. */
  readonly row: RegisterRow | undefined;
  readonly flow: MeteredFlow;
  countOfFlow(instantMs: number, flowed: number): number;
}

export function createSimulatedSite(spec: SiteSpec, parts: SiteParts): SimulatedSite {
  const days = createLocalDayLine(spec.zone);
  const model = createLoadModel({ days, climateSeed: seedOf(parts.seed, 'climate') }, parts.firstDay);
  const flows = createFlows(spec, model, days);
  const { madeMs, timeScale } = parts;
  const toModelMs = (instantMs: number): number =>
    timeScale === 1 || instantMs <= madeMs
      ? instantMs
      : madeMs + Math.round((instantMs - madeMs) * timeScale);
  const forgetAll = (): void => flows.forEach((flow) => flow.forget());

  const meters = new Map<string, MountedMeter>();
  const units = new Map<string, SimulatedUnit>();
  for (const meter of spec.meters) {
    const mounted = createMeter(meter, {
      spec,
      parts,
      days,
      flow: flows.get(meter.serial) as MeteredFlow,
      toModelMs,
      forgetAll,
    });
    meters.set(meter.serial, mounted);
    if (meter.gateway === null) continue;
    const unitKey = `${meter.gateway}/${meter.unitId}`;
    if (units.has(unitKey))
      throw new RangeError(`${spec.code}: two meters have unit ${meter.unitId} of gateway ${meter.gateway}`);
    units.set(unitKey, mounted.unit);
  }
  const all = [...meters.values()];
  const meterOf = (serial: string): MountedMeter => {
    const meter = meters.get(serial);
    if (meter === undefined) throw new RangeError(`${spec.code} has no meter "${serial}"`);
    return meter;
  };
  return {
    firstMs: days.startMsOf(parts.firstDay),
    meters: all,
    get secretReads() {
      return all.reduce((sum, meter) => sum + meter.unit.secretReads, 0);
    },
    find: (serial) => meters.get(serial),
    meterOf,
    unitOf: (gateway, unitId) => units.get(`${gateway}/${unitId}`),
    history(fromMs, toMs, stepMs, serials) {
      const asked = serials === undefined ? all : serials.map(meterOf);
      const onDays = stepMs % halfHourMs === 0 && (timeScale === 1 || toMs <= madeMs);
      const begin = Math.ceil(Math.max(fromMs, days.startMsOf(parts.firstDay)) / stepMs) * stepMs;
      return onDays
        ? historyByDay(asked, days, begin, toMs, stepMs)
        : historyByInstant(asked, begin, toMs, stepMs);
    },
  };
}

/** Flows of all meters of a site, children before parents. @throws RangeError when a parent is missing or a ring closes */
function createFlows(spec: SiteSpec, model: LoadModel, days: LocalDayLine): Map<string, MeteredFlow> {
  const flows = new Map<string, MeteredFlow>();
  const bySerial = new Map(spec.meters.map((meter) => [meter.serial, meter]));
  const childrenOf = new Map<string, MeterSpec[]>();
  for (const meter of spec.meters) {
    if (meter.parent === null) continue;
    if (!bySerial.has(meter.parent))
      throw new RangeError(`${meter.serial}: no parent meter "${meter.parent}"`);
    childrenOf.set(meter.parent, [...(childrenOf.get(meter.parent) ?? []), meter]);
  }
  const flowOf = (meter: MeterSpec, above: ReadonlySet<string>): MeteredFlow => {
    const known = flows.get(meter.serial);
    if (known !== undefined) return known;
    if (above.has(meter.serial)) throw new RangeError(`${meter.serial} is above itself in the metering tree`);
    const curve = meter.load === null ? null : model.curve(meter.load);
    const below = new Set([...above, meter.serial]);
    const children = (childrenOf.get(meter.serial) ?? []).map((child) => flowOf(child, below));
    if (children.length === 0 && curve === null)
      throw new RangeError(`${meter.serial} has neither load nor children`);
    const flow =
      children.length === 0 && curve !== null
        ? createSwitchedFlow(curve, days)
        : createSummedFlow(children, meter.lossPermille ?? 0, curve, days);
    flows.set(meter.serial, flow);
    return flow;
  };
  for (const meter of spec.meters) flowOf(meter, new Set());
  return flows;
}

interface MeterSurroundings {
  readonly spec: SiteSpec;
  readonly parts: SiteParts;
  readonly days: LocalDayLine;
  readonly flow: MeteredFlow;
  readonly toModelMs: (instantMs: number) => number;
  readonly forgetAll: () => void;
}

function createMeter(
  meter: MeterSpec,
  { spec, parts, days, flow, toModelMs, forgetAll }: MeterSurroundings,
): MountedMeter {
  const map = registerMapOf(meter.modelId);
  const row = primaryRowOf(map);
  const multiplier = meter.multiplier ?? directlyConnected;
  const key = `${spec.code}/${meter.serial}`;
  const meterSeed = seedOf(parts.seed, meter.serial);
  const register = createSimulatedRegister(flow, meter.registerAtStart);
  // Delivered in the mode that the platform drives: forced, closed. Meters without a switch show none.
  let supplyWords: readonly number[] = map.supplySwitch?.actions.connect?.write ?? [];

  const countOfFlow = (instantMs: number, flowed: number): number =>
    row === undefined
      ? 0
      : countOfBaseUnits(row, secondaryOf(register.valueOfFlow(toModelMs(instantMs), flowed), multiplier));
  const image = createMeterImage({
    map,
    flow,
    register,
    multiplier,
    meterSeed,
    unitId: meter.unitId,
    siteSeed: parts.seed,
    supplyWords: () => supplyWords,
    faults: () => parts.faultsOf(meter),
    tariffCountsAt: (modelMs) => {
      tariffs.setClockDrift(parts.clockDriftMs(meter));
      return tariffs.countsAt(modelMs);
    },
  });
  const tariffs = createTariffRegisters({
    calendar: spec.calendar,
    zone: spec.zone,
    days,
    loadedMs: parts.madeMs,
    countAt: (modelMs) => image.wholeCountAt(modelMs),
  });
  const restoreSwitch = (words: readonly number[], closed: boolean, instantMs: number): void => {
    supplyWords = words;
    if (isSwitched(flow)) flow.switchAt(toModelMs(instantMs), closed);
  };
  const unit = createSimulatedUnit({
    map,
    image: {
      ...image,
      read: (space, address, count, instantMs) => image.read(space, address, count, toModelMs(instantMs)),
    },
    supplyWords: () => supplyWords,
    clock: simulatedClock(map, spec.zone, () => parts.clockDriftMs(meter)),
    balance: simulatedBalance(map),
    async moveSwitch(words, instantMs) {
      if (parts.faultsOf(meter).some((fault) => fault.kind === 'stuck-relay')) return;
      const closed = isClosedBy(map, words, supplyWords);
      // Moved first, so that nobody reads a parent between the instant and the write. A kill before the write is a
      // command that was never acknowledged: the meter then goes on supplying, and no register falls.
      restoreSwitch(words, closed, instantMs);
      guard?.switched();
      await keepSwitch(closed, instantMs);
    },
  });
  const keepSwitch = async (closed: boolean, atMs: number): Promise<void> => {
    forgetAll();
    await parts.keep({ kind: 'supply', meter: key, atMs, words: [...supplyWords], closed });
  };
  const guard = guardOf(meter, flow, map, {
    madeMs: parts.madeMs,
    toModelMs,
    words: () => supplyWords,
    move: async (closed, atMs) => {
      restoreSwitch(supplyWords, closed, atMs);
      await keepSwitch(closed, atMs);
    },
  });
  return {
    serial: meter.serial,
    unit: guard === null ? unit : guarded(unit, guard),
    map,
    row,
    flow,
    countOfFlow,
    restoreSwitch,
    registerAt: (instantMs) => register.valueAt(toModelMs(instantMs)),
    countAt: (instantMs) => countOfFlow(instantMs, flow.flowedUntil(toModelMs(instantMs))),
    restoreRegister: (value, instantMs) => register.setAt(toModelMs(instantMs), value),
    get isSupplyClosed() {
      return !isSwitched(flow) || flow.closed;
    },
    get lastSetMs() {
      return register.lastSetMs;
    },
    async setRegister(value, instantMs) {
      await parts.keep({ kind: 'register', meter: key, atMs: instantMs, value });
      register.setAt(toModelMs(instantMs), value);
    },
  };
}

/**
 * What the relay does with these words: open when they are those of `disconnect`, closed otherwise (released meters
 * decide by their own credit, where they are given one: see own-protection.ts). A valve keeps its state on words it does not know.
 */
function isClosedBy(map: RegisterMap, words: readonly number[], before: readonly number[]): boolean {
  const control = map.supplySwitch;
  const holds = (wanted: readonly number[] | undefined): boolean =>
    wanted !== undefined && wanted.every((word, index) => word === words[index]);
  if (holds(control?.actions.disconnect?.write)) return false;
  if (control?.functionCode === 6 && !holds(control.actions.connect?.write)) {
    return before.every((word, index) => word === control.actions.connect?.write[index]);
  }
  return true;
}

/** Instants of the grid from `beginMs` until before `toMs`. */
function gridInstants(beginMs: number, toMs: number, stepMs: number): readonly number[] {
  return Array.from(
    { length: Math.max(0, Math.ceil((toMs - beginMs) / stepMs)) },
    (_, index) => beginMs + index * stepMs,
  );
}

function historyOf(
  meter: MountedMeter,
  instants: readonly number[],
  values: readonly number[],
): MeterHistory {
  return {
    serial: meter.serial,
    register: meter.row?.name ?? '',
    scaler: meter.row?.scaler ?? 0,
    instants,
    values,
  };
}

/** Day by day, all meters of a day together: a parent finds its children's day worked out already. */
function historyByDay(
  meters: readonly MountedMeter[],
  days: LocalDayLine,
  beginMs: number,
  toMs: number,
  stepMs: number,
): readonly MeterHistory[] {
  const instants = gridInstants(beginMs, toMs, stepMs);
  const values = meters.map(() => new Array<number>(instants.length));
  let at = 0;
  while (at < instants.length) {
    const day = days.dayAt(instants[at] as number);
    const startMs = days.startMsOf(day);
    const endMs = days.startMsOf(day + 1);
    if (((instants[at] as number) - startMs) % halfHourMs !== 0)
      return historyByInstant(meters, beginMs, toMs, stepMs);
    let next = at;
    while (next < instants.length && (instants[next] as number) < endMs) next += 1;
    for (const [index, meter] of meters.entries()) {
      const flowed = meter.flow.flowedOnDay(day);
      const own = values[index] as number[];
      for (let each = at; each < next; each += 1) {
        const instant = instants[each] as number;
        own[each] = meter.countOfFlow(instant, flowed[(instant - startMs) / halfHourMs] as number);
      }
    }
    at = next;
  }
  return meters.map((meter, index) => historyOf(meter, instants, values[index] as number[]));
}

/** For grids that do not fall on the zone's half-hours. */
function historyByInstant(
  meters: readonly MountedMeter[],
  beginMs: number,
  toMs: number,
  stepMs: number,
): readonly MeterHistory[] {
  const instants = gridInstants(beginMs, toMs, stepMs);
  return meters.map((meter) =>
    historyOf(
      meter,
      instants,
      instants.map((instant) => meter.countAt(instant)),
    ),
  );
}
