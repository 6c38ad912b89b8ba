// SPDX-License-Identifier: Apache-2.0
import { flatCalendar, type ProjectSnapshot, type TariffCalendar } from '@wattledger/contracts';
import { faultsOfProject } from '../projects/projects-service.ts';
import type { SiteFaults } from './site-faults.ts';
import { given } from './plan-context.ts';
import type { SiteTables } from './site-tables.ts';
import { projectIdOf } from './stable-id.ts';

/** The project as the file describes it; null when the file does not describe exactly one. */
export function planProject(
  tables: SiteTables,
  before: ProjectSnapshot | null,
  faults: SiteFaults,
): ProjectSnapshot | null {
  const [first, second] = tables.project;
  if (second !== undefined)
    faults.add('project', second.row, null, 'a file describes one project; make a file for each');
  if (first === undefined) {
    // Nothing more to say when its row is there but cannot be read.
    if (faults.total === 0) faults.add('project', null, null, 'the sheet has no row');
    return null;
  }
  const { row, values } = first;
  if (before !== null && before.currency !== values.currency) {
    faults.add(
      'project',
      row,
      'currency',
      `the project keeps its balances in ${before.currency}; the currency cannot be changed`,
    );
  }
  if (before !== null && values.id !== null && values.id !== undefined && values.id !== before.id) {
    faults.add('project', row, 'id', `the project has the id ${before.id}; it cannot be changed`);
  }
  const known = before ?? undefined;
  const project: ProjectSnapshot = {
    id: before?.id ?? values.id ?? projectIdOf(values.code),
    code: values.code,
    name: values.name,
    zone: values.zone,
    currency: values.currency,
    slotMinutes: given(values.slot_minutes, known?.slotMinutes, 30),
    pollIntervalSeconds: given(values.poll_interval_seconds, known?.pollIntervalSeconds, 1800),
    calendar: calendarOf(tables, known?.calendar),
    areaM2: given(values.area_m2, known?.areaM2, null),
    address: given(values.address, known?.address, null),
    latitude: given(values.latitude, known?.latitude, null),
    longitude: given(values.longitude, known?.longitude, null),
  };
  refuseRepeatedDays(tables, faults);
  for (const fault of faultsOfProject(project)) addProjectFault(tables, fault, row, faults);
  return project;
}

/** Three sheets make a calendar; a file without any of them says nothing about it. */
function calendarOf(tables: SiteTables, known: TariffCalendar | undefined): TariffCalendar {
  const { day_profiles: profiles, seasons, special_days: specialDays } = tables;
  if (profiles.length + seasons.length + specialDays.length === 0) return known ?? flatCalendar;
  const values = tables.project[0]?.values;
  const byProfile = Map.groupBy(profiles, ({ values: span }) => span.profile);
  return {
    id: values?.calendar_id ?? known?.id ?? 'calendar',
    name: values?.calendar_name ?? known?.name ?? 'Calendar',
    dayProfiles: Object.fromEntries(
      [...byProfile].map(([profile, spans]) => [
        profile,
        spans.map(({ values: span }) => ({ fromMinute: span.from, period: span.period })),
      ]),
    ),
    seasons: seasons.map(({ values: season }) => ({
      name: season.name,
      fromMonthDay: season.from,
      weekday: [
        season.monday,
        season.tuesday,
        season.wednesday,
        season.thursday,
        season.friday,
        season.saturday,
        season.sunday,
      ],
    })),
    specialDays: Object.fromEntries(specialDays.map(({ values: special }) => [special.day, special.profile])),
  };
}

/** Faults of the calendar are told in the sheet that caused them. */
function addProjectFault(
  tables: SiteTables,
  fault: { path: string; message: string },
  row: number,
  faults: SiteFaults,
): void {
  const [, part = '', key = '', detail] = fault.path.split('.');
  if (!fault.path.startsWith('calendar.')) {
    faults.add('project', row, fault.path === 'slotMinutes' ? 'slot_minutes' : fault.path, fault.message);
  } else if (part === 'dayProfiles') {
    const spans = tables.day_profiles.filter(({ values }) =>
      `${fault.path}.`.startsWith(`calendar.dayProfiles.${values.profile}.`),
    );
    const index = Number(fault.path.split('.').at(-1));
    faults.add('day_profiles', (spans[index] ?? spans[0])?.row ?? null, 'from', fault.message);
  } else if (part === 'seasons') {
    const column = detail === 'fromMonthDay' ? 'from' : null;
    faults.add('seasons', tables.seasons[Number(key)]?.row ?? null, column, fault.message);
  } else {
    faults.add(
      'special_days',
      tables.special_days.find(({ values }) => values.day === key)?.row ?? null,
      'profile',
      fault.message,
    );
  }
}

function refuseRepeatedDays(tables: SiteTables, faults: SiteFaults): void {
  const rowOfDay = new Map<string, number>();
  for (const { row, values } of tables.special_days) {
    const first = rowOfDay.get(values.day);
    if (first === undefined) rowOfDay.set(values.day, row);
    else faults.add('special_days', row, 'day', `${values.day} is already in row ${first}`);
  }
}
