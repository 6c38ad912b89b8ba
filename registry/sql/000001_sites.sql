-- What exists: projects, places, tenants, gateways, meters, metering points, parent links, mountings.
--
-- Every table that belongs to a project carries project_id and is referred to by (project_id, id), so that the
-- database itself refuses a link from one project into another. Instants are milliseconds since the epoch, UTC.
-- Writers of a project first lock its row in `projects`: one writer per project at a time.

create extension if not exists btree_gist with schema public;

create table projects (
  id text primary key,
  code text not null,
  name text not null,
  zone text not null,
  currency text not null check (currency ~ '^[A-Z]{3}$'),
  slot_minutes integer not null check (slot_minutes in (15, 30, 60)),
  poll_interval_seconds integer not null check (poll_interval_seconds > 0),
  calendar jsonb not null,
  area_m2 double precision check (area_m2 >= 0),
  address text,
  latitude double precision check (latitude between -90 and 90),
  longitude double precision check (longitude between -180 and 180),
  constraint projects_code_once unique (code)
);

create table places (
  id text primary key,
  project_id text not null references projects (id),
  parent_id text,
  kind text not null check (kind in ('area', 'building', 'floor', 'room')),
  code text not null,
  name text not null,
  use text,
  area_m2 double precision check (area_m2 >= 0),
  sort_order integer not null default 0,
  unique (project_id, id),
  constraint places_code_once unique (project_id, code),
  constraint places_parent_exists foreign key (project_id, parent_id) references places (project_id, id),
  constraint places_parent_other check (parent_id <> id)
);
create index places_by_parent on places (parent_id) where parent_id is not null;

create table tenants (
  id text primary key,
  project_id text not null references projects (id),
  code text not null,
  name text not null,
  tenant_class text not null,
  phone text,
  email text,
  -- Once a metering point has named the tenant, accounts and bills may refer to it: it stays.
  ever_at_point boolean not null default false,
  unique (project_id, id),
  constraint tenants_code_once unique (project_id, code)
);

create table gateways (
  id text primary key,
  project_id text not null references projects (id),
  code text not null,
  name text not null,
  transport_kind text not null check (transport_kind in ('modbus-tcp')),
  host text not null,
  port integer not null check (port between 1 and 65535),
  timeout_ms integer not null check (timeout_ms > 0),
  poll_interval_seconds integer check (poll_interval_seconds > 0),
  enabled boolean not null,
  unique (project_id, id),
  constraint gateways_code_once unique (project_id, code),
  -- Two pollers on one serial line would take each other's answers.
  constraint gateways_address_once unique (project_id, host, port) deferrable initially immediate
);

create table meters (
  id text primary key,
  project_id text not null references projects (id),
  serial text not null,
  model_id text,
  gateway_id text,
  unit_id integer check (unit_id between 1 and 247),
  poll_interval_seconds integer check (poll_interval_seconds > 0),
  switchable boolean not null,
  enabled boolean not null,
  unique (project_id, id),
  constraint meters_serial_once unique (project_id, serial),
  constraint meters_gateway_exists foreign key (project_id, gateway_id) references gateways (project_id, id),
  constraint meters_address_once unique (gateway_id, unit_id) deferrable initially immediate,
  constraint meters_address_whole check ((gateway_id is null) = (unit_id is null))
);

create table metering_points (
  id text primary key,
  project_id text not null references projects (id),
  code text not null,
  name text not null,
  medium text not null check (medium in ('electricity', 'water', 'gas')),
  role text not null check (role in ('supply', 'main', 'feeder', 'sub', 'generation')),
  sub_item text not null check (sub_item in ('lighting', 'air-conditioning', 'power', 'special', 'tenant', 'other')),
  place_id text,
  tenant_id text,
  area_m2 double precision check (area_m2 >= 0),
  headcount integer check (headcount >= 0),
  unique (project_id, id),
  constraint metering_points_code_once unique (project_id, code),
  constraint metering_points_place_exists foreign key (project_id, place_id) references places (project_id, id),
  constraint metering_points_tenant_exists foreign key (project_id, tenant_id) references tenants (project_id, id)
);
create index metering_points_by_place on metering_points (place_id) where place_id is not null;
create index metering_points_by_tenant on metering_points (tenant_id) where tenant_id is not null;

-- Parent of a metering point during [from_ms, to_ms); at most one at an instant.
create table parent_links (
  project_id text not null,
  point_id text not null,
  parent_id text not null,
  from_ms bigint not null check (from_ms >= 0),
  to_ms bigint,
  primary key (point_id, from_ms),
  constraint parent_links_point_exists foreign key (project_id, point_id) references metering_points (project_id, id),
  constraint parent_links_parent_exists foreign key (project_id, parent_id) references metering_points (project_id, id),
  constraint parent_links_other check (parent_id <> point_id),
  constraint parent_links_span check (to_ms > from_ms),
  constraint parent_links_one_parent exclude using gist (point_id with =, int8range(from_ms, to_ms) with &&)
    deferrable initially immediate
);
create index parent_links_by_parent on parent_links (parent_id);
create index parent_links_by_project on parent_links (project_id);

-- A segment: a meter's register counted at a metering point during [from_ms, to_ms).
create table mountings (
  segment_id text primary key,
  project_id text not null,
  meter_id text not null,
  register text not null,
  point_id text not null,
  quantity text not null check (quantity in ('active-import', 'active-export', 'water-volume', 'gas-volume')),
  from_ms bigint not null check (from_ms >= 0),
  to_ms bigint,
  multiplier_numerator bigint not null check (multiplier_numerator > 0),
  multiplier_denominator bigint not null check (multiplier_denominator > 0),
  register_max bigint check (register_max > 0),
  power_max bigint check (power_max > 0),
  opening_value bigint check (opening_value >= 0),
  opening_scaler integer check (opening_scaler between -6 and 6),
  closing_value bigint check (closing_value >= 0),
  closing_scaler integer check (closing_scaler between -6 and 6),
  constraint mountings_meter_exists foreign key (project_id, meter_id) references meters (project_id, id),
  constraint mountings_point_exists foreign key (project_id, point_id) references metering_points (project_id, id),
  constraint mountings_span check (to_ms > from_ms),
  constraint mountings_opening_whole check ((opening_value is null) = (opening_scaler is null)),
  constraint mountings_closing_whole check ((closing_value is null) = (closing_scaler is null)),
  constraint mountings_closing_has_end check (closing_value is null or to_ms is not null),
  constraint mountings_register_once exclude using gist
    (meter_id with =, register with =, int8range(from_ms, to_ms) with &&) deferrable initially immediate,
  constraint mountings_point_once exclude using gist
    (point_id with =, int8range(from_ms, to_ms) with &&) deferrable initially immediate
);
create index mountings_by_point on mountings (point_id);
create index mountings_by_meter on mountings (meter_id);
create index mountings_by_project on mountings (project_id);

-- Every change of segments with what stood before and after, so that it can be undone by its id.
create table mounting_changes (
  id text primary key,
  project_id text not null references projects (id),
  position bigint generated always as identity,
  kind text not null check (kind in ('mount', 'exchange', 'unmount', 'correct', 'undo', 'import')),
  at_ms bigint not null,
  by_id text not null,
  by_name text not null,
  reason text not null,
  -- Arrays of segments; a segment that did not exist is absent.
  before json not null,
  after json not null,
  segment_ids text[] not null,
  point_ids text[] not null,
  undone_by text references mounting_changes (id)
);
create index mounting_changes_by_point on mounting_changes using gin (point_ids);
