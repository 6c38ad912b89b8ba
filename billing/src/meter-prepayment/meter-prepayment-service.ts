// SPDX-License-Identifier: Apache-2.0
/** Points whose meter keeps the credit, and the credits on their way to it. */
import { newId, topics, type MeterCommand } from '@wattledger/contracts';
import type {
  MeterCredit,
  MeterCreditList,
  MeterPrepaymentView,
  MeterTerms,
} from '@wattledger/contracts/http/billing';
import { RequestError, type Transaction } from '@wattledger/platform';
import { lookAtSupply } from '../balance/follow-balances.ts';
import type { AccountsService } from '../accounts/accounts-service.ts';
import type { Who } from '../ledger/posting.ts';
import { projectOf, type BillingParts } from '../parts.ts';
import type { MountedMeters } from '../supply/mounted-meters.ts';
import type { ReversalRequest } from '../vending/reverse-vend.ts';
import type { VendsService } from '../vending/vends-service.ts';
import { loadCredits, writeRetry } from './credits-store.ts';
import type { CreditDelivery, Providers } from './deliver-credits.ts';
import { holdAccount, loadPoints, notAlone, writeTerms, type PointRow } from './points-store.ts';

export interface PointIds {
  readonly projectId: string;
  readonly accountId: string;
  readonly meteringPointId: string;
}
export interface CreditIds {
  readonly projectId: string;
  readonly accountId: string;
  readonly meterCreditId: string;
}

export interface MeterPrepaymentService {
  view(projectId: string, accountId: string): Promise<MeterPrepaymentView>;
  /** @throws RequestError 404 account-unknown, point-unknown, 409 account-closed, meter-side-alone, meter-side-refused, meter-credits-waiting */
  setTerms(ids: PointIds, terms: MeterTerms | null, by: Who): Promise<void>;
  list(projectId: string, accountId: string): Promise<MeterCreditList>;
  /** @throws RequestError 404 meter-credit-unknown, 409 meter-credit-state */
  retry(ids: CreditIds): Promise<MeterCredit>;
  /** Reverses the vend and with it the credit. @throws as the reversal of a vend */
  cancel(
    ids: CreditIds,
    reversal: Omit<ReversalRequest, 'accountId' | 'vendId'>,
    by: Who,
    mayOverride: boolean,
  ): Promise<MeterCredit>;
}

/** A released relay that is out of reach is told again by the next change; a day is enough for a gateway to return. */
const releaseLifeMs = 24 * 60 * 60_000;

