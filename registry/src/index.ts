// SPDX-License-Identifier: Apache-2.0
export {
  createRegistryService,
  type RegistryOptions,
  type RegistryService,
  type RegistrySlices,
} from './registry-service.ts';
export { createActionLog, type NewAction, type RegistryActionLog } from './actions/action-log.ts';
export { systemActor, systemPrincipal, type Actor } from './changes/actor.ts';
export { writeSiteTemplate } from './site-files/site-template.ts';
export { writeSiteFile, type SiteFileFormat } from './site-files/write-site-file.ts';
export type { SiteTables } from './site-files/site-tables.ts';
export type { SeededPassword, SeededPerson } from './staff/seed-staff.ts';
export type { MeterModel, MeterModels } from './unclaimed-devices/meter-models.ts';
