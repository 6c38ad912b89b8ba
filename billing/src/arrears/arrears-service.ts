// SPDX-License-Identifier: Apache-2.0
/** Arrears agreements: made, ended, written down; each a posting, all under the account's balance. */
import { newId } from '@wattledger/contracts';
import type {
  AllocationPreview,
  ArrearsAgreement,
  ArrearsList,
  ArrearsState,
  Instalment,
} from '@wattledger/contracts/http/billing';
import type { Queryable, Transaction } from '@wattledger/platform';
import { announce, noAnnouncements } from '../balance/announcements.ts';
import { followBalances } from '../balance/follow-balances.ts';
import { loadBalance } from '../ledger/ledger-read.ts';
import { addEntries, claimPostings, holdLedgerAccounts } from '../ledger/ledger-store.ts';
import {
  contentHash,
  ledgerKeyText,
  moveEntries,
  tenantArrears,
  tenantBalance,
  type LedgerAccountKey,
  type NewPosting,
  type Who,
} from '../ledger/posting.ts';
import { dayInProject, projectOf, type BillingParts } from '../parts.ts';
import { accountUnknown } from '../vending/record-vends.ts';
import { faultsOfInstalments, overdueMicros } from './agreement-terms.ts';
import {
  insertAgreement,
  loadAgreements,
  loadDebtors,
  type AgreementFilter,
  type StoredAgreement,
} from './agreements-store.ts';
import { agreementRefused } from './arrears-errors.ts';
import { insertMovements, setAgreementState } from './movements-store.ts';
import { loadRecovery } from './recovery.ts';

export interface AgreementRequest {
  readonly requestId: string;
  readonly accountId: string;
  readonly origin: 'balance' | 'brought';
  readonly amountMicros: number;
  readonly sharePpm: number;
  readonly capPerVendMicros: number | null;
  readonly capPerMonthMicros: number | null;
  readonly instalments: readonly Instalment[];
  readonly holder: string;
  readonly signedBy: string;
  readonly reason: string;
  readonly evidence: string | null;
}
export interface AgreementChange {
  readonly requestId: string;
  readonly agreementId: string;
  readonly reason: string;
  /** Forgiven; null: the whole rest goes back to the balance. */
  readonly writtenDownMicros: number | null;
}

export interface ArrearsService {
  /** @throws RequestError 404 account-unknown, 409 account-closed, agreement-active, 422 agreement-refused, 409 request-id-reused */
  make(projectId: string, request: AgreementRequest, by: Who): Promise<ArrearsAgreement>;
  /** Ends or writes down. @throws RequestError 404 agreement-unknown, 409 agreement-over, 422 agreement-refused */
  change(projectId: string, change: AgreementChange, by: Who): Promise<ArrearsAgreement>;
  agreements(filter: AgreementFilter): Promise<readonly ArrearsAgreement[]>;
  list(projectId: string, state: ArrearsState | 'all', accountId?: string): Promise<ArrearsList>;
  /** How a vend of an amount would be divided now. @throws RequestError 404 account-unknown */
  preview(projectId: string, accountId: string, amountMicros: number): Promise<AllocationPreview>;
}

