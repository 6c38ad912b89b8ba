// SPDX-License-Identifier: Apache-2.0
/** The head of a site file for trials: a project in UTC and euros, quarter hours, one price period all year. */

export interface FlatProject {
  readonly code: string;
  readonly name: string;
  readonly pollIntervalSeconds: number;
}

const weekdays = ['monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday', 'sunday'];

/** Rows of `project`, `day_profiles` and `seasons`, to be spread into a site file. */
export function flatProject({ code, name, pollIntervalSeconds }: FlatProject): Record<string, unknown> {
  return {
    project: {
      code,
      name,
      zone: 'UTC',
      currency: 'EUR',
      slot_minutes: 15,
      poll_interval_seconds: pollIntervalSeconds,
      calendar_id: 'flat',
      calendar_name: 'Flat',
    },
    day_profiles: [{ profile: 'all', from: '00:00', period: 'flat' }],
    seasons: [{ name: 'year', from: '01-01', ...Object.fromEntries(weekdays.map((day) => [day, 'all'])) }],
  };
}
