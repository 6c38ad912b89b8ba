// SPDX-License-Identifier: Apache-2.0
/** What money buys at a meter that counts kWh or cubic metres. */
import type { MeterTerms } from '@wattledger/contracts/http/billing';
import { amountTenthsMax, carriedTenths } from './amount-code.ts';

/** A tenth of a kWh is 100 Wh; of a cubic metre, 100 l. */
export const baseUnitsOfTenth = 100;
const tenthsOfUnit = 10n;

/**
 * Wh or litres that a token will carry: rounded down, and again to the step of the token's coding. What is lost stays in
 * the ledger's balance.
 * @returns 0: too little for a token; null: the meter counts money
 */
export function quantityBought(terms: MeterTerms, amountMicros: number): number | null {
  if (terms.provider !== 'sts') return null;
  const tenths = Number((BigInt(amountMicros) * tenthsOfUnit) / BigInt(terms.rateMicrosPerUnit));
  return tenths < 1 ? 0 : carriedTenths(Math.min(tenths, amountTenthsMax)) * baseUnitsOfTenth;
}
