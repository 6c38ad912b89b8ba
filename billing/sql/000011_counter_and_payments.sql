-- The counter: cashiers' shifts, what a project asks of its cashiers, and payments through providers.

ALTER TABLE billing.vends ADD COLUMN drawer_bank text;
ALTER TABLE billing.vends ADD COLUMN received_micros bigint
  CHECK (received_micros IS NULL OR (means = 'cash' AND received_micros >= amount_micros));
ALTER TABLE billing.vend_reversals ADD COLUMN cause text NOT NULL DEFAULT 'mistake'
  CHECK (cause IN ('mistake', 'cheque-bounced'));

-- What a project asks of its counter. No row: the defaults of counter-policy.ts.
CREATE TABLE billing.counter_policies (
  project_id text PRIMARY KEY,
  shift_required boolean NOT NULL,
  reversal_rules text[] NOT NULL CHECK (reversal_rules <@ ARRAY['same-day', 'same-shift', 'balance-suffices']),
  changed_at_ms bigint NOT NULL,
  changed_by_id text NOT NULL,
  changed_by_name text NOT NULL
);

CREATE TABLE billing.cashier_shifts (
  shift_id text PRIMARY KEY,
  project_id text NOT NULL,
  cashier_id text NOT NULL,
  cashier_name text NOT NULL,
  -- Counts the project's shifts from 1: the number on the slip.
  shift_number bigint NOT NULL CHECK (shift_number > 0),
  request_id text NOT NULL,
  content_hash text NOT NULL,
  state text NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'closed')),
  opened_at_ms bigint NOT NULL,
  local_day date NOT NULL,
  float_micros bigint NOT NULL CHECK (float_micros >= 0),
  -- How the float and the day's end were counted: [{"valueMicros", "count"}], NULL when only the sum was given.
  float_counts jsonb,
  closed_at_ms bigint,
  closed_by_id text,
  closed_by_name text,
  close_request_id text,
  close_content_hash text,
  counted_micros bigint CHECK (counted_micros >= 0),
  counted_counts jsonb,
  -- Slips and cheques as counted by hand: [{"means", "slips", "amountMicros"}].
  counted_slips jsonb,
  expected_micros bigint,
  difference_micros bigint CHECK (difference_micros = counted_micros - expected_micros),
  difference_reason text,
  difference_posting_id text UNIQUE REFERENCES billing.postings,
  UNIQUE (project_id, shift_number),
  UNIQUE (project_id, request_id),
  UNIQUE (project_id, close_request_id),
  CHECK ((state = 'closed') = (closed_at_ms IS NOT NULL AND closed_by_id IS NOT NULL AND counted_micros IS NOT NULL
                               AND expected_micros IS NOT NULL AND difference_micros IS NOT NULL AND close_request_id IS NOT NULL)),
  CHECK (state = 'open' OR ((counted_micros = expected_micros) = (difference_posting_id IS NULL))),
  CHECK (state = 'open' OR counted_micros = expected_micros OR difference_reason IS NOT NULL)
);
CREATE UNIQUE INDEX one_open_shift_per_cashier ON billing.cashier_shifts (project_id, cashier_id) WHERE state = 'open';
CREATE INDEX shifts_of_day ON billing.cashier_shifts (project_id, local_day);

-- A shift is closed once and for ever, and who opened it with what never changes.
CREATE FUNCTION billing.keep_shift() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'DELETE' OR OLD.state = 'closed' OR NEW.state <> 'closed'
     OR (NEW.shift_id, NEW.project_id, NEW.cashier_id, NEW.shift_number, NEW.opened_at_ms, NEW.float_micros)
        IS DISTINCT FROM (OLD.shift_id, OLD.project_id, OLD.cashier_id, OLD.shift_number, OLD.opened_at_ms, OLD.float_micros) THEN
    RAISE EXCEPTION 'shift % is only closed, once', OLD.shift_id USING ERRCODE = 'restrict_violation';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER shifts_kept BEFORE UPDATE OR DELETE ON billing.cashier_shifts
  FOR EACH ROW EXECUTE FUNCTION billing.keep_shift();
CREATE TRIGGER shifts_not_truncated BEFORE TRUNCATE ON billing.cashier_shifts
  FOR EACH STATEMENT EXECUTE FUNCTION billing.refuse_change();

CREATE TABLE billing.shift_counters (
  project_id text PRIMARY KEY,
  last_number bigint NOT NULL
);

-- Money that passed the counter in a shift: in positive, out negative.
CREATE TABLE billing.shift_postings (
  posting_id text PRIMARY KEY REFERENCES billing.postings,
  shift_id text NOT NULL REFERENCES billing.cashier_shifts,
  kind text NOT NULL CHECK (kind IN ('vend', 'reversal', 'refund')),
  means text NOT NULL CHECK (means IN ('cash', 'card', 'transfer', 'cheque')),
  amount_micros bigint NOT NULL CHECK (amount_micros <> 0),
  CHECK ((kind = 'vend') = (amount_micros > 0))
);
CREATE INDEX shift_postings_of_shift ON billing.shift_postings (shift_id, means);
CREATE TRIGGER shift_postings_only_added BEFORE UPDATE OR DELETE OR TRUNCATE ON billing.shift_postings
  FOR EACH STATEMENT EXECUTE FUNCTION billing.refuse_change();

