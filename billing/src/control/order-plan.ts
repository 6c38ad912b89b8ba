// SPDX-License-Identifier: Apache-2.0
/** Bringing a meter without an account to what a person ordered: whether to send, wait or raise the alarm. Pure. */
import type { RelayState } from '@wattledger/contracts';
import type { DesiredRelay } from '@wattledger/contracts/http/billing';
import { pauseAfter } from '../supply/relay-control.ts';

export interface OrderFacts {
  readonly desired: DesiredRelay;
  readonly reported: RelayState;
  /** null: nothing was heard of the meter since the order. */
  readonly online: boolean | null;
  readonly confirmedAtMs: number | null;
  readonly commandDone: boolean;
  readonly commandExpiresAtMs: number | null;
  readonly attempts: number;
  readonly nextAttemptAtMs: number | null;
  readonly failures: number;
  readonly failedAtMs: number | null;
  readonly alarmRaised: boolean;
}

export interface OrderPlan {
  readonly send: { readonly expiresAtMs: number } | null;
  readonly attempts: number;
  readonly nextAttemptAtMs: number | null;
  readonly failures: number;
  readonly alarm: 'raise' | 'clear' | null;
  readonly dueAtMs: number;
}

/** A command may wait so long in a line behind the rest of its batch; then it is given anew. */
export const orderLifeMs = 10 * 60_000;
/** Times a meter may disobey or turn back before somebody is told. */
export const failuresMax = 3;
/** So long a meter must stand as ordered before what it did is forgotten. */
export const settledMs = 10 * 60_000;
/** Everything is looked at this often, whatever else happens. */
const slowTimerMs = 10 * 60_000;

/** As ordered, and proved by a command that was read back: a relay that merely seems right is told all the same. */
export const orderStands = (order: Pick<OrderFacts, 'desired' | 'reported' | 'confirmedAtMs'>): boolean =>
  order.confirmedAtMs !== null && (order.reported === order.desired || order.reported === 'unknown');

/**
 * - As ordered: nothing, and after a while of standing still the alarm is cleared.
 * - A command is under way, or its pause is not over: wait.
 * - The meter is out of reach: wait for it, however long; its return is heard.
 * - Else: send.
 */
export function planOrder(order: OrderFacts, nowMs: number): OrderPlan {
  const { attempts, nextAttemptAtMs, failures } = order;
  if (orderStands(order)) {
    const settlesAtMs = (order.failedAtMs ?? 0) + settledMs;
    const settled = failures === 0 || nowMs >= settlesAtMs;
    return {
      send: null,
      attempts: 0,
      nextAttemptAtMs: null,
      failures: settled ? 0 : failures,
      alarm: settled && order.alarmRaised ? 'clear' : null,
      dueAtMs: settled ? nowMs + slowTimerMs : settlesAtMs,
    };
  }
  const alarm = !order.alarmRaised && failures >= failuresMax ? 'raise' : null;
  const waiting = { send: null, attempts, nextAttemptAtMs, failures, alarm } as const;
  const underWay = !order.commandDone && nowMs < (order.commandExpiresAtMs ?? 0);
  if (underWay) return { ...waiting, dueAtMs: order.commandExpiresAtMs ?? nowMs };
  if (order.online === false) return { ...waiting, dueAtMs: nowMs + slowTimerMs };
  if (nextAttemptAtMs !== null && nowMs < nextAttemptAtMs) return { ...waiting, dueAtMs: nextAttemptAtMs };
  const expiresAtMs = nowMs + orderLifeMs;
  return {
    send: { expiresAtMs },
    attempts: attempts + 1,
    nextAttemptAtMs: nowMs + pauseAfter(attempts + 1),
    failures,
    alarm,
    dueAtMs: expiresAtMs,
  };
}
