// SPDX-License-Identifier: Apache-2.0
import type { AlarmKind } from '@wattledger/contracts';
import type { IconName } from '../../look/icons.ts';

interface AlarmLook {
  readonly icon: IconName;
  readonly tone: 'bad' | 'warn' | 'notice' | 'info';
}

export const alarmLooks: Readonly<Record<AlarmKind, AlarmLook>> = {
  'gateway-offline': { icon: 'offline', tone: 'bad' },
  'relay-not-obeying': { icon: 'unplug', tone: 'bad' },
  'energy-not-closing': { icon: 'warning', tone: 'bad' },
  'meter-offline': { icon: 'offline', tone: 'warn' },
  'reading-held': { icon: 'held', tone: 'warn' },
  arrears: { icon: 'minus', tone: 'bad' },
  'low-balance-2': { icon: 'bell-urgent', tone: 'warn' },
  'low-balance-1': { icon: 'bell', tone: 'notice' },
};
/** Gravest first. */
export const alarmKinds = Object.keys(alarmLooks) as readonly AlarmKind[];
