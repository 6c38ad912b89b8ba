// SPDX-License-Identifier: Apache-2.0
import type { Queryable } from '@wattledger/platform';
import type { MeasuredDay } from './days-left.ts';

/** Charges of energy per account and local day in a range, with how many slots were measured and missing. */
export async function loadMeasuredDays(
  queryable: Queryable,
  accountIds: readonly string[],
  range: { readonly fromDay: string; readonly toDay: string },
): Promise<ReadonlyMap<string, readonly MeasuredDay[]>> {
  const { rows } = await queryable.query<MeasuredDay & { readonly accountId: string }>(
    `SELECT day.account_id AS "accountId", day.local_day AS "localDay", sum(day.amount_micros)::bigint AS "amountMicros",
            sum(day.slots_measured) AS "slotsMeasured", sum(day.slots_missing) AS "slotsMissing"
       FROM billing.charge_days AS day
      WHERE day.account_id = ANY ($1::text[]) AND day.local_day BETWEEN $2::date AND $3::date
        AND day.segment_id <> 'month-items'
      GROUP BY day.account_id, day.local_day`,
    [accountIds, range.fromDay, range.toDay],
  );
  const days = new Map<string, MeasuredDay[]>();
  for (const row of rows) {
    const list = days.get(row.accountId);
    if (list === undefined) days.set(row.accountId, [row]);
    else list.push(row);
  }
  return days;
}
