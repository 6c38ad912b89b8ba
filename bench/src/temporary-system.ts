// SPDX-License-Identifier: Apache-2.0
/** The embedded product's stores and services in a throw-away folder, for one measurement. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { openProcess, type System } from '@wattledger/app';
import { topics, type ReadingBatch, type Topic } from '@wattledger/contracts';
import { systemPrincipal } from '@wattledger/registry';

export async function withTemporarySystem<T>(
  work: (system: System, directory: string) => Promise<T>,
): Promise<T> {
  const directory = await mkdtemp(join(tmpdir(), 'wattledger-bench-'));
  try {
    const { lifecycle, system } = await openProcess('bench', directory);
    try {
      return await work(system, directory);
    } finally {
      await lifecycle.stop();
    }
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

export const benchProject = 'prj_bench';
const register = 'energy.active.total';
const weekday = Object.fromEntries(
  ['monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday', 'sunday'].map((day) => [day, 'all']),
);

/** A site of `meters` meters, a tenant each, half-hours in Shanghai with two rates. */
export async function importBenchSite(system: System, meters: number): Promise<void> {
  const numbers = Array.from({ length: meters }, (_, index) => String(index));
  const file = JSON.stringify({
    project: {
      code: 'bench',
      id: benchProject,
      name: 'Bench',
      zone: 'Asia/Shanghai',
      currency: 'CNY',
      slot_minutes: 30,
      calendar_id: 'two',
      calendar_name: 'Two rates',
    },
    day_profiles: [
      ['00:00', 'valley'],
      ['08:00', 'peak'],
      ['22:00', 'valley'],
    ].map(([from, period]) => ({ profile: 'all', from, period })),
    seasons: [{ name: 'year', from: '01-01', ...weekday }],
    tenants: numbers.map((n) => ({ code: `T${n}`, name: `Tenant ${n}`, class: 'shop' })),
    meters: numbers.map((n) => ({ serial: `M${n}` })),
    metering_points: numbers.map((n) => ({
      code: `P${n}`,
      name: `Point ${n}`,
      medium: 'electricity',
      role: 'sub',
      sub_item: 'tenant',
      tenant: `T${n}`,
      meter_serial: `M${n}`,
      register,
    })),
  });
  const answer = await system.services.registry.importSite(Buffer.from(file), {
    dryRun: false,
    principal: systemPrincipal,
  });
  if (answer.faultsTotal > 0) throw new Error(JSON.stringify(answer.faults.slice(0, 3)));
}

/** One batch per meter: `count` half-hours from `fromMs` on. */
export function benchBatch(meterId: string, seed: number, fromMs: number, count: number): ReadingBatch {
  const instants = new Array<number>(count);
  const values = new Array<number>(count);
  const first = fromMs / 1_800_000;
  for (let index = 0; index < count; index += 1) {
    instants[index] = fromMs + index * 1_800_000;
    // A function of the instant, always rising: pieces of history fit together in any order.
    values[index] = (first + index) * 60 + (((first + index) * 7 + seed) % 41);
  }
  return {
    kind: 'readings',
    meterId,
    projectId: benchProject,
    source: 'back-fill',
    // After its newest reading: one from the future of its collector would be set aside.
    receivedAt: fromMs + count * 1_800_000,
    series: [{ register, scaler: 1, quality: 0, instants, values }],
  };
}

/** Waits until the group has processed everything. */
export async function caughtUp<T>(system: System, group: string, topic: Topic<T>): Promise<void> {
  while ((await system.parts.eventLog.lag(group, topic)).records > 0) await sleep(20);
}

export async function meterIds(system: System): Promise<readonly string[]> {
  const { rows } = await system.parts.database.query<{ id: string }>(
    'SELECT m.id FROM registry.meters m WHERE m.project_id = $1 ORDER BY m.id',
    [benchProject],
  );
  return rows.map((row) => row.id);
}

/** Appends history of all meters, `days` of half-hours in pieces of 14 days, oldest first. @returns readings appended */
export async function appendHistory(system: System, days: number, endMs: number): Promise<number> {
  const meters = await meterIds(system);
  const perDay = 48;
  let readings = 0;
  for (let day = days; day > 0; day -= 14) {
    const span = Math.min(14, day);
    const fromMs = endMs - day * 86_400_000;
    for (let first = 0; first < meters.length; first += 48) {
      const batches = meters
        .slice(first, first + 48)
        .map((meterId, index) => benchBatch(meterId, first + index, fromMs, span * perDay));
      await system.parts.eventLog.append(
        topics.meterLog,
        batches.map((value) => ({ key: value.meterId, value })),
      );
      readings += batches.length * span * perDay;
    }
  }
  return readings;
}
