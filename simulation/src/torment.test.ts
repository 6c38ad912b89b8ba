// SPDX-License-Identifier: Apache-2.0
/**
 * Goal: kills, repeats, disorder and lateness change nothing. Method: one world goes through the product quietly and
 * through each trouble; the doctor must be content and every derived table equal. `wattledger simulate` does the same
 * with more of everything.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { differences, type Tables } from './tables.ts';
import { torment, type TormentResult } from './torment.ts';
import { makeWorld, type Disturbance } from './world.ts';

const seed = 11;
const world = makeWorld(seed, 8, 6);
let directory: string;
let quiet: Tables;

const run = (name: string, kills: number, disturbance: Disturbance | null): Promise<TormentResult> =>
  torment({ world, dataDirectory: join(directory, name), seed, kills, disturbance });

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'wattledger-torment-'));
  const result = await run('quiet', 0, null);
  expect(result.doctorOutput).toContain('invariants hold');
  expect(result.doctorCode).toBe(0);
  quiet = result.tables;
  expect(Object.keys(quiet['slots'] ?? {}).length).toBeGreaterThan(900);
}, 300_000);

afterAll(async () => {
  await rm(directory, { recursive: true, force: true });
});

test.each([
  ['killed', 5, null],
  ['repeated', 0, 'repeated'],
  ['shuffled', 1, 'shuffled'],
  ['late', 1, 'late'],
] as const)(
  '%s: the doctor is content and the tables are those of the quiet run',
  async (name, kills, disturbance) => {
    const result = await run(name, kills, disturbance);
    expect({ seed, differences: differences(quiet, result.tables) }).toEqual({ seed, differences: [] });
    expect({ code: result.doctorCode, output: result.doctorCode === 0 ? '' : result.doctorOutput }).toEqual({
      code: 0,
      output: '',
    });
  },
  300_000,
);
