// SPDX-License-Identifier: Apache-2.0
/** Names of time-of-use periods, dear to cheap, as screens show them; a calendar uses any subset. */
export const touPeriods = ['tip', 'peak', 'flat', 'valley', 'deep-valley'] as const;
export type TouPeriod = (typeof touPeriods)[number];
