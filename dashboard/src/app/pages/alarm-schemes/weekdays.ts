// SPDX-License-Identifier: Apache-2.0
/** Days of the week as alarm hours have them: 1 = Monday … 7 = Sunday. Pure. */
export const everyDay: readonly number[] = [1, 2, 3, 4, 5, 6, 7];

/** @returns null when no day would be left: hours of no day hold never, which is told by switching the rule off */
export function toggledDay(weekdays: readonly number[], day: number): number[] | null {
  const next = everyDay.filter((one) => (one === day ? !weekdays.includes(day) : weekdays.includes(one)));
  return next.length === 0 ? null : next;
}
