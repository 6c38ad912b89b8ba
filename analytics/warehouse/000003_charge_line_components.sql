-- SPDX-License-Identifier: Apache-2.0
-- What each line is for: energy, or an item of a month (demand, fixed, minimum, surcharge, tax, rebate), which has no period ('').
-- Rows from before hold energy only.
ALTER TABLE charge_days :on_cluster ADD COLUMN IF NOT EXISTS `lines.component` Array(LowCardinality(String)) DEFAULT arrayMap(period -> CAST('energy', 'LowCardinality(String)'), `lines.period`)
