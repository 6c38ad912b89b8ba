// SPDX-License-Identifier: Apache-2.0
/** Ingest: collectors, commands to meters, readings pushed and imported. */
export { createIngestService, type IngestOptions, type IngestService } from './ingest-service.ts';
export {
  canSwitch,
  circuitRegister,
  findRow,
  primaryRowOf,
  registerMapOf,
  registerMaps,
  type RegisterMap,
  type RegisterRow,
} from './register-maps/index.ts';
export * from './simulated-callers/index.ts';
export * from './simulated-fleet/index.ts';
export type { ImportReadingsOptions } from './import-readings/import-service.ts';
export type { ImportFigures } from './import-readings/import-run.ts';
