// SPDX-License-Identifier: Apache-2.0
export {
  createSimulatedFleet,
  type FleetOptions,
  type MeterSpec,
  type SimulatedFleet,
  type SiteSpec,
} from './simulated-fleet.ts';
export type { MeterHistory } from './simulated-site.ts';
export type { FaultOptions, FaultTarget, FleetFault } from './fleet-faults.ts';
export { createLoadModel, type LoadCurve, type LoadModel, type LoadProfile } from './load-model.ts';
export { loadKinds, type LoadKind } from './load-shapes.ts';
export {
  createLocalDayLine,
  dayOfIso,
  isoOfDay,
  type DayNumber,
  type LocalDayLine,
} from './local-day-line.ts';
export { draw, drawBelow, drawPermille, seedOf } from './seeded-draws.ts';
export type { Multiplier } from './simulated-register.ts';
