// SPDX-License-Identifier: Apache-2.0
export { naiveEnergy, type NaiveReading, type NaiveResult, type NaiveSlot } from './naive-energy.ts';
export { startTestStream, mountingOf, readingsOf, segmentOf, type TestStream } from './test-stream.ts';
