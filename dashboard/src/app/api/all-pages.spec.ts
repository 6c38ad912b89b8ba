// SPDX-License-Identifier: Apache-2.0
import { allPages } from './all-pages.ts';

const rows = Array.from({ length: 25 }, (_, index) => 25 - index);
const load = (before: number | null) => {
  const found = rows.filter((row) => before === null || row < before).slice(0, 10);
  const last = found.at(-1) ?? 0;
  return Promise.resolve({ rows: found, next: last > 1 ? last : null });
};

test('every row once, in order, to the last page', async () => {
  expect(await allPages(load, 3)).toEqual(rows);
});

test('a list too long is refused, never cut in silence', async () => {
  await expect(allPages(load, 2)).rejects.toThrow(RangeError);
});
