-- Supply control. What is wanted and what is reported are kept apart; decisions are kept with their evidence.

CREATE TABLE billing.supply_policies (
  project_id text PRIMARY KEY,
  policy jsonb NOT NULL,
  changed_at_ms bigint NOT NULL,
  changed_by_id text NOT NULL,
  changed_by_name text NOT NULL
);

CREATE TABLE billing.supply_states (
  account_id text PRIMARY KEY REFERENCES billing.accounts,
  project_id text NOT NULL,
  mode text NOT NULL DEFAULT 'automatic' CHECK (mode IN ('automatic', 'forced-on', 'forced-off')),
  forced_by_id text,
  forced_by_name text,
  forced_reason text,
  desired text NOT NULL DEFAULT 'closed' CHECK (desired IN ('closed', 'open')),
  -- Since when the balance has been at or below the disconnect threshold.
  below_since_ms bigint,
  -- When to look again, and why; a queue that survives a crash.
  due_at_ms bigint NOT NULL,
  due_cause text NOT NULL,
  CHECK ((mode = 'automatic') = (forced_reason IS NULL))
);
CREATE INDEX supply_states_due ON billing.supply_states (due_at_ms);

CREATE TABLE billing.supply_decisions (
  decision_id text PRIMARY KEY,
  project_id text NOT NULL,
  account_id text NOT NULL REFERENCES billing.accounts,
  at_ms bigint NOT NULL,
  action text NOT NULL CHECK (action IN ('connect', 'disconnect')),
  cause text NOT NULL,
  desired_before text NOT NULL,
  desired_after text NOT NULL,
  balance_micros bigint NOT NULL,
  evidence jsonb NOT NULL,
  gates jsonb NOT NULL
);
CREATE INDEX supply_decisions_of_project ON billing.supply_decisions (project_id, at_ms);
CREATE INDEX supply_decisions_of_account ON billing.supply_decisions (account_id, at_ms);
CREATE TRIGGER supply_decisions_only_added BEFORE UPDATE OR DELETE OR TRUNCATE ON billing.supply_decisions
  FOR EACH STATEMENT EXECUTE FUNCTION billing.refuse_change();

-- One row per meter that reported its relay or is controlled.
CREATE TABLE billing.supply_meters (
  meter_id text PRIMARY KEY,
  project_id text NOT NULL,
  reported text NOT NULL DEFAULT 'unknown' CHECK (reported IN ('closed', 'open', 'unknown')),
  reported_at_ms bigint,
  -- NULL: not controlled at present.
  account_id text REFERENCES billing.accounts,
  metering_point_id text,
  desired text CHECK (desired IN ('closed', 'open')),
  -- Last action sent, whose outcome has or has not come.
  command_id text,
  command_action text CHECK (command_action IN ('connect', 'disconnect')),
  command_at_ms bigint,
  command_expires_at_ms bigint,
  command_done boolean NOT NULL DEFAULT true,
  -- Sent since desired and reported last agreed.
  attempts integer NOT NULL DEFAULT 0,
  next_attempt_at_ms bigint,
  mismatch_since_ms bigint,
  alarm_raised boolean NOT NULL DEFAULT false,
  -- Gates that hold a wanted disconnection back at present.
  held_by text[] NOT NULL DEFAULT '{}',
  CHECK ((desired IS NULL) = (account_id IS NULL))
);
CREATE INDEX supply_meters_of_account ON billing.supply_meters (account_id) WHERE account_id IS NOT NULL;

CREATE TABLE billing.supply_commands (
  command_id text PRIMARY KEY,
  project_id text NOT NULL,
  account_id text NOT NULL REFERENCES billing.accounts,
  decision_id text REFERENCES billing.supply_decisions,
  meter_id text NOT NULL,
  action text NOT NULL,
  requested_at_ms bigint NOT NULL,
  expires_at_ms bigint NOT NULL,
  outcome text CHECK (outcome IN ('confirmed', 'failed', 'expired')),
  outcome_at_ms bigint,
  evidence text
);
CREATE INDEX supply_commands_of_decision ON billing.supply_commands (decision_id);
CREATE INDEX supply_commands_of_account ON billing.supply_commands (account_id, requested_at_ms);
