// SPDX-License-Identifier: Apache-2.0
/**
 * The rows of a meter as the rest of the house knows them: those of its map, or, of a cabinet of several circuits,
 * those of every circuit under its own name. A map says one circuit once; a metering point mounts `circuit7.…`.
 */
import type { RegisterMap, RegisterRow } from './register-map.ts';

const rowsOfMaps = new WeakMap<RegisterMap, ReadonlyMap<string, RegisterRow>>();

export function circuitRegister(circuit: number, name: string): string {
  return `circuit${circuit}.${name}`;
}

function rowsByName(map: RegisterMap): ReadonlyMap<string, RegisterRow> {
  let rows = rowsOfMaps.get(map);
  if (rows === undefined) {
    rows = new Map(rowsOf(map).map((row) => [row.name, row]));
    rowsOfMaps.set(map, rows);
  }
  return rows;
}

/** Every row that can be asked for, mounted and reported. */
export function rowsOf(map: RegisterMap): readonly RegisterRow[] {
  const { circuits } = map;
  if (circuits === undefined) return map.registers;
  return Array.from({ length: circuits.max }, (_, index) => index + 1).flatMap((circuit) =>
    map.registers.map((row): RegisterRow => {
      const { primary, ...rest } = row;
      return {
        ...rest,
        // The first user stands for a cabinet of which nothing is mounted yet.
        ...(primary === true && circuit === 1 ? { primary } : {}),
        name: circuitRegister(circuit, row.name),
        unitOffset: (circuit - 1) * circuits.unitIdStep,
      };
    }),
  );
}

export function findRow(map: RegisterMap, name: string): RegisterRow | undefined {
  return rowsByName(map).get(name);
}

/** A row as the map says it once, of whatever circuit. @throws RangeError when the map has none of that name */
export function ownRowOf(map: RegisterMap, name: string): RegisterRow {
  const row = map.registers.find((candidate) => candidate.name === name);
  if (row === undefined) throw new RangeError(`${map.id} has no register "${name}"`);
  return row;
}

/** The row that stands for the meter (of a cabinet: for one user) when nobody names another. */
export function primaryRowOf(map: RegisterMap): RegisterRow | undefined {
  return map.registers.find((row) => row.primary === true);
}
