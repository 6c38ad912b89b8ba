// SPDX-License-Identifier: Apache-2.0
/** What people do: give an order to one meter or to many, look how far it is, repeat what failed, take back what waits. */
import { newId, type MeterCommand, type Principal } from '@wattledger/contracts';
import {
  batchItemStates,
  type BatchPreview,
  type BatchRequest,
  type BatchTarget,
  type CommandBatch,
  type CommandBatchDetail,
  type BatchItemState,
  type MeterOrder,
} from '@wattledger/contracts/http/commands';
import { RequestError, type Transaction } from '@wattledger/platform';
import { announce, noAnnouncements } from '../balance/announcements.ts';
import { requestIdReused } from '../ledger/ledger-store.ts';
import { contentHash } from '../ledger/posting.ts';
import { projectOf, type BillingParts } from '../parts.ts';
import type { MountedMeters } from '../supply/mounted-meters.ts';
import {
  claimBatch,
  insertItems,
  loadBatches,
  loadItems,
  supersedeItems,
  type NewItem,
} from './batches-store.ts';
import { takeBack, tryAgain } from './batch-changes.ts';
import { cancelRecord, itemCommand } from './control-commands.ts';
import { judgeTargets, wantedMeters, type Target } from './control-targets.ts';
import { writeModes } from './mode-items-store.ts';
import { loadOrders, putOrders, removeOrders, type OrderAction } from './orders-store.ts';
import { isControl } from './refusals.ts';

export type NewRequest = Omit<BatchRequest, 'requestId'> & { readonly requestId: string };
export interface Asker {
  readonly principal: Principal;
  readonly remoteAddress: string;
}

export interface ControlService {
  preview(projectId: string, target: BatchTarget): Promise<BatchPreview>;
  /**
   * Carries the action out on every meter it may reach; the others stand in the batch as refused. `fresh` false: the
   * same request was made before, this is its batch.
   * @throws RequestError 422 target-refused or setting-missing, 409 request-id-reused, 409 more-meters-than-shown
   */
  order(
    projectId: string,
    request: NewRequest,
    by: Asker,
  ): Promise<{ readonly batch: CommandBatch; readonly fresh: boolean }>;
  /** @throws RequestError 404 batch-unknown */
  batch(projectId: string, batchId: string): Promise<CommandBatch>;
  /** @throws RequestError 404 batch-unknown */
  detail(
    projectId: string,
    batchId: string,
    filter: { readonly state?: BatchItemState | undefined; readonly limit: number },
  ): Promise<CommandBatchDetail>;
  batches(projectId: string, limit: number): Promise<readonly CommandBatch[]>;
  /** What failed or expired is tried again. @throws RequestError 404 batch-unknown */
  retry(projectId: string, batchId: string, by: Asker): Promise<CommandBatch>;
  /** What still waits is taken back, and what was wanted before is wanted again. @throws RequestError 404 batch-unknown */
  cancel(projectId: string, batchId: string, by: Asker): Promise<CommandBatch>;
  orders(projectId: string): Promise<readonly MeterOrder[]>;
}

