-- Vends: the sale of credit. Parts sum to the amount; receipt numbers have no gaps within a project.

CREATE TABLE billing.vends (
  vend_id text PRIMARY KEY,
  project_id text NOT NULL,
  account_id text NOT NULL REFERENCES billing.accounts,
  tenant_id text NOT NULL,
  posting_id text NOT NULL UNIQUE REFERENCES billing.postings,
  receipt_number bigint NOT NULL CHECK (receipt_number > 0),
  amount_micros bigint NOT NULL CHECK (amount_micros > 0),
  means text NOT NULL CHECK (means IN ('cash', 'card', 'transfer')),
  reference text,
  arrears_micros bigint NOT NULL CHECK (arrears_micros >= 0),
  emergency_micros bigint NOT NULL CHECK (emergency_micros >= 0),
  credit_micros bigint NOT NULL CHECK (credit_micros >= 0),
  balance_after_micros bigint NOT NULL,
  cashier_id text NOT NULL,
  cashier_name text NOT NULL,
  effective_at_ms bigint NOT NULL,
  recorded_at_ms bigint NOT NULL,
  -- Local day of effective_at_ms, so that a day's takings need no time zone arithmetic.
  local_day date NOT NULL,
  UNIQUE (project_id, receipt_number),
  CONSTRAINT parts_sum_to_amount CHECK (arrears_micros + emergency_micros + credit_micros = amount_micros)
);
CREATE INDEX vends_of_account ON billing.vends (account_id, receipt_number);
CREATE INDEX vends_of_day ON billing.vends (project_id, local_day);
CREATE TRIGGER vends_only_added BEFORE UPDATE OR DELETE OR TRUNCATE ON billing.vends
  FOR EACH STATEMENT EXECUTE FUNCTION billing.refuse_change();

CREATE TABLE billing.vend_reversals (
  vend_id text PRIMARY KEY REFERENCES billing.vends,
  project_id text NOT NULL,
  posting_id text NOT NULL UNIQUE REFERENCES billing.postings,
  reason text NOT NULL,
  by_id text NOT NULL,
  by_name text NOT NULL,
  recorded_at_ms bigint NOT NULL,
  local_day date NOT NULL,
  -- Rules a person with the right set aside.
  overrode text[] NOT NULL
);
CREATE INDEX vend_reversals_of_day ON billing.vend_reversals (project_id, local_day);
CREATE TRIGGER vend_reversals_only_added BEFORE UPDATE OR DELETE OR TRUNCATE ON billing.vend_reversals
  FOR EACH STATEMENT EXECUTE FUNCTION billing.refuse_change();

CREATE TABLE billing.receipt_counters (
  project_id text PRIMARY KEY,
  last_number bigint NOT NULL
);

-- Money paid out to tenants: at closing, or when late charges left something on a closed account.
CREATE TABLE billing.refunds (
  posting_id text PRIMARY KEY REFERENCES billing.postings,
  project_id text NOT NULL,
  account_id text NOT NULL REFERENCES billing.accounts,
  amount_micros bigint NOT NULL CHECK (amount_micros > 0),
  means text NOT NULL CHECK (means IN ('cash', 'card', 'transfer')),
  local_day date NOT NULL
);
CREATE INDEX refunds_of_day ON billing.refunds (project_id, local_day);
CREATE TRIGGER refunds_only_added BEFORE UPDATE OR DELETE OR TRUNCATE ON billing.refunds
  FOR EACH STATEMENT EXECUTE FUNCTION billing.refuse_change();

-- Payments announced but not arrived. They hold disconnection back and are no money yet.
CREATE TABLE billing.pending_payments (
  pending_payment_id text PRIMARY KEY,
  project_id text NOT NULL,
  account_id text NOT NULL REFERENCES billing.accounts,
  request_id text NOT NULL,
  content_hash text NOT NULL,
  amount_micros bigint NOT NULL CHECK (amount_micros > 0),
  means text NOT NULL CHECK (means IN ('cash', 'card', 'transfer')),
  reference text NOT NULL,
  state text NOT NULL CHECK (state IN ('pending', 'arrived', 'cancelled')),
  vend_id text REFERENCES billing.vends,
  announced_at_ms bigint NOT NULL,
  expires_at_ms bigint NOT NULL,
  announced_by_id text NOT NULL,
  announced_by_name text NOT NULL,
  UNIQUE (project_id, request_id),
  CHECK ((state = 'arrived') = (vend_id IS NOT NULL))
);
CREATE INDEX pending_payments_waiting ON billing.pending_payments (account_id, expires_at_ms) WHERE state = 'pending';
CREATE INDEX refunds_of_account ON billing.refunds (account_id);
