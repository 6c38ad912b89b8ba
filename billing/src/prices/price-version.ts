// SPDX-License-Identifier: Apache-2.0
/** Which price holds when, and whether a version may be drafted. Pure. */
import type { TariffCalendar, TouPeriod } from '@wattledger/contracts';
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

/** Periods that a calendar can select on any day. */
export function periodsOfCalendar(calendar: TariffCalendar): ReadonlySet<TouPeriod> {
  const names = new Set([
    ...calendar.seasons.flatMap((season) => season.weekday),
    ...Object.values(calendar.specialDays),
  ]);
  const periods = new Set<TouPeriod>();
  for (const name of names) for (const span of calendar.dayProfiles[name] ?? []) periods.add(span.period);
  return periods;
}

/** Faults of a set of rates: each period the calendar uses needs one, others may not be named. */
export function faultsOfRates(
  rates: Rates,
  calendar: TariffCalendar,
): readonly { readonly path: string; readonly message: string }[] {
  const used = periodsOfCalendar(calendar);
  const faults: { path: string; message: string }[] = [];
  for (const period of used) {
    if (rates[period] === undefined) {
      faults.push({
        path: `rates.${period}`,
        message: `the calendar "${calendar.name}" uses ${period}: give its rate`,
      });
    }
  }
  for (const period of Object.keys(rates) as TouPeriod[]) {
    if (!used.has(period)) {
      faults.push({
        path: `rates.${period}`,
        message: `the calendar "${calendar.name}" never uses ${period}`,
      });
    }
  }
  return faults;
}
