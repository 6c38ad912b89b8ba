// SPDX-License-Identifier: Apache-2.0
/** Money from whole micros (10⁻⁶ of the currency) to text and back, without a floating-point step between. */
import { numberFormat } from './quantity-format.ts';

/** Exact decimal text: -1234500 → "-1.234500". */
export function microsToDecimal(micros: number): string {
  const magnitude = BigInt(Math.abs(micros));
  const sign = micros < 0 ? '-' : '';
  return `${sign}${magnitude / 1_000_000n}.${(magnitude % 1_000_000n).toString().padStart(6, '0')}`;
}

/** In the currency's own digits, rounded half away from zero. */
export function formatMoney(micros: number | null | undefined, currency: string, locale: string): string {
  if (micros === null || micros === undefined) return '–';
  return numberFormat(locale, {
    style: 'currency',
    currency,
    currencyDisplay: 'narrowSymbol',
    // What rounds to nothing is not "minus nothing".
    signDisplay: 'negative',
  }).format(microsToDecimal(micros) as Intl.StringNumericLiteral);
}

/** The same with a plus before credits: for movements. */
export function formatMoneySigned(
  micros: number | null | undefined,
  currency: string,
  locale: string,
): string {
  if (micros === null || micros === undefined) return '–';
  return numberFormat(locale, {
    style: 'currency',
    currency,
    currencyDisplay: 'narrowSymbol',
    signDisplay: 'exceptZero',
  }).format(microsToDecimal(micros) as Intl.StringNumericLiteral);
}

/** To the last micro: for prices and explanations of amounts. */
export function formatMoneyExact(
  micros: number | null | undefined,
  currency: string,
  locale: string,
): string {
  if (micros === null || micros === undefined) return '–';
  return numberFormat(locale, {
    style: 'currency',
    currency,
    currencyDisplay: 'narrowSymbol',
    minimumFractionDigits: 2,
    maximumFractionDigits: 6,
  }).format(microsToDecimal(micros) as Intl.StringNumericLiteral);
}

/** A mean price: four digits, so that they stand under each other. */
export function formatPrice(micros: number | null | undefined, currency: string, locale: string): string {
  if (micros === null || micros === undefined) return '–';
  return numberFormat(locale, {
    style: 'currency',
    currency,
    currencyDisplay: 'narrowSymbol',
    minimumFractionDigits: 4,
    maximumFractionDigits: 4,
  }).format(microsToDecimal(micros) as Intl.StringNumericLiteral);
}

/** All six digits, so that amounts of intervals stand under each other. */
export function formatMoneyMicros(
  micros: number | null | undefined,
  currency: string,
  locale: string,
): string {
  if (micros === null || micros === undefined) return '–';
  return numberFormat(locale, {
    style: 'currency',
    currency,
    currencyDisplay: 'narrowSymbol',
    minimumFractionDigits: 6,
    maximumFractionDigits: 6,
  }).format(microsToDecimal(micros) as Intl.StringNumericLiteral);
}

/** Digits of the currency's smallest coin: 2 for CNY, 0 for JPY. */
export function currencyDigits(currency: string): number {
  return numberFormat('en', { style: 'currency', currency }).resolvedOptions().maximumFractionDigits ?? 2;
}

/**
 * What a person typed as an amount, in micros; null when it is no amount. Takes a comma or a point as the decimal
 * sign (the last of them in the text) and the other, blanks and apostrophes as thousands separators.
 * @param digitsMax most digits after the decimal sign
 */
export function parseMoney(text: string, digitsMax = 6): number | null {
  const compact = text.replace(/[\s'’\u00a0\u202f]/g, '');
  const match = /^(-?)(\d{1,3}(?:([.,])\d{3})*|\d+)(?:([.,])(\d+))?$/.exec(compact);
  if (match === null) return null;
  const [, sign = '', grouped = '', separator, decimalSign, fraction = ''] = match;
  if (separator !== undefined && separator === decimalSign) return null;
  // "1.234" might be a thousand or a little more than one: with one separator alone and three digits behind we ask again.
  if (separator !== undefined && decimalSign === undefined && !/[.,].*[.,]/.test(grouped)) return null;
  if (fraction.length > digitsMax) return null;
  const whole = grouped.replace(/[.,]/g, '');
  const micros = Number(BigInt(whole) * 1_000_000n + BigInt(fraction.padEnd(6, '0').slice(0, 6)));
  if (!Number.isSafeInteger(micros)) return null;
  return sign === '-' ? -micros : micros;
}
