// SPDX-License-Identifier: Apache-2.0
/** Amounts on paper. Pure. */

export function decimalsOf(currency: string): number {
  return (
    new Intl.NumberFormat('en', { style: 'currency', currency }).resolvedOptions().maximumFractionDigits ?? 2
  );
}

/** Whole coins where the amount is of whole coins, else every digit there is: paper never rounds. */
export function moneyText(micros: number, currency: string, locale: string): string {
  const decimals = decimalsOf(currency);
  return new Intl.NumberFormat(locale, {
    style: 'currency',
    currency,
    minimumFractionDigits: decimals,
    maximumFractionDigits: Math.max(decimals, 6),
  }).format(micros / 1e6);
}

/** For files: a plain number with a point and exactly six places. */
export function microsText(micros: number): string {
  const whole = BigInt(Math.abs(micros));
  return `${micros < 0 ? '-' : ''}${whole / 1_000_000n}.${String(whole % 1_000_000n).padStart(6, '0')}`;
}
