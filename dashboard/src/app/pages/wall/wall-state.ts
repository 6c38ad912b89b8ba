// SPDX-License-Identifier: Apache-2.0
/** How a meter stands on the wall. Pure. */
import type { BalanceStage, SupplyMode } from '@wattledger/contracts/http/billing';
import type { RelayState } from '@wattledger/contracts';
import type { IconName } from '../../look/icons.ts';

export const wallStates = [
  'normal',
  'alarm-1',
  'alarm-2',
  'arrears',
  'disconnected',
  'protected',
  'offline',
  'unopened',
] as const;
export type WallState = (typeof wallStates)[number];

export const wallIcons: Readonly<Record<WallState, IconName>> = {
  normal: 'check-circle',
  'alarm-1': 'bell',
  'alarm-2': 'bell-urgent',
  arrears: 'minus',
  disconnected: 'unplug',
  protected: 'shield',
  offline: 'offline',
  unopened: 'unopened',
};

export interface WallFacts {
  /** null: nobody polls it. */
  readonly online: boolean | null;
  readonly relay: RelayState;
  /** null: the point is on no open account; undefined: the caller may not see accounts. */
  readonly account:
    | { readonly stage: BalanceStage; readonly mode: SupplyMode; readonly protectedSupply: boolean }
    | null
    | undefined;
}

/**
 * One state per meter, the one that asks for action first: out of reach, then without supply, then protected supply,
 * then how the balance stands.
 */
export function wallStateOf(facts: WallFacts): WallState {
  if (facts.online === false) return 'offline';
  if (facts.account === null) return 'unopened';
  if (facts.relay === 'open') return 'disconnected';
  if (facts.account === undefined) return 'normal';
  if (facts.account.protectedSupply || facts.account.mode === 'forced-on') return 'protected';
  return facts.account.stage;
}
