-- Words that the whole of charging is made of: means of payment, kinds of ledger accounts and postings, what a charge line
-- is for, and where in a tier a day begins.

ALTER TABLE billing.ledger_accounts DROP CONSTRAINT ledger_accounts_kind_check;
ALTER TABLE billing.ledger_accounts ADD CONSTRAINT ledger_accounts_kind_check CHECK (kind IN (
  'tenant-balance', 'tenant-arrears', 'cash', 'card', 'transfer', 'cheque', 'online', 'cash-difference',
  'electricity-revenue', 'water-revenue', 'gas-revenue', 'shared-cost-revenue', 'property-fee-revenue', 'tax-payable',
  'payout'));
ALTER TABLE billing.ledger_accounts DROP CONSTRAINT ledger_accounts_check;
ALTER TABLE billing.ledger_accounts ADD CONSTRAINT ledger_accounts_owner_check
  CHECK ((kind IN ('tenant-balance', 'tenant-arrears')) = (owner_id <> ''));

ALTER TABLE billing.postings DROP CONSTRAINT postings_kind_check;
ALTER TABLE billing.postings ADD CONSTRAINT postings_kind_check CHECK (kind IN (
  'vend', 'reversal', 'charge', 'opening', 'closing', 'refund', 'arrears-agreement', 'shared-cost', 'cash-difference'));
ALTER TABLE billing.postings DROP CONSTRAINT postings_cause_check;
ALTER TABLE billing.postings ADD CONSTRAINT postings_cause_check CHECK (cause IN (
  'interval-energy', 'account-opened', 'account-closed', 'account-changed', 'month-items', 'price-notice', 'price-withdrawn'));
ALTER TABLE billing.postings DROP CONSTRAINT postings_check1;
ALTER TABLE billing.postings ADD CONSTRAINT postings_notice_check
  CHECK ((cause IN ('price-notice', 'price-withdrawn')) = (notice_version_id IS NOT NULL) OR cause IS NULL);

ALTER TABLE billing.vends DROP CONSTRAINT vends_means_check;
ALTER TABLE billing.vends ADD CONSTRAINT vends_means_check CHECK (means IN ('cash', 'card', 'transfer', 'cheque', 'online'));
ALTER TABLE billing.refunds DROP CONSTRAINT refunds_means_check;
ALTER TABLE billing.refunds ADD CONSTRAINT refunds_means_check CHECK (means IN ('cash', 'card', 'transfer', 'cheque', 'online'));
ALTER TABLE billing.pending_payments DROP CONSTRAINT pending_payments_means_check;
ALTER TABLE billing.pending_payments ADD CONSTRAINT pending_payments_means_check CHECK (means IN ('cash', 'card', 'transfer', 'cheque', 'online'));

-- Everything of a version beyond its rates: tiers, seasons, demand, fixed charges, minimum, adjustments. Never edited.
ALTER TABLE billing.price_versions ADD COLUMN terms jsonb NOT NULL DEFAULT '{}';
CREATE OR REPLACE FUNCTION billing.keep_price_version() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF (NEW.price_version_id, NEW.price_scheme_id, NEW.project_id, NEW.number, NEW.effective_from_ms, NEW.rates, NEW.terms, NEW.calendar, NEW.drafted_by_id)
     IS DISTINCT FROM
     (OLD.price_version_id, OLD.price_scheme_id, OLD.project_id, OLD.number, OLD.effective_from_ms, OLD.rates, OLD.terms, OLD.calendar, OLD.drafted_by_id) THEN
    RAISE EXCEPTION 'price version % is never edited: draft a new one', OLD.price_version_id USING ERRCODE = 'restrict_violation';
  END IF;
  IF NOT ((OLD.state, NEW.state) IN (('draft', 'submitted'), ('submitted', 'approved'), ('submitted', 'listed'), ('listed', 'approved'),
          ('listed', 'withdrawn'), ('draft', 'withdrawn'), ('submitted', 'withdrawn'), ('approved', 'withdrawn'))) THEN
    RAISE EXCEPTION 'price version % cannot go from % to %', OLD.price_version_id, OLD.state, NEW.state USING ERRCODE = 'restrict_violation';
  END IF;
  RETURN NEW;
END $$;
-- Listed: approved by a second person but of the past, so that finance approves the list of differences before it holds.
ALTER TABLE billing.price_versions DROP CONSTRAINT price_versions_state_check;
ALTER TABLE billing.price_versions ADD CONSTRAINT price_versions_state_check
  CHECK (state IN ('draft', 'submitted', 'listed', 'approved', 'withdrawn'));

-- Consumption of the account at this point before the day's first slot, since its month and its year began: parallel to
-- account_ids; empty where no price of the day has tiers.
ALTER TABLE billing.slot_days ADD COLUMN month_positions bigint[] NOT NULL DEFAULT '{}';
ALTER TABLE billing.slot_days ADD COLUMN year_positions bigint[] NOT NULL DEFAULT '{}';

-- What a line is for. Energy lines have a period; the items of a month have the name they have in the price version.
ALTER TABLE billing.charge_lines ADD COLUMN component text NOT NULL DEFAULT 'energy'
  CHECK (component IN ('energy', 'demand', 'fixed', 'minimum', 'surcharge', 'tax', 'rebate'));
ALTER TABLE billing.charge_lines ADD COLUMN item text;
ALTER TABLE billing.charge_lines ADD COLUMN season text;
ALTER TABLE billing.charge_lines ADD COLUMN tier smallint;
ALTER TABLE billing.charge_lines DROP CONSTRAINT charge_lines_check1;
ALTER TABLE billing.charge_lines ADD CONSTRAINT charge_lines_period_check
  CHECK (component <> 'energy' OR (price_version_id IS NULL) = (period IS NULL));
ALTER TABLE billing.charge_lines ADD CONSTRAINT charge_lines_item_check CHECK ((component = 'energy') = (item IS NULL));
