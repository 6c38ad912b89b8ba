// SPDX-License-Identifier: Apache-2.0
/**
 * The line of a gateway that calls in: nothing is polled, what comes is taken. What is not heard for an interval counts
 * as a missed cycle, by the same rule as a poll without an answer; commands go out over whatever connection there is.
 */
import type { Logger } from 'pino';
import type { PollFault } from '@wattledger/contracts/http/ingest';
import type { Clock } from '@wattledger/platform';
import {
  afterAnswer,
  afterMiss,
  unknownLiveness,
  type Liveness,
  type LivenessStep,
} from '../collector/liveness.ts';
import { GatewayRecord, offlineFacts } from '../collector/gateway-record.ts';
import type { Line, LineOptions, LineTask, LineView } from '../collector/line.ts';
import type { MeterAnswer, MeterDriver, PollOutcome } from '../collector/meter-driver.ts';
import type { MeterResult, PollResults } from '../collector/poll-results.ts';
import type { GatewayTarget, MeterTarget } from '../collector/poll-targets.ts';
import type { MeterStateRow } from '../collector/states-store.ts';
import type { CallerFacts } from './caller-facts.ts';
import { addressText, meterAt } from './called-meter.ts';
import { judgeTime, type LagSeen } from './reading-instant.ts';
import { answerOf } from './uploaded-answer.ts';
import type { MeterUpload } from './meter-upload.ts';

/** The connection on which a caller can be spoken to. */
export interface CallerPort {
  /** null: its language has no words for this meter. */
  driverOf(meter: MeterTarget, understand: (upload: MeterUpload) => PollOutcome): MeterDriver | null;
}

interface CalledMeterLine {
  target: MeterTarget;
  /** Beyond this without a word its cycle is missed. */
  dueMs: number;
  liveness: Liveness;
  lag: LagSeen | null;
}

/** A caller that is late by less than this is only late. */
const graceMsMax = 60_000;
const lookMs = 500;
/** Uploads of one cycle come within so long of one another. */
const cycleMs = 2_000;

export class CalledLine implements Line, LineView {
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #results: PollResults;
  readonly #record: GatewayRecord;
  readonly #ended: () => void;
  #target: GatewayTarget;
  #meters = new Map<string, CalledMeterLine>();
  #tasks: LineTask[] = [];
  #running: Promise<void> = Promise.resolve();
  #busy = false;
  #timer: NodeJS.Timeout | null = null;
  #port: CallerPort | null = null;
  #connects = 0;
  #toldIntervalMs = 0;
  #heardMs: number;
  #gatewayDueMs: number;
  #uploadMs = 0;
  #stopped = false;

  /** @param ended called when the line ends: its caller is a stranger again */
  constructor({ target, state, meterStates, results, clock, logger }: LineOptions, ended: () => void) {
    this.#clock = clock;
    this.#logger = logger.child({ gatewayId: target.gatewayId });
    this.#results = results;
    this.#target = target;
    this.#ended = ended;
    this.#record = new GatewayRecord(target, state, results);
    this.#heardMs = clock.nowMs();
    this.#takeMeters(target, meterStates);
    this.#gatewayDueMs = this.#dueAfter(this.#heardMs, this.#shortestMs());
  }

  get meterIds(): Iterable<string> {
    return this.#meters.keys();
  }
  get zone(): string {
    return this.#target.zone;
  }
  get timeoutMs(): number {
    return this.#target.timeoutMs;
  }

  update(target: GatewayTarget, meterStates: ReadonlyMap<string, MeterStateRow>): void {
    this.#target = target;
    this.#takeMeters(target, meterStates);
    this.#record.update(target, false);
  }

