// SPDX-License-Identifier: Apache-2.0
/** SQL of the ledger. One statement per table per batch. */
import assert from 'node:assert/strict';
import { RequestError, type Transaction } from '@wattledger/platform';
import { ledgerKeyText, type LedgerAccountKey, type NewPosting, type PostingEntries } from './posting.ts';

/** A ledger account held FOR UPDATE by the transaction that asked; balances follow the entries added through it. */
export interface HeldLedgerAccount {
  readonly ledgerAccountId: number;
  readonly key: LedgerAccountKey;
  balanceMicros: number;
  entries: number;
}
export type HeldLedgerAccounts = ReadonlyMap<string, HeldLedgerAccount>;

interface LedgerAccountRow {
  readonly ledger_account_id: number;
  readonly project_id: string;
  readonly kind: LedgerAccountKey['kind'];
  readonly owner_id: string;
  readonly balance_micros: number;
  readonly entries: number;
}

/**
 * Tenants' balances first, then the project's own accounts, each in id order: one order for everybody, so writers
 * wait for each other but never in a circle, and the accounts all writers share are held for the shortest time.
 */
const lockSql = `
  SELECT account.ledger_account_id, account.project_id, account.kind, account.owner_id, account.balance_micros, account.entries
    FROM billing.ledger_accounts AS account
    JOIN unnest($1::text[], $2::text[], $3::text[]) AS wanted (project_id, kind, owner_id)
      ON wanted.project_id = account.project_id AND wanted.kind = account.kind AND wanted.owner_id = account.owner_id
   ORDER BY account.owner_id = '', account.ledger_account_id
     FOR UPDATE OF account`;

const createSql = `
  INSERT INTO billing.ledger_accounts (project_id, kind, owner_id)
  SELECT wanted.project_id, wanted.kind, wanted.owner_id
    FROM unnest($1::text[], $2::text[], $3::text[]) AS wanted (project_id, kind, owner_id)
   ORDER BY wanted.owner_id = '', wanted.project_id, wanted.kind, wanted.owner_id
      ON CONFLICT (project_id, kind, owner_id) DO NOTHING`;

/**
 * Holds the named ledger accounts until the transaction ends, creating those that do not exist. Creating comes
 * before locking: a plain lock would leave the race open on an account's first use.
 */
export async function holdLedgerAccounts(
  transaction: Transaction,
  keys: readonly LedgerAccountKey[],
): Promise<HeldLedgerAccounts> {
  const wanted = new Map(keys.map((key) => [ledgerKeyText(key), key]));
  const held = await lockAccounts(transaction, [...wanted.values()]);
  const missing = [...wanted].filter(([text]) => !held.has(text)).map(([, key]) => key);
  if (missing.length === 0) return held;
  await transaction.query(createSql, columnsOfKeys(missing));
  // Locked again as a whole, in the one order; rows already held cost nothing.
  const all = await lockAccounts(transaction, [...wanted.values()]);
  assert.equal(all.size, wanted.size, 'every ledger account exists after it was created');
  return all;
}

const columnsOfKeys = (keys: readonly LedgerAccountKey[]): readonly string[][] => [
  keys.map((key) => key.projectId),
  keys.map((key) => key.kind),
  keys.map((key) => key.ownerId),
];

async function lockAccounts(
  transaction: Transaction,
  keys: readonly LedgerAccountKey[],
): Promise<Map<string, HeldLedgerAccount>> {
  const { rows } = await transaction.query<LedgerAccountRow>(lockSql, columnsOfKeys(keys));
  const held = new Map<string, HeldLedgerAccount>();
  for (const row of rows) {
    const key = { projectId: row.project_id, kind: row.kind, ownerId: row.owner_id };
    held.set(ledgerKeyText(key), {
      ledgerAccountId: row.ledger_account_id,
      key,
      balanceMicros: row.balance_micros,
      entries: row.entries,
    });
  }
  return held;
}

const insertPostingsSql = `
  INSERT INTO billing.postings (posting_id, project_id, kind, request_id, content_hash, account_id, effective_at_ms,
         recorded_at_ms, recorded_by_id, recorded_by_name, reason, cause, notice_version_id, from_day, to_day, lines,
         electricity_consumption, water_consumption, gas_consumption)
  SELECT *
    FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::bigint[], $8::bigint[],
         $9::text[], $10::text[], $11::text[], $12::text[], $13::text[], $14::date[], $15::date[], $16::integer[],
         $17::bigint[], $18::bigint[], $19::bigint[])
      ON CONFLICT (project_id, request_id) DO NOTHING
  RETURNING posting_id`;

/** Adds postings whose request ids are new; answers the ids of those added. */
export async function insertPostings(
  transaction: Transaction,
  postings: readonly NewPosting[],
): Promise<ReadonlySet<string>> {
  if (postings.length === 0) return new Set();
  const { rows } = await transaction.query<{ posting_id: string }>(insertPostingsSql, [
    postings.map((posting) => posting.postingId),
    postings.map((posting) => posting.projectId),
    postings.map((posting) => posting.kind),
    postings.map((posting) => posting.requestId),
    postings.map((posting) => posting.contentHash),
    postings.map((posting) => posting.accountId),
    postings.map((posting) => posting.effectiveAtMs),
    postings.map((posting) => posting.recordedAtMs),
    postings.map((posting) => posting.recordedBy.id),
    postings.map((posting) => posting.recordedBy.name),
    postings.map((posting) => posting.reason),
    postings.map((posting) => posting.charge?.cause ?? null),
    postings.map((posting) => posting.charge?.noticeVersionId ?? null),
    postings.map((posting) => posting.charge?.fromDay ?? null),
    postings.map((posting) => posting.charge?.toDay ?? null),
    postings.map((posting) => posting.charge?.lines ?? 0),
    postings.map((posting) => posting.charge?.consumptionByMedium.electricity ?? 0),
    postings.map((posting) => posting.charge?.consumptionByMedium.water ?? 0),
    postings.map((posting) => posting.charge?.consumptionByMedium.gas ?? 0),
  ]);
  return new Set(rows.map((row) => row.posting_id));
}

