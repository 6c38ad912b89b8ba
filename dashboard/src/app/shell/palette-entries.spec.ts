// SPDX-License-Identifier: Apache-2.0
import { findEntries, type PaletteEntry } from './palette-entries.ts';

const entry = (id: string, kind: PaletteEntry['kind'], label: string, detail = ''): PaletteEntry => ({
  id,
  kind,
  label,
  detail,
  icon: 'search',
  link: ['/'],
});
const entries = [
  entry('1', 'page', 'Trend'),
  entry('2', 'point', 'Meter S104', 'S-104 · Mall · 1F'),
  entry('3', 'point', 'Meter S1040', 'S-1040 · Mall · 1F'),
  entry('4', 'tenant', '小南国餐厅', 'T004'),
  entry('5', 'project', 'Fairview Centre', 'FV'),
];

test('with nothing typed: pages and projects', () => {
  expect(findEntries(entries, ' ').map((found) => found.id)).toEqual(['1', '5']);
});

test('best hits first, every word must fit, code and place count too', () => {
  expect(findEntries(entries, 's104').map((found) => found.id)).toEqual(['2', '3']);
  expect(findEntries(entries, 'mall 1040').map((found) => found.id)).toEqual(['3']);
  expect(findEntries(entries, '南国').map((found) => found.id)).toEqual(['4']);
  expect(findEntries(entries, 't004')[0]?.id).toBe('4');
  expect(findEntries(entries, 'nothing')).toEqual([]);
});
