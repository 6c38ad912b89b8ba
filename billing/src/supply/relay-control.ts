// SPDX-License-Identifier: Apache-2.0
/**
 * Bringing one relay to its desired state: whether to send, wait, hold back or raise the alarm. Pure; called again
 * whenever something is heard or a time has come, until desired and reported agree.
 */
import type { RelayState } from '@wattledger/contracts';
import type { DesiredRelay, SupplyGateName } from '@wattledger/contracts/http/billing';

export interface RelayFacts {
  readonly desired: DesiredRelay;
  /** Last heard; never forgotten because a meter went silent. */
  readonly reported: RelayState;
  readonly commandAction: 'connect' | 'disconnect' | null;
  readonly commandDone: boolean;
  readonly commandExpiresAtMs: number | null;
  readonly attempts: number;
  readonly nextAttemptAtMs: number | null;
  readonly mismatchSinceMs: number | null;
  readonly alarmRaised: boolean;
}

export interface RelayPlan {
  readonly send: { readonly action: 'connect' | 'disconnect'; readonly expiresAtMs: number } | null;
  readonly attempts: number;
  readonly nextAttemptAtMs: number | null;
  readonly mismatchSinceMs: number | null;
  readonly alarm: 'raise' | 'clear' | null;
  readonly heldBy: readonly SupplyGateName[];
  /** When to look again; null when there is nothing to wait for. */
  readonly lookAgainAtMs: number | null;
}

/** A command that the gateway could not take in this time is dropped; the controller decides anew. */
export const commandLifeMs = 45_000;
/** A disconnection is not sent so shortly before protected hours that it might be carried out within them. */
export const disconnectMarginMs = 5_000;
const pausesMs = [10_000, 20_000, 30_000, 45_000];
const pauseMsMax = 60_000;

/** Time between one attempt and the next: never above a minute, because a tenant who paid is waiting. */
export const pauseAfter = (attempts: number): number => pausesMs[attempts - 1] ?? pauseMsMax;

/**
 * Whether desired and reported differ. A relay never heard of counts as closed unless we opened it: a meter that is
 * wanted closed and was never disconnected needs no command.
 */
export function relayDiffers(relay: Pick<RelayFacts, 'desired' | 'reported' | 'commandAction'>): boolean {
  if (relay.reported === 'unknown') return relay.desired === 'open' || relay.commandAction === 'disconnect';
  return relay.desired !== relay.reported;
}

export interface RelayCircumstances {
  readonly nowMs: number;
  /** Gates that stand against a disconnection now. */
  readonly gatesAgainst: readonly SupplyGateName[];
  /** When protection next begins; no disconnection may be carried out after it. */
  readonly protectionEdgeMs: number | null;
  readonly relayAlarmMs: number;
}

export function planRelay(
  relay: RelayFacts,
  { nowMs, gatesAgainst, protectionEdgeMs, relayAlarmMs }: RelayCircumstances,
): RelayPlan {
  if (!relayDiffers(relay)) {
    const alarm = relay.alarmRaised ? 'clear' : null;
    return {
      send: null,
      attempts: 0,
      nextAttemptAtMs: null,
      mismatchSinceMs: null,
      alarm,
      heldBy: [],
      lookAgainAtMs: null,
    };
  }
  const mismatchSinceMs = relay.mismatchSinceMs ?? nowMs;
  const alarmAtMs = mismatchSinceMs + relayAlarmMs;
  const alarm = !relay.alarmRaised && nowMs >= alarmAtMs ? 'raise' : null;
  const waiting = {
    send: null,
    attempts: relay.attempts,
    nextAttemptAtMs: relay.nextAttemptAtMs,
    mismatchSinceMs,
    alarm,
  } as const;
  const untilAlarm = relay.alarmRaised || alarm !== null ? Infinity : alarmAtMs;
  const wait = (untilMs: number, heldBy: readonly SupplyGateName[]): RelayPlan => {
    const lookAgainAtMs = Math.min(untilMs, untilAlarm);
    return { ...waiting, heldBy, lookAgainAtMs: Number.isFinite(lookAgainAtMs) ? lookAgainAtMs : null };
  };
  const action = relay.desired === 'open' ? 'disconnect' : 'connect';
  const changed = relay.commandAction !== action;
  const underWay = !changed && !relay.commandDone && nowMs < (relay.commandExpiresAtMs ?? 0);
  if (underWay) return wait(relay.commandExpiresAtMs ?? nowMs, []);
  if (!changed && relay.nextAttemptAtMs !== null && nowMs < relay.nextAttemptAtMs)
    return wait(relay.nextAttemptAtMs, []);
  let expiresAtMs = nowMs + commandLifeMs;
  if (action === 'disconnect') {
    if (gatesAgainst.length > 0) return wait(Infinity, gatesAgainst);
    if (protectionEdgeMs !== null) {
      if (protectionEdgeMs - nowMs <= disconnectMarginMs) return wait(protectionEdgeMs, ['protected-hours']);
      expiresAtMs = Math.min(expiresAtMs, protectionEdgeMs - disconnectMarginMs);
    }
  }
  const attempts = (changed ? 0 : relay.attempts) + 1;
  const nextAttemptAtMs = nowMs + pauseAfter(attempts);
  const lookAgainAtMs = Math.min(nextAttemptAtMs, expiresAtMs, untilAlarm);
  return {
    send: { action, expiresAtMs },
    attempts,
    nextAttemptAtMs,
    mismatchSinceMs,
    alarm,
    heldBy: [],
    lookAgainAtMs,
  };
}
