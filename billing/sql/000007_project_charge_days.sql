-- Charges of a whole project by local day and medium: what the income page and its freshness line read. Two years of 353
-- meters are two thousand rows instead of half a million (300 ms → 5 ms).
CREATE TABLE billing.project_charge_days (
  project_id text NOT NULL,
  local_day date NOT NULL,
  medium text NOT NULL,
  consumption bigint NOT NULL,
  amount_micros bigint NOT NULL,
  unpriced_consumption bigint NOT NULL,
  slots_measured bigint NOT NULL,
  slots_estimated bigint NOT NULL,
  slots_edited bigint NOT NULL,
  slots_missing bigint NOT NULL,
  PRIMARY KEY (project_id, local_day, medium)
) WITH (fillfactor = 50);

INSERT INTO billing.project_charge_days (project_id, local_day, medium, consumption, amount_micros, unpriced_consumption,
       slots_measured, slots_estimated, slots_edited, slots_missing)
SELECT day.project_id, day.local_day, day.medium, sum(day.consumption), sum(day.amount_micros), sum(day.unpriced_consumption),
       sum(day.slots_measured), sum(day.slots_estimated), sum(day.slots_edited), sum(day.slots_missing)
  FROM billing.charge_days AS day
 GROUP BY day.project_id, day.local_day, day.medium;
