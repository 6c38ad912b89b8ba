-- SPDX-License-Identifier: Apache-2.0
-- Passwords with which meters let themselves be switched (DL/T 645). Written, used, never given out.

CREATE TABLE switch_passwords (
  -- A meter, or a gateway for all meters behind it.
  subject_id text PRIMARY KEY,
  project_id text NOT NULL,
  password_class integer NOT NULL CHECK (password_class BETWEEN 0 AND 9),
  password text NOT NULL CHECK (password ~ '^[0-9]{6}$'),
  operator_code text NOT NULL CHECK (operator_code ~ '^[0-9]{8}$'),
  stored_at_ms bigint NOT NULL
);
