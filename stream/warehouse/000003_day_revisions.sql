-- SPDX-License-Identifier: Apache-2.0
-- A day computed on an earlier calendar never wins over one of a later, whatever records each had seen.
ALTER TABLE days :on_cluster MODIFY COLUMN revision COMMENT 'Number of the calendar of the meter × 2^40 + greatest revision among the slots of the day'
