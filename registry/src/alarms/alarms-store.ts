// SPDX-License-Identifier: Apache-2.0
import type { AlarmSignal } from '@wattledger/contracts';
import type { Alarm, AlarmDetail, AlarmList } from '@wattledger/contracts/http/alarms';
import type { Queryable, Transaction } from '@wattledger/platform';
import type { AlarmEvent, AlarmState } from './alarm-life.ts';

const stateColumns = `a.id, a.project_id as "projectId", a.kind, a.severity, a.subject_kind as "subjectKind", a.subject_id as "subjectId",
  a.state, a.opened_at_ms as "openedAtMs", a.last_raised_at_ms as "lastRaisedAtMs", a.raised_count as "raisedCount",
  a.cleared_at_ms as "clearedAtMs", a.facts`;

/** Active alarms of subjects, locked: an acknowledgement at the same moment waits. */
export async function lockActiveAlarms(
  transaction: Transaction,
  subjectIds: readonly string[],
): Promise<readonly AlarmState[]> {
  const { rows } = await transaction.query<AlarmState>(
    `select ${stateColumns} from registry.alarms a where a.subject_id = any ($1) and a.state <> 'cleared'
     order by a.id for update`,
    [subjectIds],
  );
  return rows;
}

export async function lockAlarms(
  transaction: Transaction,
  ids: readonly string[],
): Promise<readonly AlarmState[]> {
  if (ids.length === 0) return [];
  const { rows } = await transaction.query<AlarmState>(
    `select ${stateColumns} from registry.alarms a where a.id = any ($1) order by a.id for update`,
    [ids],
  );
  return rows;
}

/** Inserts alarms or brings them to their state; what a person wrote at the acknowledgement is left alone. */
export async function putAlarms(transaction: Transaction, alarms: readonly AlarmState[]): Promise<void> {
  await transaction.query(
    `insert into registry.alarms (id, project_id, kind, severity, subject_kind, subject_id, state, opened_at_ms, last_raised_at_ms,
       raised_count, cleared_at_ms, facts)
     select r."id", r."projectId", r."kind", r."severity", r."subjectKind", r."subjectId", r."state", r."openedAtMs", r."lastRaisedAtMs",
       r."raisedCount", r."clearedAtMs", r."facts"
     from json_to_recordset($1::json) as r("id" text, "projectId" text, "kind" text, "severity" text, "subjectKind" text, "subjectId" text,
       "state" text, "openedAtMs" bigint, "lastRaisedAtMs" bigint, "raisedCount" integer, "clearedAtMs" bigint, "facts" jsonb)
     on conflict (id) do update set state = excluded.state, last_raised_at_ms = excluded.last_raised_at_ms,
       raised_count = excluded.raised_count, cleared_at_ms = excluded.cleared_at_ms, facts = excluded.facts`,
    [JSON.stringify(alarms)],
  );
}

export async function insertEvents(transaction: Transaction, events: readonly AlarmEvent[]): Promise<void> {
  await transaction.query(
    `insert into registry.alarm_events (alarm_id, at_ms, what, by_name, note, facts)
     select r."alarmId", r."atMs", r."what", r."by", r."note", r."facts"
     from json_to_recordset($1::json) as r("alarmId" text, "atMs" bigint, "what" text, "by" text, "note" text, "facts" jsonb)`,
    [JSON.stringify(events)],
  );
}

/** Acknowledges an open alarm; answers whether it was open. */
export async function acknowledgeAlarm(
  transaction: Transaction,
  projectId: string,
  alarmId: string,
  by: { readonly atMs: number; readonly name: string; readonly note: string | null },
): Promise<boolean> {
  const { rowCount } = await transaction.query(
    `update registry.alarms a
     set state = 'acknowledged', acknowledged_at_ms = $3, acknowledged_by = $4, acknowledged_note = $5
     where a.project_id = $1 and a.id = $2 and a.state = 'open'`,
    [projectId, alarmId, by.atMs, by.name, by.note],
  );
  return rowCount === 1;
}

const columns = `a.id, a.project_id as "projectId", a.kind, a.severity, a.subject_kind as "subjectKind", a.subject_id as "subjectId",
  case a.subject_kind
    when 'gateway' then (select g.code || ' ' || g.name from registry.gateways g where g.project_id = a.project_id and g.id = a.subject_id)
    when 'meter' then (select m.serial from registry.meters m where m.project_id = a.project_id and m.id = a.subject_id)
    when 'metering-point' then
      (select p.code || ' ' || p.name from registry.metering_points p where p.project_id = a.project_id and p.id = a.subject_id)
    else (select t.name from registry.tenants t where t.project_id = a.project_id and t.id = a.facts ->> 'tenantId')
  end as "subjectName",
  a.state, a.opened_at_ms as "openedAtMs", a.last_raised_at_ms as "lastRaisedAtMs", a.raised_count as "raisedCount",
  a.acknowledged_at_ms as "acknowledgedAtMs", a.acknowledged_by as "acknowledgedBy", a.acknowledged_note as "acknowledgedNote",
  a.cleared_at_ms as "clearedAtMs", a.assigned_staff_id as "assignedStaffId", a.assigned_name as "assignedName", a.facts`;

