// SPDX-License-Identifier: Apache-2.0
import { placeBeside } from './place-beside.ts';

test('what stands beside a name does not repeat it', () => {
  expect(placeBeside('L3-18 White Deer Bakery 白鹿烘焙', 'White Deer Bakery 白鹿烘焙')).toBe('L3-18');
  expect(placeBeside('301 · Tea House', 'Tea House')).toBe('301');
  expect(placeBeside('Tea House', 'Tea House')).toBe('');
});

test('a place of its own name stays whole', () => {
  expect(placeBeside('Chiller plant', 'Chiller 1')).toBe('Chiller plant');
  expect(placeBeside('Room 3', '')).toBe('Room 3');
  expect(placeBeside('Room 3', null)).toBe('Room 3');
  expect(placeBeside(null, 'Chiller 1')).toBe('');
});
