// SPDX-License-Identifier: Apache-2.0
/** SQL of what replays found: totals, accounts in order, lines. */
import {
  differenceEdgesPercent,
  type ReplayLine,
  type ReplayOrder,
  type ReplayTotals,
} from '@wattledger/contracts/http/billing';
import type { Queryable } from '@wattledger/platform';

const risingEdges = differenceEdgesPercent.filter((edge) => edge > 0);
/** Class of an account: 0 no difference, ±1 … by the edges passed, NULL where nothing was paid before. */
const classSql = `
  CASE WHEN found.after_micros = found.before_micros THEN 0
       WHEN found.before_micros <= 0 THEN NULL
       WHEN found.after_micros > found.before_micros
       THEN 1 + ${risingEdges.map((edge) => `((found.after_micros - found.before_micros) * 100 > found.before_micros * ${edge})::int`).join(' + ')}
       ELSE -1 - ${risingEdges.map((edge) => `((found.before_micros - found.after_micros) * 100 > found.before_micros * ${edge})::int`).join(' - ')}
  END`;

const muchMoreSql = `(found.after_micros > found.before_micros
  AND (found.after_micros - found.before_micros) * 10 > found.before_micros)`;

export async function loadTotals(queryable: Queryable, replayId: string): Promise<ReplayTotals> {
  const { rows } = await queryable.query<{
    class: number | null;
    accounts: number;
    before_micros: number;
    after_micros: number;
    more: number;
    less: number;
    much_more: number;
    incomplete: number;
    estimated: number;
  }>(
    `SELECT ${classSql} AS class, count(*) AS accounts, sum(found.before_micros)::bigint AS before_micros,
            sum(found.after_micros)::bigint AS after_micros,
            count(*) FILTER (WHERE found.after_micros > found.before_micros) AS more,
            count(*) FILTER (WHERE found.after_micros < found.before_micros) AS less,
            count(*) FILTER (WHERE ${muchMoreSql}) AS much_more,
            count(*) FILTER (WHERE found.slots_known < found.slots_expected) AS incomplete,
            count(*) FILTER (WHERE found.slots_estimated > 0) AS estimated
       FROM billing.price_replay_accounts AS found
      WHERE found.replay_id = $1
      GROUP BY 1 ORDER BY 1`,
    [replayId],
  );
  const sum = (of: (row: (typeof rows)[number]) => number): number =>
    rows.reduce((total, row) => total + of(row), 0);
  return {
    accounts: sum((row) => row.accounts),
    beforeMicros: sum((row) => row.before_micros),
    afterMicros: sum((row) => row.after_micros),
    paysMore: sum((row) => row.more),
    paysLess: sum((row) => row.less),
    paysSame: sum((row) => row.accounts - row.more - row.less),
    paysMuchMore: sum((row) => row.much_more),
    incomplete: sum((row) => row.incomplete),
    estimated: sum((row) => row.estimated),
    distribution: rows.map((row) => ({
      ...boundsOfClass(row.class),
      accounts: row.accounts,
      differenceMicros: row.after_micros - row.before_micros,
    })),
  };
}

function boundsOfClass(
  place: number | null,
): Pick<ReplayTotals['distribution'][number], 'fromPercent' | 'toPercent' | 'fromNothing'> {
  if (place === null) return { fromPercent: null, toPercent: null, fromNothing: true };
  if (place === 0) return { fromPercent: 0, toPercent: 0, fromNothing: false };
  const near = place === 1 || place === -1 ? 0 : (risingEdges[Math.abs(place) - 2] as number);
  const far = risingEdges[Math.abs(place) - 1] ?? null;
  return place > 0
    ? { fromPercent: near, toPercent: far, fromNothing: false }
    : { fromPercent: far === null ? null : -far, toPercent: near === 0 ? 0 : -near, fromNothing: false };
}

export interface AccountFound {
  readonly accountId: string;
  readonly tenantId: string;
  readonly state: 'open' | 'closed';
  readonly beforeMicros: number;
  readonly afterMicros: number;
  readonly consumption: number;
  readonly slotsExpected: number;
  readonly slotsKnown: number;
  readonly slotsEstimated: number;
}

const orderSql: Readonly<Record<ReplayOrder, string>> = {
  'more-first': '(found.after_micros - found.before_micros) DESC, found.account_id DESC',
  'less-first': '(found.after_micros - found.before_micros), found.account_id',
  'share-first': `CASE WHEN found.before_micros > 0 THEN (found.after_micros - found.before_micros)::numeric / found.before_micros
                       WHEN found.after_micros > found.before_micros THEN 'Infinity' ELSE 0 END DESC, found.account_id`,
};

export const accountFoundColumns = `found.account_id AS "accountId", account.tenant_id AS "tenantId", account.state,
            found.before_micros AS "beforeMicros", found.after_micros AS "afterMicros", found.consumption,
            found.slots_expected AS "slotsExpected", found.slots_known AS "slotsKnown", found.slots_estimated AS "slotsEstimated"`;

export async function loadAccountsFound(
  queryable: Queryable,
  replayId: string,
  page: { readonly order: ReplayOrder; readonly limit: number; readonly offset: number },
): Promise<readonly AccountFound[]> {
  const { rows } = await queryable.query<AccountFound>(
    `SELECT ${accountFoundColumns}
       FROM billing.price_replay_accounts AS found
       JOIN billing.accounts AS account ON account.account_id = found.account_id
      WHERE found.replay_id = $1
      ORDER BY ${orderSql[page.order]}
      LIMIT $2 OFFSET $3`,
    [replayId, page.limit, page.offset],
  );
  return rows;
}

export interface LineFound extends ReplayLine {
  readonly accountId: string;
  readonly tenantId: string;
}

/** The next accounts in the order of their ids. */
export async function loadAccountIdsFound(
  queryable: Queryable,
  replayId: string,
  page: { readonly after: string; readonly limit: number },
): Promise<readonly string[]> {
  const { rows } = await queryable.query<{ account_id: string }>(
    `SELECT found.account_id FROM billing.price_replay_accounts AS found
      WHERE found.replay_id = $1 AND found.account_id > $2
      ORDER BY found.account_id LIMIT $3`,
    [replayId, page.after, page.limit],
  );
  return rows.map((row) => row.account_id);
}

/** Lines of some accounts by month and component. */
export async function loadLinesFound(
  queryable: Queryable,
  replayId: string,
  accountIds: readonly string[],
): Promise<readonly LineFound[]> {
  const { rows } = await queryable.query<LineFound>(
    `SELECT line.account_id AS "accountId", account.tenant_id AS "tenantId", line.metering_point_id AS "meteringPointId", line.month,
            line.component, nullif(line.period, '') AS period, nullif(line.item, '') AS item,
            line.consumption_before AS "consumptionBefore", line.consumption_after AS "consumptionAfter",
            line.before_micros AS "beforeMicros", line.after_micros AS "afterMicros"
       FROM billing.price_replay_lines AS line
       JOIN billing.accounts AS account ON account.account_id = line.account_id
      WHERE line.replay_id = $1 AND line.account_id = ANY ($2::text[])
      ORDER BY line.account_id, line.metering_point_id, line.month, line.component, line.period, line.item`,
    [replayId, accountIds],
  );
  return rows;
}
