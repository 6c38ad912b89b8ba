// SPDX-License-Identifier: Apache-2.0
/**
 * The controller: looks at accounts whose time has come, decides on committed evidence, and drives each relay until
 * desired and reported agree. What is due stands in the database, so a crash delays and forgets nothing.
 */
import { newId, topics, type AccountEvent, type MeterCommand } from '@wattledger/contracts';
import type {
  DesiredRelay,
  ProtectionCalendar,
  SupplyGateName,
  SupplyPolicy,
} from '@wattledger/contracts/http/billing';
import type { Transaction } from '@wattledger/platform';
import { announce, noAnnouncements, type Announcements } from '../balance/announcements.ts';
import { accountStates, type AccountState } from '../balance/account-states.ts';
import { chargingGroup } from '../charging/charging-consumer.ts';
import type { BillingParts } from '../parts.ts';
import { loadHeldCalendars } from './calendars-store.ts';
import {
  creditExhausted,
  decideSupply,
  evidenceToKeep,
  gatesAgainst,
  type SupplyEvidence,
} from './decision.ts';
import { defaultSupplyPolicy } from './default-policy.ts';
import type { MountedMeters } from './mounted-meters.ts';
import { concerns, nextProtectionEdge } from './protected-hours.ts';
import { planRelay, type RelayPlan } from './relay-control.ts';
import {
  bindRelays,
  loadRelays,
  releaseRelays,
  writeCommands,
  writeRelayProgress,
  type RelayProgress,
  type RelayRow,
  type SentCommand,
  type WantedRelay,
} from './relays-store.ts';
import {
  holdDueAccounts,
  insertDecisions,
  loadEvidence,
  loadPolicies,
  writeSupplyStates,
  type DecisionToInsert,
  type EvidenceRow,
  type SupplyStateChange,
} from './supply-store.ts';

/** Accounts per transaction. */
const accountsMax = 100;
/** Everything is looked at this often, whatever else happens. */
const slowTimerMs = 10 * 60_000;
/** While somebody without credit is held by a gate that time or a reading may open. */
const waitingTimerMs = 20_000;
/** The registry has not told of the project yet. */
const unknownProjectMs = 5_000;

export interface SupplyController {
  /** Looks at accounts that are due, at most a hundred; answers how many. */
  lookAtDue(): Promise<number>;
  /** Age of the oldest interval energy that waits to be charged. */
  unchargedAgeMs(): Promise<number>;
  evidenceOf(row: EvidenceRow, circumstances: EvidenceCircumstances): SupplyEvidence | null;
}

export interface EvidenceCircumstances {
  readonly atMs: number;
  readonly readingsAtMs: number;
  readonly policy: SupplyPolicy;
  /** Of the project, as its policy points to them. */
  readonly calendars: readonly ProtectionCalendar[];
  readonly unchargedAgeMs: number;
}

interface Look {
  readonly row: EvidenceRow;
  readonly policy: SupplyPolicy;
  /** Null: the registry has not told of the project. */
  readonly evidence: SupplyEvidence | null;
  desired: DesiredRelay;
  decisionId: string | null;
  dueAtMs: number;
  belowSinceMs: number | null;
}

interface Work {
  readonly transaction: Transaction;
  readonly nowMs: number;
  readonly looks: readonly Look[];
  readonly announcements: Announcements;
}