export function createArrearsService(parts: BillingParts): ArrearsService {
  const { database, clock, registry } = parts;

  async function agreements(filter: AgreementFilter): Promise<readonly ArrearsAgreement[]> {
    const today = dayInProject(projectOf(parts, filter.projectId), clock.nowMs());
    const stored = await loadAgreements(database, filter);
    return stored.map(({ tenantId, ...agreement }) => ({
      ...agreement,
      tenantName: registry.get('tenant', tenantId)?.name ?? tenantId,
      overdueMicros:
        agreement.state === 'active' ? overdueMicros(agreement, agreement.instalments, today) : 0,
      paidThisMonthMicros: agreement.movements
        .filter(
          ({ kind, localDay }) =>
            (kind === 'payment' || kind === 'reversal') && localDay.slice(0, 7) === today.slice(0, 7),
        )
        .reduce((sum, movement) => sum + movement.amountMicros, 0),
    }));
  }

  async function one(filter: AgreementFilter): Promise<ArrearsAgreement> {
    const [agreement] = await agreements(filter);
    if (agreement === undefined) throw agreementRefused('agreement-unknown');
    return agreement;
  }

  return {
    agreements,
    async make(projectId, request, by) {
      const nowMs = clock.nowMs();
      projectOf(parts, projectId);
      const postingId = await database.transaction(
        async (transaction) => await makeAgreement(parts, transaction, { projectId, request, by, nowMs }),
      );
      parts.wake.supply();
      return await one({ projectId, postingId });
    },
    async change(projectId, change, by) {
      const nowMs = clock.nowMs();
      const { agreementId } = change;
      const { accountId } = await one({ projectId, agreementId });
      await database.transaction(async (transaction) => {
        await changeAgreement(parts, transaction, { projectId, accountId, change, by, nowMs });
      });
      parts.wake.supply();
      return await one({ projectId, agreementId });
    },
    async list(projectId, state, accountId) {
      const { currency } = projectOf(parts, projectId);
      const [found, debtors] = await Promise.all([
        agreements({ projectId, accountId, state: state === 'all' ? undefined : state }),
        loadDebtors(database, projectId),
      ]);
      const active = found.filter((agreement) => agreement.state === 'active');
      const sum = (of: (agreement: ArrearsAgreement) => number): number =>
        active.reduce((total, agreement) => total + of(agreement), 0);
      return {
        currency,
        agreements: [...found],
        restMicros: sum((agreement) => agreement.restMicros),
        overdueMicros: sum((agreement) => agreement.overdueMicros),
        debtors: debtors.map(({ tenantId, ...debtor }) => ({
          ...debtor,
          tenantName: registry.get('tenant', tenantId)?.name ?? tenantId,
        })),
      };
    },
    async preview(projectId, accountId, amountMicros) {
      const project = projectOf(parts, projectId);
      await requireOpen(database, projectId, accountId, false);
      const [balanceBeforeMicros, recovery, active] = await Promise.all([
        loadBalance(database, projectId, accountId),
        loadRecovery(database, project, [accountId]),
        loadAgreements(database, { projectId, accountId, state: 'active' }),
      ]);
      const vend = { accountId, balanceMicros: balanceBeforeMicros, effectiveAtMs: clock.nowMs() };
      const divided = recovery.divide({ ...vend, amountMicros });
      const arrearsBeforeMicros = active[0]?.restMicros ?? 0;
      const owed = recovery.emergencyOwed(accountId, balanceBeforeMicros);
      return {
        amountMicros,
        parts: divided,
        balanceBeforeMicros,
        balanceAfterMicros: balanceBeforeMicros + amountMicros - divided.arrearsMicros,
        arrearsBeforeMicros,
        arrearsAfterMicros: arrearsBeforeMicros - divided.arrearsMicros,
        emergencyOwedBeforeMicros: owed,
        emergencyOwedAfterMicros: owed - divided.emergencyMicros,
      };
    },
  };
}

interface Making {
  readonly projectId: string;
  readonly request: AgreementRequest;
  readonly by: Who;
  readonly nowMs: number;
}

