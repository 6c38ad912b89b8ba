-- The ledger: double entry, entries only added. Amounts are signed micros: credit positive, debit negative.
-- Instants are bigint milliseconds, as everywhere in the house, so that nothing is rounded on its way.

CREATE TABLE billing.ledger_accounts (
  ledger_account_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  project_id text NOT NULL,
  kind text NOT NULL CHECK (kind IN (
    'tenant-balance', 'cash', 'card', 'transfer', 'electricity-revenue', 'water-revenue', 'gas-revenue', 'payout')),
  -- The account whose balance it is; '' for the project's own.
  owner_id text NOT NULL DEFAULT '',
  -- Cache of the sum of the entries, and how many there are. Costs less to read; means the same.
  balance_micros bigint NOT NULL DEFAULT 0,
  entries bigint NOT NULL DEFAULT 0,
  UNIQUE (project_id, kind, owner_id),
  CHECK ((kind = 'tenant-balance') = (owner_id <> ''))
);

CREATE TABLE billing.postings (
  posting_id text PRIMARY KEY,
  project_id text NOT NULL,
  kind text NOT NULL CHECK (kind IN ('vend', 'reversal', 'charge', 'opening', 'closing', 'refund')),
  -- The caller's own id, and a hash of what was asked: the same id with other contents is refused.
  request_id text NOT NULL,
  content_hash text NOT NULL,
  -- The prepaid account it concerns.
  account_id text NOT NULL,
  effective_at_ms bigint NOT NULL,
  recorded_at_ms bigint NOT NULL,
  recorded_by_id text NOT NULL,
  recorded_by_name text NOT NULL,
  reason text,
  -- Charges only: what brought them about, the price version of a retroactive notice, and a summary of the lines.
  cause text CHECK (cause IN ('interval-energy', 'account-opened', 'account-closed', 'price-notice')),
  notice_version_id text,
  from_day date,
  to_day date,
  lines integer NOT NULL DEFAULT 0,
  electricity_consumption bigint NOT NULL DEFAULT 0,
  water_consumption bigint NOT NULL DEFAULT 0,
  gas_consumption bigint NOT NULL DEFAULT 0,
  UNIQUE (project_id, request_id),
  CHECK ((kind = 'charge') = (cause IS NOT NULL)),
  CHECK ((cause = 'price-notice') = (notice_version_id IS NOT NULL) OR cause IS NULL)
);
CREATE INDEX postings_of_notice ON billing.postings (notice_version_id, posting_id) WHERE notice_version_id IS NOT NULL;
CREATE INDEX postings_of_account ON billing.postings (account_id, recorded_at_ms);

CREATE TABLE billing.entries (
  ledger_account_id bigint NOT NULL REFERENCES billing.ledger_accounts,
  -- Counts the account's entries from 1: two writers can never both add the same one.
  sequence bigint NOT NULL CHECK (sequence > 0),
  posting_id text NOT NULL REFERENCES billing.postings,
  amount_micros bigint NOT NULL CHECK (amount_micros <> 0),
  balance_after_micros bigint NOT NULL,
  PRIMARY KEY (ledger_account_id, sequence)
);
CREATE INDEX entries_of_posting ON billing.entries (posting_id);

-- Every statement that adds entries must add balanced postings. Statement level, because that is one aggregate per
-- batch instead of one query per row; a posting's entries are therefore always written by one statement.
CREATE FUNCTION billing.refuse_unbalanced_postings() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  fault record;
BEGIN
  SELECT added.posting_id, sum(added.amount_micros) AS remainder INTO fault
    FROM added_entries AS added
   GROUP BY added.posting_id
  HAVING sum(added.amount_micros) <> 0
   LIMIT 1;
  IF FOUND THEN
    RAISE EXCEPTION 'posting % does not balance: its entries sum to %', fault.posting_id, fault.remainder
      USING ERRCODE = 'check_violation', CONSTRAINT = 'entries_balance';
  END IF;
  RETURN NULL;
END $$;

CREATE TRIGGER entries_balance AFTER INSERT ON billing.entries
  REFERENCING NEW TABLE AS added_entries
  FOR EACH STATEMENT EXECUTE FUNCTION billing.refuse_unbalanced_postings();

-- A mistake is corrected by adding.
CREATE FUNCTION billing.refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'rows of billing.% are only added: % is refused. Correct a mistake by adding the opposite.', TG_TABLE_NAME, TG_OP
    USING ERRCODE = 'restrict_violation', CONSTRAINT = TG_TABLE_NAME || '_only_added';
END $$;

CREATE TRIGGER entries_only_added BEFORE UPDATE OR DELETE OR TRUNCATE ON billing.entries
  FOR EACH STATEMENT EXECUTE FUNCTION billing.refuse_change();
CREATE TRIGGER postings_only_added BEFORE UPDATE OR DELETE OR TRUNCATE ON billing.postings
  FOR EACH STATEMENT EXECUTE FUNCTION billing.refuse_change();