export function createControlService(
  parts: BillingParts,
  mounted: MountedMeters,
  wake: () => void,
): ControlService {
  const { database, clock, registry, eventLog } = parts;

  async function batchOf(projectId: string, batchId: string): Promise<CommandBatch> {
    const [batch] = await loadBatches(database, projectId, { batchId, limit: 1 });
    if (batch !== undefined) return batch;
    throw new RequestError({
      status: 404,
      code: 'batch-unknown',
      message: `This project has no batch of commands "${batchId}".`,
    });
  }

  async function judged(projectId: string, target: BatchTarget): Promise<readonly Target[]> {
    projectOf(parts, projectId);
    const meterIds = wantedMeters(registry, projectId, target);
    const ask = { projectId, meterIds, action: target.action, nowMs: clock.nowMs() };
    return await judgeTargets(database, { registry, mounted }, ask);
  }

  async function begin(
    projectId: string,
    request: NewRequest,
    by: Asker,
  ): Promise<{ readonly batchId: string; readonly fresh: boolean }> {
    const targets = await judged(projectId, request);
    const nowMs = clock.nowMs();
    const { principal, remoteAddress } = by;
    const { requestId, action, reason } = request;
    const expiresAtMs = isControl(action) ? null : nowMs + request.expiresInMinutes * 60_000;
    const batch = {
      batchId: newId('commandBatch'),
      projectId,
      requestId,
      contentHash: contentHash({ ...request, requestId: undefined }),
      action,
      setting: request.setting ?? null,
      reason,
      by: { id: principal.id, name: principal.name, kind: principal.kind },
      remoteAddress,
      requestedAtMs: nowMs,
      expiresAtMs,
    };
    return await database.transaction(async (transaction) => {
      const claimed = await claimBatch(transaction, batch);
      if (claimed.contentHash !== batch.contentHash) throw requestIdReused(requestId);
      if (claimed.batchId !== batch.batchId) return { batchId: claimed.batchId, fresh: false };
      requireSeen(request, targets);
      const announcements = noAnnouncements();
      const { items, commands } = await carryOut(transaction, batch, targets);
      await insertItems(transaction, batch.batchId, items, nowMs);
      announcements.meterCommands.push(...commands);
      await announce(eventLog, transaction, announcements);
      return { batchId: batch.batchId, fresh: true };
    });
  }

  return {
    async preview(projectId, target) {
      const targets = await judged(projectId, target);
      const accepted = targets.filter((found) => found.refusal === null);
      return {
        accepted: accepted.length,
        accounts: new Set(isControl(target.action) ? accepted.flatMap(accountOf) : []).size,
        refused: targets.flatMap(({ meterId, serial, refusal }) =>
          refusal === null ? [] : [{ meterId, serial, refusal }],
        ),
      };
    },
    async order(projectId, request, by) {
      if ((request.action === 'setting') !== (request.setting !== undefined)) throw settingMissing();
      const { batchId, fresh } = await begin(projectId, request, by);
      wake();
      return { batch: await batchOf(projectId, batchId), fresh };
    },
    batch: batchOf,
    async detail(projectId, batchId, { state, limit }) {
      const batch = await batchOf(projectId, batchId);
      const states = state === undefined ? batchItemStates : [state];
      const items = await loadItems(database, batchId, { states, limit });
      return { batch, items: items.map(({ previous: _previous, ...item }) => item) };
    },
    async batches(projectId, limit) {
      projectOf(parts, projectId);
      return await loadBatches(database, projectId, { batchId: null, limit });
    },
    async retry(projectId, batchId, by) {
      await tryAgain(parts, await batchOf(projectId, batchId), by.principal);
      wake();
      return await batchOf(projectId, batchId);
    },
    async cancel(projectId, batchId, by) {
      await takeBack(parts, await batchOf(projectId, batchId), by.principal);
      wake();
      return await batchOf(projectId, batchId);
    },
    async orders(projectId) {
      projectOf(parts, projectId);
      const standing = await loadOrders(database, projectId, null);
      return standing
        .filter((order) => !order.governed)
        .map((order) => ({
          meterId: order.meterId,
          action: order.action,
          desiredRelay: order.desired,
          reportedRelay: order.reported,
          reportedAtMs: order.reportedAtMs,
          confirmed: order.confirmedAtMs !== null,
          notObeying: order.alarmRaised,
          reason: order.reason,
          orderedByName: order.orderedByName,
          orderedAtMs: order.orderedAtMs,
        }));
    },
  };
}

const accountOf = ({ account }: Target): readonly string[] => (account === null ? [] : [account.accountId]);

type Begun = Parameters<typeof claimBatch>[1];
interface CarriedOut {
  readonly items: readonly NewItem[];
  readonly commands: readonly MeterCommand[];
}

/** Puts what is wanted in its one place: the account's mode, the meter's order, or a command by itself. */
async function carryOut(
  transaction: Transaction,
  batch: Begun,
  targets: readonly Target[],
): Promise<CarriedOut> {
  const accepted = targets.filter((target) => target.refusal === null);
  const refused = targets.filter((target) => target.refusal !== null).map(refusedItem);
  if (!isControl(batch.action)) {
    const sent = accepted.map((target) => {
      const command = itemCommand(batch, target.meterId, accepted.length > 1);
      return { item: { ...itemOf(target), accountId: null, commandId: command.commandId }, command };
    });
    return {
      items: [...refused, ...sent.map(({ item }) => item)],
      commands: sent.map(({ command }) => command),
    };
  }
  const modes = await setModes(transaction, batch, accepted);
  const orders = await setOrders(
    transaction,
    batch,
    accepted.filter((target) => target.account === null),
  );
  return { items: [...refused, ...modes, ...orders.items], commands: orders.commands };
}

