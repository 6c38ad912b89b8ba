-- The daily close: three sides of a day side by side, what differs as open items, figures frozen and chained.

-- Payments of a day as the provider tells them: from a file of theirs, or asked over their interface.
CREATE TABLE billing.provider_payments (
  project_id text NOT NULL,
  provider text NOT NULL,
  payment_ref text NOT NULL,
  local_day date NOT NULL,
  means text NOT NULL CHECK (means IN ('card', 'transfer', 'cheque', 'online')),
  amount_micros bigint NOT NULL,
  received_at_ms bigint NOT NULL,
  PRIMARY KEY (project_id, provider, payment_ref)
);
CREATE INDEX provider_payments_of_day ON billing.provider_payments (project_id, local_day);

CREATE TABLE billing.day_closes (
  day_close_id text PRIMARY KEY,
  project_id text NOT NULL,
  local_day date NOT NULL,
  -- A day that was reopened is closed again with the next revision.
  revision integer NOT NULL CHECK (revision > 0),
  figures jsonb NOT NULL,
  hash text NOT NULL,
  previous_hash text NOT NULL,
  -- Everything recorded up to here is in this close or an earlier one.
  recorded_to_ms bigint NOT NULL,
  cashier_ids text[] NOT NULL,
  closed_at_ms bigint NOT NULL,
  closed_by_id text NOT NULL,
  closed_by_name text NOT NULL,
  chain_number bigint NOT NULL,
  UNIQUE (project_id, local_day, revision),
  UNIQUE (project_id, chain_number)
);
CREATE TRIGGER day_closes_only_added BEFORE UPDATE OR DELETE OR TRUNCATE ON billing.day_closes
  FOR EACH STATEMENT EXECUTE FUNCTION billing.refuse_change();

CREATE TABLE billing.day_close_marks (
  day_close_id text NOT NULL REFERENCES billing.day_closes,
  kind text NOT NULL CHECK (kind IN ('signed', 'reopened')),
  reason text,
  at_ms bigint NOT NULL,
  by_id text NOT NULL,
  by_name text NOT NULL,
  PRIMARY KEY (day_close_id, kind),
  CHECK ((kind = 'reopened') = (reason IS NOT NULL))
);
CREATE TRIGGER day_close_marks_only_added BEFORE UPDATE OR DELETE OR TRUNCATE ON billing.day_close_marks
  FOR EACH STATEMENT EXECUTE FUNCTION billing.refuse_change();

-- How a person answered an open item: with a reason; the item itself is computed.
CREATE TABLE billing.day_item_answers (
  project_id text NOT NULL,
  local_day date NOT NULL,
  item_key text NOT NULL,
  answer text NOT NULL,
  at_ms bigint NOT NULL,
  by_id text NOT NULL,
  by_name text NOT NULL,
  PRIMARY KEY (project_id, local_day, item_key)
);

-- Numbers of the customer's own chart of accounts.
CREATE TABLE billing.chart_accounts (
  project_id text NOT NULL,
  ledger_kind text NOT NULL,
  chart_number text NOT NULL,
  chart_name text NOT NULL,
  PRIMARY KEY (project_id, ledger_kind)
);
