// SPDX-License-Identifier: Apache-2.0
/**
 * What a meter shows on its registers at an instant, by the names of its register map. Names the simulation knows
 * nothing about read as zero, as reserved registers of real meters do.
 */
import { Buffer } from 'node:buffer';
import type { TouPeriod } from '@wattledger/contracts';
import {
  encodeRaw,
  isFloat,
  markOfAbsence,
  primaryRowOf,
  registersOfType,
  spaceOf,
  type AddressSpace,
  type RegisterMap,
  type RegisterRow,
} from '../register-maps/index.ts';
import { frequencyHz, phaseParameters, wired, type PhaseParameters } from './electrical-parameters.ts';
import type { FleetFault } from './fleet-faults.ts';
import type { MeteredFlow } from './metered-flow.ts';
import {
  rawOfBaseUnits,
  secondaryOf,
  type Multiplier,
  type SimulatedRegister,
} from './simulated-register.ts';
import type { CountsByPeriod } from './tariff-registers.ts';

export interface MeterImageParts {
  readonly map: RegisterMap;
  readonly flow: MeteredFlow;
  readonly register: SimulatedRegister;
  readonly multiplier: Multiplier;
  readonly siteSeed: number;
  readonly meterSeed: number;
  /** Words of the supply switch, in the map's order; empty where there is none. */
  readonly supplyWords: () => readonly number[];
  readonly tariffCountsAt: (instantMs: number) => CountsByPeriod;
  readonly unitId: number;
  readonly faults: () => readonly FleetFault[];
}

const hourMs = 3_600_000;
const phaseNames = ['l1', 'l2', 'l3'] as const;

/** Largest and smallest raw numbers of the integer types; a reading beyond them sticks at the end of the scale. */
const scaleEnds: Readonly<Record<string, readonly [number, number]>> = {
  u16: [0, 0xffff],
  i16: [-0x8000, 0x7fff],
  u32: [0, 0xffffffff],
  i32: [-0x80000000, 0x7fffffff],
  u64: [0, Number.MAX_SAFE_INTEGER],
  i64: [Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER],
};

function rawOfValue(row: RegisterRow, value: number): number {
  const inUnit = row.unit.startsWith('k') ? value / 1000 : value;
  if (isFloat(row.type)) return inUnit / 10 ** row.scaler;
  const [low, high] = scaleEnds[row.type] ?? [0, 0];
  return Math.min(high, Math.max(low, Math.round(inUnit / 10 ** row.scaler)));
}

/** Everything about one instant, worked out when first asked for: a read of 80 registers asks most of it. */
class Moment {
  readonly #parts: MeterImageParts;
  readonly #instantMs: number;
  #phases: readonly PhaseParameters[] | null = null;
  #tariff: CountsByPeriod | null = null;
  #faults: readonly FleetFault[] | null = null;

  constructor(parts: MeterImageParts, instantMs: number) {
    this.#parts = parts;
    this.#instantMs = instantMs;
  }

