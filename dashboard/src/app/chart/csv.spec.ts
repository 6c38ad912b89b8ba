// SPDX-License-Identifier: Apache-2.0
import { csvOf } from './csv.ts';
import { numberCell, textCell } from './data-table.ts';

test('RFC 4180, readable by Excel, harmless as formulas, numbers untouched', () => {
  const csv = csvOf({
    caption: '',
    columns: [{ label: 'Name' }, { label: 'kWh' }],
    rows: [
      [textCell('永和豆浆, 3F'), numberCell('1,234.50', 1234.5)],
      [textCell('=HYPERLINK("x")'), numberCell('−5', -5)],
      [textCell('@sum'), numberCell('–', null)],
      [textCell('two\nlines'), numberCell('0', 0)],
    ],
  });
  expect(csv).toBe(
    '\uFEFFName,kWh\r\n"永和豆浆, 3F",1234.5\r\n"\'=HYPERLINK(""x"")",-5\r\n\'@sum,\r\n"two\nlines",0\r\n',
  );
});
