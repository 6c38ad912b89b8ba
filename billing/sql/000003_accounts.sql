-- Accounts: the contract's place of credits and charges, and which metering points it pays for, when, at which scheme.

CREATE EXTENSION IF NOT EXISTS btree_gist WITH SCHEMA public;

CREATE TABLE billing.accounts (
  account_id text PRIMARY KEY,
  project_id text NOT NULL,
  tenant_id text NOT NULL,
  state text NOT NULL CHECK (state IN ('open', 'closed')),
  opened_at_ms bigint NOT NULL,
  closed_at_ms bigint CHECK (closed_at_ms >= opened_at_ms),
  alarm1_micros bigint NOT NULL,
  alarm2_micros bigint NOT NULL CHECK (alarm2_micros <= alarm1_micros),
  hysteresis_micros bigint NOT NULL CHECK (hysteresis_micros >= 0),
  protected_supply boolean NOT NULL,
  stage text NOT NULL DEFAULT 'normal' CHECK (stage IN ('normal', 'alarm-1', 'alarm-2', 'arrears')),
  opening_posting_id text NOT NULL REFERENCES billing.postings,
  opened_by_id text NOT NULL,
  opened_by_name text NOT NULL,
  opened_recorded_at_ms bigint NOT NULL,
  closing_posting_id text REFERENCES billing.postings,
  closed_by_id text,
  closed_by_name text,
  closed_recorded_at_ms bigint,
  CHECK ((state = 'closed') = (closed_at_ms IS NOT NULL)),
  CHECK ((state = 'closed') = (closing_posting_id IS NOT NULL))
);
CREATE INDEX accounts_of_project ON billing.accounts (project_id, account_id);
CREATE INDEX accounts_of_tenant ON billing.accounts (tenant_id);
CREATE TRIGGER accounts_not_removed BEFORE DELETE OR TRUNCATE ON billing.accounts
  FOR EACH STATEMENT EXECUTE FUNCTION billing.refuse_change();

CREATE TABLE billing.account_points (
  account_id text NOT NULL REFERENCES billing.accounts,
  metering_point_id text NOT NULL,
  project_id text NOT NULL,
  medium text NOT NULL CHECK (medium IN ('electricity', 'water', 'gas')),
  price_scheme_id text NOT NULL REFERENCES billing.price_schemes,
  opened_at_ms bigint NOT NULL,
  closed_at_ms bigint,
  PRIMARY KEY (account_id, metering_point_id),
  -- A metering point serves at most one account at an instant.
  CONSTRAINT point_serves_one_account EXCLUDE USING gist (metering_point_id WITH =, int8range(opened_at_ms, closed_at_ms) WITH &&)
);
CREATE INDEX account_points_of_point ON billing.account_points (metering_point_id);
CREATE INDEX account_points_of_scheme ON billing.account_points (price_scheme_id, metering_point_id);
