-- SPDX-License-Identifier: Apache-2.0
-- Messages are forgotten by their age.

create index notices_by_age on notices (created_at_ms);
