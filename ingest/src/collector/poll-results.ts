// SPDX-License-Identifier: Apache-2.0
/**
 * Brings what polls saw into the log and the states, many at a time: readings, telemetry, alarms and states in one
 * transaction, so that nothing counts as done before it is durable and no state claims what the log does not have.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import {
  topics,
  type AlarmSignal,
  type ReadingBatch,
  type ReadingSource,
  type RelayState,
  type Telemetry,
} from '@wattledger/contracts';
import type { PollFault } from '@wattledger/contracts/http/ingest';
import type { NewRecord, Parts } from '@wattledger/platform';
import type { IngestMetrics } from '../metrics/ingest-metrics.ts';
import type { Liveness } from './liveness.ts';
import type { MeterAnswer } from './meter-driver.ts';
import { writeGatewayStates, writeMeterStates, type GatewayStateRow } from './states-store.ts';

export interface MeterResult {
  readonly meterId: string;
  readonly projectId: string;
  readonly gatewayId: string;
  readonly attemptMs: number;
  readonly answer: MeterAnswer | null;
  readonly reported: ReadonlySet<string>;
  readonly fault: PollFault | null;
  readonly liveness: Liveness;
  /** Whether the meter's being online changed with this poll. */
  readonly turned: boolean;
  /** False for what was seen besides a cycle: a command's read-back counts as no poll. */
  readonly countsAsPoll: boolean;
  /** Left out: a poll. What comes as back-fill is older than what the states show, and leaves them as they are. */
  readonly source?: ReadingSource;
}
export interface PollResults {
  /** Resolves when the result is durable; waits when too many are under way. @throws Error when it is lost, see `hurry` */
  addMeter(result: MeterResult): Promise<void>;
  addGateway(row: GatewayStateRow): void;
  addAlarm(signal: AlarmSignal): void;
  /** The process is to stop: from now on a database that is away is tried a few times only. */
  hurry(): void;
  /** Ends after everything handed in is durable, or lost. */
  stop(): Promise<void>;
}

/** Results of one transaction, and how long the first waits for company. */
const batchMax = 500;
const lingerMs = 150;
/** Beyond this the lines wait: a database that is away must not fill the memory. */
const waitingMax = 5_000;
const retryMsMax = 5_000;
/** A process that must end does not wait for a database that is gone: the polls were never counted as done. */
const attemptsWhenStopping = 5;

interface Waiting {
  readonly result: MeterResult;
  readonly done: () => void;
  readonly lost: (error: Error) => void;
}

