// SPDX-License-Identifier: Apache-2.0
/**
 * The supply decision: a pure function of evidence. It lists every gate, so that the answer to "why" is complete
 * whichever way it went.
 */
import type {
  DecisionAction,
  DesiredRelay,
  ProtectionCalendar,
  SupplyGate,
  SupplyGateName,
  SupplyMode,
  SupplyPolicy,
} from '@wattledger/contracts/http/billing';
import { qualityCodes, qualityOf } from '@wattledger/contracts';
import { inProtectedHours, protectedDayAt, unprotectedFrom } from './protected-hours.ts';

/** The last reading of one metering point the account pays for. */
export interface ReadingEvidence {
  readonly meteringPointId: string;
  /** Electricity can be disconnected, so its reading must also be fresh; other media must only not be estimated. */
  readonly electricity: boolean;
  /** The meter keeps the credit and switches by itself. */
  readonly meterSide?: boolean;
  readonly lastReadingMs: number | null;
  /** Quality code. */
  readonly lastReadingQuality: number | null;
}

export interface SupplyEvidence {
  readonly atMs: number;
  readonly zone: string;
  readonly accountOpen: boolean;
  readonly mode: SupplyMode;
  readonly desired: DesiredRelay;
  readonly protectedSupply: boolean;
  /** As committed in the ledger. */
  readonly balanceMicros: number;
  readonly emergencyCreditMicros: number;
  /** Owed by an arrears agreement: no reason to disconnect, it is collected from vends. */
  readonly arrearsMicros: number;
  /** Since when the balance has been at or below the threshold. */
  readonly belowSinceMs: number | null;
  readonly readings: readonly ReadingEvidence[];
  /** Instant against which readings are judged: `atMs`, or now in a dry run for a later time. */
  readonly readingsAtMs: number;
  /** Age of the oldest interval energy that waits to be charged; 0 when none waits. */
  readonly unchargedAgeMs: number;
  readonly paymentsPending: number;
  readonly policy: SupplyPolicy;
  /** Those the policy points to that concern the account. */
  readonly calendars: readonly ProtectionCalendar[];
}

export interface SupplyDecisionResult {
  readonly action: DecisionAction;
  readonly gates: readonly SupplyGate[];
}

const minuteMs = 60_000;

/** Credit has run out: at or below the threshold, emergency credit counted in. */
export const creditExhausted = (
  evidence: Pick<SupplyEvidence, 'balanceMicros' | 'emergencyCreditMicros' | 'policy'>,
): boolean =>
  evidence.balanceMicros + evidence.emergencyCreditMicros <= evidence.policy.disconnectThresholdMicros;

/**
 * Decides what is to become of the supply.
 *
 * - Forced on: connect. Forced off: disconnect, unless the supply is protected; a person's order with a reason is not a
 *   disconnection for want of credit, so credit, hours and readings are not asked.
 * - Automatic, with credit: connect, whatever the other gates say.
 * - Automatic, without credit: disconnect when every gate passes, else leave.
 * - A closed account: leave.
 *
 * `leave` also when supply already is as it should be.
 */
export function decideSupply(evidence: SupplyEvidence): SupplyDecisionResult {
  const gates = gatesOf(evidence);
  const wanted = wantedRelay(evidence, gates);
  if (wanted === null || wanted === evidence.desired) return { action: 'leave', gates };
  return { action: wanted === 'open' ? 'disconnect' : 'connect', gates };
}

/** The gates that at present stand against a disconnection. Empty: one may be carried out or repeated now. */
export function gatesAgainst(evidence: SupplyEvidence): readonly SupplyGateName[] {
  if (evidence.mode === 'forced-off') return evidence.protectedSupply ? ['protected-supply'] : [];
  return gatesOf(evidence)
    .filter((gate) => !gate.passes)
    .map((gate) => gate.gate);
}

/** Evidence as it is kept with a decision: of the calendars' days only those around it. */
export function evidenceToKeep(evidence: SupplyEvidence): SupplyEvidence {
  const dayMs = 24 * 60 * minuteMs;
  const day = (offsetMs: number): string => new Date(evidence.atMs + offsetMs).toJSON().slice(0, 10);
  const around = [day(-dayMs), day(0), day(dayMs)];
  const calendars = evidence.calendars.map((calendar) => ({
    ...calendar,
    days: calendar.days.filter((special) => around.includes(special.day)),
  }));
  return { ...evidence, calendars };
}

/** Gates that time alone opens. */
const timeGates: readonly SupplyGateName[] = ['credit-exhausted', 'grace', 'protected-hours', 'holiday'];

/**
 * When the account would be cut if its credit ran out at an instant: after grace, outside protection. Null when another
 * gate stands against it, or protection does not end within a month.
 */
export function expectedCut(evidence: SupplyEvidence, exhaustedAtMs: number): number | null {
  if (gatesAgainst(evidence).some((gate) => !timeGates.includes(gate))) return null;
  const graceEndsMs = exhaustedAtMs + evidence.policy.graceMinutes * minuteMs;
  return unprotectedFrom(evidence.calendars, evidence.zone, Math.max(evidence.atMs, graceEndsMs));
}

function wantedRelay(evidence: SupplyEvidence, gates: readonly SupplyGate[]): DesiredRelay | null {
  if (!evidence.accountOpen) return null;
  if (evidence.mode === 'forced-on') return 'closed';
  if (evidence.mode === 'forced-off') return evidence.protectedSupply ? 'closed' : 'open';
  if (!creditExhausted(evidence) || meterSideOnly(evidence)) return 'closed';
  return gates.every((gate) => gate.passes) ? 'open' : null;
}