-- Cash taken out of the drawer during the shift, into the safe or to the bank. It stays in the ledger's cash.
CREATE TABLE billing.shift_hand_ins (
  hand_in_id text PRIMARY KEY,
  shift_id text NOT NULL REFERENCES billing.cashier_shifts,
  project_id text NOT NULL,
  request_id text NOT NULL,
  content_hash text NOT NULL,
  amount_micros bigint NOT NULL CHECK (amount_micros > 0),
  note text NOT NULL,
  recorded_at_ms bigint NOT NULL,
  recorded_by_id text NOT NULL,
  recorded_by_name text NOT NULL,
  UNIQUE (project_id, request_id)
);
CREATE INDEX shift_hand_ins_of_shift ON billing.shift_hand_ins (shift_id);
CREATE TRIGGER shift_hand_ins_only_added BEFORE UPDATE OR DELETE OR TRUNCATE ON billing.shift_hand_ins
  FOR EACH STATEMENT EXECUTE FUNCTION billing.refuse_change();

-- Payments asked for through a provider. One row is one payment; its vend is recorded at most once.
CREATE TABLE billing.online_payments (
  payment_id text PRIMARY KEY,
  project_id text NOT NULL,
  account_id text NOT NULL REFERENCES billing.accounts,
  request_id text NOT NULL,
  content_hash text NOT NULL,
  provider text NOT NULL,
  -- The provider's own name for it; NULL until it has answered.
  provider_payment_id text,
  amount_micros bigint NOT NULL CHECK (amount_micros > 0),
  currency text NOT NULL,
  state text NOT NULL CHECK (state IN ('creating', 'open', 'processing', 'paid', 'expired', 'failed')),
  checkout_url text,
  qr_text text,
  created_at_ms bigint NOT NULL,
  created_by_id text NOT NULL,
  created_by_name text NOT NULL,
  expires_at_ms bigint NOT NULL,
  pending_payment_id text REFERENCES billing.pending_payments,
  -- As the provider says: what arrived and what went back.
  received_micros bigint CHECK (received_micros > 0),
  received_currency text,
  paid_at_ms bigint,
  refunded_micros bigint NOT NULL DEFAULT 0 CHECK (refunded_micros >= 0),
  vend_posting_id text UNIQUE REFERENCES billing.postings,
  -- Local day on which it was credited.
  credited_day date,
  polls integer NOT NULL DEFAULT 0,
  -- When the provider is asked next; NULL when its state is final.
  poll_at_ms bigint,
  UNIQUE (project_id, request_id),
  UNIQUE (provider, provider_payment_id)
);
CREATE INDEX online_payments_to_poll ON billing.online_payments (poll_at_ms) WHERE poll_at_ms IS NOT NULL;
CREATE INDEX online_payments_of_account ON billing.online_payments (account_id, created_at_ms);
CREATE INDEX online_payments_of_day ON billing.online_payments (project_id, credited_day, provider);

-- Refunds asked of a provider; one key per refund, so that asking again is the same refund.
CREATE TABLE billing.payment_refunds (
  refund_id text PRIMARY KEY,
  payment_id text NOT NULL REFERENCES billing.online_payments,
  project_id text NOT NULL,
  request_id text NOT NULL,
  content_hash text NOT NULL,
  amount_micros bigint NOT NULL CHECK (amount_micros > 0),
  reason text NOT NULL,
  state text NOT NULL CHECK (state IN ('asked', 'accepted', 'refused')),
  asked_at_ms bigint NOT NULL,
  asked_by_id text NOT NULL,
  asked_by_name text NOT NULL,
  UNIQUE (project_id, request_id)
);
CREATE INDEX payment_refunds_of_payment ON billing.payment_refunds (payment_id);

-- What providers told, each event once. The effect is by payment, so handling one again changes nothing.
CREATE TABLE billing.payment_events (
  provider text NOT NULL,
  event_id text NOT NULL,
  type text NOT NULL,
  provider_payment_id text,
  payment_id text,
  received_at_ms bigint NOT NULL,
  handled_at_ms bigint,
  PRIMARY KEY (provider, event_id)
);
CREATE INDEX payment_events_unhandled ON billing.payment_events (received_at_ms) WHERE handled_at_ms IS NULL;

-- What a person has to look at: money that fits nothing we asked for.
CREATE TABLE billing.payment_items (
  item_id text PRIMARY KEY,
  provider text NOT NULL,
  -- The provider's payment; the same trouble of the same payment is one item.
  provider_payment_id text NOT NULL,
  kind text NOT NULL CHECK (kind IN ('payment-unknown', 'amount-differs', 'currency-differs', 'account-refused', 'refund-beyond-balance')),
  -- NULL: nobody knows whose it is; only those with the right in the whole group see it.
  project_id text,
  payment_id text REFERENCES billing.online_payments,
  asked_micros bigint,
  received_micros bigint,
  currency text NOT NULL,
  found_at_ms bigint NOT NULL,
  state text NOT NULL CHECK (state IN ('open', 'settled')),
  settled_at_ms bigint,
  settled_by_id text,
  settled_by_name text,
  note text,
  UNIQUE (provider, provider_payment_id, kind),
  CHECK ((state = 'settled') = (settled_at_ms IS NOT NULL AND settled_by_id IS NOT NULL AND note IS NOT NULL))
);
CREATE INDEX payment_items_open ON billing.payment_items (project_id, found_at_ms) WHERE state = 'open';
