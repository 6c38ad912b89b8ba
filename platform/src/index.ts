// SPDX-License-Identifier: Apache-2.0
export * from './errors.ts';
export type * from './event-log/port.ts';
export type * from './database/port.ts';
export type * from './warehouse/port.ts';
export * from './http/port.ts';
export type * from './service/port.ts';
