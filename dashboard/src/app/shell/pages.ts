// SPDX-License-Identifier: Apache-2.0
import type { Right } from '@wattledger/contracts';
import type { IconName } from '../look/icons.ts';

/** A page of the side navigation and of the command palette. */
export interface Page {
  /** Path within the project, or from the root when it is of the whole group. */
  readonly path: string;
  readonly label: string;
  readonly icon: IconName;
  readonly right: Right;
  readonly section: 'operate' | 'energy' | 'money' | 'administer';
  readonly group?: true;
  /** Stands in the bottom bar of a phone, under this shorter label. */
  readonly phone?: string;
}

export const pages: readonly Page[] = [
  {
    path: '',
    label: 'page.overview',
    icon: 'overview',
    right: 'energy:read',
    section: 'operate',
    phone: 'page.overview',
  },
  {
    path: 'wall',
    label: 'page.wall',
    icon: 'wall',
    right: 'meter:read',
    section: 'operate',
    phone: 'page.wall.short',
  },
  {
    path: 'alarms',
    label: 'page.alarms',
    icon: 'alarms',
    right: 'alarm:read',
    section: 'operate',
    phone: 'page.alarms',
  },
  { path: 'devices', label: 'page.devices', icon: 'gateway', right: 'meter:read', section: 'operate' },
  {
    path: 'alarm-schemes',
    label: 'page.alarm-schemes',
    icon: 'bell',
    right: 'alarm:read',
    section: 'operate',
  },
  { path: 'notices', label: 'page.notices', icon: 'log', right: 'alarm:read', section: 'operate' },
  { path: 'held-readings', label: 'page.held', icon: 'held', right: 'meter:read', section: 'operate' },
  { path: 'trend', label: 'page.trend', icon: 'trend', right: 'energy:read', section: 'energy' },
  { path: 'ranking', label: 'page.ranking', icon: 'ranking', right: 'energy:read', section: 'energy' },
  { path: 'comparison', label: 'page.comparison', icon: 'compare', right: 'energy:read', section: 'energy' },
  { path: 'loss', label: 'page.loss', icon: 'loss', right: 'energy:read', section: 'energy' },
  { path: 'flow', label: 'page.flow', icon: 'flow', right: 'energy:read', section: 'energy' },
  { path: 'rates', label: 'page.rates', icon: 'rates', right: 'energy:read', section: 'energy' },
  {
    path: 'accounts',
    label: 'page.accounts',
    icon: 'accounts',
    right: 'account:read',
    section: 'money',
    phone: 'page.accounts',
  },
  { path: 'counter', label: 'page.counter', icon: 'key', right: 'vend:write', section: 'money' },
  { path: 'income', label: 'page.income', icon: 'receipt', right: 'account:read', section: 'money' },
  { path: 'orders', label: 'page.orders', icon: 'table', right: 'account:read', section: 'money' },
  {
    path: 'consumption-report',
    label: 'page.consumption-report',
    icon: 'chart',
    right: 'account:read',
    section: 'money',
  },
  {
    path: 'daily-close',
    label: 'page.daily-close',
    icon: 'check-circle',
    right: 'account:read',
    section: 'money',
  },
  { path: 'journal', label: 'page.journal', icon: 'log', right: 'account:read', section: 'money' },
  {
    path: 'document-templates',
    label: 'page.document-templates',
    icon: 'print',
    right: 'document:write',
    section: 'money',
  },
  { path: 'payments', label: 'page.payments', icon: 'external', right: 'account:read', section: 'money' },
  { path: 'prices', label: 'page.prices', icon: 'prices', right: 'price:read', section: 'money' },
  { path: 'supply', label: 'page.supply', icon: 'supply', right: 'account:read', section: 'money' },
  { path: 'arrears', label: 'page.arrears', icon: 'minus', right: 'account:read', section: 'money' },
  {
    path: 'shared-costs',
    label: 'page.shared-costs',
    icon: 'accounts',
    right: 'account:read',
    section: 'money',
  },
  {
    path: 'staff',
    label: 'page.staff',
    icon: 'staff',
    right: 'staff:read',
    section: 'administer',
    group: true,
  },
  {
    path: 'actions',
    label: 'page.actions',
    icon: 'log',
    right: 'audit:read',
    section: 'administer',
    group: true,
  },
  {
    path: 'system',
    label: 'page.system',
    icon: 'system',
    right: 'system:read',
    section: 'administer',
    group: true,
  },
];

export const sections = ['operate', 'energy', 'money', 'administer'] as const;