const itemOf = (target: Target): NewItem => ({
  meterId: target.meterId,
  serial: target.serial,
  accountId: target.account?.accountId ?? null,
  state: 'waiting',
  refusal: null,
  previous: null,
  commandId: null,
  evidence: '',
});
const refusedItem = (target: Target): NewItem => ({
  ...itemOf(target),
  state: 'refused',
  refusal: target.refusal,
});

async function setModes(
  transaction: Transaction,
  batch: Begun,
  accepted: readonly Target[],
): Promise<readonly NewItem[]> {
  const governed = accepted.flatMap((target) =>
    target.account === null ? [] : [{ target, account: target.account }],
  );
  const accountIds = [...new Set(governed.map(({ account }) => account.accountId))];
  const written = await writeModes(transaction, accountIds, {
    mode: batch.action as 'forced-on' | 'forced-off' | 'automatic',
    reason: batch.reason,
    by: batch.by,
    nowMs: batch.requestedAtMs,
  });
  return governed.map(({ target, account }): NewItem => {
    const previous = { mode: account.mode, reason: account.forcedReason };
    return written.has(account.accountId)
      ? { ...itemOf(target), previous }
      : { ...itemOf(target), state: 'superseded', evidence: 'the account was closed a moment ago' };
  });
}

async function setOrders(
  transaction: Transaction,
  batch: Begun,
  targets: readonly Target[],
): Promise<CarriedOut> {
  const replaced = await removeReplaced(transaction, batch, targets);
  if (batch.action === 'automatic') {
    const items = targets.map((target): NewItem => ({
      ...itemOf(target),
      state: 'confirmed',
      previous: target.order,
      evidence: 'no order stands; the relay is left as it is until an account is opened or an order is given',
    }));
    return { items, commands: replaced };
  }
  await putOrders(
    transaction,
    targets.map((target) => ({
      meterId: target.meterId,
      projectId: batch.projectId,
      batchId: batch.batchId,
      action: batch.action as OrderAction,
      reason: batch.reason,
      orderedById: batch.by.id,
      orderedByName: batch.by.name,
    })),
    batch.requestedAtMs,
  );
  return {
    items: targets.map((target) => ({ ...itemOf(target), previous: target.order })),
    commands: replaced,
  };
}

/** What was on its way for orders that are replaced is called back. */
async function removeReplaced(
  transaction: Transaction,
  batch: Begun,
  targets: readonly Target[],
): Promise<readonly MeterCommand[]> {
  const standing = targets.flatMap(({ order }) => (order === null ? [] : [order]));
  await supersedeItems(transaction, standing, `replaced by ${batch.batchId}`, batch.requestedAtMs);
  if (batch.action === 'automatic')
    await removeOrders(
      transaction,
      standing.map((order) => order.meterId),
    );
  return standing.flatMap((order) =>
    order.commandId === null || order.commandDone
      ? []
      : [cancelRecord({ ...order, commandId: order.commandId }, batch.by.name, batch.requestedAtMs)],
  );
}

/** A person who saw 40 meters on the screen does not mean 41. */
function requireSeen(request: NewRequest, targets: readonly Target[]): void {
  const reached = targets.filter((target) => target.refusal === null).length;
  if (request.metersExpected === undefined || reached <= request.metersExpected) return;
  throw new RequestError({
    status: 409,
    code: 'more-meters-than-shown',
    message: `This would reach ${reached} meters, not ${request.metersExpected}.`,
    hint: 'Something changed since it was shown. Nothing was done: look again and confirm anew.',
  });
}

const settingMissing = (): RequestError =>
  new RequestError({
    status: 422,
    code: 'setting-missing',
    message: 'A setting belongs to the action "setting", and to no other.',
    hint: 'Give "setting" together with action "setting".',
  });
