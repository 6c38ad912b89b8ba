// SPDX-License-Identifier: Apache-2.0
/** Suspending an account and resuming it: supply forced off with a reason, nobody warned; charges go on. */
import { newId } from '@wattledger/contracts';
import type { BalanceStage } from '@wattledger/contracts/http/billing';
import { RequestError, type Transaction } from '@wattledger/platform';
import { announce, noAnnouncements } from '../balance/announcements.ts';
import { followBalances } from '../balance/follow-balances.ts';
import { alarmsOfChange } from '../balance/stage.ts';
import { holdLedgerAccounts } from '../ledger/ledger-store.ts';
import { contentHash, ledgerKeyText, tenantBalance, type Who } from '../ledger/posting.ts';
import type { BillingParts } from '../parts.ts';
import { writeMode } from '../supply/supply-store.ts';
import { findRepeated, insertChange } from './changes-store.ts';
import { requireHead, requireOpen } from './refusals.ts';

export interface SuspensionRequest {
  readonly requestId: string;
  readonly accountId: string;
  readonly reason: string;
}

/**
 * Idempotent by its request id.
 * @throws RequestError 404 account-unknown, 409 account-closed, 409 account-suspended, 409 account-not-suspended,
 * 409 supply-protected, 409 request-id-reused
 */
export async function setSuspended(
  parts: BillingParts,
  projectId: string,
  suspended: boolean,
  request: SuspensionRequest,
  by: Who,
): Promise<void> {
  const nowMs = parts.clock.nowMs();
  const { accountId, requestId, reason } = request;
  const asked = {
    projectId,
    requestId,
    contentHash: contentHash({ command: suspended ? 'suspend' : 'resume', accountId, reason }),
  };
  await parts.database.transaction(async (transaction) => {
    await requireHead(transaction, projectId, accountId);
    const tenant = tenantBalance(projectId, accountId);
    const held = await holdLedgerAccounts(transaction, [tenant]);
    if ((await findRepeated(transaction, asked)) !== undefined) return;
    const head = await requireOpen(transaction, projectId, accountId);
    if (suspended && head.protectedSupply) throw supplyProtected();
    if (suspended === (head.suspendedSinceMs !== null)) throw suspendedAlready(suspended);
    const stage = await writeSuspension(transaction, accountId, suspended ? nowMs : null);
    await writeMode(
      transaction,
      { projectId, accountId },
      suspended ? 'forced-off' : 'automatic',
      reason,
      by,
      nowMs,
    );
    const announcements = noAnnouncements();
    // While suspended nothing is raised, so that what is raised now is cleared, and raised again at the end if it is still so.
    const [before, after]: readonly [BalanceStage, BalanceStage] = suspended
      ? [stage, 'normal']
      : ['normal', stage];
    for (const { kind, state } of alarmsOfChange(before, after)) {
      const balanceMicros = String(held.get(ledgerKeyText(tenant))?.balanceMicros);
      announcements.alarmSignals.push({
        projectId,
        kind,
        subjectKind: 'account',
        subjectId: accountId,
        state,
        at: nowMs,
        facts: { balanceMicros, tenantId: head.tenantId },
      });
    }
    const balanceMicros = held.get(ledgerKeyText(tenant))?.balanceMicros as number;
    const following = { cause: 'decision', supplyCause: 'mode', nowMs, announcements } as const;
    await followBalances(transaction, [{ accountId, balanceMicros }], following);
    await insertChange(transaction, {
      ...asked,
      changeId: newId('accountChange'),
      accountId,
      kind: suspended ? 'suspended' : 'resumed',
      effectiveAtMs: nowMs,
      recordedAtMs: nowMs,
      recordedBy: by,
      reason,
      facts: {},
    });
    await announce(parts.eventLog, transaction, announcements);
  });
  parts.wake.supply();
}

/** Answers the stage of the balance, which goes on while nobody is warned. */
async function writeSuspension(
  transaction: Transaction,
  accountId: string,
  sinceMs: number | null,
): Promise<BalanceStage> {
  const { rows } = await transaction.query<{ stage: BalanceStage }>(
    'UPDATE billing.accounts AS account SET suspended_since_ms = $2 WHERE account.account_id = $1 RETURNING account.stage',
    [accountId, sinceMs],
  );
  const [row] = rows;
  if (row === undefined) throw new Error('an open account is there');
  return row.stage;
}

const supplyProtected = (): RequestError =>
  new RequestError({
    status: 409,
    code: 'supply-protected',
    message: 'This supply is protected: it is never disconnected, so the account cannot be suspended.',
    hint: 'Take the protection off the account first, if it is wrong.',
  });
const suspendedAlready = (suspended: boolean): RequestError =>
  new RequestError({
    status: 409,
    code: suspended ? 'account-suspended' : 'account-not-suspended',
    message: suspended ? 'The account is suspended already.' : 'The account is not suspended.',
    hint: 'Nothing was done; look at the record of the account.',
  });
