// SPDX-License-Identifier: Apache-2.0
/** What the parts of the planning share: codes and the ids they stand for, faults, and laying rows over what exists. */
import { isDeepStrictEqual } from 'node:util';
import type { ProjectSnapshot } from '@wattledger/contracts';
import type { ImportSiteAnswer } from '@wattledger/contracts/http/registry';
import type { BrokenCodes } from './read-site-file.ts';
import { CellFault, instantIn, type FileInstant } from './site-cells.ts';
import type { SiteFaults } from './site-faults.ts';
import type { Numbered, SheetName } from './site-tables.ts';

export type Counts = ImportSiteAnswer['counts'];
export type Count = Counts['places'];

/** Things of one kind after the file: all of them, and those to be written. */
export interface Planned<Thing> {
  readonly all: readonly Thing[];
  readonly put: readonly Thing[];
  readonly count: Count;
  readonly idOfCode: ReadonlyMap<string, string>;
  /** Row in the file that speaks of the thing. */
  readonly rowOfId: ReadonlyMap<string, number>;
}

/** What every part of the planning needs to know. */
export interface PlanContext {
  readonly projectId: string;
  readonly zone: string;
  readonly faults: SiteFaults;
  readonly broken: BrokenCodes;
  /** The instant of a cell in the project's zone; null when it is blank or at fault. */
  instantOf(
    sheet: SheetName,
    row: number,
    column: string,
    value: FileInstant | null | undefined,
  ): number | null;
  /** The id that a code stands for; null when blank or at fault. */
  refer(
    sheet: SheetName,
    row: number,
    column: string,
    code: string | null | undefined,
    target: Referable,
  ): string | null;
}
export interface Referable {
  readonly sheet: SheetName;
  readonly what: string;
  readonly idOfCode: ReadonlyMap<string, string>;
}

export function countOf<Thing>(before: Thing | null | undefined, after: Thing): Count {
  const count = { created: 0, updated: 0, unchanged: 0 };
  count[kindOfChange(before, after)] += 1;
  return count;
}

function kindOfChange<Thing>(before: Thing | null | undefined, after: Thing): keyof Count {
  if (before === null || before === undefined) return 'created';
  return isDeepStrictEqual(before, after) ? 'unchanged' : 'updated';
}

export function createContext(
  project: ProjectSnapshot,
  faults: SiteFaults,
  broken: BrokenCodes,
): PlanContext {
  // A site's meters are mounted on few days, and a zone's rules are slow to ask.
  const known = new Map<string, number>();
  const instantOfCell = (value: FileInstant): number => {
    if ('ms' in value) return value.ms;
    const cached = known.get(value.wallClock) ?? instantIn(project.zone, value);
    known.set(value.wallClock, cached);
    return cached;
  };
  return {
    projectId: project.id,
    zone: project.zone,
    faults,
    broken,
    instantOf(sheet, row, column, value) {
      if (value === null || value === undefined) return null;
      try {
        return instantOfCell(value);
      } catch (error) {
        if (!(error instanceof CellFault)) throw error;
        faults.add(sheet, row, column, error.message);
        return null;
      }
    },
    refer(sheet, row, column, code, target) {
      if (code === null || code === undefined) return null;
      const id = target.idOfCode.get(code);
      if (id !== undefined) return id;
      // The row is there; what is wrong with it has been said.
      if (broken.get(target.sheet)?.has(code) === true) return null;
      faults.add(
        sheet,
        row,
        column,
        `there is no ${target.what} "${code}", neither in the file nor in the project`,
      );
      return null;
    },
  };
}

/** Lays rows over what exists, by code. `merge` makes the thing that the row describes. */
export function planThings<Row, Thing extends { readonly id: string }>(options: {
  readonly context: PlanContext;
  readonly sheet: SheetName;
  readonly keyColumn: string;
  readonly rows: readonly Numbered<Row>[];
  readonly existing: readonly Thing[];
  readonly keyOfRow: (row: Row) => string;
  readonly keyOfThing: (thing: Thing) => string;
  readonly merge: (row: Numbered<Row>, before: Thing | undefined) => Thing;
}): Planned<Thing> {
  const { context, sheet, rows, existing } = options;
  const byKey = new Map(existing.map((thing) => [options.keyOfThing(thing), thing]));
  const after = new Map(existing.map((thing) => [thing.id, thing]));
  const idOfCode = new Map(existing.map((thing) => [options.keyOfThing(thing), thing.id]));
  const rowOfKey = new Map<string, number>();
  const rowOfId = new Map<string, number>();
  const put: Thing[] = [];
  const count = { created: 0, updated: 0, unchanged: 0 };
  for (const row of rows) {
    const key = options.keyOfRow(row.values);
    const first = rowOfKey.get(key);
    if (first !== undefined) {
      context.faults.add(sheet, row.row, options.keyColumn, `"${key}" is already in row ${first}`);
      continue;
    }
    rowOfKey.set(key, row.row);
    const before = byKey.get(key);
    const thing = options.merge(row, before);
    const change = kindOfChange(before, thing);
    count[change] += 1;
    if (change !== 'unchanged') put.push(thing);
    after.set(thing.id, thing);
    idOfCode.set(key, thing.id);
    rowOfId.set(thing.id, row.row);
  }
  return { all: [...after.values()], put, count, idOfCode, rowOfId };
}

/** A cell over what is known: left out keeps it, blank gives the default. */
export function given<T>(cell: T | null | undefined, known: T | undefined, otherwise: T): T;
export function given<T>(
  cell: T | null | undefined,
  known: T | null | undefined,
  otherwise: T | null,
): T | null;
export function given<T>(
  cell: T | null | undefined,
  known: T | null | undefined,
  otherwise: T | null,
): T | null {
  if (cell === undefined) return known === undefined ? otherwise : known;
  return cell ?? otherwise;
}
