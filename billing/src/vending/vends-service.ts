// SPDX-License-Identifier: Apache-2.0
/** Vends ("top up" on screens), their reversal, and payments announced but not arrived. */
import { newId } from '@wattledger/contracts';
import type { PaymentMeans, Vend } from '@wattledger/contracts/http/billing';
import { RequestError, type Transaction } from '@wattledger/platform';
import { announce, noAnnouncements } from '../balance/announcements.ts';
import { followBalances, lookAtSupply } from '../balance/follow-balances.ts';
import { requestIdReused } from '../ledger/ledger-store.ts';
import { contentHash, type Who } from '../ledger/posting.ts';
import { projectOf, type BillingParts } from '../parts.ts';
import { reverseVend, vendUnknown, type ReversalRequest } from './reverse-vend.ts';
import { cancelPendingPayment, insertPendingPayment } from './pending-payments-store.ts';
import { accountUnknown, recordVends, type NewVend } from './record-vends.ts';
import { loadVends, type VendFilter } from './vends-store.ts';

export interface CounterVend {
  readonly requestId: string;
  readonly accountId: string;
  readonly amountMicros: number;
  readonly means: PaymentMeans;
  readonly reference?: string | undefined;
  readonly drawerBank?: string | undefined;
  readonly receivedMicros?: number | undefined;
  readonly pendingPaymentId?: string | undefined;
}
/** A vend of a back office or a seed, which may name when the money was received. */
export interface BackOfficeVend extends CounterVend {
  readonly effectiveAtMs: number;
  readonly cashier: Who;
}
export interface PendingPaymentRequest {
  readonly requestId: string;
  readonly accountId: string;
  readonly amountMicros: number;
  readonly means: PaymentMeans;
  readonly reference: string;
  readonly expiresAtMs: number;
}

export interface VendsService {
  /** @throws RequestError 404 account-unknown, 409 account-closed, 409 request-id-reused, 409 pending-payment-gone */
  vend(projectId: string, vend: CounterVend, cashier: Who): Promise<Vend>;
  /** Many at once, oldest first, all or none per 500. Only for seeds and a back office that brings its books along. */
  vendMany(projectId: string, vends: readonly BackOfficeVend[]): Promise<void>;
  /** Same local day and enough balance, or a person who may override. @throws RequestError 404 vend-unknown, 409 vend-reversed, 409 reversal-refused */
  reverse(projectId: string, request: ReversalRequest, by: Who, mayOverride: boolean): Promise<Vend>;
  list(filter: VendFilter): Promise<readonly Vend[]>;
  announcePayment(
    projectId: string,
    request: PendingPaymentRequest,
    by: Who,
  ): Promise<{ pendingPaymentId: string; expiresAtMs: number }>;
  /** @throws RequestError 404 pending-payment-unknown */
  cancelPayment(ids: {
    readonly projectId: string;
    readonly accountId: string;
    readonly pendingPaymentId: string;
  }): Promise<void>;
}

const vendsPerTransactionMax = 500;
const announcedAheadMsMax = 14 * 24 * 3_600_000;

