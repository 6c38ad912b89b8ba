// SPDX-License-Identifier: Apache-2.0
/** What must hold of a project after any story, asked of the tables and of what callers were told, not of billing. */
import { slotLengthMs } from '@wattledger/contracts';
import type { Queryable } from '@wattledger/platform';
import { approver } from '../testing/test-site.ts';
import { charge, withdraw } from './facts.ts';
import { noteReversed, reverseVend, undoRun } from './money-facts.ts';
import type { Story } from './story.ts';

const slotMs = slotLengthMs(30);
const rowsOf = async (
  queryable: Queryable,
  sql: string,
  parameters: readonly unknown[],
): Promise<readonly Readonly<Record<string, unknown>>[]> =>
  (await queryable.query<Record<string, unknown>>(sql, parameters)).rows;

/** Laws whose every row is a breach. */
const breaches = {
  'Σ of all entries is zero': `
    SELECT sum(entry.amount_micros)::text AS sum FROM billing.entries AS entry
      JOIN billing.postings AS posting USING (posting_id)
     WHERE posting.project_id = $1 HAVING sum(entry.amount_micros) <> 0`,
  'every posting balances': `
    SELECT entry.posting_id FROM billing.entries AS entry JOIN billing.postings AS posting USING (posting_id)
     WHERE posting.project_id = $1 GROUP BY entry.posting_id HAVING sum(entry.amount_micros) <> 0`,
  'a balance is the sum of its entries': `
    SELECT ledger.kind, ledger.owner_id FROM billing.ledger_accounts AS ledger
      LEFT JOIN billing.entries AS entry USING (ledger_account_id)
     WHERE ledger.project_id = $1 GROUP BY ledger.ledger_account_id
    HAVING ledger.balance_micros <> coalesce(sum(entry.amount_micros), 0)`,
  'Σ parts of a top up is its amount': `
    SELECT vend.vend_id FROM billing.vends AS vend WHERE vend.project_id = $1
       AND vend.arrears_micros + vend.emergency_micros + vend.credit_micros <> vend.amount_micros`,
  'numbers of documents have no gaps': `
    SELECT document.kind, count(*)::int AS documents, max(document.number)::int AS newest FROM billing.documents AS document
     WHERE document.project_id = $1 GROUP BY document.kind
    HAVING count(*) <> max(document.number) OR min(document.number) <> 1`,
} as const;

/** Every law that is broken, with the rows that break it. */
export async function brokenLaws(story: Story): Promise<readonly string[]> {
  const { database } = story.stage.site.parts;
  const broken: string[] = [];
  for (const [law, sql] of Object.entries(breaches)) {
    const rows = await rowsOf(database, `${sql} LIMIT 5`, [story.project]);
    if (rows.length > 0) broken.push(`${law}: ${JSON.stringify(rows)}`);
  }
  return [...broken, ...(await slotFaults(story)), ...(await moneyFaults(story))];
}

