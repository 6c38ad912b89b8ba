// SPDX-License-Identifier: Apache-2.0
import { everyDay, toggledDay } from './weekdays.ts';

test('days are taken out and put back in the order of the week, and one always stays', () => {
  expect(toggledDay(everyDay, 6)).toEqual([1, 2, 3, 4, 5, 7]);
  expect(toggledDay([7, 2], 4)).toEqual([2, 4, 7]);
  expect(toggledDay([3], 3)).toBeNull();
});
