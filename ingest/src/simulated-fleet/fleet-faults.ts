// SPDX-License-Identifier: Apache-2.0
/** Faults that a test, a trial or a training asks of the simulated field. What each does to an answer is in the gateway. */
import { draw } from './seeded-draws.ts';

export type Phase = 1 | 2 | 3;

export type FleetFault =
  /** No answer comes. On a gateway: it accepts connections and says nothing. */
  | { readonly kind: 'silent' }
  /** The gateway's port is closed and its connections are cut. Gateways only. */
  | { readonly kind: 'no-connection' }
  /** The answer is right but comes after so many milliseconds; the line goes on meanwhile. */
  | { readonly kind: 'late'; readonly delayMs: number }
  | { readonly kind: 'duplicate' }
  /** Only the first bytes of the frame come. */
  | { readonly kind: 'truncated'; readonly keepBytes: number }
  /** RTU has no transaction ids: there it does nothing. */
  | { readonly kind: 'wrong-transaction' }
  /** A bit of the answer changes on the line: the check sum of RTU tells. */
  | { readonly kind: 'bit-flipped' }
  /** The answer carries the unit id of the next meter. */
  | { readonly kind: 'foreign-unit' }
  /** The byte count of the PDU does not fit its bytes. */
  | { readonly kind: 'wrong-length' }
  /** Bytes that are no Modbus come before the answer. */
  | { readonly kind: 'noise' }
  | { readonly kind: 'exception'; readonly code: number }
  /** Commands are acknowledged but the relay does not move. */
  | { readonly kind: 'stuck-relay' }
  /** A phase has no voltage. Meters only, like everything below. */
  | { readonly kind: 'phase-lost'; readonly phase: Phase }
  /** Its current transformer is the wrong way round. */
  | { readonly kind: 'phase-reversed'; readonly phase: Phase }
  /** Everything hangs on one phase. */
  | { readonly kind: 'phase-alone'; readonly phase: Phase }
  /** Counters show the mark by which the model says that it has no value: not a number, or all bits set. */
  | { readonly kind: 'not-available' }
  /** The meter's clock is ahead by so many milliseconds: its tariff registers split elsewhere. */
  | { readonly kind: 'clock-drift'; readonly driftMs: number };

export interface FaultTarget {
  readonly site: string;
  readonly gateway: string;
  /** Left out: every meter behind the gateway. */
  readonly unitId?: number;
}

export interface FaultOptions {
  /** Permille of requests that it strikes, drawn by the fleet's seed; default all. */
  readonly share?: number;
  /** It passes by itself at this instant. */
  readonly untilMs?: number;
}

interface SetFault {
  readonly target: FaultTarget;
  readonly fault: FleetFault;
  readonly share: number;
  readonly untilMs: number;
}

/** Most faults set at one time; more is a mistake of the caller. */
const faultsMax = 10_000;

export interface FaultBook {
  set(target: FaultTarget, fault: FleetFault, options?: FaultOptions): () => void;
  clear(): void;
  /** The faults that strike this request, in the order they were set. `request` counts the gateway's requests. */
  strike(target: Required<FaultTarget>, request: number, nowMs: number): readonly FleetFault[];
}

/** @param changed told after each change, so that ports are closed and clocks set */
export function createFaultBook(seed: number, changed: () => void): FaultBook {
  const book = new Set<SetFault>();
  return {
    set(target, fault, options = {}) {
      if (book.size >= faultsMax) throw new RangeError(`more than ${faultsMax} faults are set: clear some`);
      if (fault.kind === 'no-connection' && (target.unitId !== undefined || options.untilMs !== undefined)) {
        throw new RangeError('only a whole gateway can be without connection, and until the fault is lifted');
      }
      const entry = { target, fault, share: options.share ?? 1000, untilMs: options.untilMs ?? Infinity };
      book.add(entry);
      changed();
      return () => {
        if (book.delete(entry)) changed();
      };
    },
    clear() {
      book.clear();
      changed();
    },
    strike(target, request, nowMs) {
      const striking: FleetFault[] = [];
      for (const entry of book) {
        if (entry.untilMs <= nowMs) {
          book.delete(entry);
          continue;
        }
        const { target: at } = entry;
        if (at.site !== target.site || at.gateway !== target.gateway) continue;
        if (at.unitId !== undefined && at.unitId !== target.unitId) continue;
        if (draw(seed, request, target.unitId) % 1000 < entry.share) striking.push(entry.fault);
      }
      return striking;
    },
  };
}
