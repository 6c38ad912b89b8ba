// SPDX-License-Identifier: Apache-2.0
export * from './quantities.ts';
export * from './quality.ts';
export * from './slot.ts';
export * from './ids.ts';
export * from './local-day.ts';
export * from './tariff-calendar.ts';
export * from './tariff-periods.ts';
export * from './rights.ts';
export * from './topics/readings.ts';
export * from './topics/interval-energy.ts';
export * from './topics/commands.ts';
export * from './topics/registry-snapshots.ts';
export * from './topics/charges.ts';
export * from './topics/alarms.ts';
export * from './topics/topics.ts';
export * from './http/problem.ts';
export * from './http/as-of.ts';