export function createSupplyController(parts: BillingParts, mounted: MountedMeters): SupplyController {
  const { database, eventLog, clock, registry } = parts;

  async function unchargedAgeMs(): Promise<number> {
    const { oldestMs } = await eventLog.lag(chargingGroup, topics.intervalEnergy);
    return oldestMs === null ? 0 : Math.max(0, clock.nowMs() - oldestMs);
  }

  function evidenceOf(row: EvidenceRow, circumstances: EvidenceCircumstances): SupplyEvidence | null {
    const project = registry.get('project', row.project_id);
    if (project === undefined) return null;
    const tenantClass = registry.get('tenant', row.tenant_id)?.tenantClass ?? null;
    const account = { accountId: row.account_id, tenantClass };
    return {
      atMs: circumstances.atMs,
      zone: project.zone,
      accountOpen: row.state === 'open',
      mode: row.mode,
      desired: row.desired,
      protectedSupply: row.protected_supply,
      balanceMicros: row.balance_micros,
      emergencyCreditMicros: row.emergency_credit_micros,
      arrearsMicros: row.arrears_micros,
      belowSinceMs: row.below_since_ms,
      readings: (row.points ?? []).map((point) => ({
        meteringPointId: point.meteringPointId,
        electricity: point.medium === 'electricity',
        meterSide: point.meterSide,
        lastReadingMs: point.lastReadingMs,
        lastReadingQuality: point.lastReadingQuality,
      })),
      readingsAtMs: circumstances.readingsAtMs,
      unchargedAgeMs: circumstances.unchargedAgeMs,
      paymentsPending: row.payments_pending,
      policy: circumstances.policy,
      calendars: circumstances.calendars.filter((calendar) => concerns(calendar, account)),
    };
  }

  async function lookAtDue(): Promise<number> {
    // Asked before the accounts are held: energy that is charged meanwhile only makes the answer too careful.
    const ageMs = await unchargedAgeMs();
    return await database.transaction(async (transaction) => {
      const nowMs = clock.nowMs();
      const ids = await holdDueAccounts(transaction, nowMs, accountsMax);
      if (ids.length === 0) return 0;
      const rows = await loadEvidence(transaction, ids, nowMs);
      const projectIds = [...new Set(rows.map((row) => row.project_id))];
      const policies = await loadPolicies(transaction, projectIds);
      const held = await loadHeldCalendars(transaction, projectIds);
      const looks = rows.map((row): Look => {
        const policy = policies.get(row.project_id) ?? defaultSupplyPolicy;
        const calendars = held.get(row.project_id) ?? [];
        const circumstances = { atMs: nowMs, readingsAtMs: nowMs, policy, calendars, unchargedAgeMs: ageMs };
        const evidence = evidenceOf(row, circumstances);
        return startLook(row, policy, evidence, nowMs);
      });
      const work = { transaction, nowMs, looks, announcements: noAnnouncements() };
      await decide(work);
      await driveRelays(work, mounted);
      await writeSupplyStates(transaction, looks.map(stateChange));
      await announce(eventLog, transaction, work.announcements);
      return ids.length;
    });
  }

  return { lookAtDue, unchargedAgeMs, evidenceOf };
}

function startLook(
  row: EvidenceRow,
  policy: SupplyPolicy,
  found: SupplyEvidence | null,
  nowMs: number,
): Look {
  if (found === null) {
    return {
      row,
      policy,
      evidence: null,
      desired: row.desired,
      decisionId: null,
      dueAtMs: nowMs + unknownProjectMs,
      belowSinceMs: row.below_since_ms,
    };
  }
  // Grace begins when the balance is first seen at or below the threshold, and ends with it.
  const belowSinceMs = creditExhausted(found) ? (row.below_since_ms ?? nowMs) : null;
  const evidence = { ...found, belowSinceMs };
  return {
    row,
    policy,
    evidence,
    desired: row.desired,
    decisionId: null,
    dueAtMs: nextLook(evidence, nowMs),
    belowSinceMs,
  };
}

/** When time alone may change the decision. */
function nextLook(evidence: SupplyEvidence, nowMs: number): number {
  const slow = nowMs + slowTimerMs;
  const waiting =
    evidence.accountOpen &&
    evidence.policy.automatic &&
    creditExhausted(evidence) &&
    evidence.desired === 'closed';
  if (!waiting) return slow;
  const graceEndsMs = (evidence.belowSinceMs ?? nowMs) + evidence.policy.graceMinutes * 60_000;
  const edgeMs = nextProtectionEdge(evidence.calendars, evidence.zone, nowMs);
  const candidates = [slow, graceEndsMs, edgeMs ?? slow, nowMs + waitingTimerMs].filter(
    (candidate) => candidate > nowMs,
  );
  return Math.min(...candidates);
}

