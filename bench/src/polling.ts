// SPDX-License-Identifier: Apache-2.0
/**
 * Cycles over simulated estates: real Modbus TCP over loopback, from the first request to the last reading that is
 * durable in the event log. The meters are in a process of their own; processor time and memory are the product's.
 */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { System } from '@wattledger/app';
import { systemPrincipal } from '@wattledger/registry';
import { percentile, rounded, type Figure } from './figure.ts';
import { databaseMb, databaseSeconds } from './processes.ts';
import { estateCode, estateModel, estateOf, type Estate, type EstateSize } from './simulated-estate.ts';
import { benchProject, withTemporarySystem } from './temporary-system.ts';

interface Plan extends EstateSize {
  readonly intervalMs: number;
  /** Cycles looked at after the first. */
  readonly rounds: number;
  readonly cycleMsMax: number;
}

type Ports = Readonly<Record<string, number>>;

function siteFile({ gateways, meters }: Estate, ports: Ports, intervalMs: number): string {
  return JSON.stringify({
    project: {
      code: estateCode,
      id: benchProject,
      name: 'Bench',
      zone: 'Asia/Shanghai',
      currency: 'CNY',
      poll_interval_seconds: intervalMs / 1_000,
    },
    gateways: gateways.map((code) => ({ code, name: code, host: '127.0.0.1', port: ports[code] })),
    meters: meters.map(({ serial, gateway, unitId }) => ({
      serial,
      model: estateModel,
      gateway,
      unit_id: unitId,
    })),
    metering_points: meters.map(({ serial }) => ({
      code: serial,
      name: serial,
      meter_serial: serial,
      register: 'energy.active.total',
    })),
  });
}

interface Cycles {
  /** From the start of the collector until every meter that lives has been read, ms. */
  readonly firstMs: number;
  /** Durations of the gateways' later cycles, ms. */
  readonly laterMs: readonly number[];
  /** At the end of each round, the age of the newest stored reading of the meter that has waited longest, ms. */
  readonly agesMs: readonly number[];
  /** Processor time of a round, s. */
  readonly productSeconds: number;
  readonly storeSeconds: number;
  readonly productMb: number;
  readonly storeMb: number | null;
}

async function readCount({ parts: { database } }: System): Promise<number> {
  const { rows } = await database.query<{ count: number }>(
    'SELECT count(*)::int AS count FROM ingest.meter_states s WHERE s.last_good_ms IS NOT NULL',
  );
  return rows[0]?.count ?? 0;
}

/** What the stores say after a round. */
async function lookAt({ parts: { database, clock } }: System): Promise<{ laterMs: number[]; ageMs: number }> {
  const cycles = await database.query<{ cycle_duration_ms: number }>(
    'SELECT g.cycle_duration_ms FROM ingest.gateway_states g WHERE g.cycle_duration_ms IS NOT NULL AND g.meters_answered > 0',
  );
  const oldest = await database.query<{ oldest: string }>(
    'SELECT min(s.last_good_ms) AS oldest FROM ingest.meter_states s WHERE s.last_good_ms IS NOT NULL',
  );
  return {
    laterMs: cycles.rows.map((row) => row.cycle_duration_ms),
    ageMs: clock.nowMs() - Number(oldest.rows[0]?.oldest),
  };
}

async function laterCycles(
  system: System,
  directory: string,
  { intervalMs, rounds }: Plan,
): Promise<Omit<Cycles, 'firstMs'>> {
  const laterMs: number[] = [];
  const agesMs: number[] = [];
  // The first round still carries the burst of the start.
  await sleep(intervalMs);
  const processor = process.cpuUsage();
  const store = databaseSeconds(directory);
  for (let round = 0; round < rounds; round += 1) {
    await sleep(intervalMs);
    const seen = await lookAt(system);
    laterMs.push(...seen.laterMs);
    agesMs.push(seen.ageMs);
  }
  const { user, system: kernel } = process.cpuUsage(processor);
  return {
    laterMs,
    agesMs,
    productSeconds: (user + kernel) / 1e6 / rounds,
    storeSeconds: (databaseSeconds(directory) - store) / rounds,
    productMb: process.memoryUsage.rss() / 2 ** 20,
    storeMb: databaseMb(directory),
  };
}

