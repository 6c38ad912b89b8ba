// SPDX-License-Identifier: Apache-2.0
/**
 * One gateway: one connection, its meters one after another, commands between polls. Nothing that happens here is
 * felt by another gateway.
 */
import { isDeepStrictEqual } from 'node:util';
import type { Logger } from 'pino';
import type { Clock } from '@wattledger/platform';
import type { PollFault, PollFaultKind } from '@wattledger/contracts/http/ingest';
import type { SwitchPassword } from '../dlt645/exchanges.ts';
import type { LineConnection } from '../lines/line-connection.ts';
import type { AskedTransport, OpenAskedLine } from '../lines/open-line.ts';
import { modbusAsker } from '../modbus/index.ts';
import { ClockWatch } from './clock-watch.ts';
import { afterAnswer, afterMiss, unknownLiveness, type Liveness, type LivenessStep } from './liveness.ts';
import { GatewayRecord, offlineFacts } from './gateway-record.ts';
import type { Line, LineOptions, LineTask, LineView } from './line.ts';
import type { LocalTime, MeterAnswer, MeterDriver, PollOutcome } from './meter-driver.ts';
import { dlt645Driver } from '../dlt645/dlt645-driver.ts';
import { modbusDriver } from './modbus-driver.ts';
import { firstDueMs, nextDueMs, pauseAfterMissesMs, phaseOf, probePauseMs } from './poll-schedule.ts';
import type { MeterResult, PollResults } from './poll-results.ts';
import type { GatewayTarget, MeterTarget } from './poll-targets.ts';
import type { MeterStateRow } from './states-store.ts';

interface MeterLine {
  target: MeterTarget;
  dueMs: number;
  liveness: Liveness;
}

/** So many healthy meters in a row without an answer mean that the line behind the gateway is gone, not they. */
const silentInRowMax = 3;
/** The clock may be set: look at it at least so often. */
const lookMsMax = 1_000;

/** Most results of one line that wait to be stored; then the line waits too. */
const unstoredMax = 200;

/** What a line needs to ask. */
export interface Asking {
  readonly open: OpenAskedLine;
  /** The first password that is stored for one of these; null: none is. */
  readonly passwordOf: (subjectIds: readonly string[]) => Promise<SwitchPassword | null>;
}

export class GatewayLine implements Line, LineView {
  readonly #parts: { readonly clock: Clock; readonly logger: Logger };
  readonly #results: PollResults;
  readonly #asking: Asking;
  #target: GatewayTarget;
  #connection: LineConnection;
  #meters = new Map<string, MeterLine>();
  #tasks: LineTask[] = [];
  /** The step before was a task. */
  #taskRan = false;
  readonly #record: GatewayRecord;
  readonly #clocks = new ClockWatch();
  #silentInRow = 0;
  /** Gateway out of reach: nothing but a probe before that instant. */
  #probe: { notBeforeMs: number; failures: number; sinceMs: number } | null = null;
  #unstored = 0;
  #stopped = false;
  #wake: (() => void) | null = null;
  #running: Promise<void> | null = null;

  constructor(options: LineOptions, asking: Asking) {
    this.#asking = asking;
    const { target, state, meterStates, results, clock, logger } = options;
    this.#parts = { clock, logger: logger.child({ gatewayId: target.gatewayId }) };
    this.#results = results;
    this.#target = target;
    this.#connection = this.#open(target);
    this.#record = new GatewayRecord(target, state, results);
    this.#takeMeters(target, meterStates);
  }

  get meterIds(): Iterable<string> {
    return this.#meters.keys();
  }

