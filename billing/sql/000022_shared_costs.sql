-- Shared costs and property fees: rules in versions, monthly runs with their lines. Runs and lines are only added.

CREATE TABLE billing.shared_cost_rules (
  rule_id text PRIMARY KEY,
  project_id text NOT NULL,
  name text NOT NULL,
  kind text NOT NULL CHECK (kind IN ('shared-cost', 'property-fee')),
  UNIQUE (project_id, name)
);

CREATE TABLE billing.shared_cost_versions (
  version_id text PRIMARY KEY,
  rule_id text NOT NULL REFERENCES billing.shared_cost_rules,
  number integer NOT NULL,
  state text NOT NULL CHECK (state IN ('draft', 'approved', 'withdrawn')),
  from_month text NOT NULL,
  to_month text CHECK (to_month >= from_month),
  terms jsonb NOT NULL,
  drafted_by_id text NOT NULL,
  drafted_by_name text NOT NULL,
  drafted_at_ms bigint NOT NULL,
  approved_by_id text CHECK (approved_by_id <> drafted_by_id),
  approved_by_name text,
  approved_at_ms bigint,
  UNIQUE (rule_id, number),
  CHECK (state = 'withdrawn' OR (state = 'approved') = (approved_at_ms IS NOT NULL))
);

CREATE TABLE billing.shared_cost_runs (
  run_id text PRIMARY KEY,
  project_id text NOT NULL,
  rule_id text NOT NULL REFERENCES billing.shared_cost_rules,
  version_id text NOT NULL REFERENCES billing.shared_cost_versions,
  month text NOT NULL,
  kind text NOT NULL CHECK (kind IN ('run', 'reversal')),
  reverses_run_id text UNIQUE REFERENCES billing.shared_cost_runs,
  reversed_by_run_id text REFERENCES billing.shared_cost_runs,
  request_id text NOT NULL,
  content_hash text NOT NULL,
  -- Working of the pot, and Σ weights.
  pot jsonb NOT NULL,
  weights text NOT NULL,
  pot_micros bigint NOT NULL,
  charged_micros bigint NOT NULL,
  owner_micros bigint NOT NULL,
  tax_micros bigint NOT NULL,
  posted_by_id text NOT NULL,
  posted_by_name text NOT NULL,
  posted_at_ms bigint NOT NULL,
  reason text,
  UNIQUE (project_id, request_id),
  CHECK ((kind = 'reversal') = (reverses_run_id IS NOT NULL)),
  CONSTRAINT lines_sum_to_pot CHECK (charged_micros + owner_micros = pot_micros)
);
-- A month is posted once, until its run is taken back.
CREATE UNIQUE INDEX shared_cost_runs_standing ON billing.shared_cost_runs (rule_id, month)
  WHERE kind = 'run' AND reversed_by_run_id IS NULL;

-- Differences of earlier months that a run took along.
CREATE TABLE billing.shared_cost_carries (
  run_id text NOT NULL REFERENCES billing.shared_cost_runs,
  month text NOT NULL,
  amount_micros bigint NOT NULL,
  PRIMARY KEY (run_id, month)
);

CREATE TABLE billing.shared_cost_lines (
  run_id text NOT NULL REFERENCES billing.shared_cost_runs,
  line integer NOT NULL,
  unit_id text NOT NULL,
  unit_code text NOT NULL,
  unit_name text NOT NULL,
  -- NULL: the owner's line.
  account_id text REFERENCES billing.accounts,
  days integer NOT NULL,
  measure bigint NOT NULL,
  weight text NOT NULL,
  amount_micros bigint NOT NULL,
  tax_micros bigint NOT NULL,
  posting_id text REFERENCES billing.postings,
  PRIMARY KEY (run_id, line),
  CHECK (account_id IS NOT NULL OR (posting_id IS NULL AND tax_micros = 0))
);
CREATE INDEX shared_cost_lines_of_account ON billing.shared_cost_lines (account_id) WHERE account_id IS NOT NULL;
CREATE INDEX shared_cost_lines_of_posting ON billing.shared_cost_lines (posting_id) WHERE posting_id IS NOT NULL;
CREATE TRIGGER shared_cost_lines_only_added BEFORE UPDATE OR DELETE OR TRUNCATE ON billing.shared_cost_lines
  FOR EACH STATEMENT EXECUTE FUNCTION billing.refuse_change();
CREATE TRIGGER shared_cost_carries_only_added BEFORE UPDATE OR DELETE OR TRUNCATE ON billing.shared_cost_carries
  FOR EACH STATEMENT EXECUTE FUNCTION billing.refuse_change();