function gatesOf(evidence: SupplyEvidence): readonly SupplyGate[] {
  const { policy } = evidence;
  return [
    { gate: 'account-open', passes: evidence.accountOpen, facts: {} },
    { gate: 'mode', passes: evidence.mode === 'automatic', facts: { mode: evidence.mode } },
    { gate: 'automatic-switching', passes: policy.automatic, facts: {} },
    {
      gate: 'credit-exhausted',
      passes: creditExhausted(evidence),
      facts: {
        balanceMicros: String(evidence.balanceMicros),
        emergencyCreditMicros: String(evidence.emergencyCreditMicros),
        arrearsMicros: String(evidence.arrearsMicros),
        thresholdMicros: String(policy.disconnectThresholdMicros),
      },
    },
    { gate: 'protected-supply', passes: !evidence.protectedSupply, facts: {} },
    ...protectionGates(evidence),
    graceGate(evidence),
    ...readingGates(evidence),
    {
      gate: 'charging-current',
      passes: evidence.unchargedAgeMs <= policy.unchargedLimitMinutes * minuteMs,
      facts: {
        unchargedAgeMs: String(evidence.unchargedAgeMs),
        limitMs: String(policy.unchargedLimitMinutes * minuteMs),
      },
    },
    {
      gate: 'no-payment-pending',
      passes: evidence.paymentsPending === 0,
      facts: { paymentsPending: String(evidence.paymentsPending) },
    },
    ...meterSideGate(evidence),
  ];
}

/** Every electricity meter of the account keeps the credit itself: the ledger's balance says nothing about supply. */
const meterSideOnly = ({ readings }: SupplyEvidence): boolean => {
  const electricity = readings.filter((reading) => reading.electricity);
  return electricity.length > 0 && electricity.every((reading) => reading.meterSide === true);
};

/** Named only where a meter keeps credit. */
function meterSideGate(evidence: SupplyEvidence): readonly SupplyGate[] {
  const meterSide = evidence.readings.filter((reading) => reading.meterSide === true);
  if (meterSide.length === 0) return [];
  const points = meterSide.map((reading) => reading.meteringPointId).join(' ');
  const facts = { pointsMeterSide: points };
  return [{ gate: 'balance-on-platform', passes: !meterSideOnly(evidence), facts }];
}

/** Hours and days of the calendars, with the name of the one that protects and when protection ends. */
function protectionGates({ calendars, zone, atMs }: SupplyEvidence): readonly SupplyGate[] {
  const hours = calendars.find((calendar) => inProtectedHours(calendar, zone, atMs));
  const day = calendars
    .map((calendar) => protectedDayAt(calendar, zone, atMs))
    .find((special) => special !== undefined);
  const facts = (name: string | undefined): Record<string, string> => ({
    atMs: String(atMs),
    zone,
    ...(name === undefined
      ? {}
      : { calendar: name, protectedUntilMs: String(unprotectedFrom(calendars, zone, atMs) ?? '') }),
  });
  return [
    { gate: 'protected-hours', passes: hours === undefined, facts: facts(hours?.name) },
    { gate: 'holiday', passes: day === undefined, facts: facts(day?.name) },
  ];
}

/** Grace runs from when the balance reached the threshold; not yet seen there, it begins now. */
function graceGate(evidence: SupplyEvidence): SupplyGate {
  const sinceMs = evidence.belowSinceMs ?? evidence.atMs;
  const endsMs = sinceMs + evidence.policy.graceMinutes * minuteMs;
  return {
    gate: 'grace',
    passes: evidence.atMs >= endsMs,
    facts: { belowSinceMs: String(sinceMs), graceEndsMs: String(endsMs) },
  };
}

/**
 * Readings: each point needs one, none may be other than measured, and electricity's must be fresh. A water meter
 * that has gone quiet only makes the balance look better than it is, so its age harms nobody.
 */
function readingGates(evidence: SupplyEvidence): readonly SupplyGate[] {
  const limitMs = evidence.policy.freshnessLimitMinutes * minuteMs;
  const unread = evidence.readings.filter((reading) => reading.lastReadingMs === null);
  const electricity = evidence.readings.filter((reading) => reading.electricity);
  const stale = electricity.filter(
    // A reading from the future tells of a wrong clock, not of freshness.
    (reading) =>
      reading.lastReadingMs !== null && Math.abs(evidence.readingsAtMs - reading.lastReadingMs) > limitMs,
  );
  const unmeasured = evidence.readings.filter(
    (reading) => reading.lastReadingQuality !== null && reading.lastReadingQuality !== qualityCodes.measured,
  );
  const oldestMs = Math.min(...electricity.map((reading) => reading.lastReadingMs ?? Infinity));
  return [
    {
      gate: 'reading-present',
      passes: unread.length === 0 && electricity.length > 0,
      facts: { pointsUnread: unread.map((reading) => reading.meteringPointId).join(' ') },
    },
    {
      gate: 'reading-fresh',
      passes: stale.length === 0,
      facts: {
        oldestReadingMs: Number.isFinite(oldestMs) ? String(oldestMs) : '',
        limitMs: String(limitMs),
        pointsStale: stale.map((reading) => reading.meteringPointId).join(' '),
      },
    },
    {
      gate: 'reading-measured',
      passes: unmeasured.length === 0,
      facts: {
        pointsUnmeasured: unmeasured
          .map((reading) => `${reading.meteringPointId}:${qualityOf(reading.lastReadingQuality ?? 0)}`)
          .join(' '),
      },
    },
  ];
}
