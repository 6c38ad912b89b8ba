// SPDX-License-Identifier: Apache-2.0
/** What is known of a gateway: whether it is there, how long its cycles take, which faults it has had. */
import type { PollFault, PollFaultKind } from '@wattledger/contracts/http/ingest';
import { afterAnswer, afterMiss, unknownLiveness, type Liveness, type LivenessStep } from './liveness.ts';
import type { PollResults } from './poll-results.ts';
import type { GatewayTarget } from './poll-targets.ts';
import type { GatewayStateRow, ToldByGateway } from './states-store.ts';

/** A gateway out of reach for so long raises its alarm, however long its cycles are. */
const goneMsToRaise = 120_000;

export class GatewayRecord {
  readonly #results: Pick<PollResults, 'addGateway' | 'addAlarm'>;
  #target: GatewayTarget;
  #liveness: Liveness;
  #faults: Record<string, number>;
  #lastFault: PollFault | null;
  #lastGoodMs: number | null;
  #told: ToldByGateway;
  #cycle: { readonly startedMs: number; readonly asked: Set<string>; answered: number } | null = null;
  #lastCycle: {
    readonly startedMs: number | null;
    readonly durationMs: number | null;
    readonly answered: number;
  };
  #reconnects: number;
  #connectsSeen = 0;

  constructor(
    target: GatewayTarget,
    state: GatewayStateRow | undefined,
    results: Pick<PollResults, 'addGateway' | 'addAlarm'>,
  ) {
    this.#target = target;
    this.#results = results;
    this.#liveness = state?.liveness ?? unknownLiveness;
    this.#faults = { ...state?.faults };
    this.#lastFault = state?.fault ?? null;
    this.#lastGoodMs = state?.lastGoodMs ?? null;
    this.#told = state?.told ?? { signalDbm: null, firmware: null };
    this.#lastCycle = {
      startedMs: state?.cycleStartedMs ?? null,
      durationMs: state?.cycleDurationMs ?? null,
      answered: state?.metersAnswered ?? 0,
    };
    this.#reconnects = state?.reconnects ?? 0;
  }

  /** The registry has changed it. @param moved it has another address: a new connection counts from zero */
  update(target: GatewayTarget, moved: boolean): void {
    this.#target = target;
    if (moved) this.#connectsSeen = 0;
  }

  count(fault: PollFault): void {
    this.#faults[fault.kind] = (this.#faults[fault.kind] ?? 0) + 1;
    this.#lastFault = fault;
  }

  /** What it says of itself; what it does not say stays as it was. */
  describe({ signalDbm, firmware }: Partial<ToldByGateway>): void {
    const told = { signalDbm: signalDbm ?? this.#told.signalDbm, firmware: firmware ?? this.#told.firmware };
    if (told.signalDbm === this.#told.signalDbm && told.firmware === this.#told.firmware) return;
    this.#told = told;
    this.#tell();
  }

  /** A fault outside any cycle. */
  show(fault: PollFault): void {
    this.count(fault);
    this.#tell();
  }

  /** @param connects connections opened since the present one was made */
  countConnects(connects: number): void {
    if (connects > this.#connectsSeen) this.#reconnects += connects - this.#connectsSeen;
    this.#connectsSeen = connects;
  }

  /** A meter is about to be asked: its cycle has begun. */
  beginTurn(meterId: string, nowMs: number): void {
    // Where the line cannot keep up with the interval a cycle ends when a meter's turn comes again.
    if (this.#cycle?.asked.has(meterId) === true) this.endCycle(nowMs);
    this.#cycle ??= { startedMs: nowMs, asked: new Set(), answered: 0 };
  }

  /** A meter was asked in its turn, whatever came of it. */
  asked(meterId: string, answered: boolean): void {
    this.#cycle?.asked.add(meterId);
    if (answered && this.#cycle !== null) this.#cycle.answered += 1;
  }

  /** Nobody is due. */
  endCycle(nowMs: number): void {
    const cycle = this.#cycle;
    if (cycle === null) return;
    this.#cycle = null;
    if (cycle.asked.size === 0) return;
    this.#lastCycle = {
      startedMs: cycle.startedMs,
      durationMs: nowMs - cycle.startedMs,
      answered: cycle.answered,
    };
    this.#tell();
  }

  /** Some meter has answered through it. */
  reached(atMs: number): void {
    this.#lastGoodMs = atMs;
    if (this.#liveness.online === true && !this.#liveness.alarmed) return;
    this.#take(afterAnswer(this.#liveness), atMs, '');
    this.#tell();
  }

  /**
   * It cannot be reached.
   * @param cyclePassed the turn of some meter has passed unread
   * @param sinceMs since when it is gone
   */
  gone(nowMs: number, kind: PollFaultKind, text: string, cyclePassed: boolean, sinceMs: number): void {
    this.count({ kind, text, atMs: nowMs });
    if (cyclePassed) this.#take(afterMiss(this.#liveness, true), nowMs, text);
    // With half-hour cycles three of them are too long to wait for.
    if (!this.#liveness.alarmed && nowMs - sinceMs >= goneMsToRaise) {
      this.#take({ next: { ...this.#liveness, alarmed: true }, signal: 'raised' }, nowMs, text);
    }
    this.endCycle(nowMs);
    this.#tell();
  }

  #take(step: LivenessStep, at: number, fault: string): void {
    this.#liveness = step.next;
    if (step.signal === null) return;
    const { gatewayId: subjectId, projectId, name } = this.#target;
    const facts = offlineFacts(name, step.next.missedCycles, fault);
    this.#results.addAlarm({
      projectId,
      kind: 'gateway-offline',
      subjectKind: 'gateway',
      subjectId,
      state: step.signal,
      at,
      facts,
    });
  }

  #tell(): void {
    this.#results.addGateway({
      gatewayId: this.#target.gatewayId,
      projectId: this.#target.projectId,
      lastGoodMs: this.#lastGoodMs,
      cycleStartedMs: this.#lastCycle.startedMs,
      cycleDurationMs: this.#lastCycle.durationMs,
      metersConfigured: this.#target.meters.length,
      metersAnswered: this.#lastCycle.answered,
      liveness: this.#liveness,
      reconnects: this.#reconnects,
      faults: { ...this.#faults },
      fault: this.#lastFault,
      told: this.#told,
    });
  }
}

/** What an offline alarm tells its reader, for meters and gateways. */
export function offlineFacts(name: string, missedCycles: number, fault: string): Record<string, string> {
  return { name, missedCycles: String(missedCycles), ...(fault === '' ? {} : { fault }) };
}
