// SPDX-License-Identifier: Apache-2.0
/** How an adapter of the warehouse writes the answer of a question to a file of this machine, and reads it into a table. */
import type { Warehouse } from '../warehouse/port.ts';

export const fileFormat = 'TabSeparatedWithNamesAndTypes';

/** Rows of one key stay as many as they were, so that they can be counted; and a file may hold rows of all years. */
export const everyRow = 'optimize_on_insert = 0, max_partitions_per_insert_block = 0';

export interface TableFiles {
  /** Packed with zstd; answers how many rows. */
  write(select: string, path: string): Promise<number>;
  read(table: string, columns: readonly string[], path: string): Promise<void>;
}

const filesOf = new WeakMap<Warehouse, TableFiles>();

export function declareTableFiles(warehouse: Warehouse, files: TableFiles): void {
  filesOf.set(warehouse, files);
}

export function tableFilesOf(warehouse: Warehouse): TableFiles {
  const files = filesOf.get(warehouse);
  if (files === undefined) throw new Error('this warehouse was not opened by an adapter of ours');
  return files;
}
