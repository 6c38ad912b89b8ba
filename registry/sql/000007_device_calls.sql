-- Gateways and meters that called in while they belonged to no project: the newest call of each serial. Which of them are
-- unclaimed follows from the gateways (called_name): nothing has to be taken from this table when one is claimed, and one
-- whose gateway is removed stands in the list again.

create table device_calls (
  serial text primary key,
  first_call_ms bigint not null,
  at_ms bigint not null,
  -- The call as it was told: contracts/src/topics/device-calls.ts.
  call jsonb not null
);
create index device_calls_by_time on device_calls (at_ms desc, serial);
-- Labels are typed in either case.
create index device_calls_by_label on device_calls (lower(serial));
create index gateways_by_label on gateways (lower(called_name)) where called_name is not null;
