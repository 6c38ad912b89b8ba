-- Who may: staff with roles, sessions, attempts to sign in, API keys. Secrets are stored as hashes only.

create table staff (
  id text primary key,
  login text not null check (login = lower(login)),
  name text not null,
  email text,
  password_hash text not null,
  -- Set by somebody else (seed, reset): the person is asked for a new one.
  must_change_password boolean not null,
  language text,
  theme text,
  created_at_ms bigint not null,
  disabled_at_ms bigint,
  last_sign_in_at_ms bigint,
  constraint staff_login_once unique (login)
);

create table staff_roles (
  staff_id text not null references staff (id),
  -- A project, or '*' for every project of the group.
  project_id text not null,
  role text not null check (role in ('administrator', 'executive', 'analyst', 'finance', 'engineer', 'business', 'tenant')),
  primary key (staff_id, project_id, role)
);
create index staff_roles_by_project on staff_roles (project_id);

create table sessions (
  id text primary key,
  -- SHA-256 of the token in the cookie; the token itself is nowhere.
  token_hash bytea not null,
  staff_id text not null references staff (id),
  created_at_ms bigint not null,
  last_seen_at_ms bigint not null,
  expires_at_ms bigint not null,
  remote_address text not null,
  user_agent text not null,
  constraint sessions_token_once unique (token_hash)
);
create index sessions_by_staff on sessions (staff_id);

-- Attempts counted per login (as a hash: people type passwords into the wrong field) and per address.
create table sign_in_attempts (
  key text primary key,
  count integer not null,
  window_ends_ms bigint not null
);

create table api_keys (
  id text primary key,
  name text not null,
  secret_hash bytea not null,
  rights_by_project jsonb not null,
  created_at_ms bigint not null,
  created_by_id text not null,
  created_by_name text not null,
  expires_at_ms bigint,
  revoked_at_ms bigint,
  last_used_at_ms bigint,
  constraint api_keys_secret_once unique (secret_hash)
);