/** Every Wh told, in its newest words, is in the lines of the account whose time it is, per point and day. */
async function slotFaults(story: Story): Promise<readonly string[]> {
  const { database } = story.stage.site.parts;
  const newest = new Map<string, { revision: number; consumption: number; startMs: number }>();
  for (const value of story.energies)
    for (const [place, slot] of value.index.entries()) {
      const key = `${value.meteringPointId}/${value.localDay}/${slot}`;
      const consumption = value.consumption[place] as number;
      const before = newest.get(key);
      const startMs = value.firstSlotMs + slot * slotMs;
      if (before === undefined || before.revision < value.revision)
        newest.set(key, { revision: value.revision, consumption, startMs });
    }
  const times = await rowsOf(
    database,
    'SELECT account_id, metering_point_id, opened_at_ms, closed_at_ms FROM billing.account_points WHERE project_id = $1',
    [story.project],
  );
  const sums = new Map<string, number>();
  const add = (key: string, consumption: number): void =>
    void sums.set(key, (sums.get(key) ?? 0) + consumption);
  for (const [key, { consumption, startMs }] of newest) {
    const [point, day] = key.split('/');
    const time = times.find(
      (one) =>
        one['metering_point_id'] === point &&
        Number(one['opened_at_ms']) <= startMs &&
        (one['closed_at_ms'] === null || Number(one['closed_at_ms']) > startMs),
    );
    if (time !== undefined) add(`${String(time['account_id'])}/${point}/${day}`, consumption);
  }
  const lines = await rowsOf(
    database,
    `SELECT line.account_id || '/' || line.metering_point_id || '/' || line.local_day AS key, sum(line.consumption)::bigint AS consumption
       FROM billing.charge_lines AS line JOIN billing.accounts AS account USING (account_id)
      WHERE account.project_id = $1 AND line.component = 'energy' GROUP BY 1`,
    [story.project],
  );
  for (const line of lines) add(String(line['key']), -Number(line['consumption']));
  return [...sums].filter(([, sum]) => sum !== 0).map(([key, sum]) => `slots of ${key}: ${sum} not in lines`);
}

export interface Standing {
  readonly balanceMicros: number;
  readonly arrearsMicros: number;
  readonly chargedMicros: number;
  readonly sharedMicros: number;
  readonly onlineMicros: number;
}

/** What the tables say of each account, in the story's order. */
export async function standings(story: Story): Promise<readonly Standing[]> {
  const rows = await rowsOf(
    story.stage.site.parts.database,
    `SELECT account.account_id,
            (SELECT ledger.balance_micros FROM billing.ledger_accounts AS ledger
              WHERE ledger.owner_id = account.account_id AND ledger.kind = 'tenant-balance') AS balance,
            (SELECT -ledger.balance_micros FROM billing.ledger_accounts AS ledger
              WHERE ledger.owner_id = account.account_id AND ledger.kind = 'tenant-arrears') AS arrears,
            (SELECT sum(line.amount_micros)::bigint FROM billing.charge_lines AS line
              WHERE line.account_id = account.account_id) AS charged,
            (SELECT sum(line.amount_micros + line.tax_micros)::bigint FROM billing.shared_cost_lines AS line
              WHERE line.account_id = account.account_id) AS shared,
            (SELECT sum(payment.received_micros - payment.refunded_micros)::bigint FROM billing.online_payments AS payment
              WHERE payment.account_id = account.account_id AND payment.vend_posting_id IS NOT NULL) AS online
       FROM billing.accounts AS account WHERE account.project_id = $1`,
    [story.project],
  );
  const byId = new Map(rows.map((row) => [row['account_id'], row]));
  return story.accounts.map(({ accountId }) => {
    const of = (name: string): number => Number(byId.get(accountId)?.[name] ?? 0);
    return {
      balanceMicros: of('balance'),
      arrearsMicros: of('arrears'),
      chargedMicros: of('charged'),
      sharedMicros: of('shared'),
      onlineMicros: of('online'),
    };
  });
}

/** What an account has is what was handed over for it, less what it was charged: by what callers were told, not by the ledger. */
async function moneyFaults(story: Story): Promise<readonly string[]> {
  const all = await standings(story);
  return story.accounts.flatMap(({ accountId, paidMicros, broughtMicros }, index) => {
    const { balanceMicros, arrearsMicros, chargedMicros, sharedMicros, onlineMicros } = all[
      index
    ] as Standing;
    const expected = paidMicros + onlineMicros - broughtMicros - chargedMicros - sharedMicros;
    const has = balanceMicros - arrearsMicros;
    return has === expected
      ? []
      : [
          `${accountId} has ${has}, expected ${expected}: ${JSON.stringify({ paidMicros, broughtMicros, ...all[index] })}`,
        ];
  });
}

/**
 * Takes everything back that can be: runs, consumption, agreements, prices. What is left on an account is exactly what was paid in
 * and not paid out.
 */
