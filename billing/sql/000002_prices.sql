-- Price schemes and their versions. What a version says is never edited; its state goes draft → submitted → approved,
-- or ends as withdrawn. Approval is another person's.

CREATE TABLE billing.price_schemes (
  price_scheme_id text PRIMARY KEY,
  project_id text NOT NULL,
  name text NOT NULL,
  medium text NOT NULL CHECK (medium IN ('electricity', 'water', 'gas')),
  created_at_ms bigint NOT NULL,
  created_by_id text NOT NULL,
  created_by_name text NOT NULL,
  UNIQUE (project_id, name)
);

CREATE TABLE billing.price_versions (
  price_version_id text PRIMARY KEY,
  price_scheme_id text NOT NULL REFERENCES billing.price_schemes,
  project_id text NOT NULL,
  number integer NOT NULL CHECK (number > 0),
  state text NOT NULL CHECK (state IN ('draft', 'submitted', 'approved', 'withdrawn')),
  effective_from_ms bigint NOT NULL,
  -- Time-of-use period → micros per kWh or m³.
  rates jsonb NOT NULL,
  -- The calendar as it stood when the version was drafted: prices of the past do not move when the calendar does.
  calendar jsonb NOT NULL,
  note text,
  drafted_by_id text NOT NULL,
  drafted_by_name text NOT NULL,
  drafted_at_ms bigint NOT NULL,
  submitted_by_id text,
  submitted_by_name text,
  submitted_at_ms bigint,
  approved_by_id text,
  approved_by_name text,
  approved_at_ms bigint,
  withdrawn_by_id text,
  withdrawn_by_name text,
  withdrawn_at_ms bigint,
  UNIQUE (price_scheme_id, number),
  CONSTRAINT approved_by_another CHECK (approved_by_id IS NULL OR (approved_by_id <> drafted_by_id AND approved_by_id <> submitted_by_id)),
  CHECK (state <> 'submitted' OR submitted_by_id IS NOT NULL),
  CHECK (state <> 'approved' OR approved_by_id IS NOT NULL),
  CHECK (state <> 'withdrawn' OR withdrawn_by_id IS NOT NULL)
);

CREATE FUNCTION billing.keep_price_version() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF (NEW.price_version_id, NEW.price_scheme_id, NEW.project_id, NEW.number, NEW.effective_from_ms, NEW.rates, NEW.calendar, NEW.drafted_by_id)
     IS DISTINCT FROM
     (OLD.price_version_id, OLD.price_scheme_id, OLD.project_id, OLD.number, OLD.effective_from_ms, OLD.rates, OLD.calendar, OLD.drafted_by_id) THEN
    RAISE EXCEPTION 'price version % is never edited: draft a new one', OLD.price_version_id USING ERRCODE = 'restrict_violation';
  END IF;
  IF NOT ((OLD.state, NEW.state) IN (('draft', 'submitted'), ('submitted', 'approved'), ('draft', 'withdrawn'), ('submitted', 'withdrawn'), ('approved', 'withdrawn'))) THEN
    RAISE EXCEPTION 'price version % cannot go from % to %', OLD.price_version_id, OLD.state, NEW.state USING ERRCODE = 'restrict_violation';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER price_versions_kept BEFORE UPDATE ON billing.price_versions
  FOR EACH ROW EXECUTE FUNCTION billing.keep_price_version();
CREATE TRIGGER price_versions_not_removed BEFORE DELETE OR TRUNCATE ON billing.price_versions
  FOR EACH STATEMENT EXECUTE FUNCTION billing.refuse_change();

-- A version approved after it began to hold: what it touches is charged anew, point by point, and this is how far that is.
CREATE TABLE billing.price_notices (
  price_version_id text PRIMARY KEY REFERENCES billing.price_versions,
  project_id text NOT NULL,
  state text NOT NULL CHECK (state IN ('running', 'done')),
  -- Metering points up to here (in id order) are done.
  after_point_id text NOT NULL DEFAULT ''
);
CREATE INDEX price_notices_running ON billing.price_notices (price_version_id) WHERE state = 'running';
