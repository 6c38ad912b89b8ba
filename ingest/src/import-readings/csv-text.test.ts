// SPDX-License-Identifier: Apache-2.0
import fc from 'fast-check';
import { parse } from 'csv-parse/sync';
import { describe, expect, test } from '@jest/globals';
import { CsvText, type CsvRow } from './csv-text.ts';

function rowsOf(
  text: string,
  cuts: readonly number[] = [],
  options = { delimiter: ',', skipLines: 0 },
): CsvRow[] {
  const csv = new CsvText(options);
  const rows: CsvRow[] = [];
  let from = 0;
  for (const cut of [...cuts].sort((a, b) => a - b)) {
    rows.push(...csv.take(text.slice(from, cut), false));
    from = Math.max(from, cut);
  }
  return [...rows, ...csv.take(text.slice(from), true)];
}
const fieldsOf = (text: string, cuts: readonly number[] = []): (readonly string[])[] =>
  rowsOf(text, cuts).map(({ fields }) => fields);

describe('CSV', () => {
  test('rows, quotes, doubled quotes, line breaks within quotes, both line ends, no end at the end', () => {
    expect(rowsOf('a,b\r\n1,"x, y"\n"say ""hi""\nthere",2\n\n3,')).toEqual([
      { fields: ['a', 'b'], line: 1 },
      { fields: ['1', 'x, y'], line: 2 },
      { fields: ['say "hi"\nthere', '2'], line: 3 },
      { fields: [''], line: 5 },
      { fields: ['3', ''], line: 6 },
    ]);
  });
  test('lone carriage returns, other delimiters, lines before the header', () => {
    expect(fieldsOf('a,b\r1,2\r')).toEqual([
      ['a', 'b'],
      ['1', '2'],
    ]);
    expect(rowsOf('made by x\n\na;b\n', [], { delimiter: ';', skipLines: 2 })).toEqual([
      { fields: ['a', 'b'], line: 3 },
    ]);
  });
  test('what cannot be meant names its line', () => {
    expect(() => rowsOf('a\n"b')).toThrow(expect.objectContaining({ kind: 'quote-not-closed', line: 2 }));
    expect(() => rowsOf('a\n"b"c,d\n')).toThrow(expect.objectContaining({ kind: 'after-quote', line: 2 }));
    expect(() => rowsOf(`a\n${'x'.repeat(4_000_002)}`, [3_000_000, 4_000_004])).toThrow(
      expect.objectContaining({ kind: 'too-long', line: 2 }),
    );
  });

  const anyField = fc.oneof(
    fc.stringMatching(/^[a-z0-9 .:-]{0,12}$/),
    fc.stringMatching(/^[a-z",\n;é漢]{0,8}$/),
  );
  const anyTable = fc.record({
    rows: fc.array(fc.array(anyField, { minLength: 1, maxLength: 5 }), { minLength: 1, maxLength: 8 }),
    end: fc.constantFrom('\n', '\r\n'),
    closed: fc.boolean(),
    cuts: fc.array(fc.nat(400), { maxLength: 6 }),
  });
  const written = (rows: readonly (readonly string[])[], end: string, closed: boolean): string =>
    rows
      .map((row) =>
        row.map((field) => (/[",\n]/.test(field) ? `"${field.replaceAll('"', '""')}"` : field)).join(','),
      )
      .join(end) + (closed ? end : '');

  test('what is written is read again, wherever the text is cut, and as csv-parse reads it', () => {
    fc.assert(
      fc.property(anyTable, ({ rows, end, closed, cuts }) => {
        const text = written(rows, end, closed);
        const read = fieldsOf(
          text,
          cuts.map((cut) => Math.min(cut, text.length)),
        );
        // An empty last line without an end cannot be told from nothing.
        const last = rows.at(-1) ?? [];
        fc.pre(closed || last.length > 1 || last[0] !== '');
        expect(read).toEqual(rows);
        fc.pre(text.includes('\n'));
        const peer = parse(text, {
          relax_column_count: true,
          record_delimiter: end,
          skip_empty_lines: false,
        });
        expect(read).toEqual(peer);
      }),
      { numRuns: 2_000 },
    );
  });
});
