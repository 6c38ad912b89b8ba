// SPDX-License-Identifier: Apache-2.0
import { signal } from '@angular/core';
import { tileChoice } from './tile-choice.ts';

const plain = { shiftKey: false, ctrlKey: false, metaKey: false };
const shown = signal<readonly string[]>([]);
const fresh = () => {
  shown.set(['a', 'b', 'c', 'd', 'e']);
  return tileChoice(shown);
};

test('a plain press chooses nothing until choosing is switched on', () => {
  const choice = fresh();
  expect(choice.press('a', plain)).toBe(false);
  choice.switchOn(true);
  expect(choice.press('a', plain)).toBe(true);
  expect(choice.press('b', plain)).toBe(true);
  expect(choice.press('a', plain)).toBe(true);
  expect([...choice.chosen()]).toEqual(['b']);
});

test('Ctrl adds one, Shift reaches from the last one in either direction', () => {
  const choice = fresh();
  expect(choice.press('d', { ...plain, ctrlKey: true })).toBe(true);
  expect(choice.press('b', { ...plain, shiftKey: true })).toBe(true);
  expect([...choice.chosen()]).toEqual(['b', 'c', 'd']);
  choice.press('d', { ...plain, metaKey: true });
  choice.press('e', { ...plain, shiftKey: true });
  expect([...choice.chosen()]).toEqual(['b', 'c', 'd', 'e']);
});

test('all means all that are shown, and what is filtered away is not acted upon', () => {
  const choice = fresh();
  choice.all();
  shown.set(['b', 'c']);
  expect([...choice.chosen()]).toEqual(['b', 'c']);
  choice.clear();
  expect([choice.chosen().size, choice.choosing()]).toEqual([0, false]);
});
