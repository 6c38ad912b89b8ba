// SPDX-License-Identifier: Apache-2.0
/** Which price holds when. Pure. */
import type { TariffCalendar } from '@wattledger/contracts';
import type { PriceTerms, Rates } from '@wattledger/contracts/http/billing';

/** What charging needs of a version. Immutable, so it is kept by id. */
export interface PriceVersionTerms {
  readonly priceVersionId: string;
  readonly priceSchemeId: string;
  readonly number: number;
  readonly effectiveFromMs: number;
  readonly approved: boolean;
  readonly rates: Rates;
  readonly terms: PriceTerms;
  readonly calendar: TariffCalendar;
}

/** The approved versions of a scheme in the order in which they take over from one another. */
export function approvedInOrder(versions: readonly PriceVersionTerms[]): readonly PriceVersionTerms[] {
  return versions
    .filter((version) => version.approved)
    .sort((a, b) => a.effectiveFromMs - b.effectiveFromMs || a.number - b.number);
}

/**
 * The version in force at an instant: the one that took effect last; of two that take effect together the later
 * drafted, which is how a wrong price is corrected for the past. Null when none holds yet.
 * @param inOrder as `approvedInOrder` gives them
 */
export function priceInForce(
  inOrder: readonly PriceVersionTerms[],
  instantMs: number,
): PriceVersionTerms | null {
  for (let index = inOrder.length - 1; index >= 0; index -= 1) {
    const version = inOrder[index];
    if (version !== undefined && version.effectiveFromMs <= instantMs) return version;
  }
  return null;
}
