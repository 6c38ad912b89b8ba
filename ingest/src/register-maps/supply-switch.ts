// SPDX-License-Identifier: Apache-2.0
/** What the words of a supply switch say. */
import type { RelayState, SupplyAction } from '@wattledger/contracts';
import type { SupplySwitch } from './register-map.ts';

function holds(control: SupplySwitch, action: SupplyAction, words: readonly number[]): boolean {
  const steps = control.actions[action];
  if (steps === undefined) return false;
  return steps.confirmedWhen.every(({ word, mask, equals }) => ((words[word] ?? -1) & mask) === equals);
}

/** State that the control words show. In automatic mode (released) the words do not tell: unknown. */
export function relayStateOf(control: SupplySwitch, words: readonly number[]): RelayState {
  if (words.length !== control.words) return 'unknown';
  if (holds(control, 'connect', words)) return 'closed';
  if (holds(control, 'disconnect', words)) return 'open';
  return 'unknown';
}

/** Whether the words read back prove that the action was carried out. */
export function isConfirmed(control: SupplySwitch, action: SupplyAction, words: readonly number[]): boolean {
  return words.length === control.words && holds(control, action, words);
}
