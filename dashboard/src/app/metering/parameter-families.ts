// SPDX-License-Identifier: Apache-2.0
/** Electrical parameters in the order of a switchboard: by quantity, then by phase. Pure. */

export const quantities = [
  'voltage',
  'line-voltage',
  'current',
  'active',
  'reactive',
  'apparent',
  'power-factor',
] as const;
export type ElectricalQuantity = (typeof quantities)[number];
export const phases = ['L1', 'L2', 'L3'] as const;

/** Names of the register map for L1, L2, L3 and all together. */
const namesOfQuantity: Readonly<
  Record<ElectricalQuantity, readonly [string, string, string, string | null]>
> = {
  voltage: ['voltage.l1', 'voltage.l2', 'voltage.l3', null],
  'line-voltage': ['voltage.l12', 'voltage.l23', 'voltage.l31', null],
  current: ['current.l1', 'current.l2', 'current.l3', null],
  active: ['power.active.l1', 'power.active.l2', 'power.active.l3', 'power.active.total'],
  reactive: ['power.reactive.l1', 'power.reactive.l2', 'power.reactive.l3', 'power.reactive.total'],
  apparent: ['power.apparent.l1', 'power.apparent.l2', 'power.apparent.l3', 'power.apparent.total'],
  'power-factor': ['pf.l1', 'pf.l2', 'pf.l3', 'pf.total'],
};

/** How values of a quantity are written: power is read in thousands. */
export const quantityScales: Readonly<
  Record<ElectricalQuantity, { readonly unit: string; readonly divisor: number; readonly digits: number }>
> = {
  voltage: { unit: 'V', divisor: 1, digits: 1 },
  'line-voltage': { unit: 'V', divisor: 1, digits: 1 },
  current: { unit: 'A', divisor: 1, digits: 2 },
  active: { unit: 'kW', divisor: 1000, digits: 3 },
  reactive: { unit: 'kvar', divisor: 1000, digits: 3 },
  apparent: { unit: 'kVA', divisor: 1000, digits: 3 },
  'power-factor': { unit: '', divisor: 1, digits: 3 },
};

export interface PhaseRow {
  readonly quantity: ElectricalQuantity;
  readonly byPhase: readonly (number | null)[];
  readonly total: number | null;
}
export interface PhaseTable {
  /** Phases that any quantity has. */
  readonly phases: readonly (typeof phases)[number][];
  readonly rows: readonly PhaseRow[];
  /** What stands in no row: frequency, demand, temperatures. */
  readonly rest: readonly { readonly name: string; readonly value: number }[];
}

export function phaseTable(parameters: Readonly<Record<string, number>>): PhaseTable {
  const valueOf = (name: string | null): number | null => (name === null ? null : (parameters[name] ?? null));
  const rows = quantities
    .map((quantity): PhaseRow => {
      const [l1, l2, l3, total] = namesOfQuantity[quantity];
      return { quantity, byPhase: [l1, l2, l3].map(valueOf), total: valueOf(total) };
    })
    .filter(({ byPhase, total }) => total !== null || byPhase.some((value) => value !== null));
  const inRows = new Set<string | null>(Object.values(namesOfQuantity).flat());
  return {
    phases: phases.filter((_, index) => rows.some(({ byPhase }) => byPhase[index] !== null)),
    rows,
    rest: Object.entries(parameters)
      .filter(([name]) => !inRows.has(name))
      .map(([name, value]) => ({ name, value })),
  };
}

/** Greatest difference of a phase from the mean of all three, as a share of the mean; null where a phase is not known. */
export function imbalanceOf(byPhase: readonly (number | null)[]): number | null {
  const known = byPhase.filter((value) => value !== null).map(Math.abs);
  const mean = known.reduce((sum, value) => sum + value, 0) / known.length;
  if (known.length < phases.length || mean === 0) return null;
  return Math.max(...known.map((value) => Math.abs(value - mean))) / mean;
}

/** Parameters that are drawn together. */
export interface ParameterFamily {
  /** A quantity, or the name of a parameter that stands alone. */
  readonly id: string;
  readonly quantity: ElectricalQuantity | null;
  readonly names: readonly string[];
}

export function familiesOf(names: readonly string[]): readonly ParameterFamily[] {
  const known = new Set(names);
  const families = quantities
    .map((quantity) => ({
      id: quantity,
      quantity,
      names: namesOfQuantity[quantity].filter((name): name is string => name !== null && known.has(name)),
    }))
    .filter((family) => family.names.length > 0);
  const taken = new Set(families.flatMap((family) => family.names));
  return [
    ...families,
    ...names.filter((name) => !taken.has(name)).map((name) => ({ id: name, quantity: null, names: [name] })),
  ];
}

const circuitPattern = /^circuit(\d+)\./;
/** Of a cabinet with many users: the user a parameter belongs to; null for a meter of one. */
export const circuitOf = (name: string): string | null => circuitPattern.exec(name)?.[1] ?? null;
/** The register map says one circuit for all: `circuit7.voltage.l1` is its row `voltage.l1`. */
export const withoutCircuit = (name: string): string => name.replace(circuitPattern, '');

/** Circuits among the names, in order; empty for a meter of one user. */
export function circuitsOf(names: readonly string[]): readonly string[] {
  const found = new Set(names.map(circuitOf).filter((circuit) => circuit !== null));
  return [...found].sort((a, b) => Number(a) - Number(b));
}
