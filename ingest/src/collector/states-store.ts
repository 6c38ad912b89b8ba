// SPDX-License-Identifier: Apache-2.0
/** States of meters and gateways: written in batches, read whole. */
import type { RelayState } from '@wattledger/contracts';
import type { PollFault, PollFaultKind, RegisterState } from '@wattledger/contracts/http/ingest';
import type { Queryable } from '@wattledger/platform';
import type { Liveness } from './liveness.ts';
import type { MeterResult } from './poll-results.ts';

export interface GatewayStateRow {
  readonly gatewayId: string;
  readonly projectId: string;
  readonly lastGoodMs: number | null;
  readonly cycleStartedMs: number | null;
  readonly cycleDurationMs: number | null;
  readonly metersConfigured: number;
  readonly metersAnswered: number;
  readonly liveness: Liveness;
  readonly reconnects: number;
  /** Counts since the gateway exists. */
  readonly faults: Readonly<Record<string, number>>;
  readonly fault: PollFault | null;
  readonly told: ToldByGateway;
}

/** What a gateway that calls in said last of itself. */
export interface ToldByGateway {
  readonly signalDbm: number | null;
  readonly firmware: string | null;
}

export interface MeterStateRow {
  readonly meterId: string;
  readonly projectId: string;
  readonly lastGoodMs: number | null;
  readonly lastAttemptMs: number | null;
  readonly relay: RelayState;
  readonly relayAtMs: number | null;
  readonly registers: readonly RegisterState[];
  readonly parameters: Readonly<Record<string, number>>;
  readonly fault: PollFault | null;
  readonly liveness: Liveness;
  readonly polls: number;
  readonly answers: number;
}

interface StoredLiveness {
  readonly online: boolean | null;
  readonly missed_cycles: number;
  readonly answers_in_row: number;
  readonly alarmed: boolean;
}
interface StoredFault {
  readonly fault_kind: PollFaultKind | null;
  readonly fault_text: string | null;
  readonly fault_at_ms: number | null;
}

function livenessOf(row: StoredLiveness): Liveness {
  return {
    online: row.online,
    missedCycles: row.missed_cycles,
    answersInRow: row.answers_in_row,
    alarmed: row.alarmed,
  };
}
function faultOf(row: StoredFault): PollFault | null {
  if (row.fault_kind === null) return null;
  return { kind: row.fault_kind, text: row.fault_text ?? '', atMs: row.fault_at_ms ?? 0 };
}

/**
 * What was not seen keeps its old value: a miss forgets neither the last registers nor the last relay state. Of
 * several results of one meter the later ones win, in the order given. A clock is looked at once a day: what it showed
 * stays until then.
 */
export async function writeMeterStates(queryable: Queryable, results: readonly MeterResult[]): Promise<void> {
  // One statement can touch a row once; more results of the same meter go into a further round.
  for (let rest = results; rest.length > 0;) {
    const round = new Map<string, MeterResult>();
    const later: MeterResult[] = [];
    for (const result of rest) {
      if (round.has(result.meterId)) later.push(result);
      else round.set(result.meterId, result);
    }
    await writeRound(queryable, [...round.values()]);
    rest = later;
  }
}

