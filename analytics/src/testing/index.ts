// SPDX-License-Identifier: Apache-2.0
export { fillWorld, makeStreamTables } from './fill-warehouse.ts';
export { Naive, type Belongs } from './naive.ts';
export { Dice, makeWorld, periodOf, randomOf, snapshotsOf, type TruthSlot, type World } from './world.ts';
export { startQuestions, type Questions } from './questions.ts';
