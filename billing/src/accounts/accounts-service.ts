// SPDX-License-Identifier: Apache-2.0
/** Accounts: open, close, settle, change thresholds, list, detail. */
import { newId } from '@wattledger/contracts';
import type {
  AccountChangeAnswer,
  AccountDetail,
  AccountHistory,
  AccountList,
  AccountProposal,
  AccountRecordList,
  AccountRow,
  AccountThresholdsBody,
  CloseAccountAnswer,
  ClosePreview,
  OpeningListAnswer,
  OpeningTemplate,
  TenantChangeAnswer,
} from '@wattledger/contracts/http/billing';
import { RequestError, type Transaction } from '@wattledger/platform';
import { announce, noAnnouncements } from '../balance/announcements.ts';
import { followBalances } from '../balance/follow-balances.ts';
import { loadAsOf } from '../charging/as-of.ts';
import { holdLedgerAccounts } from '../ledger/ledger-store.ts';
import { contentHash, ledgerKeyText, tenantBalance, type Who } from '../ledger/posting.ts';
import { projectOf, type BillingParts } from '../parts.ts';
import type { MountedMeters } from '../supply/mounted-meters.ts';
import { loadPendingPayments } from '../vending/pending-payments-store.ts';
import { accountUnknown } from '../vending/record-vends.ts';
import type { NewAccount } from './account.ts';
import {
  countAccounts,
  loadAccountExtras,
  loadAccountRows,
  loadUnpriced,
  type AccountFilter,
} from './accounts-read.ts';
import { loadAccountHead, updateThresholds, type AccountHead } from './accounts-store.ts';
import { loadHistory } from './account-history.ts';
import { loadRecords, type RecordFilter } from './account-records.ts';
import { changeAccount, type ChangeRequest } from './change-account.ts';
import { changeTenant, type TenantChangeRequest } from './change-tenant.ts';
import { insertChange } from './changes-store.ts';
import {
  closeAccount,
  previewClosing,
  settleAccount,
  type CloseRequest,
  type SettleRequest,
} from './close-account.ts';
import { openAccounts } from './open-accounts.ts';
import { openingTemplate, openList, type OpeningList } from './open-list.ts';
import { proposeOpening, type ProposalQuestion } from './opening-proposal.ts';
import { setSuspended, type SuspensionRequest } from './suspend-account.ts';

export interface AccountsService {
  /** Opens accounts and answers their ids in order; see open-accounts.ts for what is refused. */
  open(projectId: string, accounts: readonly NewAccount[], by: Who): Promise<readonly string[]>;
  close(projectId: string, request: CloseRequest, by: Who): Promise<CloseAccountAnswer>;
  settle(projectId: string, request: SettleRequest, by: Who): Promise<CloseAccountAnswer>;
  previewClosing(projectId: string, accountId: string, closedAtMs: number): Promise<ClosePreview>;
  /** Points, schemes and contracted demand of an open account; see change-account.ts for what is refused. */
  change(projectId: string, request: ChangeRequest, by: Who): Promise<AccountChangeAnswer>;
  changeTenant(projectId: string, request: TenantChangeRequest, by: Who): Promise<TenantChangeAnswer>;
  setSuspended(projectId: string, suspended: boolean, request: SuspensionRequest, by: Who): Promise<void>;
  openList(projectId: string, list: OpeningList, by: Who): Promise<OpeningListAnswer>;
  openingTemplate(projectId: string): Promise<OpeningTemplate>;
  proposal(projectId: string, question: ProposalQuestion): Promise<AccountProposal>;
  records(projectId: string, filter: RecordFilter): Promise<AccountRecordList>;
  history(projectId: string, accountId: string): Promise<AccountHistory>;
  /** @throws RequestError 404 account-unknown, 409 account-closed, 422 thresholds-crossed */
  setThresholds(
    projectId: string,
    accountId: string,
    thresholds: AccountThresholdsBody,
    by: Who,
  ): Promise<void>;
  list(filter: AccountFilter): Promise<AccountList>;
  row(projectId: string, accountId: string): Promise<AccountRow>;
  /** Refuses an account that the project does not have. @throws RequestError 404 account-unknown */
  require(projectId: string, accountId: string): Promise<void>;
  detail(projectId: string, accountId: string): Promise<AccountDetail>;
}

