// SPDX-License-Identifier: Apache-2.0
/** For tests and measurements of other packages: records as billing takes them, the naive way to charge, crashes, figures. */
export { createCrashes, Crash, type Crashes } from './crashes.ts';
export { energy, peakCalendar, type EnergyOptions } from './messages.ts';
export { measureCharging, type ChargingFigures, type MeasureOptions } from './measure-charging.ts';
export { measureReplay, type ReplayFigures } from './measure-replay.ts';
export {
  createNaiveCharge,
  differingKeys,
  naivePeriod,
  type NaiveAccount,
  type NaiveDay,
  type NaiveLine,
  type NaiveLines,
  type NaiveSlot,
  type NaiveVersion,
} from '../doctor/naive-charges.ts';
