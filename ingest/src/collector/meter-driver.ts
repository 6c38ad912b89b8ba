// SPDX-License-Identifier: Apache-2.0
/**
 * What can be done with a meter, whatever wire it is on. The register map's protocol and the gateway's transport choose
 * the driver; polls and commands do not know the wire.
 */
import type { CommandedSetting, MeterBalanceRead, RelayState, SupplyAction } from '@wattledger/contracts';
import type { PollFaultKind, RegisterState } from '@wattledger/contracts/http/ingest';
import type { ClockLook } from './clock-drift.ts';

export interface MeterAnswer {
  /** All counted registers that were read, each with the instant of the answer that carried it. */
  readonly registers: readonly RegisterState[];
  readonly parameters: Readonly<Record<string, number>>;
  /** null: the control words were not read. 'unknown': they were, and do not tell. */
  readonly relay: RelayState | null;
  readonly relayAtMs: number | null;
  /** Instant of the last answer of the poll. */
  readonly atMs: number;
}
export interface PollOutcome {
  /** null: the meter answered nothing. Otherwise what it did answer: one refused request does not cost the others. */
  readonly answer: MeterAnswer | null;
  readonly fault: { readonly kind: PollFaultKind; readonly text: string } | null;
}

export interface SwitchAttempt {
  /**
   * confirmed: what was read back shows it. disobeyed: it was read and shows something else. refused: the meter says
   * that it has no such register or value, or the map has no such action. unreachable: no answer.
   */
  readonly kind: 'confirmed' | 'disobeyed' | 'refused' | 'unreachable';
  readonly relay: RelayState;
  /** When it was read back; null: it was not. */
  readonly atMs: number | null;
  /** What was written and read, for the evidence. Never a password. */
  readonly evidence: string;
}

/** The clock on the wall where the meter hangs. */
export interface LocalTime {
  readonly zone: string;
  nowMs(): number;
}

export interface SettingAttempt {
  readonly kind: SwitchAttempt['kind'];
  readonly evidence: string;
  /** Of a meter that keeps a balance: what was read last. */
  readonly balance?: MeterBalanceRead;
}

/** None throws for what the other side does. One call at a time: the line sees to that. */
export interface MeterDriver {
  /** Asks everything a poll asks. */
  poll(): Promise<PollOutcome>;
  /** One attempt; only the read-back makes it confirmed. */
  switchSupply(action: SupplyAction): Promise<SwitchAttempt>;
  /** Writes a setting and compares what is read back. Left out: nothing can be set over this wire. */
  writeSetting?(setting: CommandedSetting, time: LocalTime): Promise<SettingAttempt>;
  /** Left out: what the meter's clock shows is not asked for. */
  readClock?(time: LocalTime): Promise<ClockLook>;
}
