-- Log of every action. Each row carries the hash of the row before it, so that a changed, removed or inserted row
-- breaks the chain; the head keeps the last hash, so that rows cut from the end are missed too.

create table actions (
  sequence bigint primary key,
  at_ms bigint not null,
  principal_kind text not null check (principal_kind in ('staff', 'api-key', 'nobody')),
  principal_id text not null,
  principal_name text not null,
  project_id text,
  action text not null,
  subject text not null,
  -- JSON text exactly as hashed; null when there is nothing to say.
  before text,
  after text,
  remote_address text not null,
  previous_hash text not null,
  hash text not null
);
create index actions_by_project on actions (project_id, sequence desc);

create table action_head (
  only_row boolean primary key default true check (only_row),
  sequence bigint not null,
  hash text not null
);
insert into action_head (sequence, hash) values (0, '');

create function refuse_change_of_actions() returns trigger language plpgsql as $$
begin
  raise exception 'the log of actions is only added to';
end
$$;
create trigger actions_are_only_added before update or delete on actions
  for each row execute function refuse_change_of_actions();