export interface AlarmFilter {
  readonly states: readonly Alarm['state'][];
  readonly kind: AlarmSignal['kind'] | null;
  readonly severity: Alarm['severity'] | null;
  readonly subjectId: string | null;
  readonly placeId: string | null;
  readonly assignedStaffId: string | null;
  readonly fromMs: number | null;
  readonly toMs: number | null;
  /** Position below which to go on. */
  readonly below: number | null;
  readonly limit: number;
}

/** Meters, gateways' meters apart, and metering points of a place and of the places within it. */
const ofPlace = `(
  with recursive within as (
    select l.id from registry.places l where l.project_id = $1 and l.id = $7
    union select l.id from registry.places l join within w on l.parent_id = w.id where l.project_id = $1
  ), points as (select p.id, p.tenant_id from registry.metering_points p where p.project_id = $1 and p.place_id in (select id from within))
  select case a.subject_kind
    when 'metering-point' then exists (select from points p where p.id = a.subject_id)
    when 'meter' then exists (select from registry.mountings m join points p on p.id = m.point_id
      where m.project_id = $1 and m.meter_id = a.subject_id and m.to_ms is null)
    when 'gateway' then exists (select from registry.meters r join registry.mountings m on m.project_id = r.project_id and m.meter_id = r.id and m.to_ms is null
      join points p on p.id = m.point_id where r.project_id = $1 and r.gateway_id = a.subject_id)
    else exists (select from points p where p.tenant_id = a.facts ->> 'tenantId')
  end)`;

/** Newest first, each with the position that pages go on from. */
export async function listAlarms(
  queryable: Queryable,
  projectId: string,
  filter: AlarmFilter,
): Promise<readonly (Alarm & { readonly position: number })[]> {
  const { rows } = await queryable.query<Alarm & { readonly position: number }>(
    `select ${columns}, a.position from registry.alarms a
     where a.project_id = $1 and a.state = any ($2)
       and ($3::text is null or a.kind = $3)
       and ($4::text is null or a.subject_id = $4)
       and ($5::bigint is null or a.position < $5)
       and ($6::text is null or a.severity = $6)
       and ($7::text is null or ${ofPlace})
       and ($8::text is null or a.assigned_staff_id = $8)
       and ($9::bigint is null or a.opened_at_ms >= $9)
       and ($10::bigint is null or a.opened_at_ms < $10)
     order by a.position desc limit $11`,
    [
      projectId,
      filter.states,
      filter.kind,
      filter.subjectId,
      filter.below,
      filter.severity,
      filter.placeId,
      filter.assignedStaffId,
      filter.fromMs,
      filter.toMs,
      filter.limit,
    ],
  );
  return rows;
}

export async function countAlarms(queryable: Queryable, projectId: string): Promise<AlarmList['counts']> {
  const { rows } = await queryable.query<AlarmList['counts']>(
    `select count(*) filter (where a.state = 'open') as open, count(*) filter (where a.state = 'acknowledged') as acknowledged,
       count(*) filter (where a.severity = 'information') as information, count(*) filter (where a.severity = 'warning') as warning,
       count(*) filter (where a.severity = 'critical') as critical
     from registry.alarms a where a.project_id = $1 and a.state <> 'cleared'`,
    [projectId],
  );
  return rows[0] ?? { open: 0, acknowledged: 0, information: 0, warning: 0, critical: 0 };
}

export async function assignAlarm(
  transaction: Transaction,
  projectId: string,
  alarmId: string,
  person: { readonly id: string; readonly name: string } | null,
): Promise<boolean> {
  const { rowCount } = await transaction.query(
    `update registry.alarms a set assigned_staff_id = $3, assigned_name = $4 where a.project_id = $1 and a.id = $2`,
    [projectId, alarmId, person?.id ?? null, person?.name ?? null],
  );
  return rowCount === 1;
}

export async function readAlarm(
  queryable: Queryable,
  projectId: string,
  alarmId: string,
): Promise<Alarm | undefined> {
  const { rows } = await queryable.query<Alarm>(
    `select ${columns} from registry.alarms a where a.project_id = $1 and a.id = $2`,
    [projectId, alarmId],
  );
  return rows[0];
}

export async function readEvents(
  queryable: Queryable,
  alarmId: string,
  limit: number,
): Promise<AlarmDetail['history']> {
  const { rows } = await queryable.query<AlarmDetail['history'][number]>(
    `select e.at_ms as "atMs", e.what, e.by_name as "by", e.note, e.facts
     from registry.alarm_events e where e.alarm_id = $1 order by e.position desc limit $2`,
    [alarmId, limit],
  );
  return [...rows].reverse();
}
