// SPDX-License-Identifier: Apache-2.0
import type { Database } from '@wattledger/platform';

/** A year and a month: last year's messages of the same days can be looked up. Alarms themselves stay. */
export const noticesKeptMs = 400 * 86_400_000;
/** Messages of one transaction. */
const forgottenMax = 2_000;

/** Forgets old messages with their attempts; what waits to be sent stays. @returns how many */
export async function forgetNotices(database: Database, nowMs: number): Promise<number> {
  let forgotten = 0;
  for (let found = forgottenMax; found === forgottenMax;) {
    found = await database.transaction(async (transaction) => {
      const { rows } = await transaction.query<{ readonly id: string }>(
        `select n.id from registry.notices n where n.created_at_ms < $1 and n.due_at_ms is null
         order by n.created_at_ms limit $2 for update skip locked`,
        [nowMs - noticesKeptMs, forgottenMax],
      );
      const ids = rows.map(({ id }) => id);
      await transaction.query('delete from registry.notice_tries t where t.notice_id = any ($1)', [ids]);
      await transaction.query('delete from registry.notices n where n.id = any ($1)', [ids]);
      return ids.length;
    });
    forgotten += found;
  }
  return forgotten;
}