async function measure(plan: Plan): Promise<Cycles> {
  const { gateways, meters, deadGateways } = plan;
  const fleet = fork(join(import.meta.dirname, 'fleet-main.ts'), [
    JSON.stringify({ gateways, meters, deadGateways }),
  ]);
  try {
    const [ports] = (await once(fleet, 'message')) as [Ports];
    return await withTemporarySystem((system, directory) => poll(system, directory, plan, ports));
  } finally {
    const gone = once(fleet, 'exit');
    fleet.disconnect();
    await gone;
  }
}

async function poll(system: System, directory: string, plan: Plan, ports: Ports): Promise<Cycles> {
  const estate = estateOf(plan);
  const { registry, ingest } = system.services;
  const file = Buffer.from(siteFile(estate, ports, plan.intervalMs));
  const imported = await registry.importSite(file, { dryRun: false, principal: systemPrincipal });
  if (imported.faultsTotal > 0) throw new Error(JSON.stringify(imported.faults.slice(0, 3)));
  await registry.start();
  const began = performance.now();
  await ingest.start();
  while ((await readCount(system)) < estate.living) await sleep(50);
  const firstMs = performance.now() - began;
  const later = await laterCycles(system, directory, plan);
  await ingest.stop();
  await registry.stop();
  return { firstMs, ...later };
}

const seconds = (ms: number): string => `${(ms / 1_000).toFixed(1)} s`;

function figuresOf(plan: Plan, found: Cycles): readonly Figure[] {
  const { living, silent } = estateOf(plan);
  const worstMs = percentile(found.laterMs, 1);
  const oldestMs = percentile(found.agesMs, 1);
  const reach = `≤ ${String(plan.cycleMsMax / 1_000)} s`;
  const onGateway = Math.ceil(plan.meters / plan.gateways);
  const store = found.storeMb === null ? '' : `, its database ${found.storeMb.toFixed(0)} MB`;
  const every = `every ${String(plan.intervalMs / 1_000)} s`;
  return [
    {
      work: `polling ${rounded(plan.meters)} simulated meters on ${String(plan.gateways)} gateways, ${String(plan.deadGateways)} dead, 5 % of units silent: the first cycle`,
      measured: seconds(found.firstMs),
      reach,
      reached: found.firstMs <= plan.cycleMsMax,
      note: `from the collector's start until the readings of all ${rounded(living)} meters that answer are stored; ${rounded(silent.length)} behind living gateways never answer; an answer takes 2–9 ms, between two requests of a meter 100 ms`,
    },
    {
      work: 'the same: later cycles, the slowest of a living gateway',
      measured: seconds(worstMs),
      reach,
      reached: worstMs <= plan.cycleMsMax,
      note: `${rounded(found.laterMs.length)} cycles of at most ${String(onGateway)} meters, ${every}; median ${seconds(percentile(found.laterMs, 0.5))}`,
    },
    {
      work: 'the same: the meter read longest ago',
      measured: seconds(oldestMs),
      reach: `≤ ${String((plan.intervalMs + plan.cycleMsMax) / 1_000)} s`,
      reached: oldestMs <= plan.intervalMs + plan.cycleMsMax,
      note: 'age of its newest stored reading, the worst of all that answer, after each round: an interval and a cycle at most',
    },
    {
      work: 'the same: processor time of a round',
      measured: `${found.productSeconds.toFixed(1)} s`,
      reach: null,
      reached: null,
      note: `the product's process with registry and ingest running, ${every}; its database ${found.storeSeconds.toFixed(1)} s; the simulated meters are in another process`,
    },
    {
      work: 'the same: memory',
      measured: `${found.productMb.toFixed(0)} MB`,
      reach: null,
      reached: null,
      note: `the product's process, resident${store}`,
    },
  ];
}

const plans: readonly Plan[] = [
  { gateways: 12, meters: 353, deadGateways: 1, intervalMs: 30_000, rounds: 4, cycleMsMax: 10_000 },
  { gateways: 300, meters: 10_000, deadGateways: 3, intervalMs: 60_000, rounds: 3, cycleMsMax: 60_000 },
];

export async function pollingFigures(): Promise<readonly Figure[]> {
  const figures: Figure[] = [];
  for (const plan of plans) figures.push(...figuresOf(plan, await measure(plan)));
  return figures;
}
