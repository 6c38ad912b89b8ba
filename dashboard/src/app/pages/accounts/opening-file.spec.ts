// SPDX-License-Identifier: Apache-2.0
/** Lists of openings as people make them: their own order of columns, quotes, semicolons, dates and numbers. */
import { openingColumns, type OpeningColumn, type OpeningRow } from '@wattledger/contracts/http/billing';
import { keyOfRows, parseCsv, rowsOf, type Headings } from './opening-file.ts';

const headings = Object.fromEntries(
  openingColumns.map((column) => [column, `Heading of ${column}`]),
) as Record<OpeningColumn, string> satisfies Headings;
const empty = Object.fromEntries(openingColumns.map((column) => [column, ''])) as Record<
  OpeningColumn,
  string
>;

test('columns are found by heading or by name, in any order; empty rows are passed over', () => {
  const rows = rowsOf(
    [
      ['Heading of point', 'TENANT', 'firstVend', 'openedAt', 'something else'],
      ['P-1', 'T-1', 100.5, new Date('2026-03-01T08:30:00Z'), 'x'],
      [null, '', undefined],
      ['P-2', 'T-2', '', '2026-03-01', ''],
    ],
    headings,
  );
  expect(rows).toEqual<readonly OpeningRow[]>([
    { ...empty, row: 2, point: 'P-1', tenant: 'T-1', firstVend: '100.5', openedAt: '2026-03-01 08:30' },
    { ...empty, row: 4, point: 'P-2', tenant: 'T-2', openedAt: '2026-03-01' },
  ]);
});

test('.csv: commas or semicolons, quotes, line ends of every kind', () => {
  expect(parseCsv('\uFEFFa,b\r\n"x, ""y""",2\r\n')).toEqual([
    ['a', 'b'],
    ['x, "y"', '2'],
  ]);
  expect(parseCsv('a;b\n1,5;"two\nlines"')).toEqual([
    ['a', 'b'],
    ['1,5', 'two\nlines'],
  ]);
  expect(parseCsv('')).toEqual([]);
});

test('the same rows have the same key, others another', () => {
  const rows = [{ ...empty, row: 2, point: 'P-1' }];
  expect(keyOfRows(rows)).toBe(keyOfRows([...rows]));
  expect(keyOfRows(rows)).toMatch(/^[\x21-\x7e]{8,200}$/);
  expect(keyOfRows([{ ...empty, row: 2, point: 'P-2' }])).not.toBe(keyOfRows(rows));
});
