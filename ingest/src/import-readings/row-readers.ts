// SPDX-License-Identifier: Apache-2.0
import type { FileRow } from './file-rows.ts';

/** Makes sense of the rows of one file. */
export interface RowReader {
  /** The first row. */
  header(row: FileRow): Promise<void>;
  /** A row of values. Answers at once except where something must be looked up. */
  row(row: FileRow): Promise<void> | undefined;
  /** After the last row. */
  end(): void;
}