  get baseUnits(): number {
    return secondaryOf(this.#parts.register.valueAt(this.#instantMs), this.#parts.multiplier);
  }

  get phases(): readonly PhaseParameters[] {
    const { flow, map, multiplier, siteSeed, meterSeed } = this.#parts;
    this.#phases ??= wired(
      phaseParameters({
        siteSeed,
        meterSeed,
        phases: Math.max(1, map.phases),
        instantMs: this.#instantMs,
        activeW: secondaryOf(flow.rateAt(this.#instantMs), multiplier),
      }),
      this.faults,
    );
    return this.#phases;
  }

  get faults(): readonly FleetFault[] {
    return (this.#faults ??= this.#parts.faults());
  }

  tariffCount(period: TouPeriod): number {
    this.#tariff ??= this.#parts.tariffCountsAt(this.#instantMs);
    return this.#tariff[period];
  }

  /** Mean power of the hour before, W. */
  get demandW(): number {
    const { flow, multiplier } = this.#parts;
    return secondaryOf(
      flow.flowedUntil(this.#instantMs) - flow.flowedUntil(this.#instantMs - hourMs),
      multiplier,
    );
  }

  get ratePerHour(): number {
    return this.#parts.flow.rateAt(this.#instantMs);
  }

  get frequencyHz(): number {
    return frequencyHz(this.#parts.siteSeed, this.#instantMs);
  }
}

const periodOfRegister: Readonly<Record<string, TouPeriod>> = {
  tip: 'tip',
  peak: 'peak',
  flat: 'flat',
  valley: 'valley',
  deepValley: 'deep-valley',
};
const periodOf = (name: string): TouPeriod | undefined =>
  periodOfRegister[/^energy\.(?:active|import)\.(\w+)$/.exec(name)?.[1] ?? ''];

/** Electrical parameters in V, A, W, var, VA, Hz by the map's names; undefined where the name is none of these. */
function electricalValue(name: string, moment: Moment): number | undefined {
  if (name === 'frequency') return moment.frequencyHz;
  if (name.startsWith('demand.')) return moment.demandW;
  const dot = name.lastIndexOf('.');
  const what = name.slice(0, dot);
  const where = name.slice(dot + 1);
  const phase = phaseNames.indexOf(where as 'l1');
  if (phase === -1 && where !== 'total') return undefined;
  const of = (pick: (phase: PhaseParameters) => number): number =>
    phase === -1
      ? moment.phases.reduce((sum, each) => sum + pick(each), 0)
      : pick(moment.phases[phase] as PhaseParameters);
  switch (what) {
    case 'voltage':
      return of((each) => each.voltageV);
    case 'current':
      return of((each) => each.currentA);
    case 'power.active':
      return of((each) => each.activeW);
    case 'power.reactive':
      return of((each) => each.reactiveVar);
    case 'power.apparent':
      return of((each) => each.apparentVa);
    case 'pf':
      return phase === -1 ? moment.phases[0]?.powerFactor : of((each) => each.powerFactor);
    default:
      return undefined;
  }
}

/** Energy that is a fixed part of the whole: a third per phase, reactive energy by a power factor of 0.95. */
function partOfEnergy(name: string, baseUnits: number): number {
  if (name.includes('export') || name.includes('reverse')) return 0;
  // Without a tariff plan a meter counts everything in its first tariff; one pulse output is wired.
  if (/\.(t|s0)[2-9]$/.test(name)) return 0;
  if (name.includes('reactive')) return Math.floor((baseUnits * 329) / 1000);
  return phaseNames.some((phase) => name.endsWith(phase)) ? Math.floor(baseUnits / 3) : baseUnits;
}

const waterValues: Readonly<Record<string, number>> = {
  'status.pipe': 0x00aa,
  pressure: 0.32,
  temperature: 16.5,
  'battery.voltage': 3.58,
  'config.pulseCoefficient': 1,
};

function rawOfRow(parts: MeterImageParts, row: RegisterRow, moment: Moment): number {
  const control = parts.map.supplySwitch;
  if (control !== null && row.address >= control.address && row.address < control.address + control.words) {
    return parts.supplyWords()[row.address - control.address] ?? 0;
  }
  if (row.kind === 'secret') return row.type === 'u16' ? 1000 + (parts.meterSeed % 9000) : 0;
  if (row.kind === 'counted') {
    const period = periodOf(row.name);
    if (period !== undefined)
      return moment.tariffCount(period) % ((row.registerMax ?? Number.MAX_SAFE_INTEGER) + 1);
    return rawOfBaseUnits(row, partOfEnergy(row.name, moment.baseUnits));
  }
  if (row.name === 'config.address') return parts.unitId;
  if (row.name === 'ratio.candidate.38')
    return Math.round(parts.multiplier.numerator / parts.multiplier.denominator);
  if (row.name === 'flow.rate') return moment.ratePerHour / 1000;
  return rawOfValue(row, electricalValue(row.name, moment) ?? waterValues[row.name] ?? 0);
}

/** Switch words are read back as they are written, whatever order the model has for its values. */
function plainWord(word: number): Buffer {
  return Buffer.from([word >> 8, word & 0xff]);
}

function bytesOfRow(parts: MeterImageParts, row: RegisterRow, moment: Moment): Buffer {
  if (row.kind === 'control') return plainWord(rawOfRow(parts, row, moment));
  const absent = row.kind === 'counted' && moment.faults.some((fault) => fault.kind === 'not-available');
  const mark = absent ? markOfAbsence(parts.map, row) : null;
  return mark ?? encodeRaw(parts.map, row, rawOfRow(parts, row, moment));
}

export interface MeterImage {
  /** Registers as bytes, or null when an address in the span is none the model answers. */
  read(space: AddressSpace, address: number, count: number, instantMs: number): Buffer | null;
  /** Counts of the whole flow at an instant, as the total register shows them but not rolled over. */
  wholeCountAt(instantMs: number): number;
}

/** Addresses a model answers: its rows, and holes of at most `holeMax` between them, which read as zero. */
const holeMax = 24;

interface Block {
  readonly from: number;
  /** Exclusive. */
  to: number;
}

function answeredBlocks(rows: readonly RegisterRow[]): readonly Block[] {
  const blocks: Block[] = [];
  for (const row of rows) {
    const last = blocks.at(-1);
    const to = row.address + registersOfType(row.type);
    if (last !== undefined && row.address - last.to <= holeMax) last.to = Math.max(last.to, to);
    else blocks.push({ from: row.address, to });
  }
  return blocks;
}

interface AnsweredSpace {
  readonly rows: readonly RegisterRow[];
  readonly blocks: readonly Block[];
}

/** Per model, not per meter: a building has hundreds of meters of one model. */
const spacesOfMaps = new WeakMap<RegisterMap, Readonly<Record<AddressSpace, AnsweredSpace>>>();
function spacesOf(map: RegisterMap): Readonly<Record<AddressSpace, AnsweredSpace>> {
  let spaces = spacesOfMaps.get(map);
  if (spaces === undefined) {
    const answered = (space: AddressSpace): AnsweredSpace => {
      const rows = map.registers
        .filter((row) => spaceOf(map, row) === space)
        .sort((a, b) => a.address - b.address);
      return { rows, blocks: answeredBlocks(rows) };
    };
    spacesOfMaps.set(map, (spaces = { holding: answered('holding'), input: answered('input') }));
  }
  return spaces;
}

export function createMeterImage(parts: MeterImageParts): MeterImage {
  const { map } = parts;
  const primary = primaryRowOf(map);
  const spaces = spacesOf(map);
  return {
    read(space, address, count, instantMs) {
      const { rows, blocks } = spaces[space];
      if (!blocks.some((block) => address >= block.from && address + count <= block.to)) return null;
      const bytes = Buffer.alloc(count * 2);
      const moment = new Moment(parts, instantMs);
      for (const row of rows) {
        const length = registersOfType(row.type);
        if (row.address + length <= address || row.address >= address + count || row.type.startsWith('bytes'))
          continue;
        const encoded = bytesOfRow(parts, row, moment);
        for (let register = 0; register < length; register += 1) {
          const at = row.address + register - address;
          if (at >= 0 && at < count) encoded.copy(bytes, at * 2, register * 2, register * 2 + 2);
        }
      }
      return bytes;
    },
    wholeCountAt(instantMs) {
      const baseUnits = secondaryOf(parts.register.valueAt(instantMs), parts.multiplier);
      const scaler = primary?.scaler ?? 0;
      return scaler >= 0 ? Math.floor(baseUnits / 10 ** scaler) : baseUnits;
    },
  };
}
