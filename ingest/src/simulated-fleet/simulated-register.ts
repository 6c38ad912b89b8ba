// SPDX-License-Identifier: Apache-2.0
/**
 * A register as the model's encoding shows it: what has flowed plus what it showed at the start, in secondary units,
 * whole steps of its resolution, rolling over at its width. Restart and jump are further starting values.
 */
import type { RegisterRow } from '../register-maps/index.ts';
import type { MeteredFlow } from './metered-flow.ts';

/** From `fromMs` the register counts on from `value`; `flowed` had passed until then. Base units, primary side. */
interface RegisterStart {
  readonly fromMs: number;
  readonly value: number;
  readonly flowed: number;
}

export interface SimulatedRegister {
  /** Base units on the primary side, before resolution and width. Never falls but where it was set. */
  valueAt(instantMs: number): number;
  /** Value at an instant, when what has flowed until then is known already. */
  valueOfFlow(instantMs: number, flowed: number): number;
  /** Counts on from `value` at the instant; not before an earlier setting. */
  setAt(instantMs: number, value: number): void;
  /** When it was last set; −∞: never since the start. */
  readonly lastSetMs: number;
}

export function createSimulatedRegister(flow: MeteredFlow, valueAtStart: number): SimulatedRegister {
  const starts: RegisterStart[] = [{ fromMs: -Infinity, value: valueAtStart, flowed: 0 }];
  const valueOfFlow = (instantMs: number, flowed: number): number => {
    let index = starts.length - 1;
    while ((starts[index] as RegisterStart).fromMs > instantMs) index -= 1;
    const start = starts[index] as RegisterStart;
    return start.value + flowed - start.flowed;
  };
  return {
    valueAt: (instantMs) => valueOfFlow(instantMs, flow.flowedUntil(instantMs)),
    valueOfFlow,
    setAt(instantMs, value) {
      if (instantMs < (starts.at(-1) as RegisterStart).fromMs)
        throw new RangeError('a register cannot be set before it was last set');
      starts.push({ fromMs: instantMs, value, flowed: flow.flowedUntil(instantMs) });
    },
    get lastSetMs() {
      return (starts.at(-1) as RegisterStart).fromMs;
    },
  };
}

/** CT × PT: primary = secondary × numerator / denominator. A register counts the secondary side. */
export interface Multiplier {
  readonly numerator: number;
  readonly denominator: number;
}
export const directlyConnected: Multiplier = { numerator: 1, denominator: 1 };

export function secondaryOf(primary: number, multiplier: Multiplier): number {
  return Math.floor((primary * multiplier.denominator) / multiplier.numerator);
}

/**
 * Raw number that the meter puts on the wire for so many base units (secondary side).
 * Integer registers show whole steps and roll over; floats lose what their mantissa does not hold.
 */
export function rawOfBaseUnits(row: RegisterRow, baseUnits: number): number {
  if (row.countsPerUnit !== undefined) {
    const raw = baseUnits / (row.countsPerUnit * 10 ** row.scaler);
    return row.type === 'f32' ? Math.fround(raw) : raw;
  }
  const count = row.scaler >= 0 ? Math.floor(baseUnits / 10 ** row.scaler) : baseUnits * 10 ** -row.scaler;
  return row.registerMax === undefined ? count : count % (row.registerMax + 1);
}

/** Whole counts a collector makes of that raw number, by the map's counting rule (see `decodeRow`). */
export function countOfBaseUnits(row: RegisterRow, baseUnits: number): number {
  const raw = rawOfBaseUnits(row, baseUnits);
  return row.countsPerUnit === undefined ? raw : Math.round(raw * row.countsPerUnit);
}
