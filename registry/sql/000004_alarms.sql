-- The life of alarms. One alarm per (kind, subject) is active (open or acknowledged) at a time.

create table alarms (
  id text primary key,
  position bigint generated always as identity,
  -- No foreign keys: a signal may be about something the registry does not know (yet, any more, or ever).
  project_id text not null,
  kind text not null,
  subject_kind text not null,
  subject_id text not null,
  state text not null check (state in ('open', 'acknowledged', 'cleared')),
  opened_at_ms bigint not null,
  last_raised_at_ms bigint not null,
  raised_count integer not null,
  acknowledged_at_ms bigint,
  acknowledged_by text,
  acknowledged_note text,
  cleared_at_ms bigint,
  facts jsonb not null
);
create unique index alarms_one_active on alarms (project_id, kind, subject_kind, subject_id) where state <> 'cleared';
create index alarms_by_project on alarms (project_id, position desc);

create table alarm_events (
  alarm_id text not null references alarms (id),
  position bigint generated always as identity,
  at_ms bigint not null,
  what text not null check (what in ('opened', 'raised', 'acknowledged', 'cleared')),
  by_name text,
  note text,
  facts jsonb not null,
  primary key (alarm_id, position)
);