const stateChange = (look: Look): SupplyStateChange => ({
  accountId: look.row.account_id,
  desired: look.desired,
  belowSinceMs: look.belowSinceMs,
  dueAtMs: look.dueAtMs,
});

/** Decides for every account looked at; stores what changes something. */
async function decide({ transaction, nowMs, looks, announcements }: Work): Promise<void> {
  const decisions: DecisionToInsert[] = [];
  for (const look of looks) {
    if (look.evidence === null) continue;
    const { action, gates } = decideSupply(look.evidence);
    if (action === 'leave') continue;
    look.desired = action === 'disconnect' ? 'open' : 'closed';
    look.decisionId = newId('decision');
    // A connected account without credit is looked at again soon; one just disconnected need not be.
    look.dueAtMs = nowMs + slowTimerMs;
    decisions.push({
      decisionId: look.decisionId,
      projectId: look.row.project_id,
      accountId: look.row.account_id,
      atMs: nowMs,
      action,
      cause: look.row.due_cause,
      desiredBefore: look.row.desired,
      desiredAfter: look.desired,
      balanceMicros: look.evidence.balanceMicros,
      evidence: evidenceToKeep(look.evidence),
      gates,
    });
  }
  await insertDecisions(transaction, decisions);
  const states = await accountStates(
    transaction,
    decisions.map((decision) => decision.accountId),
  );
  for (const decision of decisions) {
    const state = states.get(decision.accountId);
    if (state !== undefined)
      announcements.accountEvents.push(decisionEvent(state, decision.desiredAfter, nowMs));
  }
}

const decisionEvent = (state: AccountState, desiredRelay: DesiredRelay, at: number): AccountEvent => ({
  ...state,
  at,
  desiredRelay,
  cause: 'decision',
});

/** Binds the meters, plans each relay, sends, and moves the time of the next look forward where a relay needs it. */
async function driveRelays(work: Work, mounted: MountedMeters): Promise<void> {
  const { transaction, nowMs, looks, announcements } = work;
  const known = looks.filter((look) => look.evidence !== null);
  const wanted = known.flatMap((look) => wantedRelays(look, mounted, nowMs));
  const wantedIds = new Set(wanted.map((relay) => relay.meterId));
  const ids = known.map((look) => look.row.account_id);
  const gone = (await loadRelays(transaction, ids)).filter((relay) => !wantedIds.has(relay.meterId));
  for (const { meterId, projectId } of await releaseRelays(
    transaction,
    gone.map((relay) => relay.meterId),
  )) {
    announcements.alarmSignals.push(relayAlarm({ meterId, projectId, state: 'cleared', nowMs, facts: {} }));
  }
  await bindRelays(transaction, wanted);
  const relays = await loadRelays(transaction, ids);
  const lookOf = new Map(known.map((look) => [look.row.account_id, look]));
  const progress: RelayProgress[] = [];
  const commands: SentCommand[] = [];
  for (const relay of relays) {
    const look = lookOf.get(relay.accountId);
    if (look?.evidence === undefined || look.evidence === null) continue;
    const plan = planFor(relay, look, look.evidence, nowMs);
    if (plan.lookAgainAtMs !== null)
      look.dueAtMs = Math.min(look.dueAtMs, Math.max(plan.lookAgainAtMs, nowMs + 1));
    if (plan.alarm !== null) announcements.alarmSignals.push(alarmOfPlan(relay, look, plan, nowMs));
    if (planChanges(relay, plan))
      progress.push({
        ...plan,
        meterId: relay.meterId,
        alarmRaised: plan.alarm === null ? relay.alarmRaised : plan.alarm === 'raise',
      });
    if (plan.send === null) continue;
    const command = commandOf(relay, look, plan.send, nowMs);
    commands.push(command);
    announcements.meterCommands.push(commandRecord(command, look));
  }
  await writeRelayProgress(transaction, progress);
  await writeCommands(transaction, commands);
}