  start(): void {
    this.#timer ??= setInterval(() => this.#watch(), lookMs);
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    if (this.#timer !== null) clearInterval(this.#timer);
    this.#ended();
    await this.#running;
    for (const task of this.#tasks.splice(0)) task.abandon();
  }

  enqueue(task: LineTask): void {
    if (this.#stopped) return task.abandon();
    this.#tasks.push(task);
    this.#runTasks();
  }

  /** The caller is there and can be spoken to. */
  connected(port: CallerPort): void {
    if (this.#port !== port) this.#record.countConnects((this.#connects += 1));
    this.#port = port;
    this.heard();
  }

  disconnected(port: CallerPort): void {
    if (this.#port === port) this.#port = null;
  }

  /** Anything came from it: it is there. */
  heard(): void {
    this.#heardMs = this.#clock.nowMs();
    this.#gatewayDueMs = this.#dueAfter(this.#heardMs, this.#shortestMs());
    this.#record.reached(this.#heardMs);
  }

  /** What it says of itself. How often it says that it uploads is what is expected of it. */
  describe({ signalDbm, firmware, uploadIntervalMinutes }: CallerFacts): void {
    this.#record.describe({ signalDbm: signalDbm ?? null, firmware: firmware ?? null });
    if (typeof uploadIntervalMinutes === 'number') this.#expect(uploadIntervalMinutes);
  }

  #expect(uploadIntervalMinutes: number): void {
    this.#toldIntervalMs = 60_000 * uploadIntervalMinutes;
    this.heard();
    for (const meter of this.#meters.values())
      meter.dueMs = this.#dueAfter(this.#heardMs, this.#intervalOf(meter));
  }

  /** Takes what it says of its meters. Resolves when durable. @throws Error when the process stops before */
  async take(uploads: readonly MeterUpload[]): Promise<void> {
    this.heard();
    await Promise.all(uploads.map(async (upload) => await this.#takeOne(upload)));
  }

  async #takeOne(upload: MeterUpload): Promise<void> {
    const serial = 'serial' in this.#target.transport ? this.#target.transport.serial : '';
    const target = meterAt(this.#target.meters, upload.address, serial);
    const meter = target === undefined ? undefined : this.#meters.get(target.meterId);
    if (meter === undefined) {
      const text = `readings come of a meter ${addressText(upload.address)} that is not registered behind this gateway`;
      return this.#record.show({ kind: 'not-configured', text, atMs: this.#clock.nowMs() });
    }
    const { map } = meter.target.place;
    if (map === null) {
      const text = `readings come, but ${meter.target.fault ?? 'the meter has no register map'}`;
      return this.#missed(meter, { kind: 'not-configured', text, atMs: this.#clock.nowMs() }, false);
    }
    if (upload.missing === true) {
      const text = 'the gateway says that the meter does not answer it';
      return this.#missed(meter, { kind: 'target-silent', text, atMs: this.#clock.nowMs() }, true);
    }
    await this.#answered(meter, upload);
  }

  async #answered(meter: CalledMeterLine, upload: MeterUpload): Promise<void> {
    const nowMs = this.#clock.nowMs();
    const time = judgeTime(upload.time, this.zone, nowMs, meter.lag);
    meter.lag = time.seen;
    const { map, reported } = meter.target.place;
    if (map === null) return;
    const { answer, fault } = answerOf(upload, time, map);
    const isNew = !time.late;
    if (isNew) this.#countInCycle(meter.target.meterId, nowMs);
    if (fault !== null) this.#record.count({ ...fault, atMs: nowMs });
    meter.dueMs = this.#dueAfter(nowMs, this.#intervalOf(meter));
    await this.#store(meter, {
      attemptMs: nowMs,
      answer,
      reported,
      fault: fault === null ? null : { ...fault, atMs: nowMs },
      countsAsPoll: isNew,
      source: isNew ? 'push' : 'back-fill',
    });
  }

  async #store(
    meter: CalledMeterLine,
    seen: Pick<MeterResult, 'attemptMs' | 'answer' | 'reported' | 'fault' | 'countsAsPoll' | 'source'>,
  ): Promise<void> {
    const turned = meter.liveness.online !== true;
    this.#step(meter, afterAnswer(meter.liveness), seen.attemptMs, '');
    const { meterId, projectId } = meter.target;
    const { gatewayId } = this.#target;
    await this.#results.addMeter({
      meterId,
      projectId,
      gatewayId,
      liveness: meter.liveness,
      turned,
      ...seen,
    });
  }

  #countInCycle(meterId: string, nowMs: number): void {
    this.#uploadMs = nowMs;
    this.#record.beginTurn(meterId, nowMs);
    this.#record.asked(meterId, true);
  }

  async poll(meterId: string): Promise<{ readonly outcome: PollOutcome; readonly durable: Promise<void> }> {
    const meter = this.#meters.get(meterId);
    const driver = meter === undefined ? null : this.#driverOf(meter);
    if (meter === undefined || driver === null) {
      const text = meter?.target.fault ?? 'this gateway cannot be asked, it only tells';
      const fault = { kind: 'not-configured' as const, text };
      return { outcome: { answer: null, fault }, durable: Promise.resolve() };
    }
    const outcome = await driver.poll();
    const durable = outcome.answer === null ? Promise.resolve() : this.#recordAnswer(meter, outcome.answer);
    return { outcome, durable };
  }

  async record(meterId: string, answer: MeterAnswer): Promise<void> {
    const meter = this.#meters.get(meterId);
    if (meter !== undefined) await this.#recordAnswer(meter, answer);
  }

