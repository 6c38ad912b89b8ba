// SPDX-License-Identifier: Apache-2.0
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { cellText, csvText } from './csv.ts';

/** RFC 4180, read character by character. */
function parse(text: string): string[][] {
  const rows: string[][] = [[]];
  let cell = '';
  let quoted = false;
  for (let at = 0; at < text.length; at += 1) {
    const character = text[at];
    if (quoted) {
      if (character !== '"') cell += character;
      else if (text[at + 1] === '"') {
        cell += '"';
        at += 1;
      } else quoted = false;
    } else if (character === '"') quoted = true;
    else if (character === ',' || (character === '\r' && text[at + 1] === '\n')) {
      rows.at(-1)?.push(cell);
      cell = '';
      if (character === '\r') {
        rows.push([]);
        at += 1;
      }
    } else cell += character;
  }
  return rows.slice(0, -1);
}

describe('csv', () => {
  test('whatever stands in the cells is read back; nothing begins like a formula', () => {
    const cells = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.constantFrom('=1+1', '+49 30', '-5', '@x', '\tx', 'a,b', 'a"b', 'a\r\nb', 'Händler 总表'),
    );
    fc.assert(
      fc.property(fc.array(fc.tuple(cells, cells), { minLength: 1 }), (rows) => {
        const text = csvText({ columns: ['a', 'b'], rows }, { bom: false });
        const read = parse(text);
        expect(read[0]).toEqual(['a', 'b']);
        rows.forEach((row, index) => {
          row.forEach((cell, column) => {
            const back = read[index + 1]?.[column] ?? '';
            expect(/^[=+\-@\t\r]/.test(back)).toBe(false);
            expect(back.startsWith("'") && back !== cell ? back.slice(1) : back).toBe(cell);
          });
        });
      }),
    );
  });

  test('numbers are numbers, unknown is empty, the mark stands first', () => {
    expect(cellText(-12.5)).toBe('-12.5');
    expect(cellText(null)).toBe('');
    expect(csvText({ columns: ['a'], rows: [[null]] }, { bom: true })).toBe('\uFEFFa\r\n\r\n');
  });
});