async function writeRound(queryable: Queryable, results: readonly MeterResult[]): Promise<void> {
  const answers = results.map(({ answer }) => answer);
  await queryable.query(
    `INSERT INTO ingest.meter_states AS s (meter_id, project_id, online, last_good_ms, last_attempt_ms, relay, relay_at_ms,
       registers, parameters, fault_kind, fault_text, fault_at_ms, missed_cycles, answers_in_row, alarmed, polls, answers)
     SELECT r.meter_id, r.project_id, r.online, r.last_good_ms, r.last_attempt_ms, coalesce(r.relay, 'unknown'), r.relay_at_ms,
       coalesce(r.registers::jsonb, '[]'), coalesce(r.parameters::jsonb, '{}'), r.fault_kind, r.fault_text, r.fault_at_ms,
       r.missed_cycles, r.answers_in_row, r.alarmed, r.polls, r.answers
     FROM unnest($1::text[], $2::text[], $3::boolean[], $4::bigint[], $5::bigint[], $6::text[], $7::bigint[], $8::text[], $9::text[],
       $10::text[], $11::text[], $12::bigint[], $13::integer[], $14::integer[], $15::boolean[], $16::bigint[], $17::bigint[])
       AS r (meter_id, project_id, online, last_good_ms, last_attempt_ms, relay, relay_at_ms, registers, parameters, fault_kind,
         fault_text, fault_at_ms, missed_cycles, answers_in_row, alarmed, polls, answers)
     ON CONFLICT (meter_id) DO UPDATE SET
       project_id = excluded.project_id,
       online = excluded.online,
       last_good_ms = coalesce(excluded.last_good_ms, s.last_good_ms),
       last_attempt_ms = coalesce(excluded.last_attempt_ms, s.last_attempt_ms),
       relay = CASE WHEN excluded.relay_at_ms IS NULL THEN s.relay ELSE excluded.relay END,
       relay_at_ms = coalesce(excluded.relay_at_ms, s.relay_at_ms),
       registers = CASE WHEN excluded.registers = '[]' THEN s.registers ELSE excluded.registers END,
       parameters = CASE WHEN excluded.last_good_ms IS NULL OR excluded.registers = '[]' THEN s.parameters
         ELSE jsonb_strip_nulls(jsonb_build_object('clock.driftSeconds', s.parameters -> 'clock.driftSeconds')) || excluded.parameters END,
       fault_kind = coalesce(excluded.fault_kind, s.fault_kind),
       fault_text = coalesce(excluded.fault_text, s.fault_text),
       fault_at_ms = coalesce(excluded.fault_at_ms, s.fault_at_ms),
       missed_cycles = excluded.missed_cycles,
       answers_in_row = excluded.answers_in_row,
       alarmed = excluded.alarmed,
       polls = s.polls + excluded.polls,
       answers = s.answers + excluded.answers`,
    [
      results.map(({ meterId }) => meterId),
      results.map(({ projectId }) => projectId),
      results.map(({ liveness }) => liveness.online),
      answers.map((answer) => answer?.atMs ?? null),
      results.map(({ attemptMs, countsAsPoll }) => (countsAsPoll ? attemptMs : null)),
      answers.map((answer) => answer?.relay ?? null),
      answers.map((answer) => answer?.relayAtMs ?? null),
      answers.map((answer) => (answer === null ? null : JSON.stringify(answer.registers))),
      answers.map((answer) => (answer === null ? null : JSON.stringify(answer.parameters))),
      results.map(({ fault }) => fault?.kind ?? null),
      results.map(({ fault }) => fault?.text ?? null),
      results.map(({ fault }) => fault?.atMs ?? null),
      results.map(({ liveness }) => liveness.missedCycles),
      results.map(({ liveness }) => liveness.answersInRow),
      results.map(({ liveness }) => liveness.alarmed),
      results.map(({ countsAsPoll }) => (countsAsPoll ? 1 : 0)),
      results.map(({ countsAsPoll, answer }) => (countsAsPoll && answer !== null ? 1 : 0)),
    ],
  );
}

export async function writeGatewayStates(
  queryable: Queryable,
  rows: readonly GatewayStateRow[],
): Promise<void> {
  if (rows.length === 0) return;
  await queryable.query(
    `INSERT INTO ingest.gateway_states (gateway_id, project_id, online, last_good_ms, cycle_started_ms, cycle_duration_ms,
       meters_configured, meters_answered, missed_cycles, answers_in_row, alarmed, reconnects, faults, fault_kind, fault_text, fault_at_ms,
       signal_dbm, firmware)
     SELECT r.gateway_id, r.project_id, r.online, r.last_good_ms, r.cycle_started_ms, r.cycle_duration_ms, r.meters_configured,
       r.meters_answered, r.missed_cycles, r.answers_in_row, r.alarmed, r.reconnects, r.faults::jsonb, r.fault_kind, r.fault_text, r.fault_at_ms,
       r.signal_dbm, r.firmware
     FROM unnest($1::text[], $2::text[], $3::boolean[], $4::bigint[], $5::bigint[], $6::bigint[], $7::integer[], $8::integer[],
       $9::integer[], $10::integer[], $11::boolean[], $12::bigint[], $13::text[], $14::text[], $15::text[], $16::bigint[], $17::integer[], $18::text[])
       AS r (gateway_id, project_id, online, last_good_ms, cycle_started_ms, cycle_duration_ms, meters_configured, meters_answered,
         missed_cycles, answers_in_row, alarmed, reconnects, faults, fault_kind, fault_text, fault_at_ms, signal_dbm, firmware)
     ON CONFLICT (gateway_id) DO UPDATE SET
       project_id = excluded.project_id, online = excluded.online, last_good_ms = excluded.last_good_ms,
       cycle_started_ms = excluded.cycle_started_ms, cycle_duration_ms = excluded.cycle_duration_ms,
       meters_configured = excluded.meters_configured, meters_answered = excluded.meters_answered,
       missed_cycles = excluded.missed_cycles, answers_in_row = excluded.answers_in_row, alarmed = excluded.alarmed,
       reconnects = excluded.reconnects, faults = excluded.faults, fault_kind = excluded.fault_kind,
       fault_text = excluded.fault_text, fault_at_ms = excluded.fault_at_ms, signal_dbm = excluded.signal_dbm,
       firmware = excluded.firmware`,
    [
      rows.map(({ gatewayId }) => gatewayId),
      rows.map(({ projectId }) => projectId),
      rows.map(({ liveness }) => liveness.online),
      rows.map(({ lastGoodMs }) => lastGoodMs),
      rows.map(({ cycleStartedMs }) => cycleStartedMs),
      rows.map(({ cycleDurationMs }) => cycleDurationMs),
      rows.map(({ metersConfigured }) => metersConfigured),
      rows.map(({ metersAnswered }) => metersAnswered),
      rows.map(({ liveness }) => liveness.missedCycles),
      rows.map(({ liveness }) => liveness.answersInRow),
      rows.map(({ liveness }) => liveness.alarmed),
      rows.map(({ reconnects }) => reconnects),
      rows.map(({ faults }) => JSON.stringify(faults)),
      rows.map(({ fault }) => fault?.kind ?? null),
      rows.map(({ fault }) => fault?.text ?? null),
      rows.map(({ fault }) => fault?.atMs ?? null),
      rows.map(({ told }) => told.signalDbm),
      rows.map(({ told }) => told.firmware),
    ],
  );
}

