// SPDX-License-Identifier: Apache-2.0
/**
 * One gateway: one connection, its meters one after another, commands between polls. Nothing that happens here is
 * felt by another gateway.
 */
import type { Logger } from 'pino';
import type { Clock } from '@wattledger/platform';
import type { PollFault, PollFaultKind } from '@wattledger/contracts/http/ingest';
import { ModbusConnection } from '../modbus/index.ts';
import { afterAnswer, afterMiss, unknownLiveness, type Liveness, type LivenessStep } from './liveness.ts';
import { pollMeter, type Asker, type PollOutcome } from './meter-poll.ts';
import { firstDueMs, nextDueMs, pauseAfterMissesMs, phaseOf, probePauseMs } from './poll-schedule.ts';
import type { MeterResult, PollResults } from './poll-results.ts';
import type { GatewayTarget, MeterTarget } from './poll-targets.ts';
import type { GatewayStateRow, MeterStateRow } from './states-store.ts';

/** Work that goes before the next poll: a command to one meter. */
export interface LineTask {
  readonly meterId: string;
  /** Runs alone on the connection. Must not throw. */
  run(meter: MeterTarget, asker: Asker, line: Pick<GatewayLine, 'record' | 'poll'>): Promise<void>;
  /** The line ended, or no longer has the meter, before the task's turn came. */
  abandon(): void;
}

interface MeterLine {
  target: MeterTarget;
  dueMs: number;
  liveness: Liveness;
}

/** So many healthy meters in a row without an answer mean that the line behind the gateway is gone, not they. */
const silentInRowMax = 3;
/** A gateway out of reach for so long raises its alarm, however long its cycles are. */
const goneMsToRaise = 120_000;
/** The clock may be set: look at it at least so often. */
const lookMsMax = 1_000;

/** Most results of one line that wait to be stored; then the line waits too. */
const unstoredMax = 200;

export class GatewayLine {
  readonly #parts: { readonly clock: Clock; readonly logger: Logger };
  readonly #results: PollResults;
  #target: GatewayTarget;
  #connection: ModbusConnection;
  #meters = new Map<string, MeterLine>();
  #tasks: LineTask[] = [];
  #liveness: Liveness;
  #faults: Record<string, number>;
  #lastFault: PollFault | null;
  #lastGoodMs: number | null;
  #cycle: { startedMs: number; readonly asked: Set<string>; answered: number } | null = null;
  #lastCycle: { startedMs: number | null; durationMs: number | null; answered: number };
  #reconnects: number;
  #connectsSeen = 0;
  #silentInRow = 0;
  /** Gateway out of reach: nothing but a probe before that instant. */
  #probe: { notBeforeMs: number; failures: number; sinceMs: number } | null = null;
  #unstored = 0;
  #stopped = false;
  #wake: (() => void) | null = null;
  #running: Promise<void> | null = null;

