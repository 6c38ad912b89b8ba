-- Prices by hour or half-hour. Points are only added: a price that was charged by never changes.
CREATE TABLE billing.price_series (
  price_series_id text PRIMARY KEY,
  project_id text NOT NULL,
  name text NOT NULL,
  medium text NOT NULL CHECK (medium IN ('electricity', 'water', 'gas')),
  -- How long a point's price holds.
  minutes smallint NOT NULL CHECK (minutes IN (30, 60)),
  created_at_ms bigint NOT NULL,
  created_by_id text NOT NULL,
  created_by_name text NOT NULL,
  UNIQUE (project_id, name)
);
CREATE TRIGGER price_series_kept BEFORE UPDATE OR DELETE OR TRUNCATE ON billing.price_series
  FOR EACH STATEMENT EXECUTE FUNCTION billing.refuse_change();

CREATE TABLE billing.price_series_points (
  price_series_id text NOT NULL REFERENCES billing.price_series,
  start_ms bigint NOT NULL CHECK (start_ms >= 0),
  -- Micros per kWh or m³; negative where the customer is paid.
  price_micros bigint NOT NULL,
  added_at_ms bigint NOT NULL,
  PRIMARY KEY (price_series_id, start_ms)
);
CREATE TRIGGER price_series_points_kept BEFORE UPDATE OR DELETE OR TRUNCATE ON billing.price_series_points
  FOR EACH STATEMENT EXECUTE FUNCTION billing.refuse_change();
