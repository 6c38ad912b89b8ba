// SPDX-License-Identifier: Apache-2.0
/** The reference figures that stand beside the real data: worked out by an independent program with exact decimals. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'csv-parse/sync';

export const dataDirectory = join(import.meta.dirname, '..', '..', '..', '..', 'shared', 'data');

/** Rows of a reference file, by column name. */
export function reference(file: string): readonly Readonly<Record<string, string>>[] {
  return parse(readFileSync(join(dataDirectory, file)), { columns: true, skip_empty_lines: true }) as Record<
    string,
    string
  >[];
}

/** Whether the real data is beside the clone; prints why not. @throws Error when WATTLEDGER_REQUIRE_ALL=1 */
export function haveRealData(): boolean {
  if (existsSync(join(dataDirectory, 'bdg2'))) return true;
  const reason = `no real data at ${dataDirectory}`;
  if (process.env['WATTLEDGER_REQUIRE_ALL'] === '1') throw new Error(reason);
  console.log(`skipped: ${reason}`);
  return false;
}

/**
 * The written rule (docs/operating/importing.md): values are kept to 10⁻³ base units, and registers become whole base units
 * before they are subtracted. So a figure over any span is the exact sum, rounded at both ends: it differs by less than one
 * base unit (1 Wh, 1 l), however many values it sums.
 */
export const roundingBaseUnits = 1.001;

/** Decimal text in thousands of base units (kWh) as base units. */
export const baseUnitsOf = (text: string, perUnit = 1000): number => Number(text) * perUnit;