  constructor(options: {
    readonly target: GatewayTarget;
    readonly state: GatewayStateRow | undefined;
    readonly meterStates: ReadonlyMap<string, MeterStateRow>;
    readonly results: PollResults;
    readonly clock: Clock;
    readonly logger: Logger;
  }) {
    const { target, state, meterStates, results, clock, logger } = options;
    this.#parts = { clock, logger: logger.child({ gatewayId: target.gatewayId }) };
    this.#results = results;
    this.#target = target;
    this.#connection = this.#open(target);
    this.#liveness = state?.liveness ?? unknownLiveness;
    this.#faults = { ...state?.faults };
    this.#lastFault = state?.fault ?? null;
    this.#lastGoodMs = state?.lastGoodMs ?? null;
    this.#lastCycle = {
      startedMs: state?.cycleStartedMs ?? null,
      durationMs: state?.cycleDurationMs ?? null,
      answered: state?.metersAnswered ?? 0,
    };
    this.#reconnects = state?.reconnects ?? 0;
    this.#takeMeters(target, meterStates);
  }

  get meterIds(): Iterable<string> {
    return this.#meters.keys();
  }

  /** What the registry says now. A changed address opens a new connection after the poll in hand. */
  update(target: GatewayTarget, meterStates: ReadonlyMap<string, MeterStateRow>): void {
    const moved =
      target.host !== this.#target.host ||
      target.port !== this.#target.port ||
      target.timeoutMs !== this.#target.timeoutMs;
    this.#target = target;
    this.#takeMeters(target, meterStates);
    if (moved) {
      this.#connection.close();
      this.#connection = this.#open(target);
      this.#connectsSeen = 0;
      this.#probe = null;
    }
    this.#wake?.();
  }

  /** Queues a task; it runs before the next poll. */
  enqueue(task: LineTask): void {
    if (this.#stopped) return task.abandon();
    this.#tasks.push(task);
    this.#wake?.();
  }

  start(): void {
    this.#running ??= this.#run();
  }

  /** Ends after the poll in hand; queued tasks stay undone. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#wake?.();
    await this.#running;
    this.#connection.close();
    for (const task of this.#tasks.splice(0)) task.abandon();
  }

  #open(target: GatewayTarget): ModbusConnection {
    return new ModbusConnection({
      host: target.host,
      port: target.port,
      timeoutMs: target.timeoutMs,
      clock: this.#parts.clock,
    });
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
    const task = this.#tasks.shift();
    if (task !== undefined) return await this.#runTask(task);
    const nowMs = this.#parts.clock.nowMs();
    const probeMs = this.#probe?.notBeforeMs ?? 0;
    const due = this.#mostDue();
    const startMs = due === null ? Infinity : Math.max(due.dueMs, probeMs);
    if (due === null || startMs > nowMs) {
      if (due === null || due.dueMs > nowMs) this.#endCycle();
      return await this.#pause(Math.min(startMs - nowMs, lookMsMax));
    }
    if (this.#unstored >= unstoredMax) return await this.#pause(lookMsMax);
    // Where the line cannot keep up with the interval a cycle ends when a meter's turn comes again.
    if (this.#cycle?.asked.has(due.target.meterId) === true) this.#endCycle();
    this.#cycle ??= { startedMs: nowMs, asked: new Set(), answered: 0 };
    await this.#pollDue(due);
  }

  #mostDue(): MeterLine | null {
    let most: MeterLine | null = null;
    for (const meter of this.#meters.values()) if (most === null || meter.dueMs < most.dueMs) most = meter;
    return most;
  }

  async #runTask(task: LineTask): Promise<void> {
    const meter = this.#meters.get(task.meterId);
    if (meter === undefined) return task.abandon();
    await task.run(meter.target, this.#connection, this);
    this.#countConnects();
  }

  async #pollDue(meter: MeterLine): Promise<void> {
    const nowMs = this.#parts.clock.nowMs();
    const { intervalMs, ask, fault } = meter.target;
    if (ask === null) {
      meter.dueMs = nextDueMs(nowMs, intervalMs, phaseOf(this.#target.gatewayId, intervalMs));
      this.#missed(meter, nowMs, 'not-configured', fault ?? '', false);
      return;
    }
    const wasWell = meter.liveness.missedCycles === 0;
    const connection = this.#connection;
    const outcome = await pollMeter(connection, ask);
    // Replaced while asking: the answer is thrown away with the old address.
    if (connection !== this.#connection) return;
    this.#countConnects();
    if (outcome.fault?.kind === 'no-connection' && outcome.answer === null)
      return this.#gatewayGone(nowMs, 'no-connection', outcome.fault.text);
    this.#probe = null;
    this.#cycle?.asked.add(meter.target.meterId);
    this.#settle(meter, nowMs, outcome);
    const silent = outcome.answer === null && outcome.fault?.kind === 'no-answer';
    this.#silentInRow = silent ? this.#silentInRow + (wasWell ? 1 : 0) : 0;
    if (this.#silentInRow >= silentInRowMax)
      this.#gatewayGone(nowMs, 'no-answer', `${silentInRowMax} meters in a row, well before, did not answer`);
  }

  /** Books what a poll brought and when the meter's next turn is. */
  #settle(meter: MeterLine, nowMs: number, outcome: PollOutcome): void {
    const { intervalMs } = meter.target;
    const phaseMs = phaseOf(this.#target.gatewayId, intervalMs);
    if (outcome.answer === null) {
      this.#missed(meter, nowMs, outcome.fault?.kind ?? 'no-answer', outcome.fault?.text ?? '', true);
      const pauseMs = pauseAfterMissesMs(meter.liveness.missedCycles, intervalMs);
      // Back on the grid: a meter that returns is read together with its neighbours again.
      meter.dueMs = nextDueMs(nowMs + pauseMs - intervalMs, intervalMs, phaseMs);
      return;
    }
    if (this.#cycle !== null) this.#cycle.answered += 1;
    meter.dueMs = nextDueMs(nowMs, intervalMs, phaseMs);
    inBackground(this.#answered(meter, nowMs, outcome, true));
  }

  /** Polls a meter out of turn, for a command. Its turn in the cycle stays. `durable` resolves when the answer is stored. */
  async poll(meterId: string): Promise<{ readonly outcome: PollOutcome; readonly durable: Promise<void> }> {
    const meter = this.#meters.get(meterId);
    if (meter === undefined || meter.target.ask === null) {
      const fault = {
        kind: 'not-configured' as const,
        text: meter?.target.fault ?? 'the meter is not polled here',
      };
      return { outcome: { answer: null, fault }, durable: Promise.resolve() };
    }
    const outcome = await pollMeter(this.#connection, meter.target.ask);
    const durable =
      outcome.answer === null
        ? Promise.resolve()
        : this.#answered(meter, this.#parts.clock.nowMs(), outcome, false);
    return { outcome, durable };
  }

  /** Records what a command saw of a meter, as a poll would. Resolves when durable. */
  async record(meterId: string, answer: NonNullable<PollOutcome['answer']>): Promise<void> {
    const meter = this.#meters.get(meterId);
    if (meter !== undefined)
      await this.#answered(meter, this.#parts.clock.nowMs(), { answer, fault: null }, false);
  }

  #answered(meter: MeterLine, attemptMs: number, outcome: PollOutcome, countsAsPoll: boolean): Promise<void> {
    const turned = meter.liveness.online !== true;
    const step = afterAnswer(meter.liveness);
    meter.liveness = step.next;
    this.#signal(step, 'meter', meter.target.meterId, attemptMs, meter.target.serial);
    if (outcome.fault !== null) this.#count(outcome.fault.kind, outcome.fault.text, attemptMs);
    this.#lastGoodMs = outcome.answer?.atMs ?? attemptMs;
    this.#silentInRow = 0;
    const gateway =
      this.#liveness.online === true && !this.#liveness.alarmed ? null : afterAnswer(this.#liveness);
    if (gateway !== null) {
      this.#liveness = gateway.next;
      this.#signal(gateway, 'gateway', this.#target.gatewayId, attemptMs, this.#target.name);
      this.#tellGateway();
    }
    return this.#tellMeter(
      meter,
      attemptMs,
      outcome.answer,
      faultAt(outcome.fault, attemptMs),
      turned,
      countsAsPoll,
    );
  }

  #missed(meter: MeterLine, attemptMs: number, kind: PollFaultKind, text: string, mayAlarm: boolean): void {
    const turned = meter.liveness.online === true;
    const step = afterMiss(meter.liveness, mayAlarm);
    meter.liveness = step.next;
    this.#signal(step, 'meter', meter.target.meterId, attemptMs, meter.target.serial, text);
    this.#count(kind, text, attemptMs);
    inBackground(this.#tellMeter(meter, attemptMs, null, { kind, text, atMs: attemptMs }, turned, true));
  }

  /** The gateway is out of reach: its due meters stay due, it alone is probed with a growing pause. */
  #gatewayGone(nowMs: number, kind: PollFaultKind, text: string): void {
    const failures = (this.#probe?.failures ?? 0) + 1;
    const sinceMs = this.#probe?.sinceMs ?? nowMs;
    this.#probe = { notBeforeMs: nowMs + probePauseMs(failures - 1), failures, sinceMs };
    this.#silentInRow = 0;
    this.#count(kind, text, nowMs);
    if (this.#markUnreachable(nowMs, kind, text, failures === 1)) {
      const step = afterMiss(this.#liveness, true);
      this.#liveness = step.next;
      this.#signal(step, 'gateway', this.#target.gatewayId, nowMs, this.#target.name, text);
    }
    // With half-hour cycles three of them are too long to wait for.
    if (!this.#liveness.alarmed && nowMs - sinceMs >= goneMsToRaise) {
      this.#liveness = { ...this.#liveness, alarmed: true };
      this.#signal(
        { next: this.#liveness, signal: 'raised' },
        'gateway',
        this.#target.gatewayId,
        nowMs,
        this.#target.name,
        text,
      );
    }
    this.#endCycle();
    this.#tellGateway();
  }

  /** Counts a missed cycle for every meter whose turn has come; they are asked as soon as the gateway is back. */
  #markUnreachable(nowMs: number, kind: PollFaultKind, text: string, first: boolean): boolean {
    let passed = false;
    for (const meter of this.#meters.values()) {
      if (meter.dueMs > nowMs) continue;
      const whole = nowMs - meter.dueMs >= meter.target.intervalMs;
      if (!first && !whole) continue;
      passed = true;
      if (whole)
        meter.dueMs = nextDueMs(
          nowMs - meter.target.intervalMs,
          meter.target.intervalMs,
          phaseOf(this.#target.gatewayId, meter.target.intervalMs),
        );
      this.#missed(meter, nowMs, kind, text, false);
    }
    return passed;
  }

  #count(kind: PollFaultKind, text: string, atMs: number): void {
    this.#faults[kind] = (this.#faults[kind] ?? 0) + 1;
    this.#lastFault = { kind, text, atMs };
  }

  #countConnects(): void {
    const { connects } = this.#connection.counters;
    if (connects > this.#connectsSeen) this.#reconnects += connects - this.#connectsSeen;
    this.#connectsSeen = connects;
  }

  #endCycle(): void {
    const cycle = this.#cycle;
    if (cycle === null) return;
    this.#cycle = null;
    if (cycle.asked.size === 0) return;
    this.#lastCycle = {
      startedMs: cycle.startedMs,
      durationMs: this.#parts.clock.nowMs() - cycle.startedMs,
      answered: cycle.answered,
    };
    this.#tellGateway();
  }

  #signal(
    step: LivenessStep,
    subjectKind: 'gateway' | 'meter',
    subjectId: string,
    at: number,
    name: string,
    text = '',
  ): void {
    if (step.signal === null) return;
    const facts: Record<string, string> = { name, missedCycles: String(step.next.missedCycles) };
    if (text !== '') facts['fault'] = text;
    const kind = subjectKind === 'gateway' ? 'gateway-offline' : 'meter-offline';
    this.#results.addAlarm({
      projectId: this.#target.projectId,
      kind,
      subjectKind,
      subjectId,
      state: step.signal,
      at,
      facts,
    });
  }

  async #tellMeter(
    meter: MeterLine,
    attemptMs: number,
    answer: MeterResult['answer'],
    fault: PollFault | null,
    turned: boolean,
    countsAsPoll: boolean,
  ): Promise<void> {
    const { meterId, projectId, ask } = meter.target;
    this.#unstored += 1;
    const result: MeterResult = {
      meterId,
      projectId,
      gatewayId: this.#target.gatewayId,
      attemptMs,
      answer,
      reported: ask?.reported ?? new Set(),
      fault,
      liveness: meter.liveness,
      turned,
      countsAsPoll,
    };
    try {
      await this.#results.addMeter(result);
    } finally {
      this.#unstored -= 1;
      this.#wake?.();
    }
  }

  #tellGateway(): void {
    this.#results.addGateway({
      gatewayId: this.#target.gatewayId,
      projectId: this.#target.projectId,
      lastGoodMs: this.#lastGoodMs,
      cycleStartedMs: this.#lastCycle.startedMs,
      cycleDurationMs: this.#lastCycle.durationMs,
      metersConfigured: this.#meters.size,
      metersAnswered: this.#lastCycle.answered,
      liveness: this.#liveness,
      reconnects: this.#reconnects,
      faults: { ...this.#faults },
      fault: this.#lastFault,
    });
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

function faultAt(fault: PollOutcome['fault'], atMs: number): PollFault | null {
  return fault === null ? null : { ...fault, atMs };
}

function sameQuestion(a: MeterTarget, b: MeterTarget): boolean {
  if (a.ask === null || b.ask === null) return a.ask === b.ask;
  return (
    a.ask.unitId === b.ask.unitId && a.ask.map.id === b.ask.map.id && a.ask.plan.length === b.ask.plan.length
  );
}
