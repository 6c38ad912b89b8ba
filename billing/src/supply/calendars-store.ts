// SPDX-License-Identifier: Apache-2.0
/** SQL of protection calendars. */
import type { ProtectionCalendar } from '@wattledger/contracts/http/billing';
import type { Queryable } from '@wattledger/platform';
import type { Who } from '../ledger/posting.ts';

export type CalendarContents = Omit<ProtectionCalendar, 'calendarId'>;

export async function loadCalendars(
  queryable: Queryable,
  projectId: string,
): Promise<readonly ProtectionCalendar[]> {
  const { rows } = await queryable.query<{ calendar_id: string; calendar: CalendarContents }>(
    `SELECT calendar.calendar_id, calendar.calendar FROM billing.protection_calendars AS calendar
      WHERE calendar.project_id = $1
      ORDER BY calendar.calendar ->> 'name', calendar.calendar_id`,
    [projectId],
  );
  return rows.map((row) => ({ calendarId: row.calendar_id, ...row.calendar }));
}

/** Calendars that hold by the policies of projects. */
export async function loadHeldCalendars(
  queryable: Queryable,
  projectIds: readonly string[],
): Promise<ReadonlyMap<string, readonly ProtectionCalendar[]>> {
  const { rows } = await queryable.query<{
    project_id: string;
    calendar_id: string;
    calendar: CalendarContents;
  }>(
    `SELECT calendar.project_id, calendar.calendar_id, calendar.calendar
       FROM billing.supply_policies AS policy
       JOIN billing.protection_calendars AS calendar
         ON calendar.project_id = policy.project_id AND policy.policy -> 'calendarIds' ? calendar.calendar_id
      WHERE policy.project_id = ANY ($1::text[])
      ORDER BY calendar.calendar_id`,
    [projectIds],
  );
  const held = new Map<string, ProtectionCalendar[]>();
  for (const row of rows) {
    const list = held.get(row.project_id) ?? [];
    list.push({ calendarId: row.calendar_id, ...row.calendar });
    held.set(row.project_id, list);
  }
  return held;
}

export const loadAccountCalendars = async (
  queryable: Queryable,
  projectId: string,
): Promise<readonly ProtectionCalendar[]> =>
  (await loadHeldCalendars(queryable, [projectId])).get(projectId) ?? [];

export async function insertCalendar(
  queryable: Queryable,
  calendar: ProtectionCalendar & { readonly projectId: string },
  by: Who,
  nowMs: number,
): Promise<void> {
  const { calendarId, projectId, ...contents } = calendar;
  await queryable.query(
    `INSERT INTO billing.protection_calendars (calendar_id, project_id, calendar, changed_at_ms, changed_by_id, changed_by_name)
     VALUES ($1, $2, $3, $4, $5, $6)`,
    [calendarId, projectId, JSON.stringify(contents), nowMs, by.id, by.name],
  );
}

/** False when the project has no such calendar. */
export async function updateCalendar(
  queryable: Queryable,
  calendar: ProtectionCalendar & { readonly projectId: string },
  by: Who,
  nowMs: number,
): Promise<boolean> {
  const { calendarId, projectId, ...contents } = calendar;
  const { rowCount } = await queryable.query(
    `UPDATE billing.protection_calendars
        SET calendar = $3, changed_at_ms = $4, changed_by_id = $5, changed_by_name = $6
      WHERE calendar_id = $1 AND project_id = $2`,
    [calendarId, projectId, JSON.stringify(contents), nowMs, by.id, by.name],
  );
  return rowCount === 1;
}

export async function deleteCalendar(
  queryable: Queryable,
  projectId: string,
  calendarId: string,
): Promise<boolean> {
  const { rowCount } = await queryable.query(
    'DELETE FROM billing.protection_calendars WHERE calendar_id = $1 AND project_id = $2',
    [calendarId, projectId],
  );
  return rowCount === 1;
}