export function createVendsService(parts: BillingParts): VendsService {
  const { database, clock, eventLog, registry } = parts;

  async function list(filter: VendFilter): Promise<readonly Vend[]> {
    const vends = await loadVends(database, filter);
    return vends.map((vend) => ({
      ...vend,
      tenantName: registry.get('tenant', vend.tenantId)?.name ?? vend.tenantId,
    }));
  }

  /** Records, follows the balances, tells the others: one transaction. */
  async function record(
    projectId: string,
    vends: readonly NewVend[],
    fixedInstant: boolean,
  ): Promise<readonly string[]> {
    const project = projectOf(parts, projectId);
    const nowMs = clock.nowMs();
    const postingIds = await database.transaction(async (transaction) => {
      const announcements = noAnnouncements();
      const recorded = await recordVends(transaction, project, vends, { nowMs, fixedInstant });
      const changes = [...recorded.balances].map(([accountId, balanceMicros]) => ({
        accountId,
        balanceMicros,
      }));
      await followBalances(transaction, changes, {
        cause: 'vend',
        supplyCause: 'vend',
        nowMs,
        announcements,
      });
      await announce(eventLog, transaction, announcements);
      return recorded.postingIds;
    });
    parts.wake.supply();
    return postingIds;
  }

  return {
    list,
    async vend(projectId, vend, cashier) {
      const { requestId, accountId, amountMicros, means, drawerBank, receivedMicros } = vend;
      const reference = vend.reference ?? null;
      const pendingPaymentId = vend.pendingPaymentId ?? null;
      const effectiveAtMs = clock.nowMs();
      const newVend = {
        requestId,
        accountId,
        amountMicros,
        means,
        reference,
        drawerBank,
        receivedMicros,
        pendingPaymentId,
        effectiveAtMs,
        cashier,
      };
      const postingIds = await record(projectId, [newVend], false);
      const [answer] = await list({ projectId, postingIds, limit: 1 });
      if (answer === undefined) throw requestIdReused(requestId);
      return answer;
    },
    async vendMany(projectId, vends) {
      for (let from = 0; from < vends.length; from += vendsPerTransactionMax) {
        const chunk = vends.slice(from, from + vendsPerTransactionMax);
        await record(
          projectId,
          chunk.map((vend) => ({
            ...vend,
            reference: vend.reference ?? null,
            pendingPaymentId: vend.pendingPaymentId ?? null,
          })),
          true,
        );
      }
    },
    async reverse(projectId, request, by, mayOverride) {
      await database.transaction(
        async (transaction) => await reverseVend(parts, transaction, { projectId, request, by, mayOverride }),
      );
      parts.wake.supply();
      const [vend] = await list({ projectId, vendId: request.vendId, limit: 1 });
      if (vend === undefined) throw vendUnknown(request.vendId);
      return vend;
    },
    async announcePayment(projectId, request, by) {
      projectOf(parts, projectId);
      const nowMs = clock.nowMs();
      requireExpiry(request.expiresAtMs, nowMs);
      const hash = contentHash({ command: 'announce-payment', ...request });
      return await database.transaction(async (transaction) => {
        await requireAccount(transaction, projectId, request.accountId);
        const payment = {
          ...request,
          pendingPaymentId: newId('pendingPayment'),
          projectId,
          contentHash: hash,
          announcedAtMs: nowMs,
          announcedBy: by,
        };
        const stored = await insertPendingPayment(transaction, payment);
        if (stored.contentHash !== hash) throw requestIdReused(request.requestId);
        await lookAtSupply(transaction, [request.accountId], 'payment', nowMs);
        return { pendingPaymentId: stored.pendingPaymentId, expiresAtMs: stored.expiresAtMs };
      });
    },
    async cancelPayment(ids) {
      const nowMs = clock.nowMs();
      const cancelled = await database.transaction(async (transaction) => {
        const done = await cancelPendingPayment(transaction, ids);
        if (done) await lookAtSupply(transaction, [ids.accountId], 'payment', nowMs);
        return done;
      });
      if (!cancelled) {
        throw new RequestError({
          status: 404,
          code: 'pending-payment-unknown',
          message: `The account has no waiting payment "${ids.pendingPaymentId}".`,
          hint: 'It has arrived or was cancelled already.',
        });
      }
      parts.wake.supply();
    },
  };
}

async function requireAccount(transaction: Transaction, projectId: string, accountId: string): Promise<void> {
  const { rowCount } = await transaction.query(
    'SELECT FROM billing.accounts WHERE account_id = $1 AND project_id = $2',
    [accountId, projectId],
  );
  if (rowCount !== 1) throw accountUnknown(accountId);
}

function requireExpiry(expiresAtMs: number, nowMs: number): void {
  if (expiresAtMs > nowMs && expiresAtMs <= nowMs + announcedAheadMsMax) return;
  throw new RequestError({
    status: 422,
    code: 'expiry-out-of-range',
    message: 'An announced payment expires within 14 days from now.',
    hint: 'Give an instant in the future, at most 14 days ahead.',
  });
}
