// SPDX-License-Identifier: Apache-2.0
/**
 * Decimal text to whole counts, exactly. Pure.
 *
 * The rule: the text is taken as the decimal number it says and rounded to the resolution asked for, half away from zero.
 * 697.5939999999998 kWh kept to 10⁻⁶ kWh is 697,594,000 counts: what a spreadsheet's float left behind is rounded away.
 */
export type DecimalRead =
  | { readonly kind: 'count'; readonly count: number }
  /** Nothing was measured: an empty field, or a word for it. */
  | { readonly kind: 'missing' }
  | { readonly kind: 'fault'; readonly message: string };

export interface DecimalFormat {
  /** count = value × 10^places. */
  readonly places: number;
  readonly decimalSign: '.' | ',';
  readonly thousands: string | null;
}

const missing: DecimalRead = { kind: 'missing' };
const words = new Set(['', 'nan', 'null', 'na', 'n/a', '-']);
const plain = /^([+-]?)(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d{1,3}))?$/;
/** Digits that a number holds exactly, with one to spare for rounding. */
const digitsSafe = 15;

/** @param text with blanks around it at most */
export function readDecimal(text: string, format: DecimalFormat): DecimalRead {
  const trimmed = text.trim();
  if (words.has(trimmed.toLowerCase())) return missing;
  let number = trimmed;
  if (format.thousands !== null && number.includes(format.thousands)) {
    if (!groupsOfThree(number, format))
      return {
        kind: 'fault',
        message: `"${trimmed}" is no number with "${format.thousands}" between thousands`,
      };
    number = number.replaceAll(format.thousands, '');
  }
  if (format.decimalSign === ',') {
    if (number.includes('.'))
      return { kind: 'fault', message: `"${trimmed}" has a point where a decimal comma is expected` };
    number = number.replace(',', '.');
  }
  const parts = plain.exec(number);
  if (parts === null || ((parts[2] ?? '') === '' && (parts[3] ?? '') === ''))
    return { kind: 'fault', message: faultOf(trimmed) };
  return countOf(
    trimmed,
    parts[1] === '-',
    parts[2] ?? '',
    parts[3] ?? '',
    Number(parts[4] ?? 0),
    format.places,
  );
}

function groupsOfThree(text: string, { thousands, decimalSign }: DecimalFormat): boolean {
  const whole = text.replace(/^[+-]/, '').split(decimalSign)[0] ?? '';
  const groups = whole.split(thousands ?? '');
  return /^\d{1,3}$/.test(groups[0] ?? '') && groups.slice(1).every((group) => /^\d{3}$/.test(group));
}

function faultOf(text: string): string {
  if (/^[+-]?\d{1,3}(,\d{3})+(\.\d+)?$/.test(text))
    return `"${text}" has commas between thousands (option thousands)`;
  if (/^[+-]?\d+,\d+$/.test(text)) return `"${text}" has a decimal comma (option decimalSign)`;
  if (/\d\s+\d/.test(text)) return `"${text}" has blanks within the number`;
  return `"${text}" is no number`;
}

function countOf(
  text: string,
  negative: boolean,
  whole: string,
  fraction: string,
  exponent: number,
  places: number,
): DecimalRead {
  const digits = whole + fraction;
  // The digits with the point after `point` of them are value × 10^places.
  const point = whole.length + exponent + places;
  const kept = point <= 0 ? '' : digits.slice(0, point).padEnd(Math.min(point, 400), '0');
  const next = point < 0 ? '0' : (digits[point] ?? '0');
  const magnitude = kept.length <= digitsSafe ? Number(kept) : Number(BigInt(kept));
  const count = magnitude + (next >= '5' ? 1 : 0);
  if (!Number.isSafeInteger(count))
    return { kind: 'fault', message: `"${text}" is too large to be counted at this resolution` };
  return { kind: 'count', count: negative && count !== 0 ? -count : count };
}
