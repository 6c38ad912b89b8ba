// SPDX-License-Identifier: Apache-2.0
/** Micros and a currency's minor unit. Pure. Providers count in the minor unit, and not every currency has hundredths. */
import assert from 'node:assert/strict';
import { RequestError } from '@wattledger/platform';

/** ISO 4217 says 0 or 3 digits; all others have 2. */
const zeroDecimal = new Set('BIF CLP DJF GNF JPY KMF KRW MGA PYG RWF VND VUV XAF XOF XPF'.split(' '));
const threeDecimal = new Set('BHD IQD JOD KWD LYD OMR TND'.split(' '));

export function minorDigits(currency: string): 0 | 2 | 3 {
  const code = currency.toUpperCase();
  if (zeroDecimal.has(code)) return 0;
  return threeDecimal.has(code) ? 3 : 2;
}

/** @throws RequestError 422 amount-not-payable when the amount has a part smaller than the smallest coin */
export function minorOfMicros(amountMicros: number, currency: string): number {
  const microsPerMinor = 10 ** (6 - minorDigits(currency));
  if (amountMicros % microsPerMinor === 0) return amountMicros / microsPerMinor;
  throw new RequestError({
    status: 422,
    code: 'amount-not-payable',
    message: `The amount cannot be paid in ${currency}: it has ${minorDigits(currency)} decimals.`,
    hint: 'Give a whole number of the smallest coin.',
  });
}

export function microsOfMinor(amountMinor: number, currency: string): number {
  const micros = amountMinor * 10 ** (6 - minorDigits(currency));
  assert.ok(Number.isSafeInteger(micros), 'an amount of a provider is a whole number of minor units');
  return micros;
}

/** "12.30" as some providers write it. @throws Error when it is no amount */
export function microsOfDecimal(text: string): number {
  const match = /^(\d{1,9})(?:\.(\d{1,6}))?$/.exec(text);
  if (match === null) throw new Error(`a provider's amount cannot be read: "${text}"`);
  return Number(match[1]) * 1_000_000 + Number((match[2] ?? '').padEnd(6, '0'));
}

/** The amount with the currency's digits: 12300000 CNY → "12.30". */
export function decimalOfMicros(amountMicros: number, currency: string): string {
  const digits = minorDigits(currency);
  const minor = String(minorOfMicros(amountMicros, currency)).padStart(digits + 1, '0');
  return digits === 0 ? minor : `${minor.slice(0, -digits)}.${minor.slice(-digits)}`;
}