export async function undoCharges(story: Story): Promise<void> {
  const { stage } = story;
  for (const [place, run] of story.runs.entries())
    if (!run.reversed) {
      await story.insist(place % 11, async () => await undoRun(story, run, `law-undo-run-${place}`));
      run.reversed = true;
    }
  const nothing = story.energies.map((value) => ({
    ...value,
    revision: 1_000_000,
    consumption: value.consumption.map(() => 0),
  }));
  for (let from = 0; from < nothing.length; from += 500)
    await story.insist(9, async () => await charge(stage.parts, nothing.slice(from, from + 500)));
  story.energies.push(...nothing);
  await endAgreements(story, 'charges');
  for (const [place, version] of story.versions.entries())
    await story.insist(5 + (place % 9), async () => await withdraw(story, version));
  await story.insist(17, async () => await stage.billing.settle());
}

/** What is still owed by agreement goes back to the balance. */
async function endAgreements({ stage, project }: Story, round: string): Promise<void> {
  const { arrears } = stage.site.billing;
  for (const { agreementId } of await arrears.agreements({ projectId: project, state: 'active' })) {
    const change = { agreementId, reason: 'undone', writtenDownMicros: null };
    await arrears.change(project, { ...change, requestId: `law-${round}-${agreementId}` }, approver);
  }
}

/** The counter's money too; an agreement that a top up had paid in full is active again after its reversal. */
export async function undoVends(story: Story): Promise<void> {
  const rows = await rowsOf(
    story.stage.site.parts.database,
    `SELECT vend.vend_id, vend.account_id, vend.amount_micros FROM billing.vends AS vend
      WHERE vend.project_id = $1 AND vend.means <> 'online'
        AND NOT EXISTS (SELECT FROM billing.vend_reversals AS reversal WHERE reversal.vend_id = vend.vend_id)`,
    [story.project],
  );
  for (const [place, row] of rows.entries()) {
    const account = story.accounts.findIndex(({ accountId }) => accountId === row['account_id']);
    const amountMicros = Number(row['amount_micros']);
    const sold = { vendId: String(row['vend_id']), account, amountMicros, reversed: false };
    await story.insist(place % 13, async () => await reverseVend(story, sold, `law-undo-vend-${place}`));
    noteReversed(story, sold);
  }
  await endAgreements(story, 'vends');
}

/** What every ledger account of the project holds. */
export async function ledgerOf(story: Story): Promise<Readonly<Record<string, number>>> {
  const rows = await rowsOf(
    story.stage.site.parts.database,
    `SELECT ledger.kind, sum(ledger.balance_micros)::bigint AS balance FROM billing.ledger_accounts AS ledger
      WHERE ledger.project_id = $1 GROUP BY ledger.kind HAVING sum(ledger.balance_micros) <> 0`,
    [story.project],
  );
  return Object.fromEntries(rows.map((row) => [String(row['kind']), Number(row['balance'])]));
}

/** Sums per account, component and item, accounts named by their place. */
export async function chargesByPlace(story: Story): Promise<readonly string[]> {
  const rows = await rowsOf(
    story.stage.site.parts.database,
    `SELECT line.account_id, line.metering_point_id, line.component, line.item, sum(line.consumption)::bigint AS consumption,
            sum(line.amount_micros)::bigint AS amount
       FROM billing.charge_lines AS line JOIN billing.accounts AS account USING (account_id)
      WHERE account.project_id = $1
      GROUP BY line.account_id, line.metering_point_id, line.component, line.item
     HAVING sum(line.consumption) <> 0 OR sum(line.amount_micros) <> 0`,
    [story.project],
  );
  const places = new Map(story.accounts.map(({ accountId }, place) => [accountId, place]));
  return rows
    .map((row) =>
      [
        places.get(String(row['account_id'])),
        row['metering_point_id'],
        row['component'],
        row['item'],
        row['consumption'],
        row['amount'],
      ].join(' '),
    )
    .sort();
}
