-- A point's time at an account may be cut in several: each with its price scheme and the demand that was contracted.

ALTER TABLE billing.account_points DROP CONSTRAINT account_points_pkey;
ALTER TABLE billing.account_points ADD CONSTRAINT account_points_pkey PRIMARY KEY (account_id, metering_point_id, opened_at_ms);
ALTER TABLE billing.account_points ADD COLUMN contracted_demand_w bigint CHECK (contracted_demand_w >= 0);
