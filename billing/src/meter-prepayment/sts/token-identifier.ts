// SPDX-License-Identifier: Apache-2.0
/**
 * Token identifiers: minutes since a base date, twenty-four bits. A meter takes each once and remembers only so many, so
 * those of one meter rise. One minute past midnight is kept for special tokens.
 */
import type { StsTerms } from '@wattledger/contracts/http/billing';

const minuteMs = 60_000;
const minutesOfDay = 24 * 60;
const reservedMinute = 1;
export const tokenIdentifierMax = 0xffffff;

const withoutReserved = (identifier: number): number =>
  identifier % minutesOfDay === reservedMinute ? identifier + 1 : identifier;

/**
 * The identifier of a token that is issued at an instant, behind all that the meter was given before.
 * @returns null when the base date cannot count that far, or has not come
 */
export function tokenIdentifierAt(
  baseYear: StsTerms['baseYear'],
  atMs: number,
  lastOfMeter: number | null,
): number | null {
  const minute = Math.floor((atMs - Date.UTC(baseYear, 0, 1)) / minuteMs);
  const identifier = withoutReserved(Math.max(minute, (lastOfMeter ?? -1) + 1));
  return minute < 0 || identifier > tokenIdentifierMax ? null : identifier;
}
