-- Metering points of accounts whose meter keeps the credit. No row, or one without terms: the ledger is the only balance.
CREATE TABLE billing.meter_side_points (
  account_id text NOT NULL REFERENCES billing.accounts,
  metering_point_id text NOT NULL,
  project_id text NOT NULL,
  -- What the provider needs (meterTermsShape); NULL: on the platform again.
  terms jsonb,
  changed_at_ms bigint NOT NULL,
  changed_by_id text NOT NULL,
  changed_by_name text NOT NULL,
  -- As last read from the meter; the counter and the total are what the next credit is checked against.
  balance_micros bigint,
  purchase_count bigint CHECK (purchase_count >= 0),
  purchased_micros bigint,
  read_at_ms bigint,
  -- The question that is on its way; one at a time.
  asked_command_id text,
  asked_at_ms bigint,
  PRIMARY KEY (account_id, metering_point_id),
  CHECK ((read_at_ms IS NULL) = (balance_micros IS NULL AND purchase_count IS NULL AND purchased_micros IS NULL))
);
-- One place for the credit of an account's vends.
CREATE UNIQUE INDEX one_meter_side_point_per_account ON billing.meter_side_points (account_id) WHERE terms IS NOT NULL;

CREATE TABLE billing.meter_credits (
  meter_credit_id text PRIMARY KEY,
  sequence bigint GENERATED ALWAYS AS IDENTITY UNIQUE,
  project_id text NOT NULL,
  account_id text NOT NULL REFERENCES billing.accounts,
  metering_point_id text NOT NULL,
  -- A vend makes one credit, whatever is repeated.
  vend_id text NOT NULL UNIQUE REFERENCES billing.vends,
  medium text NOT NULL CHECK (medium IN ('electricity', 'water', 'gas')),
  -- As they were when the money came; a change of the point's terms changes no credit.
  terms jsonb NOT NULL,
  amount_micros bigint NOT NULL CHECK (amount_micros > 0),
  -- Wh or litres; NULL: the meter counts money.
  quantity bigint CHECK (quantity > 0),
  state text NOT NULL DEFAULT 'made' CHECK (state IN ('made', 'delivered', 'confirmed', 'failed', 'cancelled')),
  tries integer NOT NULL DEFAULT 0,
  evidence text NOT NULL DEFAULT '',
  made_at_ms bigint NOT NULL,
  due_at_ms bigint NOT NULL,
  delivered_at_ms bigint,
  confirmed_at_ms bigint,
  -- STS: fixed before the token is asked for, so that asking again gives the same token.
  meter_pan text,
  token_identifier integer CHECK (token_identifier BETWEEN 0 AND 16777215),
  token_random integer CHECK (token_random BETWEEN 0 AND 15),
  token text CHECK (token ~ '^\d{20}$'),
  -- Registers: fixed before the first write, so that writing again adds nothing.
  meter_id text,
  purchase_number integer CHECK (purchase_number BETWEEN 0 AND 65535),
  purchased_before_micros bigint,
  command_id text,
  -- A write went out whose end is not known: the meter may hold the credit.
  uncertain boolean NOT NULL DEFAULT false,
  CHECK ((token_identifier IS NULL) = (token_random IS NULL) AND (token IS NULL OR token_identifier IS NOT NULL)),
  CHECK ((purchase_number IS NULL) = (purchased_before_micros IS NULL)),
  CHECK (state <> 'delivered' OR delivered_at_ms IS NOT NULL),
  CHECK (state <> 'confirmed' OR confirmed_at_ms IS NOT NULL)
);
-- A meter takes an identifier once, whoever's account it is.
CREATE UNIQUE INDEX token_identifier_once_per_meter ON billing.meter_credits (meter_pan, token_identifier) WHERE token_identifier IS NOT NULL;
CREATE INDEX meter_credits_of_account ON billing.meter_credits (account_id, sequence);
CREATE INDEX meter_credits_waiting ON billing.meter_credits (due_at_ms) WHERE state IN ('made', 'delivered');
CREATE INDEX meter_credits_of_command ON billing.meter_credits (command_id) WHERE command_id IS NOT NULL;

-- What was asked for never changes, and a token is never another.
CREATE FUNCTION billing.keep_meter_credit() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF (new.vend_id, new.account_id, new.amount_micros, new.quantity, new.terms) IS DISTINCT FROM
     (old.vend_id, old.account_id, old.amount_micros, old.quantity, old.terms)
     OR (old.token_identifier IS NOT NULL AND (new.token_identifier, new.token_random) IS DISTINCT FROM (old.token_identifier, old.token_random))
     OR (old.token IS NOT NULL AND new.token IS DISTINCT FROM old.token)
     OR (old.state IN ('confirmed', 'cancelled') AND new.state <> old.state AND new.state <> 'cancelled') THEN
    RAISE EXCEPTION 'a credit to a meter keeps what it is';
  END IF;
  RETURN new;
END $$;
CREATE TRIGGER keep_meter_credit BEFORE UPDATE ON billing.meter_credits
  FOR EACH ROW EXECUTE FUNCTION billing.keep_meter_credit();