async function makeAgreement(
  parts: BillingParts,
  transaction: Transaction,
  { projectId, request, by, nowMs }: Making,
): Promise<string> {
  const { requestId, accountId, amountMicros } = request;
  const posting = arrearsPosting(
    { projectId, accountId, requestId, by, nowMs, reason: request.reason },
    request,
  );
  const [claim] = await claimPostings(transaction, [posting]);
  if (claim?.replayed === true) return claim.postingId;
  await requireOpen(transaction, projectId, accountId, true);
  const { balanceMicros, hold } = await holdBalance(transaction, projectId, accountId);
  const [active] = await loadAgreements(transaction, { projectId, accountId, state: 'active' });
  if (active !== undefined) throw agreementRefused('agreement-active');
  const faults = [
    ...faultsOfInstalments(request.instalments, amountMicros),
    ...faultsOfDebt(request, balanceMicros),
  ];
  if (faults.length > 0) throw agreementRefused('agreement-refused', faults);
  const arrears = tenantArrears(projectId, accountId);
  const from: LedgerAccountKey =
    request.origin === 'balance'
      ? tenantBalance(projectId, accountId)
      : { projectId, kind: 'arrears-brought', ownerId: '' };
  const held = await hold([arrears, from]);
  const { postingId } = posting;
  await insertAgreement(transaction, {
    ...request,
    agreementId: newId('arrearsAgreement'),
    projectId,
    postingId,
    madeBy: by,
    madeAtMs: nowMs,
  });
  await addEntries(transaction, held, [{ postingId, entries: moveEntries(arrears, from, amountMicros) }]);
  await follow(parts, transaction, held, { projectId, accountId, nowMs });
  return postingId;
}

function faultsOfDebt(
  request: AgreementRequest,
  balanceMicros: number,
): readonly { readonly path: string; readonly message: string }[] {
  if (request.origin === 'brought')
    return request.evidence === null
      ? [{ path: 'evidence', message: 'a debt from elsewhere needs its evidence' }]
      : [];
  const owedMicros = Math.max(0, -balanceMicros);
  return request.amountMicros > owedMicros
    ? [{ path: 'amountMicros', message: `the balance is only ${owedMicros} micros below zero` }]
    : [];
}

interface Changing {
  readonly projectId: string;
  readonly accountId: string;
  readonly change: AgreementChange;
  readonly by: Who;
  readonly nowMs: number;
}

async function changeAgreement(
  parts: BillingParts,
  transaction: Transaction,
  { projectId, accountId, change, by, nowMs }: Changing,
): Promise<void> {
  const { requestId, agreementId, reason, writtenDownMicros } = change;
  const posting = arrearsPosting({ projectId, accountId, requestId, by, nowMs, reason }, change);
  const [claim] = await claimPostings(transaction, [posting]);
  if (claim?.replayed === true) return;
  const { hold } = await holdBalance(transaction, projectId, accountId);
  const [agreement] = await loadAgreements(transaction, { projectId, agreementId });
  if (agreement?.state !== 'active') throw agreementRefused('agreement-over');
  if (writtenDownMicros !== null && writtenDownMicros > agreement.restMicros) {
    const message = `only ${agreement.restMicros} micros are still owed`;
    throw agreementRefused('agreement-refused', [{ path: 'amountMicros', message }]);
  }
  const amountMicros = writtenDownMicros ?? agreement.restMicros;
  const source: LedgerAccountKey =
    writtenDownMicros === null
      ? tenantBalance(projectId, accountId)
      : { projectId, kind: 'arrears-written-down', ownerId: '' };
  const arrears = tenantArrears(projectId, accountId);
  const held = await hold([arrears, source]);
  const { postingId } = posting;
  await endPart(
    transaction,
    { agreement, postingId, amountMicros, nowMs, reason, ...dayOf(parts, projectId, nowMs) },
    writtenDownMicros === null ? 'returned' : 'written-down',
  );
  await addEntries(transaction, held, [{ postingId, entries: moveEntries(source, arrears, amountMicros) }]);
  await follow(parts, transaction, held, { projectId, accountId, nowMs });
}

const dayOf = (parts: BillingParts, projectId: string, nowMs: number): { readonly localDay: string } => ({
  localDay: dayInProject(projectOf(parts, projectId), nowMs),
});

