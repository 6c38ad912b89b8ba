-- Alarms get a severity and somebody who sees to them; schemes say how alarms are judged and who is told; notices are
-- what is told: an outbox written with the alarm, and its outcome.

alter table alarms
  add column severity text not null default 'warning' check (severity in ('information', 'warning', 'critical')),
  add column assigned_staff_id text,
  add column assigned_name text;
create index alarms_by_kind on alarms (project_id, kind, position desc);
alter table alarm_events drop constraint alarm_events_what_check;
alter table alarm_events add check (what in ('opened', 'raised', 'acknowledged', 'cleared', 'noted', 'assigned', 'escalated'));

create table alarm_schemes (
  id text primary key,
  project_id text not null references projects (id),
  name text not null,
  -- Null: everything of the project that has no scheme of its class.
  tenant_class text,
  -- rules, recipients, quietHours, repeatMinutes, tellCleared: contracts/src/http/alarms.ts.
  body jsonb not null,
  constraint alarm_schemes_class_once unique nulls not distinct (project_id, tenant_class)
);

-- What is to be told when nobody has acknowledged the alarm by then; gone when somebody has, or the alarm has cleared.
create table alarm_escalations (
  alarm_id text not null references alarms (id),
  after_minutes integer not null,
  due_at_ms bigint not null,
  primary key (alarm_id, after_minutes)
);
create index alarm_escalations_due on alarm_escalations (due_at_ms);

create table notices (
  id text primary key,
  position bigint generated always as identity,
  project_id text not null,
  alarm_id text,
  kind text,
  subject_kind text,
  subject_id text,
  severity text,
  event text not null check (event in ('opened', 'cleared', 'escalated', 'summary', 'tenant', 'test')),
  channel text not null check (channel in ('in-app', 'email', 'sms', 'webhook')),
  recipient text not null,
  address text not null,
  -- The person, where it is one of staff.
  staff_id text,
  language text not null,
  subject text not null,
  body text not null,
  -- What the places of the template were filled with: an SMS provider has a template of its own.
  filled jsonb not null,
  state text not null check (state in ('held', 'queued', 'sent', 'given-up', 'withheld', 'summarised')),
  created_at_ms bigint not null,
  -- Next attempt, or the end of the quiet hours. While an attempt is under way: when it is given up for lost.
  due_at_ms bigint,
  sent_at_ms bigint,
  attempts integer not null default 0,
  answer text,
  summary_id text,
  read_at_ms bigint,
  check ((state in ('held', 'queued')) = (due_at_ms is not null))
);
create index notices_due on notices (due_at_ms) where due_at_ms is not null;
create index notices_by_project on notices (project_id, position desc);
create index notices_by_alarm on notices (alarm_id, position) where alarm_id is not null;
create index notices_told on notices (project_id, subject_id, kind, created_at_ms) where event in ('opened', 'tenant');
create index notices_own on notices (staff_id, position desc) where channel = 'in-app';

create table notice_tries (
  notice_id text not null references notices (id),
  position bigint generated always as identity,
  at_ms bigint not null,
  outcome text not null check (outcome in ('sent', 'failed')),
  answer text not null,
  primary key (notice_id, position)
);

create table notice_templates (
  project_id text not null references projects (id),
  event text not null,
  language text not null,
  subject text not null,
  body text not null,
  primary key (project_id, event, language)
);
