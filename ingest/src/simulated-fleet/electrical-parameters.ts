// SPDX-License-Identifier: Apache-2.0
/** Voltage, current, power and the like that go with a flow: seeded, a little restless, consistent with one another. */
import type { FleetFault } from './fleet-faults.ts';
import { draw, drawBelow, drawPermille } from './seeded-draws.ts';

export interface PhaseParameters {
  readonly voltageV: number;
  readonly currentA: number;
  readonly activeW: number;
  readonly reactiveVar: number;
  readonly apparentVa: number;
  readonly powerFactor: number;
}

const minuteMs = 60_000;

/** Voltage of a phase: the grid's slow swing, the same for all meters of a site, and a little of the meter's own. */
function voltageTenths(siteSeed: number, meterSeed: number, phase: number, instantMs: number): number {
  const swing = drawPermille(1000, siteSeed, Math.floor(instantMs / (12 * minuteMs)), phase) - 1000;
  const own = drawPermille(1000, meterSeed, Math.floor(instantMs / 20_000), phase) - 1000;
  return 2318 + Math.round((swing * 55 + own * 12) / 1000);
}

/**
 * Parameters of each phase of a load of `activeW` at an instant. With no load (relay open) current and power are 0
 * and the voltage stays. The active parts add up to `activeW`.
 */
export function phaseParameters(options: {
  readonly siteSeed: number;
  readonly meterSeed: number;
  readonly phases: number;
  readonly activeW: number;
  readonly instantMs: number;
}): readonly PhaseParameters[] {
  const { siteSeed, meterSeed, phases, activeW, instantMs } = options;
  const powerFactor = (900 + drawBelow(95, meterSeed, 41, 0)) / 1000;
  const tangent = Math.sqrt(1 - powerFactor * powerFactor) / powerFactor;
  const quarter = Math.floor(instantMs / (15 * minuteMs));
  const shares = Array.from(
    { length: phases },
    (_, phase) => 800 + drawBelow(401, meterSeed, quarter, phase + 50),
  );
  const sharesTotal = shares.reduce((sum, share) => sum + share, 0);
  let left = activeW;
  return shares.map((share, phase) => {
    const isLast = phase === phases - 1;
    const phaseW = isLast ? left : Math.round((activeW * share) / sharesTotal);
    left -= phaseW;
    const voltageV = voltageTenths(siteSeed, meterSeed, phase, instantMs) / 10;
    const apparentVa = phaseW / powerFactor;
    return {
      voltageV,
      currentA: apparentVa / voltageV,
      activeW: phaseW,
      reactiveVar: phaseW * tangent,
      apparentVa,
      powerFactor: phaseW === 0 ? 1 : powerFactor,
    };
  });
}

/** The phases as a meter sees them through faults of its wiring. */
export function wired(
  phases: readonly PhaseParameters[],
  faults: readonly FleetFault[],
): readonly PhaseParameters[] {
  return faults.reduce((seen, fault) => {
    if (fault.kind === 'phase-lost') return seen.map((phase, at) => (at === fault.phase - 1 ? dead : phase));
    if (fault.kind === 'phase-reversed')
      return seen.map((phase, at) => (at === fault.phase - 1 ? reversed(phase) : phase));
    if (fault.kind === 'phase-alone') return aloneOn(fault.phase - 1, seen);
    return seen;
  }, phases);
}

const idle = { currentA: 0, activeW: 0, reactiveVar: 0, apparentVa: 0, powerFactor: 1 };
const dead: PhaseParameters = { voltageV: 0, ...idle };
const reversed = (phase: PhaseParameters): PhaseParameters => ({
  ...phase,
  activeW: -phase.activeW,
  powerFactor: -phase.powerFactor,
});
function aloneOn(wanted: number, phases: readonly PhaseParameters[]): readonly PhaseParameters[] {
  const sum = (pick: (phase: PhaseParameters) => number): number =>
    phases.reduce((total, phase) => total + pick(phase), 0);
  return phases.map((phase, at) => ({
    ...phase,
    ...(at !== wanted
      ? idle
      : {
          currentA: sum(({ apparentVa }) => apparentVa) / phase.voltageV,
          activeW: sum(({ activeW }) => activeW),
          reactiveVar: sum(({ reactiveVar }) => reactiveVar),
          apparentVa: sum(({ apparentVa }) => apparentVa),
        }),
  }));
}

/** Mains frequency, Hz. */
export function frequencyHz(siteSeed: number, instantMs: number): number {
  return (4996 + (draw(siteSeed, Math.floor(instantMs / 30_000), 99) % 9)) / 100;
}
