-- SPDX-License-Identifier: Apache-2.0
-- Settings as commands, and turns shared out by gateway.

ALTER TABLE pending_commands DROP CONSTRAINT pending_commands_kind_check;
ALTER TABLE pending_commands ADD CONSTRAINT pending_commands_kind_check
  CHECK (kind IN ('switch-supply', 'read-now', 'write-setting'));
-- What is to be set, as the command says it.
ALTER TABLE pending_commands ADD COLUMN setting jsonb;
ALTER TABLE pending_commands ADD CHECK ((kind = 'write-setting') = (setting IS NOT NULL));
-- One of many: it lets those that came alone go first.
ALTER TABLE pending_commands ADD COLUMN bulk boolean NOT NULL DEFAULT false;
-- Gateway of the meter when the command came; only for sharing out turns.
ALTER TABLE pending_commands ADD COLUMN gateway_id text;
