// SPDX-License-Identifier: Apache-2.0
/** What a posting is, before any database: accounts, sides, and the fingerprint of what was asked. */
import { createHash } from 'node:crypto';
import type { ChargeCause, PaymentMeans, PostingKind } from '@wattledger/contracts/http/billing';
import type { Medium } from '@wattledger/contracts';

export type LedgerAccountKind =
  | 'tenant-balance'
  | 'tenant-arrears'
  | 'arrears-brought'
  | 'arrears-written-down'
  | 'cash'
  | 'card'
  | 'transfer'
  | 'cheque'
  | 'online'
  | 'cash-difference'
  | 'electricity-revenue'
  | 'water-revenue'
  | 'gas-revenue'
  | 'shared-cost-revenue'
  | 'property-fee-revenue'
  | 'tax-payable'
  | 'payout';

/** Names one ledger account. `ownerId` is the prepaid account of a tenant's balance or arrears, else ''. */
export interface LedgerAccountKey {
  readonly projectId: string;
  readonly kind: LedgerAccountKind;
  readonly ownerId: string;
}

export const tenantBalance = (projectId: string, accountId: string): LedgerAccountKey => ({
  projectId,
  kind: 'tenant-balance',
  ownerId: accountId,
});
/** What the account owes by agreement: never above zero. */
export const tenantArrears = (projectId: string, accountId: string): LedgerAccountKey => ({
  projectId,
  kind: 'tenant-arrears',
  ownerId: accountId,
});
/** Where money received lies: one clearing account per means. */
export const clearingAccount = (projectId: string, means: PaymentMeans): LedgerAccountKey => ({
  projectId,
  kind: means,
  ownerId: '',
});
export const revenueAccount = (projectId: string, medium: Medium): LedgerAccountKey => ({
  projectId,
  kind: `${medium}-revenue`,
  ownerId: '',
});
/** Taxes charged: owed to the tax office, no revenue. */
export const taxAccount = (projectId: string): LedgerAccountKey => ({
  projectId,
  kind: 'tax-payable',
  ownerId: '',
});
/** What has been paid out to tenants. */
export const payoutAccount = (projectId: string): LedgerAccountKey => ({
  projectId,
  kind: 'payout',
  ownerId: '',
});

export const ledgerKeyText = (key: LedgerAccountKey): string => `${key.projectId}/${key.kind}/${key.ownerId}`;

export interface Who {
  readonly id: string;
  readonly name: string;
}

/** Facts of a charge posting, summed from its lines. */
export interface ChargeFacts {
  readonly cause: ChargeCause;
  readonly noticeVersionId: string | null;
  readonly fromDay: string;
  readonly toDay: string;
  readonly lines: number;
  readonly consumptionByMedium: Readonly<Record<Medium, number>>;
}

export interface NewPosting {
  readonly postingId: string;
  readonly projectId: string;
  readonly kind: PostingKind;
  readonly requestId: string;
  readonly contentHash: string;
  readonly accountId: string;
  readonly effectiveAtMs: number;
  readonly recordedAtMs: number;
  readonly recordedBy: Who;
  readonly reason: string | null;
  readonly charge: ChargeFacts | null;
}

/** Signed micros: credit positive, debit negative. */
export interface NewEntry {
  readonly key: LedgerAccountKey;
  readonly amountMicros: number;
}
export interface PostingEntries {
  readonly postingId: string;
  readonly entries: readonly NewEntry[];
}

/**
 * Two entries that move an amount from one account to the other; none for nothing.
 * A positive amount debits `from` and credits `to`, a negative one the other way round.
 */
export function moveEntries(
  from: LedgerAccountKey,
  to: LedgerAccountKey,
  amountMicros: number,
): readonly NewEntry[] {
  if (amountMicros === 0) return [];
  return [
    { key: from, amountMicros: -amountMicros },
    { key: to, amountMicros },
  ];
}

/** Fingerprint of a command: the same contents in any order of fields give the same hash. */
export function contentHash(contents: unknown): string {
  return createHash('sha256').update(canonicalJson(contents)).digest('hex');
}

function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  if (value !== null && typeof value === 'object') {
    const fields = Object.entries(value)
      .filter(([, field]) => field !== undefined)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, field]) => `${JSON.stringify(name)}:${canonicalJson(field)}`);
    return `{${fields.join(',')}}`;
  }
  return JSON.stringify(value) ?? 'null';
}
