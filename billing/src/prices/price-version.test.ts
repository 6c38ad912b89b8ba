// SPDX-License-Identifier: Apache-2.0
import { describe, expect, test } from '@jest/globals';
import { flatCalendar } from '@wattledger/contracts';
import { plainTerms } from '@wattledger/contracts/http/billing';
import { approvedInOrder, priceInForce, type PriceVersionTerms } from './price-version.ts';

const version = (number: number, effectiveFromMs: number, approved = true): PriceVersionTerms => ({
  priceVersionId: `pvr_${number}`,
  priceSchemeId: 'psc',
  number,
  effectiveFromMs,
  approved,
  rates: { flat: number },
  terms: plainTerms,
  calendar: flatCalendar,
});

describe('the price in force', () => {
  const inOrder = approvedInOrder([
    version(3, 200),
    version(1, 100),
    version(4, 300, false),
    version(2, 200),
    version(5, 150),
  ]);
  test.each([
    [99, null],
    [100, 1],
    [149, 1],
    [150, 5],
    [199, 5],
    [200, 3], // of two that take effect together the later drafted
    [1000, 3], // one that nobody approved never holds
  ])('at %d is version %s', (atMs, number) => {
    expect(priceInForce(inOrder, atMs)?.number ?? null).toBe(number);
  });
});