/** What a transaction has claimed so far, for what follows from it at the transaction's end. */
const claimed = new WeakMap<Transaction, readonly NewPosting[]>();
export const claimedIn = (transaction: Transaction): readonly NewPosting[] => claimed.get(transaction) ?? [];

export interface Claim {
  readonly postingId: string;
  /** The request had been carried out before; its posting is `postingId`. */
  readonly replayed: boolean;
}

/**
 * Claims the postings' request ids. A concurrent claim of the same id waits here until the first has committed (then
 * it is a replay) or rolled back (then it is ours).
 * @throws RequestError 409 request-id-reused when the id was used for something else
 */
export async function claimPostings(
  transaction: Transaction,
  postings: readonly NewPosting[],
): Promise<readonly Claim[]> {
  const added = await insertPostings(transaction, postings);
  claimed.set(transaction, [
    ...claimedIn(transaction),
    ...postings.filter((posting) => added.has(posting.postingId)),
  ]);
  const repeated = postings.filter((posting) => !added.has(posting.postingId));
  if (repeated.length === 0)
    return postings.map((posting) => ({ postingId: posting.postingId, replayed: false }));
  const { rows } = await transaction.query<{
    project_id: string;
    request_id: string;
    posting_id: string;
    content_hash: string;
  }>(
    `SELECT posting.project_id, posting.request_id, posting.posting_id, posting.content_hash
       FROM billing.postings AS posting
       JOIN unnest($1::text[], $2::text[]) AS wanted (project_id, request_id)
         ON wanted.project_id = posting.project_id AND wanted.request_id = posting.request_id`,
    [repeated.map((posting) => posting.projectId), repeated.map((posting) => posting.requestId)],
  );
  const first = new Map(rows.map((row) => [`${row.project_id}/${row.request_id}`, row]));
  return postings.map((posting) => {
    if (added.has(posting.postingId)) return { postingId: posting.postingId, replayed: false };
    const earlier = first.get(`${posting.projectId}/${posting.requestId}`);
    assert.ok(earlier, 'a request id that was refused as repeated has a posting');
    if (earlier.content_hash !== posting.contentHash) throw requestIdReused(posting.requestId);
    return { postingId: earlier.posting_id, replayed: true };
  });
}

export const requestIdReused = (requestId: string): RequestError =>
  new RequestError({
    status: 409,
    code: 'request-id-reused',
    message: `The request id "${requestId}" was used before for something else.`,
    hint: 'Nothing was done. Repeat a request with exactly the same contents, or choose a new id for a new request.',
  });

/**
 * Adds the entries of whole postings and moves the held balances along. All entries of a posting come in one call:
 * the database refuses a statement that leaves a posting unbalanced.
 */
export async function addEntries(
  transaction: Transaction,
  held: HeldLedgerAccounts,
  postings: readonly PostingEntries[],
): Promise<void> {
  const accountIds: number[] = [];
  const sequences: number[] = [];
  const postingIds: string[] = [];
  const amounts: number[] = [];
  const balances: number[] = [];
  const touched = new Set<HeldLedgerAccount>();
  for (const posting of postings) {
    for (const entry of posting.entries) {
      const account = held.get(ledgerKeyText(entry.key));
      assert.ok(account, 'entries are only added to held ledger accounts');
      account.balanceMicros += entry.amountMicros;
      account.entries += 1;
      assert.ok(Number.isSafeInteger(account.balanceMicros), 'balances stay within ±2^53 micros');
      touched.add(account);
      accountIds.push(account.ledgerAccountId);
      sequences.push(account.entries);
      postingIds.push(posting.postingId);
      amounts.push(entry.amountMicros);
      balances.push(account.balanceMicros);
    }
  }
  if (accountIds.length === 0) return;
  await transaction.query(
    `INSERT INTO billing.entries (ledger_account_id, sequence, posting_id, amount_micros, balance_after_micros)
     SELECT * FROM unnest($1::bigint[], $2::bigint[], $3::text[], $4::bigint[], $5::bigint[])`,
    [accountIds, sequences, postingIds, amounts, balances],
  );
  const accounts = [...touched];
  await transaction.query(
    `UPDATE billing.ledger_accounts AS account
        SET balance_micros = changed.balance_micros, entries = changed.entries
       FROM unnest($1::bigint[], $2::bigint[], $3::bigint[]) AS changed (ledger_account_id, balance_micros, entries)
      WHERE account.ledger_account_id = changed.ledger_account_id`,
    [
      accounts.map((account) => account.ledgerAccountId),
      accounts.map((account) => account.balanceMicros),
      accounts.map((account) => account.entries),
    ],
  );
}
