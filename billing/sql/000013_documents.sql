-- Documents: what was handed out, frozen with the posting it belongs to, so that a reprint in five years says the same.

-- Numbers without gaps per project and kind: the row is held until the transaction of the posting ends, and goes back with it.
CREATE TABLE billing.document_counters (
  project_id text NOT NULL,
  kind text NOT NULL,
  last_number bigint NOT NULL,
  PRIMARY KEY (project_id, kind)
);

-- Texts of templates by the hash of their contents: a document names the one it was made with.
CREATE TABLE billing.document_texts (
  text_hash text PRIMARY KEY,
  html text NOT NULL,
  css text NOT NULL,
  paper text NOT NULL CHECK (paper IN ('A4', 'A5', 'roll-80'))
);
CREATE TABLE billing.document_logos (
  logo_hash text PRIMARY KEY,
  media_type text NOT NULL CHECK (media_type IN ('image/png', 'image/svg+xml')),
  bytes bytea NOT NULL
);

-- The head of the company that issues; the newest counts.
CREATE TABLE billing.company_heads (
  company_head_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  project_id text NOT NULL,
  head jsonb NOT NULL,
  logo_hash text REFERENCES billing.document_logos,
  set_at_ms bigint NOT NULL,
  set_by_id text NOT NULL,
  set_by_name text NOT NULL
);
CREATE INDEX company_heads_of_project ON billing.company_heads (project_id, company_head_id DESC);

-- Versions of templates are never edited. Which one counts when is said by activations; version 0 is the built-in one.
CREATE TABLE billing.document_templates (
  project_id text NOT NULL,
  kind text NOT NULL,
  version integer NOT NULL CHECK (version > 0),
  text_hash text NOT NULL REFERENCES billing.document_texts,
  note text,
  drafted_at_ms bigint NOT NULL,
  drafted_by_id text NOT NULL,
  drafted_by_name text NOT NULL,
  PRIMARY KEY (project_id, kind, version)
);
CREATE TABLE billing.document_activations (
  activation_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  project_id text NOT NULL,
  kind text NOT NULL,
  version integer NOT NULL CHECK (version >= 0),
  active_from_ms bigint NOT NULL,
  activated_at_ms bigint NOT NULL,
  activated_by_id text NOT NULL,
  activated_by_name text NOT NULL
);
CREATE INDEX document_activations_of_kind ON billing.document_activations (project_id, kind, active_from_ms DESC, activation_id DESC);

CREATE TABLE billing.documents (
  document_id text PRIMARY KEY,
  project_id text NOT NULL,
  kind text NOT NULL,
  number bigint NOT NULL CHECK (number > 0),
  -- What it documents: a posting, a cashier's shift, a closed day.
  subject_id text NOT NULL,
  posting_id text REFERENCES billing.postings,
  account_id text,
  tenant_id text,
  local_day date NOT NULL,
  issued_at_ms bigint NOT NULL,
  amount_micros bigint NOT NULL,
  currency text NOT NULL,
  facts jsonb NOT NULL,
  text_hash text NOT NULL REFERENCES billing.document_texts,
  code text NOT NULL UNIQUE,
  UNIQUE (project_id, kind, number),
  UNIQUE (project_id, kind, subject_id)
);
CREATE INDEX documents_of_account ON billing.documents (account_id, issued_at_ms) WHERE account_id IS NOT NULL;
CREATE INDEX documents_of_posting ON billing.documents (posting_id) WHERE posting_id IS NOT NULL;

-- Every print run of three copies; from the second on a document's copies say that they are reprints.
CREATE TABLE billing.document_prints (
  document_id text NOT NULL REFERENCES billing.documents,
  run integer NOT NULL CHECK (run > 0),
  language text NOT NULL CHECK (language IN ('en', 'zh')),
  paper text NOT NULL CHECK (paper IN ('A4', 'A5', 'roll-80')),
  printed_at_ms bigint NOT NULL,
  printed_by_id text NOT NULL,
  printed_by_name text NOT NULL,
  PRIMARY KEY (document_id, run)
);

-- Made at first use; with it the codes on paper are checked.
CREATE TABLE billing.installation_secrets (
  name text PRIMARY KEY,
  secret bytea NOT NULL
);

-- Questions to the open page by address, in windows of a quarter of an hour.
CREATE TABLE billing.verify_attempts (
  address_key text PRIMARY KEY,
  window_from_ms bigint NOT NULL,
  attempts integer NOT NULL
);

CREATE TRIGGER document_texts_only_added BEFORE UPDATE OR DELETE OR TRUNCATE ON billing.document_texts
  FOR EACH STATEMENT EXECUTE FUNCTION billing.refuse_change();
CREATE TRIGGER document_logos_only_added BEFORE UPDATE OR DELETE OR TRUNCATE ON billing.document_logos
  FOR EACH STATEMENT EXECUTE FUNCTION billing.refuse_change();
CREATE TRIGGER company_heads_only_added BEFORE UPDATE OR DELETE OR TRUNCATE ON billing.company_heads
  FOR EACH STATEMENT EXECUTE FUNCTION billing.refuse_change();
CREATE TRIGGER document_templates_only_added BEFORE UPDATE OR DELETE OR TRUNCATE ON billing.document_templates
  FOR EACH STATEMENT EXECUTE FUNCTION billing.refuse_change();
CREATE TRIGGER document_activations_only_added BEFORE UPDATE OR DELETE OR TRUNCATE ON billing.document_activations
  FOR EACH STATEMENT EXECUTE FUNCTION billing.refuse_change();
CREATE TRIGGER documents_only_added BEFORE UPDATE OR DELETE OR TRUNCATE ON billing.documents
  FOR EACH STATEMENT EXECUTE FUNCTION billing.refuse_change();
CREATE TRIGGER document_prints_only_added BEFORE UPDATE OR DELETE OR TRUNCATE ON billing.document_prints
  FOR EACH STATEMENT EXECUTE FUNCTION billing.refuse_change();

-- What happened to accounts besides charges, newest first: the overview of orders, by key.
CREATE INDEX postings_of_orders ON billing.postings (project_id, recorded_at_ms DESC, posting_id DESC) WHERE kind <> 'charge';
-- Of a closed day: what was recorded when, whatever the day it concerns.
CREATE INDEX postings_recorded ON billing.postings (project_id, recorded_at_ms);
-- The few lines that are no energy: income by component.
CREATE INDEX charge_lines_of_items ON billing.charge_lines (local_day, component) WHERE component <> 'energy';
