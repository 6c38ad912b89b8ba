// SPDX-License-Identifier: Apache-2.0
/**
 * What a prepaid meter does by itself: it trips on overload and closes again after a while, so many times, then stays locked
 * out; in its automatic mode it opens when its own credit and overdraft are used up. It looks whenever it is asked, as
 * nobody can see what it does in between.
 */
export interface OwnProtection {
  /** Trips above this power, W. */
  readonly overload?: {
    readonly limitW: number;
    /** So many times it closes again by itself; the next trip locks it out until somebody switches it. */
    readonly tripsMax: number;
    readonly recoveryMs: number;
  };
  /** Wh that were bought, and how many more it lets through; counted from the making of the fleet. */
  readonly credit?: { readonly boughtWh: number; readonly overdraftWh: number };
}

export interface ProtectionView {
  readonly nowMs: number;
  /** What flows, or would as soon as the relay closes, W. */
  readonly powerW: number;
  /** What has flowed since the making of the fleet, Wh. */
  readonly usedWh: number;
  /** The relay is forced by somebody; null: the meter decides by its credit. */
  readonly forced: 'closed' | 'open' | null;
}

export interface ProtectionState {
  /** Trips since it was last switched by somebody. */
  readonly trips: number;
  readonly trippedAtMs: number | null;
}
export const untripped: ProtectionState = { trips: 0, trippedAtMs: null };

/** Whether the relay is to be closed now, and what is to be remembered. Pure. */
export function protect(
  { overload, credit }: OwnProtection,
  before: ProtectionState,
  { nowMs, powerW, usedWh, forced }: ProtectionView,
): { readonly closed: boolean; readonly state: ProtectionState } {
  const wanted =
    forced === null
      ? credit === undefined || usedWh < credit.boughtWh + credit.overdraftWh
      : forced === 'closed';
  if (!wanted || overload === undefined) return { closed: wanted, state: before };
  if (before.trippedAtMs !== null) {
    const locked = before.trips > overload.tripsMax;
    if (locked || nowMs - before.trippedAtMs < overload.recoveryMs) return { closed: false, state: before };
  }
  if (powerW > overload.limitW)
    return { closed: false, state: { trips: before.trips + 1, trippedAtMs: nowMs } };
  return { closed: true, state: { trips: before.trips, trippedAtMs: null } };
}

/** The relay as its protection moves it. */
export interface Guard {
  /** Moves the relay where the protection wants it at this instant; resolves when that is written down. */
  look(nowMs: number): Promise<void>;
  /** Somebody has switched it: what was counted is forgotten. */
  switched(): void;
}

export interface GuardParts {
  readonly protection: OwnProtection;
  readonly view: (nowMs: number) => ProtectionView;
  readonly isClosed: () => boolean;
  readonly move: (closed: boolean, nowMs: number) => Promise<void>;
}

export function createGuard({ protection, view, isClosed, move }: GuardParts): Guard {
  let state = untripped;
  return {
    async look(nowMs) {
      const next = protect(protection, state, view(nowMs));
      ({ state } = next);
      if (next.closed !== isClosed()) await move(next.closed, nowMs);
    },
    switched() {
      state = untripped;
    },
  };
}
