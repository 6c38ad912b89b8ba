// SPDX-License-Identifier: Apache-2.0
import { rightsOfRole, type Role } from '@wattledger/contracts';
import { liesAt, navigationOf } from './navigation.ts';
import { pages } from './pages.ts';

const labelsOf = (role: Role): string[] =>
  navigationOf(pages.filter(({ right }) => rightsOfRole[role].includes(right))).flatMap(({ entries }) =>
    entries.map(({ label }) => label),
  );

describe('navigation', () => {
  test('nobody sees more than twenty entries, and every allowed page stands in one', () => {
    for (const role of Object.keys(rightsOfRole) as Role[]) {
      const allowed = pages.filter(({ right }) => rightsOfRole[role].includes(right));
      const entries = navigationOf(allowed).flatMap((section) => section.entries);
      expect(entries.length).toBeLessThanOrEqual(20);
      expect(
        entries
          .flatMap((entry) => entry.pages)
          .map(({ path }) => path)
          .sort(),
      ).toEqual(allowed.map(({ path }) => path).sort());
      expect(new Set(entries.map(({ label }) => label)).size).toBe(entries.length);
      expect(new Set(entries.map(({ icon }) => icon)).size).toBe(entries.length);
    }
  });

  test('an analyst sees nothing of money; finance has the counter first', () => {
    expect(labelsOf('analyst')).not.toContain('page.prices');
    expect(labelsOf('finance').slice(-6)).toEqual([
      'page.counter',
      'page.accounts',
      'page.supply',
      'page.prices',
      'family.reports',
      'family.books',
    ]);
  });

  test('a family of one page has the name of the page', () => {
    const [section] = navigationOf(pages.filter(({ path }) => path === 'orders'));
    expect(section?.entries[0]?.label).toBe('page.orders');
  });

  test('a page beneath belongs to its entry; a longer name does not', () => {
    expect(liesAt('/p/a/accounts/acc_1', '/p/a/accounts', false)).toBe(true);
    expect(liesAt('/p/a/accounts-x', '/p/a/accounts', false)).toBe(false);
    expect(liesAt('/p/a/trend', '/p/a', true)).toBe(false);
  });
});