export function createMeterPrepaymentService(
  parts: BillingParts,
  slices: {
    readonly accounts: AccountsService;
    readonly vends: VendsService;
    readonly mounted: MountedMeters;
    readonly delivery: CreditDelivery;
    readonly providers: Providers;
  },
): MeterPrepaymentService {
  const { database, clock, eventLog, registry } = parts;
  const { accounts, vends, mounted, delivery, providers } = slices;

  /** The meter itself is to switch from now on: a relay that the platform held by force is let go. */
  async function releaseRelays(
    transaction: Transaction,
    ids: PointIds,
    by: Who,
    nowMs: number,
  ): Promise<void> {
    const meters = mounted.at([ids.meteringPointId], nowMs).filter((meter) => meter.switchable);
    const records = meters.map(({ meterId }) => {
      const value: MeterCommand = {
        kind: 'switch-supply',
        commandId: newId('command'),
        projectId: ids.projectId,
        meterId,
        action: 'release',
        requestedBy: by.name,
        reason: 'the meter keeps the credit',
        requestedAt: nowMs,
        expiresAt: nowMs + releaseLifeMs,
      };
      return { key: meterId, value };
    });
    await eventLog.append(topics.meterCommands, records, transaction);
  }

  function checkPoint(points: readonly PointRow[], ids: PointIds, terms: MeterTerms | null): void {
    const point = points.find((row) => row.metering_point_id === ids.meteringPointId);
    if (point === undefined) throw pointUnknown(ids.meteringPointId);
    if (point.waiting > 0) throw creditsWaiting(point.waiting);
    if (terms === null) return;
    if (points.length > 1) throw notAlone(points.length);
    const { meteringPointId } = ids;
    const side = delivery.pointOf({ meteringPointId, medium: point.medium, balance: null }, terms);
    const refusal = providers[terms.provider].refusal(side);
    if (refusal !== null) throw sideRefused(refusal);
  }

  async function credit(ids: CreditIds): Promise<MeterCredit> {
    const [found] = await loadCredits(database, ids);
    if (found === undefined) throw creditUnknown(ids.meterCreditId);
    return found;
  }

  return {
    async view(projectId, accountId) {
      const { balanceMicros } = await accounts.row(projectId, accountId);
      const points = await loadPoints(database, projectId, accountId);
      const { currency } = projectOf(parts, projectId);
      return {
        currency,
        balanceMicros,
        points: points.map((row) => {
          const point = registry.get('metering-point', row.metering_point_id);
          const { code = row.metering_point_id, name = row.metering_point_id } = point ?? {};
          return { ...pointView(row, balanceMicros), code, name };
        }),
      };
    },
    async setTerms(ids, terms, by) {
      await database.transaction(async (transaction) => {
        const nowMs = clock.nowMs();
        const open = await holdAccount(transaction, ids.projectId, ids.accountId);
        if (open === null) throw accountMissing(ids.accountId);
        if (!open) throw accountClosed();
        checkPoint(await loadPoints(transaction, ids.projectId, ids.accountId), ids, terms);
        await writeTerms(transaction, ids, terms, { by, atMs: nowMs });
        await lookAtSupply(transaction, [ids.accountId], 'mode', nowMs);
        if (terms !== null) await releaseRelays(transaction, ids, by, nowMs);
      });
      parts.wake.supply();
    },
    async list(projectId, accountId) {
      await accounts.require(projectId, accountId);
      const { currency } = projectOf(parts, projectId);
      return { currency, credits: [...(await loadCredits(database, { projectId, accountId }))] };
    },
    async retry(ids) {
      const found = await credit(ids);
      if (!(await writeRetry(database, ids, clock.nowMs()))) throw creditState(found);
      return await credit(ids);
    },
    async cancel(ids, reversal, by, mayOverride) {
      const { vendId } = await credit(ids);
      await vends.reverse(ids.projectId, { ...reversal, accountId: ids.accountId, vendId }, by, mayOverride);
      return await credit(ids);
    },
  };
}

function pointView(row: PointRow, balanceMicros: number) {
  const read = row.terms === null || row.read_at_ms === null || row.balance_micros === null;
  const remaining = read ? null : { amountMicros: row.balance_micros, readAtMs: row.read_at_ms };
  return {
    meteringPointId: row.metering_point_id,
    medium: row.medium,
    meterSide: row.terms,
    changedAtMs: row.changed_at_ms,
    changedBy: row.changed_by_id === null ? null : { id: row.changed_by_id, name: row.changed_by_name ?? '' },
    creditedMicros: row.credited_micros,
    remaining,
    differenceMicros: remaining === null ? null : balanceMicros - remaining.amountMicros,
  };
}

const accountMissing = (accountId: string): RequestError =>
  new RequestError({
    status: 404,
    code: 'account-unknown',
    message: `This project has no account "${accountId}".`,
    hint: 'List the accounts of the project.',
  });
const accountClosed = (): RequestError =>
  new RequestError({
    status: 409,
    code: 'account-closed',
    message: 'The account is closed.',
    hint: 'Open a new account; then say where its balance is kept.',
  });
const pointUnknown = (meteringPointId: string): RequestError =>
  new RequestError({
    status: 404,
    code: 'metering-point-unknown',
    message: `The account has no metering point "${meteringPointId}" now.`,
    hint: 'Look at the points of the account.',
  });
const creditsWaiting = (waiting: number): RequestError =>
  new RequestError({
    status: 409,
    code: 'meter-credits-waiting',
    message: `${waiting} credits are still on their way to the meter.`,
    hint: 'Wait until they are confirmed, or cancel them first.',
  });
const sideRefused = (reason: string): RequestError =>
  new RequestError({
    status: 409,
    code: 'meter-side-refused',
    message: `The meter cannot be served so: ${reason}.`,
    hint: 'See docs/guides/meter-side-prepayment.md.',
  });
const creditUnknown = (meterCreditId: string): RequestError =>
  new RequestError({
    status: 404,
    code: 'meter-credit-unknown',
    message: `The account has no credit "${meterCreditId}".`,
    hint: 'List the credits of the account.',
  });
const creditState = ({ state }: MeterCredit): RequestError =>
  new RequestError({
    status: 409,
    code: 'meter-credit-state',
    message: `The credit is ${state}: only one that failed and is large enough for a token can go again.`,
    hint: 'List the credits of the account to see where it is.',
  });
