// SPDX-License-Identifier: Apache-2.0
/** From lines to money: one posting per account, its entries, and what follows from the balances. */
import { createHash } from 'node:crypto';
import { newId, type Medium } from '@wattledger/contracts';
import type { ChargeCause } from '@wattledger/contracts/http/billing';
import type { Transaction } from '@wattledger/platform';
import type { Announcements } from '../balance/announcements.ts';
import { followBalances } from '../balance/follow-balances.ts';
import { addEntries, holdLedgerAccounts, insertPostings } from '../ledger/ledger-store.ts';
import {
  ledgerKeyText,
  revenueAccount,
  taxAccount,
  tenantBalance,
  type NewEntry,
  type NewPosting,
  type PostingEntries,
  type Who,
} from '../ledger/posting.ts';
import { writeChargeLines, type PostedLine } from './charge-writes.ts';
import type { AccountCharge, ChargePlan } from './plan-charges.ts';

/** Charges are recorded by the programme. */
export const chargingWho: Who = { id: 'billing', name: 'Charging' };

export interface ChargeOutcome {
  /** Slots in the messages, before any was found to be old news. */
  readonly slots: number;
  readonly postings: number;
  /** Accounts whose charge changed. */
  readonly accountIds: readonly string[];
  /** Σ charged, in the accounts' disfavour. */
  readonly amountMicros: number;
}
export const nothingCharged: ChargeOutcome = { slots: 0, postings: 0, accountIds: [], amountMicros: 0 };

export interface ChargeContext {
  readonly transaction: Transaction;
  readonly nowMs: number;
  readonly announcements: Announcements;
}

export interface PostingReason {
  readonly cause: ChargeCause;
  readonly noticeVersionId: string | null;
}

const amountOf = (lines: readonly { readonly amountMicros: number }[]): number =>
  lines.reduce((sum, line) => sum + line.amountMicros, 0);

/** One posting per account: its lines, and the entries that move the money. */
export async function postCharges(
  context: ChargeContext,
  { charges, chargeDays }: Pick<ChargePlan, 'charges' | 'chargeDays'>,
  { cause, noticeVersionId }: PostingReason,
): Promise<ChargeOutcome> {
  if (charges.size === 0) return nothingCharged;
  const { transaction, nowMs } = context;
  const postings: NewPosting[] = [];
  const entries: PostingEntries[] = [];
  const lines: PostedLine[] = [];
  const effectiveAt = effectiveInstants(chargeDays, nowMs);
  for (const accountCharge of charges.values()) {
    const effectiveAtMs = effectiveAt.get(accountCharge.accountId) ?? nowMs;
    const posting = chargePosting(accountCharge, { cause, noticeVersionId, nowMs, effectiveAtMs });
    postings.push(posting);
    entries.push({ postingId: posting.postingId, entries: chargeEntries(accountCharge) });
    accountCharge.lines.forEach((line, index) => {
      lines.push({
        ...line,
        postingId: posting.postingId,
        line: index + 1,
        accountId: accountCharge.accountId,
      });
    });
  }
  await insertPostings(transaction, postings);
  await writeChargeLines(transaction, lines);
  const tenants = [...charges.values()].map(({ projectId, accountId }) =>
    tenantBalance(projectId, accountId),
  );
  const shared = entries.flatMap((posting) => posting.entries.map((entry) => entry.key));
  const held = await holdLedgerAccounts(transaction, [...tenants, ...shared]);
  await addEntries(transaction, held, entries);
  await followBalances(
    transaction,
    tenants.map((key) => ({
      accountId: key.ownerId,
      balanceMicros: held.get(ledgerKeyText(key))?.balanceMicros as number,
    })),
    { cause: 'charge', supplyCause: 'charge', nowMs, announcements: context.announcements },
  );
  return {
    slots: 0,
    postings: postings.length,
    accountIds: [...charges.keys()],
    amountMicros: amountOf(lines),
  };
}

/** By account: when the newest energy charged flowed, but not in the future of a slot still open. */
function effectiveInstants(chargeDays: ChargePlan['chargeDays'], nowMs: number): ReadonlyMap<string, number> {
  const newest = new Map<string, number>();
  for (const { day, knownUntilMs } of chargeDays) {
    if (knownUntilMs === null) continue;
    const endMs = Math.min(knownUntilMs, nowMs);
    newest.set(day.accountId, Math.max(newest.get(day.accountId) ?? 0, endMs));
  }
  return newest;
}

function chargePosting(
  { projectId, accountId, lines }: AccountCharge,
  facts: {
    readonly cause: ChargeCause;
    readonly noticeVersionId: string | null;
    readonly nowMs: number;
    readonly effectiveAtMs: number;
  },
): NewPosting {
  const postingId = newId('posting');
  const consumptionByMedium: Record<Medium, number> = { electricity: 0, water: 0, gas: 0 };
  const hash = createHash('sha256');
  let fromDay = '9999-12-31';
  let toDay = '0001-01-01';
  for (const line of lines) {
    consumptionByMedium[line.medium] += line.consumption;
    if (line.localDay < fromDay) fromDay = line.localDay;
    if (line.localDay > toDay) toDay = line.localDay;
    hash.update(
      `${line.meteringPointId}|${line.segmentId}|${line.localDay}|${line.period}|${line.priceVersionId}|${line.unpricedReason}|${line.component}|${line.item}|${line.season}|${line.tier}|${line.consumption}|${line.amountMicros}\n`,
    );
  }
  return {
    postingId,
    projectId,
    kind: 'charge',
    // What makes a charge happen once is the slots' revisions; its own id serves for the caller's.
    requestId: postingId,
    contentHash: hash.digest('hex'),
    accountId,
    effectiveAtMs: facts.effectiveAtMs,
    recordedAtMs: facts.nowMs,
    recordedBy: chargingWho,
    reason: null,
    charge: {
      cause: facts.cause,
      noticeVersionId: facts.noticeVersionId,
      fromDay,
      toDay,
      lines: lines.length,
      consumptionByMedium,
    },
  };
}

/** Debits the tenant's balance once; credits the revenue of each medium, and what is owed to the tax office. */
function chargeEntries({ projectId, accountId, lines }: AccountCharge): readonly NewEntry[] {
  const credits = new Map<string, NewEntry>();
  for (const line of lines) {
    const key = line.component === 'tax' ? taxAccount(projectId) : revenueAccount(projectId, line.medium);
    const text = ledgerKeyText(key);
    const known = credits.get(text);
    credits.set(text, { key, amountMicros: (known?.amountMicros ?? 0) + line.amountMicros });
  }
  const tenant = { key: tenantBalance(projectId, accountId), amountMicros: 0 - amountOf(lines) };
  return [tenant, ...credits.values()].filter((entry) => entry.amountMicros !== 0);
}
