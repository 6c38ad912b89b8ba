// SPDX-License-Identifier: Apache-2.0
/** Posts the lines of a run: one posting an account, its lines together; a reversal is the same with the sign turned. */
import { newId } from '@wattledger/contracts';
import type { SharedCostLine } from '@wattledger/contracts/http/billing';
import type { Transaction } from '@wattledger/platform';
import { announce, noAnnouncements } from '../balance/announcements.ts';
import { followBalances } from '../balance/follow-balances.ts';
import { addEntries, claimPostings, holdLedgerAccounts } from '../ledger/ledger-store.ts';
import {
  contentHash,
  ledgerKeyText,
  tenantBalance,
  type LedgerAccountKey,
  type NewPosting,
} from '../ledger/posting.ts';
import type { BillingParts } from '../parts.ts';
import type { Rule } from './rules-store.ts';
import type { StoredLine, StoredRun } from './runs-store.ts';

interface AccountShare {
  readonly accountId: string;
  readonly amountMicros: number;
  readonly taxMicros: number;
  readonly posting: NewPosting;
}

export async function postRun(
  parts: BillingParts,
  transaction: Transaction,
  rule: Rule,
  run: StoredRun,
  lines: readonly Omit<SharedCostLine, 'tenantName'>[],
): Promise<readonly StoredLine[]> {
  const shares = sharesByAccount(rule, run, lines);
  await claimPostings(
    transaction,
    shares.map((share) => share.posting),
  );
  const own = (kind: LedgerAccountKey['kind']): LedgerAccountKey => ({
    projectId: rule.projectId,
    kind,
    ownerId: '',
  });
  const revenue = own(`${rule.kind}-revenue`);
  const held = await holdLedgerAccounts(transaction, [
    ...shares.map((share) => tenantBalance(rule.projectId, share.accountId)),
    ...(shares.length === 0 ? [] : [revenue, own('tax-payable')]),
  ]);
  await addEntries(
    transaction,
    held,
    shares.map(({ posting, accountId, amountMicros, taxMicros }) => ({
      postingId: posting.postingId,
      entries: [
        { key: tenantBalance(rule.projectId, accountId), amountMicros: -amountMicros - taxMicros },
        { key: revenue, amountMicros },
        { key: own('tax-payable'), amountMicros: taxMicros },
      ].filter((entry) => entry.amountMicros !== 0),
    })),
  );
  const announcements = noAnnouncements();
  const changes = shares.map(({ accountId }) => ({
    accountId,
    balanceMicros: held.get(ledgerKeyText(tenantBalance(rule.projectId, accountId)))?.balanceMicros ?? 0,
  }));
  const nowMs = run.postedAtMs;
  await followBalances(transaction, changes, {
    cause: 'shared-cost',
    supplyCause: 'charge',
    nowMs,
    announcements,
  });
  await announce(parts.eventLog, transaction, announcements);
  const postings = new Map(shares.map(({ accountId, posting }) => [accountId, posting.postingId]));
  return lines.map((line) => ({ ...line, postingId: postings.get(line.accountId ?? '') ?? null }));
}

/** One share an account, in id order; accounts whose lines come to nothing are left out. */
function sharesByAccount(
  rule: Rule,
  run: StoredRun,
  lines: readonly Omit<SharedCostLine, 'tenantName'>[],
): readonly AccountShare[] {
  const byAccount = Map.groupBy(
    lines.filter((line) => line.accountId !== null),
    (line) => line.accountId ?? '',
  );
  return [...byAccount]
    .map(([accountId, own]) => ({
      accountId,
      amountMicros: own.reduce((sum, line) => sum + line.amountMicros, 0),
      taxMicros: own.reduce((sum, line) => sum + line.taxMicros, 0),
    }))
    .filter((share) => share.amountMicros !== 0)
    .sort((a, b) => (a.accountId < b.accountId ? -1 : 1))
    .map((share) => ({ ...share, posting: postingOf(rule, run, share) }));
}

const postingOf = (
  rule: Rule,
  run: StoredRun,
  { accountId, amountMicros, taxMicros }: Omit<AccountShare, 'posting'>,
): NewPosting => ({
  postingId: newId('posting'),
  projectId: rule.projectId,
  kind: 'shared-cost',
  requestId: `${run.runId}/${accountId}`,
  contentHash: contentHash({ command: 'shared-cost', runId: run.runId, accountId, amountMicros, taxMicros }),
  accountId,
  effectiveAtMs: run.postedAtMs,
  recordedAtMs: run.postedAtMs,
  recordedBy: run.postedBy,
  reason: run.reason === null ? `${rule.name} ${run.month}` : `${rule.name} ${run.month}: ${run.reason}`,
  charge: null,
});