  async #recordAnswer(meter: CalledMeterLine, answer: MeterAnswer): Promise<void> {
    const { reported } = meter.target.place;
    const attemptMs = this.#clock.nowMs();
    await this.#store(meter, {
      attemptMs,
      answer,
      reported,
      fault: null,
      countsAsPoll: false,
      source: 'poll',
    });
  }

  #driverOf(meter: CalledMeterLine): MeterDriver | null {
    if (this.#port === null) return absent;
    const { map } = meter.target.place;
    if (map === null) return null;
    return this.#port.driverOf(meter.target, (upload) => {
      const time = judgeTime(upload.time, this.zone, this.#clock.nowMs(), meter.lag);
      return answerOf(upload, time, map);
    });
  }

  #runTasks(): void {
    if (this.#busy) return;
    this.#busy = true;
    this.#running = this.#runAll().finally(() => {
      this.#busy = false;
    });
  }

  async #runAll(): Promise<void> {
    for (let task = this.#tasks.shift(); task !== undefined; task = this.#tasks.shift()) {
      const meter = this.#meters.get(task.meterId);
      if (meter === undefined || this.#stopped) {
        task.abandon();
        continue;
      }
      try {
        await task.run(meter.target, this.#driverOf(meter), this);
      } catch (error) {
        this.#logger.error({ err: error }, 'a command stumbled over a mistake of ours');
      }
    }
  }

  /** What ought to have come and has not. */
  #watch(): void {
    const nowMs = this.#clock.nowMs();
    if (this.#uploadMs > 0 && nowMs - this.#uploadMs >= cycleMs) {
      this.#uploadMs = 0;
      this.#record.endCycle(nowMs);
    }
    const gatewayIsGone = nowMs >= this.#gatewayDueMs;
    const overdue = [...this.#meters.values()].filter((meter) => nowMs >= meter.dueMs);
    for (const meter of overdue) {
      meter.dueMs = nowMs + this.#intervalOf(meter);
      const text = gatewayIsGone ? 'the gateway does not call in' : 'the gateway sends nothing of this meter';
      const kind = gatewayIsGone ? 'no-connection' : 'no-answer';
      this.#missed(meter, { kind, text, atMs: nowMs }, !gatewayIsGone);
    }
    if (!gatewayIsGone) return;
    const sinceMs = this.#dueAfter(this.#heardMs, this.#shortestMs());
    this.#gatewayDueMs = nowMs + Math.min(this.#shortestMs(), graceMsMax);
    const passed = overdue.length > 0 || this.#meters.size === 0;
    this.#record.gone(nowMs, 'no-connection', 'it does not call in', passed, sinceMs);
  }

  #missed(meter: CalledMeterLine, fault: PollFault, mayAlarm: boolean): void {
    const turned = meter.liveness.online === true;
    this.#step(meter, afterMiss(meter.liveness, mayAlarm), fault.atMs, fault.text);
    this.#record.count(fault);
    const { meterId, projectId } = meter.target;
    const { gatewayId } = this.#target;
    this.#results
      .addMeter({
        meterId,
        projectId,
        gatewayId,
        attemptMs: fault.atMs,
        answer: null,
        reported: new Set(),
        fault,
        liveness: meter.liveness,
        turned,
        countsAsPoll: true,
      })
      // What is lost has been told by whoever lost it; nobody waits here.
      .catch(() => undefined);
  }

  #step(meter: CalledMeterLine, step: LivenessStep, at: number, fault: string): void {
    meter.liveness = step.next;
    if (step.signal === null) return;
    const { meterId: subjectId, projectId, serial } = meter.target;
    this.#results.addAlarm({
      projectId,
      kind: 'meter-offline',
      subjectKind: 'meter',
      subjectId,
      state: step.signal,
      at,
      facts: offlineFacts(serial, step.next.missedCycles, fault),
    });
  }

  #takeMeters(target: GatewayTarget, states: ReadonlyMap<string, MeterStateRow>): void {
    const before = this.#meters;
    this.#meters = new Map();
    for (const meter of target.meters) {
      const known = before.get(meter.meterId);
      const line: CalledMeterLine = {
        target: meter,
        dueMs: 0,
        liveness: known?.liveness ?? states.get(meter.meterId)?.liveness ?? unknownLiveness,
        lag: known?.lag ?? null,
      };
      line.dueMs = known?.dueMs ?? this.#dueAfter(this.#clock.nowMs(), this.#intervalOf(line));
      this.#meters.set(meter.meterId, line);
    }
  }

  #intervalOf(meter: CalledMeterLine): number {
    return Math.max(meter.target.intervalMs, this.#toldIntervalMs);
  }

  #shortestMs(): number {
    return Math.min(1_800_000, ...[...this.#meters.values()].map((meter) => this.#intervalOf(meter)));
  }

  #dueAfter(heardMs: number, intervalMs: number): number {
    return heardMs + intervalMs + Math.min(intervalMs, graceMsMax);
  }
}

/** Whoever is not there may call again: worth another attempt. */
const absent: MeterDriver = {
  poll: async () =>
    await Promise.resolve({
      answer: null,
      fault: { kind: 'no-connection', text: 'the gateway has not called in' },
    }),
  switchSupply: async () =>
    await Promise.resolve({
      kind: 'unreachable',
      relay: 'unknown',
      atMs: null,
      evidence: 'the gateway has not called in',
    }),
  writeSetting: async () =>
    await Promise.resolve({ kind: 'unreachable', evidence: 'the gateway has not called in' }),
};
