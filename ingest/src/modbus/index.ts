// SPDX-License-Identifier: Apache-2.0
export type { ModbusRequest } from './frames.ts';
export * from './modbus-connection.ts';