/** Takes an amount off an agreement that no vend pays; with nothing left it is over. */
async function endPart(
  transaction: Transaction,
  part: {
    readonly agreement: StoredAgreement;
    readonly postingId: string;
    readonly amountMicros: number;
    readonly localDay: string;
    readonly nowMs: number;
    readonly reason: string;
  },
  kind: 'returned' | 'written-down',
): Promise<void> {
  const { agreementId, restMicros } = part.agreement;
  const { postingId, amountMicros, localDay, nowMs } = part;
  await insertMovements(transaction, [
    { postingId, agreementId, kind, amountMicros, localDay, recordedAtMs: nowMs },
  ]);
  if (amountMicros === restMicros)
    await setAgreementState(
      transaction,
      agreementId,
      kind === 'returned' ? 'ended' : kind,
      nowMs,
      part.reason,
    );
}

/**
 * Ends the agreement of an account that is being closed: its rest goes back to the balance under the posting given. The
 * caller holds the balance and adds the entries. Null when there is none.
 */
export async function returnArrears(
  transaction: Transaction,
  closing: {
    readonly projectId: string;
    readonly accountId: string;
    readonly postingId: string;
    readonly localDay: string;
    readonly nowMs: number;
    readonly reason: string;
  },
): Promise<{ readonly key: LedgerAccountKey; readonly amountMicros: number } | null> {
  const { projectId, accountId } = closing;
  const [agreement] = await loadAgreements(transaction, { projectId, accountId, state: 'active' });
  if (agreement === undefined) return null;
  const amountMicros = agreement.restMicros;
  await endPart(transaction, { ...closing, agreement, amountMicros }, 'returned');
  return { key: tenantArrears(projectId, accountId), amountMicros };
}

/** Holds the balance first: whoever moves the arrears of an account holds its balance. */
async function holdBalance(transaction: Transaction, projectId: string, accountId: string) {
  const tenant = tenantBalance(projectId, accountId);
  const tenants = await holdLedgerAccounts(transaction, [tenant]);
  const balanceMicros = tenants.get(ledgerKeyText(tenant))?.balanceMicros ?? 0;
  const hold = async (keys: readonly LedgerAccountKey[]) => {
    const others = keys.filter((key) => key.kind !== 'tenant-balance');
    return new Map([...tenants, ...(await holdLedgerAccounts(transaction, others))]);
  };
  return { balanceMicros, hold };
}

async function follow(
  parts: BillingParts,
  transaction: Transaction,
  held: Awaited<ReturnType<typeof holdLedgerAccounts>>,
  account: { readonly projectId: string; readonly accountId: string; readonly nowMs: number },
): Promise<void> {
  const { projectId, accountId, nowMs } = account;
  const balanceMicros = held.get(ledgerKeyText(tenantBalance(projectId, accountId)))?.balanceMicros ?? 0;
  const announcements = noAnnouncements();
  await followBalances(transaction, [{ accountId, balanceMicros }], {
    cause: 'arrears',
    supplyCause: 'charge',
    nowMs,
    announcements,
  });
  await announce(parts.eventLog, transaction, announcements);
}

const arrearsPosting = (
  head: {
    readonly projectId: string;
    readonly accountId: string;
    readonly requestId: string;
    readonly by: Who;
    readonly nowMs: number;
    readonly reason: string;
  },
  contents: object,
): NewPosting => ({
  postingId: newId('posting'),
  projectId: head.projectId,
  kind: 'arrears-agreement',
  requestId: head.requestId,
  contentHash: contentHash({ command: 'arrears-agreement', ...contents }),
  accountId: head.accountId,
  effectiveAtMs: head.nowMs,
  recordedAtMs: head.nowMs,
  recordedBy: head.by,
  reason: head.reason,
  charge: null,
});

/** @throws RequestError 404 account-unknown, 409 account-closed */
async function requireOpen(
  queryable: Queryable,
  projectId: string,
  accountId: string,
  open: boolean,
): Promise<void> {
  const { rows } = await queryable.query<{ state: string }>(
    'SELECT account.state FROM billing.accounts AS account WHERE account.account_id = $1 AND account.project_id = $2',
    [accountId, projectId],
  );
  if (rows[0] === undefined) throw accountUnknown(accountId);
  if (open && rows[0].state !== 'open') throw agreementRefused('account-closed');
}