export function createPollResults(
  parts: Pick<Parts, 'database' | 'eventLog' | 'clock' | 'logger'>,
  metrics: Pick<IngestMetrics, 'polled'>,
): PollResults {
  const meters: Waiting[] = [];
  let gateways = new Map<string, GatewayStateRow>();
  let alarms: AlarmSignal[] = [];
  let timer: NodeJS.Timeout | null = null;
  let stopping = false;
  let writing: Promise<void> | null = null;
  const room: (() => void)[] = [];

  /** @returns false when the process stops and the database does not take it */
  async function storePatiently(
    results: readonly MeterResult[],
    rows: readonly GatewayStateRow[],
    signals: readonly AlarmSignal[],
  ): Promise<boolean> {
    let sinceStop = 0;
    for (let pauseMs = 100; ; pauseMs = Math.min(2 * pauseMs, retryMsMax)) {
      try {
        await writeBatch(parts, results, rows, signals);
        return true;
      } catch (error) {
        const facts = { err: error, results: results.length };
        if (stopping && (sinceStop += 1) >= attemptsWhenStopping) {
          parts.logger.error(
            facts,
            'the last poll results could not be stored and are lost; the meters are read again at the next start',
          );
          return false;
        }
        parts.logger.warn(facts, 'poll results could not be stored; they are kept and tried again');
        await sleep(pauseMs);
      }
    }
  }

  async function writeAll(): Promise<void> {
    while (meters.length > 0 || gateways.size > 0 || alarms.length > 0) {
      const batch = meters.splice(0, batchMax);
      const signals = alarms;
      const rows = [...gateways.values()];
      alarms = [];
      gateways = new Map();
      const results = batch.map(({ result }) => result);
      const stored = await storePatiently(results, rows, signals);
      if (stored) metrics.polled(results);
      for (const { done, lost } of batch) {
        if (stored) done();
        else lost(new Error('the process stopped while the database was away'));
      }
      for (const free of room.splice(0)) free();
    }
  }

  function begin(): void {
    timer = null;
    writing ??= writeAll().finally(() => {
      writing = null;
    });
  }
  function schedule(): void {
    if (writing !== null) return;
    if (meters.length >= batchMax) {
      if (timer !== null) clearTimeout(timer);
      begin();
    } else timer ??= setTimeout(begin, lingerMs);
  }

  return {
    addMeter: async (result) => {
      while (meters.length >= waitingMax) await new Promise<void>((resolve) => room.push(resolve));
      const durable = new Promise<void>((resolve, reject) =>
        meters.push({ result, done: resolve, lost: reject }),
      );
      schedule();
      await durable;
    },
    addGateway: (row) => {
      gateways.set(row.gatewayId, row);
      schedule();
    },
    addAlarm: (signal) => {
      alarms.push(signal);
      schedule();
    },
    hurry: () => {
      stopping = true;
    },
    stop: async () => {
      stopping = true;
      if (timer !== null) clearTimeout(timer);
      while (writing !== null || meters.length > 0 || gateways.size > 0 || alarms.length > 0) {
        begin();
        await writing;
      }
    },
  };
}

async function writeBatch(
  { database, eventLog, clock }: Pick<Parts, 'database' | 'eventLog' | 'clock'>,
  results: readonly MeterResult[],
  gateways: readonly GatewayStateRow[],
  alarms: readonly AlarmSignal[],
): Promise<void> {
  const readings = results
    .map((result) => readingsOf(result, clock.nowMs()))
    .filter((record) => record !== null);
  const telemetry = results.map(telemetryOf).filter((record) => record !== null);
  const signals = alarms.map((value): NewRecord<AlarmSignal> => ({ key: value.subjectId, value }));
  await database.transaction(async (transaction) => {
    await eventLog.append(topics.meterLog, readings, transaction);
    await eventLog.append(topics.telemetry, telemetry, transaction);
    await eventLog.append(topics.alarmSignals, signals, transaction);
    await writeMeterStates(transaction, results.map(shownOf));
    await writeGatewayStates(transaction, gateways);
  });
}

/** Old readings show that the meter is there, and nothing else. */
function shownOf(result: MeterResult): MeterResult {
  return result.source === 'back-fill' ? { ...result, answer: null } : result;
}

/** The counted registers that are reported, one series per register. */
export function readingsOf(result: MeterResult, receivedAt: number): NewRecord<ReadingBatch> | null {
  const series = (result.answer?.registers ?? [])
    .filter(({ register }) => result.reported.has(register))
    .map(({ register, scaler, instantMs, value }) => ({
      register,
      scaler,
      quality: 0 as const,
      instants: [instantMs],
      values: [value],
    }));
  if (series.length === 0) return null;
  const { meterId, projectId, source = 'poll' } = result;
  return {
    key: meterId,
    value: { kind: 'readings', meterId, projectId, source, receivedAt, series },
  };
}

/** Every answer is told; of misses only the first. */
function telemetryOf(result: MeterResult): NewRecord<Telemetry> | null {
  const { meterId, projectId, gatewayId, answer, attemptMs, turned, source } = result;
  if (source === 'back-fill') return null;
  if (answer === null) {
    if (!turned) return null;
    const relay: RelayState = 'unknown';
    return {
      key: meterId,
      value: { projectId, meterId, gatewayId, at: attemptMs, online: false, relay, parameters: {} },
    };
  }
  const { relay, parameters, atMs } = answer;
  return {
    key: meterId,
    value: { projectId, meterId, gatewayId, at: atMs, online: true, relay: relay ?? 'unknown', parameters },
  };
}
