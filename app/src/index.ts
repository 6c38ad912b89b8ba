// SPDX-License-Identifier: Apache-2.0
/** For programs that measure or torment the product. */
export { openProcess, type OpenedProcess } from './commands/process.ts';
export { wireSystem, migrateAll, type Services, type System } from './wire.ts';
