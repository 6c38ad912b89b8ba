-- Arrears agreements, emergency credit, and calendars in which supply is not cut.

-- Where the other side of a debt stands that comes from elsewhere, or that is forgiven.
ALTER TABLE billing.ledger_accounts DROP CONSTRAINT ledger_accounts_kind_check;
ALTER TABLE billing.ledger_accounts ADD CONSTRAINT ledger_accounts_kind_check CHECK (kind IN (
  'tenant-balance', 'tenant-arrears', 'arrears-brought', 'arrears-written-down', 'cash', 'card', 'transfer', 'cheque', 'online',
  'cash-difference', 'electricity-revenue', 'water-revenue', 'gas-revenue', 'shared-cost-revenue', 'property-fee-revenue',
  'tax-payable', 'payout'));

CREATE TABLE billing.arrears_agreements (
  agreement_id text PRIMARY KEY,
  project_id text NOT NULL,
  account_id text NOT NULL REFERENCES billing.accounts,
  posting_id text NOT NULL UNIQUE REFERENCES billing.postings,
  state text NOT NULL CHECK (state IN ('active', 'paid', 'ended', 'written-down')),
  origin text NOT NULL CHECK (origin IN ('balance', 'brought')),
  amount_micros bigint NOT NULL CHECK (amount_micros > 0),
  share_ppm integer NOT NULL CHECK (share_ppm BETWEEN 1 AND 1000000),
  cap_per_vend_micros bigint CHECK (cap_per_vend_micros > 0),
  cap_per_month_micros bigint CHECK (cap_per_month_micros > 0),
  -- [{ dueDay, amountMicros }]
  instalments jsonb NOT NULL,
  holder text NOT NULL,
  signed_by text NOT NULL,
  reason text NOT NULL,
  evidence text,
  made_by_id text NOT NULL,
  made_by_name text NOT NULL,
  made_at_ms bigint NOT NULL,
  ended_at_ms bigint,
  end_reason text,
  CHECK ((state = 'active') = (ended_at_ms IS NULL)),
  CHECK (origin = 'balance' OR evidence IS NOT NULL)
);
-- One at a time: a second debt is agreed anew together with the first.
CREATE UNIQUE INDEX arrears_agreements_active ON billing.arrears_agreements (account_id) WHERE state = 'active';
CREATE INDEX arrears_agreements_of_project ON billing.arrears_agreements (project_id, made_at_ms);
CREATE INDEX arrears_agreements_of_account ON billing.arrears_agreements (account_id, made_at_ms);

-- What lessened a debt (positive) or brought it back (negative): the rest is the amount less their sum.
CREATE TABLE billing.arrears_movements (
  posting_id text PRIMARY KEY REFERENCES billing.postings,
  agreement_id text NOT NULL REFERENCES billing.arrears_agreements,
  kind text NOT NULL CHECK (kind IN ('payment', 'reversal', 'returned', 'written-down')),
  amount_micros bigint NOT NULL CHECK ((amount_micros < 0) = (kind = 'reversal')),
  -- Day to which the month's cap counts it: a reversal has the day of its vend.
  local_day date NOT NULL,
  recorded_at_ms bigint NOT NULL
);
CREATE INDEX arrears_movements_of_agreement ON billing.arrears_movements (agreement_id, local_day);
CREATE TRIGGER arrears_movements_only_added BEFORE UPDATE OR DELETE OR TRUNCATE ON billing.arrears_movements
  FOR EACH STATEMENT EXECUTE FUNCTION billing.refuse_change();

CREATE TABLE billing.emergency_credit_policies (
  project_id text PRIMARY KEY,
  policy jsonb NOT NULL,
  changed_at_ms bigint NOT NULL,
  changed_by_id text NOT NULL,
  changed_by_name text NOT NULL
);

CREATE TABLE billing.emergency_credits (
  emergency_credit_id text PRIMARY KEY,
  project_id text NOT NULL,
  account_id text NOT NULL REFERENCES billing.accounts,
  request_id text NOT NULL,
  content_hash text NOT NULL,
  amount_micros bigint NOT NULL CHECK (amount_micros > 0),
  -- Local day on which it was taken: how often in a month is counted by it.
  local_day date NOT NULL,
  taken_at_ms bigint NOT NULL,
  taken_by_id text NOT NULL,
  taken_by_name text NOT NULL,
  by_tenant boolean NOT NULL,
  -- The vend after which nothing of it was owed; NULL again when that vend is reversed.
  repaid_posting_id text REFERENCES billing.postings,
  repaid_at_ms bigint,
  UNIQUE (project_id, request_id),
  CHECK ((repaid_posting_id IS NULL) = (repaid_at_ms IS NULL))
);
CREATE UNIQUE INDEX emergency_credits_in_use ON billing.emergency_credits (account_id) WHERE repaid_at_ms IS NULL;
CREATE INDEX emergency_credits_of_account ON billing.emergency_credits (account_id, taken_at_ms);
CREATE INDEX emergency_credits_repaid_by ON billing.emergency_credits (repaid_posting_id) WHERE repaid_posting_id IS NOT NULL;

-- Named calendars of the project; the supply policy points to those that hold.
CREATE TABLE billing.protection_calendars (
  calendar_id text PRIMARY KEY,
  project_id text NOT NULL,
  -- { name, spans, days, fromDay, toDay, tenantClasses, accountIds }
  calendar jsonb NOT NULL,
  changed_at_ms bigint NOT NULL,
  changed_by_id text NOT NULL,
  changed_by_name text NOT NULL
);
CREATE INDEX protection_calendars_of_project ON billing.protection_calendars (project_id, calendar_id);

-- The hours and holidays that stood in the policies become a calendar of each project, and the policy points to it.
INSERT INTO billing.protection_calendars (calendar_id, project_id, calendar, changed_at_ms, changed_by_id, changed_by_name)
SELECT 'pca_' || md5(policy.project_id), policy.project_id,
       jsonb_build_object(
         'name', 'Protected hours and holidays', 'spans', policy.policy -> 'protectedHours',
         'days', (SELECT coalesce(jsonb_agg(jsonb_build_object('day', day.value, 'name', day.value) ORDER BY day.value), '[]')
                    FROM jsonb_array_elements_text(policy.policy -> 'holidays') AS day),
         'fromDay', NULL, 'toDay', NULL, 'tenantClasses', '[]'::jsonb, 'accountIds', '[]'::jsonb),
       policy.changed_at_ms, policy.changed_by_id, policy.changed_by_name
  FROM billing.supply_policies AS policy
 WHERE policy.policy -> 'protectedHours' <> '[]'::jsonb OR policy.policy -> 'holidays' <> '[]'::jsonb;
UPDATE billing.supply_policies AS policy
   SET policy = (policy.policy - 'protectedHours' - 'holidays') || jsonb_build_object('calendarIds', (
         SELECT coalesce(jsonb_agg(calendar.calendar_id), '[]')
           FROM billing.protection_calendars AS calendar WHERE calendar.project_id = policy.project_id));
