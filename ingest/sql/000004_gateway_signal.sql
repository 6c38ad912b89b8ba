-- SPDX-License-Identifier: Apache-2.0
-- What a gateway that calls in says of itself.

ALTER TABLE gateway_states
  ADD COLUMN signal_dbm integer,
  ADD COLUMN firmware text;
