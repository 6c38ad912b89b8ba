-- What becomes of an open account: points, schemes and contracted demand changed, supply suspended, a tenant followed.

-- Commands on an account that are no postings. What they do to the money stands in the charges they cause.
CREATE TABLE billing.account_changes (
  change_id text PRIMARY KEY,
  project_id text NOT NULL,
  account_id text NOT NULL REFERENCES billing.accounts,
  request_id text NOT NULL,
  content_hash text NOT NULL,
  kind text NOT NULL CHECK (kind IN ('point-added', 'point-removed', 'scheme-changed', 'demand-changed', 'change-undone',
    'suspended', 'resumed', 'thresholds-changed')),
  effective_at_ms bigint NOT NULL,
  recorded_at_ms bigint NOT NULL,
  recorded_by_id text NOT NULL,
  recorded_by_name text NOT NULL,
  reason text,
  -- What was before and what is since; which point.
  facts jsonb NOT NULL,
  UNIQUE (project_id, request_id)
);
CREATE INDEX account_changes_of_project ON billing.account_changes (project_id, recorded_at_ms, change_id);
CREATE INDEX account_changes_of_account ON billing.account_changes (account_id);
CREATE TRIGGER account_changes_only_added BEFORE UPDATE OR DELETE OR TRUNCATE ON billing.account_changes
  FOR EACH STATEMENT EXECUTE FUNCTION billing.refuse_change();

-- Suspended: supply is off by a person's order and nobody is warned; charges go on.
ALTER TABLE billing.accounts ADD COLUMN suspended_since_ms bigint;
-- The account whose tenant this one's followed.
ALTER TABLE billing.accounts ADD COLUMN previous_account_id text REFERENCES billing.accounts;
CREATE UNIQUE INDEX accounts_previous ON billing.accounts (previous_account_id) WHERE previous_account_id IS NOT NULL;
-- Registers as they stood when the account was opened and closed, as evidence; charging reads none of it.
ALTER TABLE billing.accounts ADD COLUMN opening_readings jsonb NOT NULL DEFAULT '[]';
ALTER TABLE billing.accounts ADD COLUMN closing_readings jsonb NOT NULL DEFAULT '[]';

-- What the next tenant's account took over from the one before; the entries are those of the closing.
CREATE TABLE billing.carry_overs (
  posting_id text PRIMARY KEY REFERENCES billing.postings,
  project_id text NOT NULL,
  from_account_id text NOT NULL REFERENCES billing.accounts,
  to_account_id text NOT NULL REFERENCES billing.accounts,
  amount_micros bigint NOT NULL CHECK (amount_micros > 0),
  local_day date NOT NULL
);
CREATE INDEX carry_overs_from ON billing.carry_overs (from_account_id);
CREATE INDEX carry_overs_to ON billing.carry_overs (to_account_id);
CREATE TRIGGER carry_overs_only_added BEFORE UPDATE OR DELETE OR TRUNCATE ON billing.carry_overs
  FOR EACH STATEMENT EXECUTE FUNCTION billing.refuse_change();
