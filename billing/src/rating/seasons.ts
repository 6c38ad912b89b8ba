// SPDX-License-Identifier: Apache-2.0
/** The season of a calendar in force on a local day. Pure. */
import type { LocalDay, TariffCalendar } from '@wattledger/contracts';

/** Seasons in the order of the year, by calendar: asked for every slot that is charged. */
const inOrderCache = new WeakMap<
  TariffCalendar,
  readonly { readonly fromMonthDay: string; readonly name: string }[]
>();

/**
 * Name of the season: the one that began last; before the year's first the last of the year before still holds. Seasons
 * that stand in the calendar twice under one name (winter from January and from November) are one season.
 */
export function seasonOfDay(calendar: TariffCalendar, localDay: LocalDay): string {
  let inOrder = inOrderCache.get(calendar);
  if (inOrder === undefined) {
    inOrder = [...calendar.seasons].sort((a, b) => (a.fromMonthDay < b.fromMonthDay ? -1 : 1));
    inOrderCache.set(calendar, inOrder);
  }
  const monthDay = localDay.slice(5);
  const season = inOrder.findLast((candidate) => candidate.fromMonthDay <= monthDay) ?? inOrder.at(-1);
  return season?.name ?? '';
}