  /** What the registry says now. A changed address opens a new connection after the poll in hand. */
  update(target: GatewayTarget, meterStates: ReadonlyMap<string, MeterStateRow>): void {
    const moved =
      !isDeepStrictEqual(target.transport, this.#target.transport) ||
      target.timeoutMs !== this.#target.timeoutMs;
    this.#target = target;
    this.#takeMeters(target, meterStates);
    if (moved) {
      this.#connection.close();
      this.#connection = this.#open(target);
      this.#probe = null;
    }
    this.#record.update(target, moved);
    this.#wake?.();
  }

  enqueue(task: LineTask): void {
    if (this.#stopped) return task.abandon();
    this.#tasks.push(task);
    this.#wake?.();
  }

  start(): void {
    this.#running ??= this.#run();
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.#connection.hurry();
    this.#wake?.();
    await this.#running;
    this.#connection.close();
    for (const task of this.#tasks.splice(0)) task.abandon();
  }

  #open(target: GatewayTarget): LineConnection {
    const times = { timeoutMs: target.timeoutMs, clock: this.#parts.clock };
    const connection = this.#asking.open(target.transport as AskedTransport, times);
    connection.whenCalled(() => {
      this.#probe = null;
      this.#wake?.();
    });
    return connection;
  }

  #driverOf({ ask, dlt645, meterId, gatewayId }: MeterTarget): MeterDriver | null {
    const line = this.#connection;
    if (dlt645 !== null) {
      const passwordOf = async () => await this.#asking.passwordOf([meterId, gatewayId]);
      return dlt645Driver(line, dlt645, { clock: this.#parts.clock, passwordOf });
    }
    return ask === null ? null : modbusDriver(modbusAsker(line), ask);
  }

  #takeMeters(target: GatewayTarget, states: ReadonlyMap<string, MeterStateRow>): void {
    const nowMs = this.#parts.clock.nowMs();
    const before = this.#meters;
    this.#meters = new Map();
    for (const meter of target.meters) {
      const known = before.get(meter.meterId);
      const state = states.get(meter.meterId);
      const phaseMs = phaseOf(target.gatewayId, meter.intervalMs);
      // A change of what is asked is tried at once; a change of something else keeps the meter's turn.
      const unchanged =
        known !== undefined &&
        known.target.intervalMs === meter.intervalMs &&
        sameQuestion(known.target, meter);
      const dueMs = unchanged
        ? known.dueMs
        : known !== undefined
          ? nowMs
          : firstDueMs(nowMs, state?.lastAttemptMs ?? null, meter.intervalMs, phaseMs);
      this.#meters.set(meter.meterId, {
        target: meter,
        dueMs,
        liveness: known?.liveness ?? state?.liveness ?? unknownLiveness,
      });
    }
  }

  async #run(): Promise<void> {
    while (!this.#stopped) {
      try {
        await this.#step();
      } catch (error) {
        this.#parts.logger.error(
          { err: error },
          'a gateway line stumbled over a mistake of ours and goes on',
        );
        await this.#pause(1_000);
      }
    }
  }

  async #step(): Promise<void> {
    const nowMs = this.#parts.clock.nowMs();
    const due = this.#mostDue();
    const startMs = due === null ? Infinity : Math.max(due.dueMs, this.#probe?.notBeforeMs ?? 0);
    // A poll that is due goes between two tasks: a thousand commands must not stop the readings.
    const pollGoes = this.#taskRan && startMs <= nowMs && this.#unstored < unstoredMax;
    const task = pollGoes ? undefined : this.#tasks.shift();
    this.#taskRan = task !== undefined;
    if (task !== undefined) return await this.#runTask(task);
    if (due === null || due.dueMs > nowMs) this.#record.endCycle(nowMs);
    if (due === null || startMs > nowMs) return await this.#pause(Math.min(startMs - nowMs, lookMsMax));
    if (this.#unstored >= unstoredMax) return await this.#pause(lookMsMax);
    this.#record.beginTurn(due.target.meterId, nowMs);
    await this.#pollDue(due, nowMs);
  }

  #mostDue(): MeterLine | null {
    let most: MeterLine | null = null;
    for (const meter of this.#meters.values()) if (most === null || meter.dueMs < most.dueMs) most = meter;
    return most;
  }

  async #runTask(task: LineTask): Promise<void> {
    const meter = this.#meters.get(task.meterId);
    if (meter === undefined) return task.abandon();
    await task.run(meter.target, this.#driverOf(meter.target), this);
    if (task.setsClock === true) this.#clocks.forget(task.meterId);
    this.#record.countConnects(connectsOf(this.#connection));
  }

  async #pollDue(meter: MeterLine, nowMs: number): Promise<void> {
    const { fault, meterId } = meter.target;
    const driver = this.#driverOf(meter.target);
    if (driver === null) {
      meter.dueMs = this.#nextTurnMs(meter, nowMs);
      this.#missed(meter, { kind: 'not-configured', text: fault ?? '', atMs: nowMs }, false);
      return;
    }
    const wasWell = meter.liveness.missedCycles === 0;
    const connection = this.#connection;
    const time: LocalTime = { zone: this.#target.zone, nowMs: () => this.#parts.clock.nowMs() };
    const outcome = await this.#clocks.withDrift(meterId, driver, await driver.poll(), time);
    // Replaced while asking: the answer is thrown away with the old address.
    if (connection !== this.#connection) return;
    this.#record.countConnects(connectsOf(connection));
    if (outcome.answer === null && outcome.fault?.kind === 'no-connection') {
      return this.#gatewayGone(nowMs, 'no-connection', outcome.fault.text);
    }
    this.#record.asked(meterId, outcome.answer !== null);
    this.#settle(meter, nowMs, outcome);
    if (outcome.answer !== null || outcome.fault?.kind !== 'no-answer') {
      // Any word from behind the gateway, even a refusal, shows that the line is there.
      this.#silentInRow = 0;
      this.#probe = null;
      return;
    }
    if (wasWell) this.#silentInRow += 1;
    if (this.#probe !== null || this.#silentInRow >= silentInRowMax) {
      this.#gatewayGone(nowMs, 'no-answer', `no meter answers: ${outcome.fault.text}`);
    }
  }

  #nextTurnMs(meter: MeterLine, nowMs: number): number {
    const { intervalMs } = meter.target;
    return nextDueMs(nowMs, intervalMs, phaseOf(this.#target.gatewayId, intervalMs));
  }

  /** Books what a poll brought and when the meter's next turn is. */
  #settle(meter: MeterLine, nowMs: number, outcome: PollOutcome): void {
    if (outcome.answer !== null) {
      meter.dueMs = this.#nextTurnMs(meter, nowMs);
      inBackground(this.#answered(meter, nowMs, outcome.answer, faultAt(outcome.fault, nowMs), true));
      return;
    }
    this.#missed(meter, faultAt(outcome.fault, nowMs) ?? { kind: 'no-answer', text: '', atMs: nowMs }, true);
    const { intervalMs } = meter.target;
    // Back on the grid: a meter that returns is read together with its neighbours again.
    const pauseMs = pauseAfterMissesMs(meter.liveness.missedCycles, intervalMs);
    meter.dueMs = this.#nextTurnMs(meter, nowMs + pauseMs - intervalMs);
  }

  async poll(meterId: string): Promise<{ readonly outcome: PollOutcome; readonly durable: Promise<void> }> {
    const meter = this.#meters.get(meterId);
    const driver = meter === undefined ? null : this.#driverOf(meter.target);
    if (meter === undefined || driver === null) {
      const fault = {
        kind: 'not-configured' as const,
        text: meter?.target.fault ?? 'the meter is not polled here',
      };
      return { outcome: { answer: null, fault }, durable: Promise.resolve() };
    }
    const outcome = await driver.poll();
    const nowMs = this.#parts.clock.nowMs();
    const durable =
      outcome.answer === null
        ? Promise.resolve()
        : this.#answered(meter, nowMs, outcome.answer, faultAt(outcome.fault, nowMs), false);
    return { outcome, durable };
  }

  async record(meterId: string, answer: MeterAnswer): Promise<void> {
    const meter = this.#meters.get(meterId);
    if (meter !== undefined) await this.#answered(meter, this.#parts.clock.nowMs(), answer, null, false);
  }

  #answered(
    meter: MeterLine,
    attemptMs: number,
    answer: MeterAnswer,
    fault: PollFault | null,
    countsAsPoll: boolean,
  ): Promise<void> {
    const turned = meter.liveness.online !== true;
    this.#take(meter, afterAnswer(meter.liveness), attemptMs, '');
    if (fault !== null) this.#record.count(fault);
    this.#record.reached(answer.atMs);
    return this.#tellMeter(meter, { attemptMs, answer, fault, turned, countsAsPoll });
  }

  #missed(meter: MeterLine, fault: PollFault, mayAlarm: boolean): void {
    const turned = meter.liveness.online === true;
    this.#take(meter, afterMiss(meter.liveness, mayAlarm), fault.atMs, fault.text);
    this.#record.count(fault);
    const result = { attemptMs: fault.atMs, answer: null, fault, turned, countsAsPoll: true };
    inBackground(this.#tellMeter(meter, result));
  }

  /** The gateway is out of reach: its due meters stay due, it alone is probed with a growing pause. */
  #gatewayGone(nowMs: number, kind: PollFaultKind, text: string): void {
    const failures = (this.#probe?.failures ?? 0) + 1;
    const sinceMs = this.#probe?.sinceMs ?? nowMs;
    this.#probe = { notBeforeMs: nowMs + probePauseMs(failures - 1), failures, sinceMs };
    this.#silentInRow = 0;
    const passed = this.#markUnreachable({ kind, text, atMs: nowMs }, failures === 1);
    this.#record.gone(nowMs, kind, text, passed, sinceMs);
  }

  /** Counts a missed cycle for every meter whose turn has come; they are asked as soon as the gateway is back. */
  #markUnreachable(fault: PollFault, first: boolean): boolean {
    let passed = false;
    for (const meter of this.#meters.values()) {
      if (meter.dueMs > fault.atMs) continue;
      const { intervalMs } = meter.target;
      const whole = fault.atMs - meter.dueMs >= intervalMs;
      if (!first && !whole) continue;
      passed = true;
      if (whole) meter.dueMs = this.#nextTurnMs(meter, fault.atMs - intervalMs);
      this.#missed(meter, fault, false);
    }
    return passed;
  }

  #take(meter: MeterLine, step: LivenessStep, at: number, fault: string): void {
    meter.liveness = step.next;
    if (step.signal === null) return;
    const { meterId: subjectId, projectId, serial } = meter.target;
    const facts = offlineFacts(serial, step.next.missedCycles, fault);
    this.#results.addAlarm({
      projectId,
      kind: 'meter-offline',
      subjectKind: 'meter',
      subjectId,
      state: step.signal,
      at,
      facts,
    });
  }

  async #tellMeter(
    meter: MeterLine,
    seen: Pick<MeterResult, 'attemptMs' | 'answer' | 'fault' | 'turned' | 'countsAsPoll'>,
  ): Promise<void> {
    const { meterId, projectId, place } = meter.target;
    this.#unstored += 1;
    try {
      await this.#results.addMeter({
        meterId,
        projectId,
        gatewayId: this.#target.gatewayId,
        reported: place.reported,
        liveness: meter.liveness,
        ...seen,
      });
    } finally {
      this.#unstored -= 1;
      this.#wake?.();
    }
  }

  async #pause(ms: number): Promise<void> {
    if (this.#stopped || this.#tasks.length > 0) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, Math.max(1, ms));
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
    this.#wake = null;
  }
}

/** What is lost has been told by whoever lost it; nobody waits here. */
function inBackground(storing: Promise<void>): void {
  storing.catch(() => undefined);
}

/** Connections that had to be opened. Those opened by choice say nothing of the line. */
function connectsOf({ counters }: LineConnection): number {
  return counters.connects - counters.renewals;
}

function faultAt(fault: PollOutcome['fault'], atMs: number): PollFault | null {
  return fault === null ? null : { ...fault, atMs };
}

function sameQuestion(a: MeterTarget, b: MeterTarget): boolean {
  if (!isDeepStrictEqual(a.dlt645?.rows, b.dlt645?.rows) || a.dlt645?.address !== b.dlt645?.address)
    return false;
  if (a.ask === null || b.ask === null) return a.ask === b.ask;
  return (
    a.ask.unitId === b.ask.unitId && a.ask.map.id === b.ask.map.id && a.ask.plan.length === b.ask.plan.length
  );
}
