// SPDX-License-Identifier: Apache-2.0
/** `wattledger simulate`: the whole product under a seed, killed and fed badly, compared with a quiet run. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { differences } from './tables.ts';
import { liveTorment } from './live-torment.ts';
import { torment } from './torment.ts';
import { disturbances, makeWorld, type Disturbance } from './world.ts';

const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: '1' },
    days: { type: 'string', default: '20' },
    tenants: { type: 'string', default: '16' },
    kills: { type: 'string', default: '20' },
    live: { type: 'boolean', default: false },
    faults: { type: 'string', default: disturbances.join(',') },
  },
});
const seed = Number(values.seed);
const world = makeWorld(seed, Number(values.days), Number(values.tenants));
const faults = values.faults.split(',').filter((name) => name !== '') as Disturbance[];
const unknown = faults.filter((name) => !disturbances.includes(name));
if (unknown.length > 0) {
  console.error(`--faults takes ${disturbances.join(', ')}; not ${unknown.join(', ')}`);
  process.exit(2);
}

const parent = await mkdtemp(join(tmpdir(), 'wattledger-simulate-'));
if (values.live) process.exit(await simulateLive(parent));
const run = async (name: string, kills: number, disturbance: Disturbance | null) => {
  console.log(
    `\n${name} (seed ${String(seed)}, ${String(world.readings.length)} readings, ${String(kills)} kills)`,
  );
  const result = await torment({
    world,
    dataDirectory: join(parent, name),
    seed,
    kills,
    disturbance,
    tell: (text) => {
      console.log(`  ${text}`);
    },
  });
  console.log(
    result.doctorOutput
      .trim()
      .split('\n')
      .map((line) => `  ${line}`)
      .join('\n'),
  );
  return result;
};
let failed = false;
const quiet = await run('quiet', 0, null);
failed ||= quiet.doctorCode !== 0;
const cases: [string, number, Disturbance | null][] = [
  ['killed', Number(values.kills), null],
  ...faults.map((name): [string, number, Disturbance] => [name, Math.min(2, Number(values.kills)), name]),
];
for (const [name, kills, disturbance] of cases) {
  const result = await run(name, kills, disturbance);
  const faultsFound = differences(quiet.tables, result.tables);
  failed ||= faultsFound.length > 0 || result.doctorCode !== 0;
  console.log(
    faultsFound.length === 0
      ? '  tables equal those of the quiet run'
      : `  ${String(faultsFound.length)} DIFFERENCES\n    ${faultsFound.slice(0, 20).join('\n    ')}`,
  );
}
await rm(parent, { recursive: true, force: true });
console.log(
  failed ? `\nFAILED; run again with --seed ${String(seed)}` : '\nAll runs ended with the same tables.',
);
process.exit(failed ? 1 : 0);

/** The demo site with kills from its first start on, until its history is complete. @returns the exit code */
async function simulateLive(directory: string): Promise<number> {
  const { health, audits } = await liveTorment({
    dataDirectory: join(directory, 'demo'),
    seed,
    kills: Number(values.kills),
    lifeMsMax: 25_000,
    untilFilled: true,
    tell: (text) => {
      console.log(`  ${text}`);
    },
  });
  console.log(`  ${String(health.pipeline.acceptedRecords)} records accepted; history complete`);
  for (const { name, output } of audits) console.log(`\n${name}\n${output.trim()}`);
  await rm(directory, { recursive: true, force: true });
  const ok = audits.every((audit) => audit.ok);
  console.log(ok ? '\nEnergy and money close exactly.' : `\nFAILED; run again with --seed ${String(seed)}`);
  return ok ? 0 : 1;
}