/** A closed account controls nothing. */
function wantedRelays(look: Look, mounted: MountedMeters, nowMs: number): readonly WantedRelay[] {
  if (look.row.state === 'closed') return [];
  const automatic = look.row.mode === 'automatic';
  // Where the meter keeps the credit it switches by itself: only a person's order reaches its relay from here.
  const points = (look.row.points ?? []).filter(
    (point) => point.medium === 'electricity' && !(automatic && point.meterSide),
  );
  return mounted
    .at(
      points.map((point) => point.meteringPointId),
      nowMs,
    )
    .filter((meter) => meter.switchable)
    .map((meter) => ({
      meterId: meter.meterId,
      projectId: look.row.project_id,
      accountId: look.row.account_id,
      meteringPointId: meter.meteringPointId,
      desired: look.desired,
    }));
}

function planFor(relay: RelayRow, look: Look, evidence: SupplyEvidence, nowMs: number): RelayPlan {
  const { policy } = look;
  const forced = evidence.mode === 'forced-off';
  const against: readonly SupplyGateName[] = relay.desired === 'open' ? gatesAgainst(evidence) : [];
  const edgeMs =
    relay.desired === 'open' && !forced ? nextProtectionEdge(evidence.calendars, evidence.zone, nowMs) : null;
  return planRelay(relay, {
    nowMs,
    gatesAgainst: against,
    protectionEdgeMs: edgeMs,
    relayAlarmMs: policy.relayAlarmMinutes * 60_000,
  });
}

const planChanges = (relay: RelayRow, plan: RelayPlan): boolean =>
  plan.attempts !== relay.attempts ||
  plan.nextAttemptAtMs !== relay.nextAttemptAtMs ||
  plan.mismatchSinceMs !== relay.mismatchSinceMs ||
  plan.alarm !== null ||
  plan.heldBy.join(' ') !== relay.heldBy.join(' ');

const commandOf = (
  relay: RelayRow,
  look: Look,
  send: { readonly action: 'connect' | 'disconnect'; readonly expiresAtMs: number },
  nowMs: number,
): SentCommand => ({
  commandId: newId('command'),
  projectId: look.row.project_id,
  accountId: look.row.account_id,
  decisionId: look.decisionId,
  meterId: relay.meterId,
  action: send.action,
  requestedAtMs: nowMs,
  expiresAtMs: send.expiresAtMs,
});

function commandRecord(command: SentCommand, look: Look): MeterCommand {
  const forced = look.row.mode !== 'automatic';
  const credit = command.action === 'disconnect' ? 'credit exhausted' : 'credit available';
  return {
    kind: 'switch-supply',
    commandId: command.commandId,
    projectId: command.projectId,
    meterId: command.meterId,
    action: command.action,
    requestedBy: forced ? (look.row.forced_by_name ?? 'billing') : 'billing',
    reason: forced ? (look.row.forced_reason ?? look.row.mode) : credit,
    requestedAt: command.requestedAtMs,
    expiresAt: command.expiresAtMs,
  };
}

const alarmOfPlan = (relay: RelayRow, look: Look, plan: RelayPlan, nowMs: number) =>
  relayAlarm({
    meterId: relay.meterId,
    projectId: look.row.project_id,
    state: plan.alarm === 'raise' ? 'raised' : 'cleared',
    nowMs,
    facts: {
      accountId: relay.accountId,
      desired: relay.desired,
      reported: relay.reported,
      sinceMs: String(plan.mismatchSinceMs ?? nowMs),
      heldBy: plan.heldBy.join(' '),
    },
  });

const relayAlarm = (alarm: {
  readonly meterId: string;
  readonly projectId: string;
  readonly state: 'raised' | 'cleared';
  readonly nowMs: number;
  readonly facts: Record<string, string>;
}) => ({
  projectId: alarm.projectId,
  kind: 'relay-not-obeying' as const,
  subjectKind: 'meter' as const,
  subjectId: alarm.meterId,
  state: alarm.state,
  at: alarm.nowMs,
  facts: alarm.facts,
});
