// SPDX-License-Identifier: Apache-2.0
/** Which meters an action may reach, and why others are left out. Pure. */
import type { SupplyMode } from '@wattledger/contracts/http/billing';
import {
  controlActions,
  type BatchAction,
  type ControlAction,
  type ControlRefusal,
} from '@wattledger/contracts/http/commands';

export interface MeterFacts {
  readonly polled: boolean;
  readonly switchable: boolean;
  /** Its relay serves points of more than one account, or of an account and of nobody. */
  readonly shared: boolean;
  readonly account: { readonly mode: SupplyMode; readonly protectedSupply: boolean } | null;
  /** Order that stands for a meter without account. */
  readonly order: Exclude<ControlAction, 'automatic'> | null;
}

export const isControl = (action: BatchAction): action is ControlAction =>
  (controlActions as readonly string[]).includes(action);

/** null: the action may be carried out. */
export function refusalOf(action: BatchAction, meter: MeterFacts): ControlRefusal | null {
  if (!meter.polled) return 'not-polled';
  if (!isControl(action)) return null;
  if (!meter.switchable) return 'not-switchable';
  if (meter.shared) return 'shared-meter';
  return meter.account === null
    ? refusalOfOrder(action, meter.order)
    : refusalOfMode(action, meter.account.mode, meter.account.protectedSupply);
}

/** Desired state has one owner: where there is an account, its mode is the only handle. */
function refusalOfMode(
  action: ControlAction,
  mode: SupplyMode,
  protectedSupply: boolean,
): ControlRefusal | null {
  const cuts = action === 'disconnect' || action === 'forced-off';
  if (cuts && protectedSupply) return 'protected-supply';
  if (cuts && mode === 'forced-on') return 'forced-on';
  return action === 'connect' || action === 'disconnect' ? 'account-governs' : null;
}

function refusalOfOrder(action: ControlAction, order: MeterFacts['order']): ControlRefusal | null {
  if (action === 'automatic') return order === null ? 'no-order' : null;
  if (order === 'forced-on' && (action === 'disconnect' || action === 'forced-off')) return 'forced-on';
  if (order === 'forced-off' && action === 'connect') return 'forced-off';
  return null;
}
