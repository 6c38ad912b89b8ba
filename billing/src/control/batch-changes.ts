// SPDX-License-Identifier: Apache-2.0
/** Repeating what failed of a batch, and taking back what still waits. */
import type { MeterCommand, Principal } from '@wattledger/contracts';
import { batchMetersMax, type CommandBatch } from '@wattledger/contracts/http/commands';
import type { Transaction } from '@wattledger/platform';
import { announce, noAnnouncements } from '../balance/announcements.ts';
import { lookAtSupply } from '../balance/follow-balances.ts';
import type { BillingParts } from '../parts.ts';
import { writeMode } from '../supply/supply-store.ts';
import { loadItems, noteCommands, turnItems, type StoredItem } from './batches-store.ts';
import { cancelRecord, itemCommand } from './control-commands.ts';
import { hurryAccounts } from './mode-items-store.ts';
import { hurryOrders, loadOrders, putOrders, removeOrders, type OrderRow } from './orders-store.ts';
import { isControl } from './refusals.ts';

interface Change {
  readonly parts: BillingParts;
  readonly transaction: Transaction;
  readonly batch: CommandBatch;
  readonly by: Principal;
  readonly nowMs: number;
}

export async function tryAgain(parts: BillingParts, batch: CommandBatch, by: Principal): Promise<void> {
  await changeBatch(parts, batch, by, async (change) => {
    const { transaction, nowMs } = change;
    const items = await loadItems(transaction, batch.batchId, {
      states: ['failed', 'expired'],
      limit: batchMetersMax,
    });
    const ids = items.map((item) => item.meterId);
    if (!isControl(batch.action)) return await sendAgain(change, items);
    // An order that was replaced since is not given again behind its successor's back.
    const orders = await hurryOrders(transaction, batch.batchId, ids, nowMs);
    const ofAccounts = items.filter((item) => item.accountId !== null);
    const accountIds = [...new Set(ofAccounts.flatMap((item) => item.accountId ?? []))].sort();
    await lookAtSupply(transaction, accountIds, 'timer', nowMs);
    await hurryAccounts(transaction, accountIds, nowMs);
    const open = [...orders, ...ofAccounts.map((item) => item.meterId)];
    await turnItems(transaction, batch.batchId, open, { state: 'waiting', evidence: null, nowMs });
    return [];
  });
}

async function sendAgain(
  { transaction, batch, by, nowMs }: Change,
  items: readonly StoredItem[],
): Promise<readonly MeterCommand[]> {
  const waitMs = (batch.expiresAtMs ?? batch.requestedAtMs) - batch.requestedAtMs;
  const again = { ...batch, by, requestedAtMs: nowMs, expiresAtMs: nowMs + waitMs };
  const commands = items.map((item) => itemCommand(again, item.meterId, items.length > 1));
  const ids = items.map((item) => item.meterId);
  await turnItems(transaction, batch.batchId, ids, { state: 'waiting', evidence: null, nowMs });
  await noteCommands(
    transaction,
    commands.map(({ meterId, commandId }) => ({ batchId: batch.batchId, meterId, commandId })),
  );
  return commands;
}

export async function takeBack(parts: BillingParts, batch: CommandBatch, by: Principal): Promise<void> {
  await changeBatch(parts, batch, by, async (change) => {
    const { transaction, nowMs } = change;
    const items = await loadItems(transaction, batch.batchId, { states: ['waiting'], limit: batchMetersMax });
    const evidence = `taken back by ${by.name}`;
    const turn = { state: 'cancelled', evidence, nowMs } as const;
    const ids = items.map((item) => item.meterId);
    await turnItems(transaction, batch.batchId, ids, turn);
    if (isControl(batch.action)) {
      await takeModesBack(change, items);
      await takeOrdersBack(change, items);
    }
    return items.flatMap((item) =>
      item.commandId === null
        ? []
        : [
            cancelRecord(
              { commandId: item.commandId, projectId: batch.projectId, meterId: item.meterId },
              by.name,
              nowMs,
            ),
          ],
    );
  });
}

async function takeModesBack(
  { transaction, batch, by, nowMs }: Change,
  items: readonly StoredItem[],
): Promise<void> {
  const before = new Map(
    items.flatMap((item) =>
      item.accountId === null
        ? []
        : [
            [
              item.accountId,
              item.previous as { mode: 'automatic' | 'forced-on' | 'forced-off'; reason: string | null },
            ],
          ],
    ),
  );
  for (const [accountId, { mode, reason }] of [...before].sort(([a], [b]) => (a < b ? -1 : 1))) {
    const ids = { projectId: batch.projectId, accountId };
    await writeMode(transaction, ids, mode, reason ?? 'taken back', by, nowMs);
  }
}

/** What was ordered before is ordered again; where nothing was, nothing is. */
async function takeOrdersBack(
  { transaction, batch, nowMs }: Change,
  items: readonly StoredItem[],
): Promise<void> {
  const ids = items.filter((item) => item.accountId === null).map((item) => item.meterId);
  const standing = await loadOrders(transaction, batch.projectId, ids);
  const ours = new Set(
    standing.filter((order) => order.batchId === batch.batchId).map((order) => order.meterId),
  );
  await removeOrders(transaction, [...ours]);
  const before = items
    .filter((item) => ours.has(item.meterId) && item.previous !== null)
    .map((item) => ({ ...(item.previous as OrderRow), batchId: null }));
  await putOrders(transaction, before, nowMs);
}

async function changeBatch(
  parts: BillingParts,
  batch: CommandBatch,
  by: Principal,
  work: (change: Change) => Promise<readonly MeterCommand[]>,
): Promise<void> {
  await parts.database.transaction(async (transaction) => {
    // One change of a batch at a time.
    await transaction.query('SELECT FROM billing.command_batches AS b WHERE b.batch_id = $1 FOR UPDATE', [
      batch.batchId,
    ]);
    const announcements = noAnnouncements();
    const change = { parts, transaction, batch, by, nowMs: parts.clock.nowMs() };
    announcements.meterCommands.push(...(await work(change)));
    await announce(parts.eventLog, transaction, announcements);
  });
  parts.wake.supply();
}
