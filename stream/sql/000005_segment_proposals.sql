-- SPDX-License-Identifier: Apache-2.0
-- Proposals are worked out when they are asked for; only what a person decided against is kept.
CREATE TABLE stream.rejected_proposals (
  project_id text NOT NULL,
  -- Made from the evidence: other evidence is another proposal.
  proposal_id text NOT NULL,
  meter_id text NOT NULL,
  register text NOT NULL,
  by_id text NOT NULL,
  by_name text NOT NULL,
  at_ms bigint NOT NULL,
  reason text NOT NULL,
  PRIMARY KEY (project_id, proposal_id)
);

-- The ratio (CT × PT, in thousandths) that a meter says it works with, and what it said before.
CREATE TABLE stream.device_ratios (
  project_id text NOT NULL,
  meter_id text NOT NULL,
  thousandths bigint NOT NULL,
  since_ms bigint NOT NULL,
  -- Null: nothing else was ever heard.
  before_thousandths bigint,
  PRIMARY KEY (project_id, meter_id)
);