interface StoredMeterState extends StoredLiveness, StoredFault {
  readonly meter_id: string;
  readonly project_id: string;
  readonly last_good_ms: number | null;
  readonly last_attempt_ms: number | null;
  readonly relay: RelayState;
  readonly relay_at_ms: number | null;
  readonly registers: readonly RegisterState[];
  readonly parameters: Readonly<Record<string, number>>;
  readonly polls: number;
  readonly answers: number;
}

export async function readMeterStates(
  queryable: Queryable,
  meterIds: readonly string[],
): Promise<ReadonlyMap<string, MeterStateRow>> {
  const found = await queryable.query<StoredMeterState>(
    `SELECT s.meter_id, s.project_id, s.online, s.last_good_ms, s.last_attempt_ms, s.relay, s.relay_at_ms, s.registers, s.parameters,
       s.fault_kind, s.fault_text, s.fault_at_ms, s.missed_cycles, s.answers_in_row, s.alarmed, s.polls, s.answers
     FROM ingest.meter_states s WHERE s.meter_id = ANY ($1::text[])`,
    [meterIds],
  );
  return new Map(
    found.rows.map((row) => [
      row.meter_id,
      {
        meterId: row.meter_id,
        projectId: row.project_id,
        lastGoodMs: row.last_good_ms,
        lastAttemptMs: row.last_attempt_ms,
        relay: row.relay,
        relayAtMs: row.relay_at_ms,
        registers: row.registers,
        parameters: row.parameters,
        fault: faultOf(row),
        liveness: livenessOf(row),
        polls: row.polls,
        answers: row.answers,
      },
    ]),
  );
}

interface StoredGatewayState extends StoredLiveness, StoredFault {
  readonly gateway_id: string;
  readonly project_id: string;
  readonly last_good_ms: number | null;
  readonly cycle_started_ms: number | null;
  readonly cycle_duration_ms: number | null;
  readonly meters_configured: number;
  readonly meters_answered: number;
  readonly reconnects: number;
  readonly faults: Readonly<Record<string, number>>;
  readonly signal_dbm: number | null;
  readonly firmware: string | null;
}

export async function readGatewayStates(
  queryable: Queryable,
  gatewayIds: readonly string[],
): Promise<ReadonlyMap<string, GatewayStateRow>> {
  const found = await queryable.query<StoredGatewayState>(
    `SELECT s.gateway_id, s.project_id, s.online, s.last_good_ms, s.cycle_started_ms, s.cycle_duration_ms, s.meters_configured,
       s.meters_answered, s.missed_cycles, s.answers_in_row, s.alarmed, s.reconnects, s.faults, s.fault_kind, s.fault_text, s.fault_at_ms,
       s.signal_dbm, s.firmware
     FROM ingest.gateway_states s WHERE s.gateway_id = ANY ($1::text[])`,
    [gatewayIds],
  );
  return new Map(
    found.rows.map((row) => [
      row.gateway_id,
      {
        gatewayId: row.gateway_id,
        projectId: row.project_id,
        lastGoodMs: row.last_good_ms,
        cycleStartedMs: row.cycle_started_ms,
        cycleDurationMs: row.cycle_duration_ms,
        metersConfigured: row.meters_configured,
        metersAnswered: row.meters_answered,
        liveness: livenessOf(row),
        reconnects: row.reconnects,
        faults: row.faults,
        fault: faultOf(row),
        told: { signalDbm: row.signal_dbm, firmware: row.firmware },
      },
    ]),
  );
}