export function createAccountsService(parts: BillingParts, mounted: MountedMeters): AccountsService {
  const { database, clock, eventLog } = parts;

  async function row(projectId: string, accountId: string): Promise<AccountRow> {
    const [found] = await loadAccountRows(parts, mounted, { projectId, accountId, state: 'all', limit: 1 });
    if (found === undefined) throw accountUnknown(accountId);
    return found;
  }

  return {
    row,
    async require(projectId, accountId) {
      if ((await loadAccountHead(database, projectId, accountId)) === undefined)
        throw accountUnknown(accountId);
    },
    open: async (projectId, accounts, by) => await openAccounts(parts, projectId, accounts, by),
    close: async (projectId, request, by) => await closeAccount(parts, projectId, request, by),
    settle: async (projectId, request, by) => await settleAccount(parts, projectId, request, by),
    previewClosing: async (projectId, accountId, closedAtMs) =>
      await previewClosing(parts, projectId, accountId, closedAtMs),
    change: async (projectId, request, by) => await changeAccount(parts, projectId, request, by),
    changeTenant: async (projectId, request, by) => await changeTenant(parts, projectId, request, by),
    setSuspended: async (projectId, suspended, request, by) =>
      await setSuspended(parts, projectId, suspended, request, by),
    openList: async (projectId, list, by) => await openList(parts, projectId, list, by),
    openingTemplate: async (projectId) => await openingTemplate(parts, projectId),
    proposal: async (projectId, question) => await proposeOpening(parts, projectId, question),
    records: async (projectId, filter) => await loadRecords(parts, projectId, filter),
    history: async (projectId, accountId) => await loadHistory(parts, projectId, accountId),
    async setThresholds(projectId, accountId, thresholds, by) {
      requireOrder(thresholds);
      const nowMs = clock.nowMs();
      await database.transaction(async (transaction) => {
        const head = await loadAccountHead(transaction, projectId, accountId);
        if (head === undefined) throw accountUnknown(accountId);
        if (head.state === 'closed') throw accountIsClosed();
        const key = tenantBalance(projectId, accountId);
        const held = await holdLedgerAccounts(transaction, [key]);
        await updateThresholds(transaction, accountId, thresholds);
        await noteThresholds(transaction, projectId, head, thresholds, by, nowMs);
        const balanceMicros = held.get(ledgerKeyText(key))?.balanceMicros as number;
        const announcements = noAnnouncements();
        const following = { cause: 'decision', supplyCause: 'policy', nowMs, announcements } as const;
        await followBalances(transaction, [{ accountId, balanceMicros }], following);
        await announce(eventLog, transaction, announcements);
      });
      parts.wake.supply();
    },
    async list(filter) {
      const project = projectOf(parts, filter.projectId);
      const [accounts, total] = await Promise.all([
        loadAccountRows(parts, mounted, filter),
        countAccounts(database, filter),
      ]);
      const next = accounts.length === filter.limit ? (accounts.at(-1)?.accountId ?? null) : null;
      return { currency: project.currency, accounts: [...accounts], total, next };
    },
    async detail(projectId, accountId) {
      const project = projectOf(parts, projectId);
      const nowMs = clock.nowMs();
      const staleAfterMs = 2 * project.pollIntervalSeconds * 1000;
      const [account, extras, unpriced, pendingPayments, asOf] = await Promise.all([
        row(projectId, accountId),
        loadAccountExtras(database, accountId),
        loadUnpriced(database, accountId),
        loadPendingPayments(database, accountId, nowMs),
        loadAsOf(database, { projectId, accountId, nowMs, staleAfterMs }),
      ]);
      if (extras === undefined) throw accountUnknown(accountId);
      return {
        ...account,
        ...extras,
        currency: project.currency,
        zone: project.zone,
        unpriced,
        pendingPayments: [...pendingPayments],
        asOf,
      };
    },
  };
}

/** In the record of the account. Setting the same again changes nothing, so the change's own id serves for the caller's. */
async function noteThresholds(
  transaction: Transaction,
  projectId: string,
  head: AccountHead,
  thresholds: AccountThresholdsBody,
  by: Who,
  nowMs: number,
): Promise<void> {
  const changeId = newId('accountChange');
  const { alarm1Micros, alarm2Micros, hysteresisMicros, protectedSupply } = head;
  await insertChange(transaction, {
    changeId,
    projectId,
    accountId: head.accountId,
    requestId: changeId,
    contentHash: contentHash(thresholds),
    kind: 'thresholds-changed',
    effectiveAtMs: nowMs,
    recordedAtMs: nowMs,
    recordedBy: by,
    reason: null,
    facts: {
      thresholdsBefore: { alarm1Micros, alarm2Micros, hysteresisMicros, protectedSupply },
      thresholdsAfter: thresholds,
    },
  });
}

function requireOrder(thresholds: AccountThresholdsBody): void {
  if (thresholds.alarm2Micros <= thresholds.alarm1Micros) return;
  throw new RequestError({
    status: 422,
    code: 'thresholds-crossed',
    message: 'The second alarm is the deeper one.',
    hint: 'Give alarm2Micros at most alarm1Micros.',
    faults: [{ path: 'alarm2Micros', message: 'above alarm1Micros' }],
  });
}

const accountIsClosed = (): RequestError =>
  new RequestError({
    status: 409,
    code: 'account-closed',
    message: 'The account is closed.',
    hint: 'Only open accounts have thresholds and a supply mode.',
  });
