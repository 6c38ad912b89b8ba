// SPDX-License-Identifier: Apache-2.0
/** What control does by itself: drives orders, ends items, tells the log of actions. What there is to do stands in the database. */
import {
  newId,
  type AlarmSignal,
  type CommandOutcome,
  type MeterCommand,
  type Telemetry,
} from '@wattledger/contracts';
import type { Transaction } from '@wattledger/platform';
import { announce, noAnnouncements } from '../balance/announcements.ts';
import type { BillingParts } from '../parts.ts';
import { noteCommands, supersedeItems, writeItemOutcomes } from './batches-store.ts';
import { cancelRecord } from './control-commands.ts';
import { loadUntold, markTold, settleModeItems } from './mode-items-store.ts';
import { planOrder, type OrderPlan } from './order-plan.ts';
import {
  hearTelemetry,
  holdDueOrders,
  removeOrders,
  writeOrderOutcomes,
  writeOrderProgress,
  type OrderProgress,
  type OrderRow,
} from './orders-store.ts';

/** Orders per transaction. */
const ordersMax = 200;
/** Ends of items told to the log of actions per step. */
const toldMax = 100;

export interface ControlWork {
  /** Takes up what polls saw, in the transaction that takes it up for accounts. */
  hearTelemetry(transaction: Transaction, heard: readonly Telemetry[]): Promise<void>;
  hearOutcomes(transaction: Transaction, outcomes: readonly CommandOutcome[]): Promise<void>;
  /** True: there may be more to do at once. */
  step(): Promise<boolean>;
}

export function createControlWork(parts: BillingParts, wake: () => void): ControlWork {
  const { database, clock, eventLog, actionLog } = parts;

  async function driveOrders(): Promise<boolean> {
    return await database.transaction(async (transaction) => {
      const nowMs = clock.nowMs();
      const orders = await holdDueOrders(transaction, nowMs, ordersMax);
      if (orders.length === 0) return false;
      const announcements = noAnnouncements();
      const gone = orders.filter((order) => order.governed);
      await letGo(transaction, gone, nowMs);
      announcements.meterCommands.push(...calledBack(gone, nowMs));
      const progress: OrderProgress[] = [];
      for (const order of orders.filter((candidate) => !candidate.governed)) {
        const plan = planOrder(order, nowMs);
        const command = plan.send === null ? null : orderCommand(order, plan.send.expiresAtMs, nowMs);
        progress.push(progressOf(order, plan, command));
        if (command !== null) announcements.meterCommands.push(command);
        if (plan.alarm !== null) announcements.alarmSignals.push(alarmOf(order, plan.alarm, nowMs));
      }
      for (const order of gone)
        if (order.alarmRaised) announcements.alarmSignals.push(alarmOf(order, 'clear', nowMs));
      await writeOrderProgress(transaction, progress);
      await noteCommands(transaction, sentOf(orders, progress));
      await announce(eventLog, transaction, announcements);
      return orders.length === ordersMax;
    });
  }

  async function tellActions(): Promise<boolean> {
    const ended = await loadUntold(database, toldMax);
    for (const item of ended) {
      await actionLog.record({
        principal: { kind: item.byKind, id: item.byId, name: item.byName, rightsByProject: {} },
        projectId: item.projectId,
        action: `meter.${item.action}`,
        subject: item.meterId,
        after: {
          outcome: item.state,
          reason: item.reason,
          evidence: item.evidence,
          attempts: item.attempts,
          batchId: item.batchId,
        },
        remoteAddress: item.remoteAddress,
        atMs: item.finishedAtMs,
      });
      await markTold(database, item);
    }
    return ended.length === toldMax;
  }

  return {
    async hearTelemetry(transaction, heard) {
      if (await hearTelemetry(transaction, heard, clock.nowMs())) wake();
    },
    async hearOutcomes(transaction, outcomes) {
      await writeOrderOutcomes(transaction, outcomes, clock.nowMs());
      await writeItemOutcomes(transaction, outcomes);
      wake();
    },
    async step() {
      const driven = await driveOrders();
      await database.transaction(async (transaction) => await settleModeItems(transaction, clock.nowMs()));
      const told = await tellActions();
      return driven || told;
    },
  };
}

async function letGo(transaction: Transaction, orders: readonly OrderRow[], nowMs: number): Promise<void> {
  if (orders.length === 0) return;
  await removeOrders(
    transaction,
    orders.map((order) => order.meterId),
  );
  await supersedeItems(transaction, orders, 'an account was opened: it governs this supply', nowMs);
}

const calledBack = (orders: readonly OrderRow[], nowMs: number): readonly MeterCommand[] =>
  orders.flatMap((order) =>
    order.commandId === null || order.commandDone
      ? []
      : [cancelRecord({ ...order, commandId: order.commandId }, 'billing', nowMs)],
  );

const orderCommand = (order: OrderRow, expiresAt: number, nowMs: number): MeterCommand => ({
  kind: 'switch-supply',
  commandId: newId('command'),
  projectId: order.projectId,
  meterId: order.meterId,
  action: order.desired === 'open' ? 'disconnect' : 'connect',
  requestedBy: order.orderedByName,
  reason: order.reason,
  requestedAt: nowMs,
  expiresAt,
  bulk: true,
});

const progressOf = (order: OrderRow, plan: OrderPlan, command: MeterCommand | null): OrderProgress => ({
  meterId: order.meterId,
  attempts: plan.attempts,
  nextAttemptAtMs: plan.nextAttemptAtMs,
  failures: plan.failures,
  alarmRaised: plan.alarm === null ? order.alarmRaised : plan.alarm === 'raise',
  dueAtMs: plan.dueAtMs,
  command:
    command === null || plan.send === null
      ? null
      : { commandId: command.commandId, expiresAtMs: plan.send.expiresAtMs },
});

function sentOf(orders: readonly OrderRow[], progress: readonly OrderProgress[]) {
  const batchOf = new Map(orders.map((order) => [order.meterId, order.batchId]));
  return progress.flatMap(({ meterId, command }) => {
    const batchId = batchOf.get(meterId) ?? null;
    return command === null || batchId === null ? [] : [{ batchId, meterId, commandId: command.commandId }];
  });
}

const alarmOf = (order: OrderRow, alarm: 'raise' | 'clear', nowMs: number): AlarmSignal => ({
  projectId: order.projectId,
  kind: 'relay-not-obeying',
  subjectKind: 'meter',
  subjectId: order.meterId,
  state: alarm === 'raise' ? 'raised' : 'cleared',
  at: nowMs,
  facts: {
    desired: order.desired,
    reported: order.reported,
    sinceMs: String(order.failedAtMs ?? nowMs),
    failures: String(order.failures),
    heldBy: '',
  },
});
