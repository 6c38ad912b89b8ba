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
  readonly section: Section;
  /** Pages of one family share an entry of the side navigation and stand beside each other above the page. */
  readonly family?: keyof typeof families;
  readonly group?: true;
  /** Stands in the bottom bar of a phone, under this shorter label. */
  readonly phone?: string;
}

export const sections = ['operate', 'energy', 'money', 'administer'] as const;
export type Section = (typeof sections)[number];

export const families = {
  alarms: { label: 'page.alarms', icon: 'alarms' },
  devices: { label: 'page.devices', icon: 'gateway' },
  counter: { label: 'page.counter', icon: 'counter' },
  accounts: { label: 'page.accounts', icon: 'accounts' },
  prices: { label: 'page.prices', icon: 'prices' },
  reports: { label: 'family.reports', icon: 'chart' },
  books: { label: 'family.books', icon: 'book' },
} as const satisfies Record<string, { readonly label: string; readonly icon: IconName }>;

type Row = readonly [path: string, label: string, icon: IconName, right: Right, more?: Partial<Page>];

const rows: Readonly<Record<Section, readonly Row[]>> = {
  operate: [
    ['', 'page.overview', 'overview', 'energy:read', { phone: 'page.overview' }],
    ['wall', 'page.wall', 'wall', 'meter:read', { phone: 'page.wall.short' }],
    ['alarms', 'page.alarms', 'alarms', 'alarm:read', { family: 'alarms', phone: 'page.alarms' }],
    ['alarm-schemes', 'page.alarm-schemes', 'bell', 'alarm:read', { family: 'alarms' }],
    ['notices', 'page.notices', 'log', 'alarm:read', { family: 'alarms' }],
    ['devices', 'page.devices', 'gateway', 'meter:read', { family: 'devices' }],
    ['held-readings', 'page.held', 'held', 'meter:read', { family: 'devices' }],
  ],
  energy: [
    ['trend', 'page.trend', 'trend', 'energy:read'],
    ['ranking', 'page.ranking', 'ranking', 'energy:read'],
    ['comparison', 'page.comparison', 'compare', 'energy:read'],
    ['loss', 'page.loss', 'loss', 'energy:read'],
    ['flow', 'page.flow', 'flow', 'energy:read'],
    ['rates', 'page.rates', 'rates', 'energy:read'],
  ],
  money: [
    ['counter', 'page.counter', 'counter', 'vend:write', { family: 'counter' }],
    ['shifts', 'page.shifts', 'rates', 'account:read', { family: 'counter' }],
    ['payments', 'page.payments', 'external', 'account:read', { family: 'counter' }],
    ['accounts', 'page.accounts', 'accounts', 'account:read', { family: 'accounts', phone: 'page.accounts' }],
    ['arrears', 'page.arrears', 'minus', 'account:read', { family: 'accounts' }],
    ['account-record', 'page.account-record', 'log', 'account:read', { family: 'accounts' }],
    ['supply', 'page.supply', 'supply', 'account:read'],
    ['prices', 'page.prices', 'prices', 'price:read', { family: 'prices' }],
    ['shared-costs', 'page.shared-costs', 'building', 'account:read', { family: 'prices' }],
    ['income', 'page.income', 'receipt', 'account:read', { family: 'reports' }],
    ['orders', 'page.orders', 'table', 'account:read', { family: 'reports' }],
    ['consumption-report', 'page.consumption-report', 'chart', 'account:read', { family: 'reports' }],
    ['daily-close', 'page.daily-close', 'check-circle', 'account:read', { family: 'books' }],
    ['journal', 'page.journal', 'book', 'account:read', { family: 'books' }],
    ['document-templates', 'page.document-templates', 'print', 'document:write', { family: 'books' }],
  ],
  administer: [
    ['staff', 'page.staff', 'staff', 'staff:read', { group: true }],
    ['actions', 'page.actions', 'log', 'audit:read', { group: true }],
    ['system', 'page.system', 'system', 'system:read', { group: true }],
  ],
};

export const pages: readonly Page[] = sections.flatMap((section) =>
  rows[section].map(([path, label, icon, right, more]) => ({ path, label, icon, right, section, ...more })),
);
