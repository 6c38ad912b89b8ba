// SPDX-License-Identifier: Apache-2.0
import type { AlarmKind, AlarmSeverity } from '@wattledger/contracts';
import type { NoticeDetail } from '@wattledger/contracts/http/notices';
import type { IconName } from '../../look/icons.ts';

const alarmIcons: Readonly<Record<AlarmKind, IconName>> = {
  'gateway-offline': 'offline',
  'relay-not-obeying': 'unplug',
  overload: 'bolt',
  'voltage-loss': 'bolt',
  'reverse-flow': 'undo',
  'energy-not-closing': 'warning',
  'meter-offline': 'offline',
  'stale-reading': 'reload',
  'reading-held': 'held',
  arrears: 'minus',
  'low-balance-2': 'bell-urgent',
  'low-balance-1': 'bell',
  'over-consumption': 'trend',
  'abnormal-consumption': 'chart',
  'phase-imbalance': 'compare',
  'clock-drift': 'calendar',
};
export const alarmIcon = (kind: AlarmKind): IconName => alarmIcons[kind];
/** Gravest first. */
export const alarmKindsShown = Object.keys(alarmIcons) as readonly AlarmKind[];

/** Colour of a chip; the word stands beside it. */
export const severityTone: Readonly<Record<AlarmSeverity, 'bad' | 'warn' | 'info'>> = {
  critical: 'bad',
  warning: 'warn',
  information: 'info',
};
/** Gravest first. The contracts' own list stands beside shapes that would bring a validator into the browser. */
export const alarmSeveritiesShown = Object.keys(severityTone) as readonly AlarmSeverity[];
export const noticeTone: Readonly<Record<NoticeDetail['state'], string>> = {
  sent: 'good',
  queued: 'info',
  held: 'notice',
  summarised: 'good',
  withheld: '',
  'given-up': 'bad',
};
