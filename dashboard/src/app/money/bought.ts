// SPDX-License-Identifier: Apache-2.0
/** Money and what it buys, both ways. Estimates for a person at the counter; pure. */

const microsPerUnit = 1_000_000;

/** kWh or m³ that an amount buys; null without a price. */
export function boughtFor(amountMicros: number | null, priceMicros: number | null): number | null {
  if (amountMicros === null || priceMicros === null || priceMicros <= 0) return null;
  return amountMicros / priceMicros;
}

/** What so many kWh or m³ cost, rounded up to the currency's smallest coin so that it suffices. */
export function amountFor(bought: number, priceMicros: number, currencyDigits: number): number {
  const coinMicros = microsPerUnit / 10 ** currencyDigits;
  return Math.ceil((bought * priceMicros) / coinMicros) * coinMicros;
}

/** Whole days an amount lasts at the average of the last days. */
export function daysFor(amountMicros: number | null, dailyChargeMicros: number | null): number | null {
  if (amountMicros === null || dailyChargeMicros === null || dailyChargeMicros <= 0) return null;
  return Math.floor(amountMicros / dailyChargeMicros);
}
