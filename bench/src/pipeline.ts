// SPDX-License-Identifier: Apache-2.0
/** Readings → log → slots → warehouse, then slots → ledger; each against the raw work on the same rows, in the same run. */
import { topics } from '@wattledger/contracts';
import { chargingGroup } from '@wattledger/billing';
import type { System } from '@wattledger/app';
import { streamGroup } from '@wattledger/stream';
import { perSecond, rounded, timed, type Figure } from './figure.ts';
import { rawInsert } from './raw-insert.ts';
import {
  appendHistory,
  benchProject,
  caughtUp,
  importBenchSite,
  withTemporarySystem,
} from './temporary-system.ts';

const endMs = Date.parse('2026-10-31T16:00:00Z');
const who = (id: string) => ({ id, name: id });

export interface PipelineFigures {
  readonly meters: number;
  readonly readings: number;
  readonly countingMs: number;
  readonly rawInsertMs: number;
  readonly chargingMs: number;
  readonly rawLedgerMs: number;
  readonly slots: number;
}

/** Runs one site of `meters` meters and `days` days through counting and charging. */
export async function runPipeline(meters: number, days: number): Promise<PipelineFigures> {
  return await withTemporarySystem(async (system) => {
    await importBenchSite(system, meters);
    await openAccounts(system, meters, days);
    const { stream, billing } = system.services;
    await stream.start();
    await caughtUp(system, streamGroup, topics.meterLog);
    const counting = await timed(async () => {
      const readings = await appendHistory(system, days, endMs);
      await caughtUp(system, streamGroup, topics.meterLog);
      return readings;
    });
    await stream.stop();
    const charging = await timed(async () => {
      await billing.start();
      await caughtUp(system, chargingGroup, topics.intervalEnergy);
    });
    await billing.stop();
    const slots = counting.result - meters;
    await proveDone(system, slots);
    const rawInsertMs = await rawInsert(system);
    const rawLedgerMs = await rawLedger(system, slots);
    return {
      meters,
      readings: counting.result,
      countingMs: counting.elapsedMs,
      rawInsertMs,
      chargingMs: charging.elapsedMs,
      rawLedgerMs,
      slots,
    };
  });
}

/** Work that was not done is quickly done: every reading but a meter's first must have closed a slot, and every slot be priced. */
async function proveDone({ parts: { database, warehouse } }: System, slots: number): Promise<void> {
  const [counted] = await warehouse.query<{ slots: number }>('SELECT count() AS slots FROM slots FINAL');
  const priced = await database.query<{ slots: number }>(
    'SELECT count(*) AS slots FROM billing.slot_days d, unnest(d.version_index) AS version WHERE version > 0',
  );
  if (counted?.slots !== slots || priced.rows[0]?.slots !== slots)
    throw new Error(`${slots} slots expected: ${counted?.slots} counted, ${priced.rows[0]?.slots} priced`);
}

async function openAccounts(system: System, meters: number, days: number): Promise<void> {
  const { billing } = system.services;
  await billing.start();
  await billing.whenRegistryKnown();
  const { priceSchemeId } = await billing.prices.createScheme(
    benchProject,
    { name: 'Two rates', medium: 'electricity' },
    who('drafter'),
  );
  const openedAtMs = endMs - days * 86_400_000;
  const { priceVersionId } = await billing.prices.draftVersion(
    benchProject,
    priceSchemeId,
    { effectiveFromMs: openedAtMs, rates: { peak: 1_051_234, valley: 312_345 } },
    who('drafter'),
  );
  await billing.prices.submit(benchProject, priceSchemeId, priceVersionId, who('drafter'));
  await billing.prices.approve(benchProject, priceSchemeId, priceVersionId, who('approver'));
  const { rows } = await system.parts.database.query<{ id: string; tenant_id: string }>(
    'SELECT p.id, p.tenant_id FROM registry.metering_points p WHERE p.project_id = $1 LIMIT $2',
    [benchProject, meters],
  );
  const accounts = rows.map(({ id: meteringPointId, tenant_id: tenantId }) => ({
    requestId: `bench-open-${meteringPointId}`,
    tenantId,
    points: [{ meteringPointId, priceSchemeId }],
    openedAtMs,
    alarm1Micros: 2,
    alarm2Micros: 1,
    protectedSupply: false,
  }));
  for (let first = 0; first < accounts.length; first += 1_000)
    await billing.accounts.open(benchProject, accounts.slice(first, first + 1_000), who('opener'));
  await billing.stop();
}

/** As many ledger rows as there are slots, inserted in batches and nothing else. */
async function rawLedger({ parts: { database } }: System, rows: number): Promise<number> {
  await database.query(
    'CREATE TABLE bench_raw_ledger (account_id text NOT NULL, slot_start bigint NOT NULL, consumption bigint NOT NULL, amount_micros bigint NOT NULL, revision bigint NOT NULL, PRIMARY KEY (account_id, slot_start))',
  );
  const batch = 5_000;
  const { elapsedMs } = await timed(async () => {
    for (let first = 0; first < rows; first += batch) {
      const size = Math.min(batch, rows - first);
      const numbers = Array.from({ length: size }, (_, index) => first + index);
      await database.query(
        'INSERT INTO bench_raw_ledger SELECT * FROM unnest($1::text[], $2::bigint[], $3::bigint[], $4::bigint[], $5::bigint[])',
        [numbers.map((n) => `acc_${String(n % 353)}`), numbers, numbers, numbers, numbers],
      );
    }
  });
  await database.query('DROP TABLE bench_raw_ledger');
  return elapsedMs;
}

export function pipelineFigures(run: PipelineFigures): readonly Figure[] {
  const counting = perSecond(run.readings, run.countingMs);
  const ratio = run.countingMs / run.rawInsertMs;
  const charging = perSecond(run.slots, run.chargingMs);
  const share = run.rawLedgerMs / run.chargingMs;
  return [
    {
      work: 'readings → log → interval energy → warehouse, back-fill',
      measured: `${rounded(counting)} readings/s`,
      reach: '≥ 60,000 readings/s',
      reached: counting >= 60_000,
      note: `${rounded(run.readings)} readings of ${String(run.meters)} meters, readings and slots stored`,
    },
    {
      work: 'the same against inserting its rows raw',
      measured: `${ratio.toFixed(1)} ×`,
      reach: '≤ 6 ×',
      reached: ratio <= 6,
      note: `raw: ${rounded(run.rawInsertMs)} ms for readings and slots`,
    },
    {
      work: 'charging slots into the ledger',
      measured: `${rounded(charging)} slots/s`,
      reach: '≥ 20,000 slots/s',
      reached: charging >= 20_000,
      note: `${rounded(run.slots)} slots, day arrays, lines, postings, entries, events`,
    },
    {
      work: 'the same against a raw batched insert',
      measured: `1/${(1 / share).toFixed(1)}`,
      reach: '≥ 1/6',
      reached: share >= 1 / 6,
      note: `raw: one row a slot, ${rounded(perSecond(run.slots, run.rawLedgerMs))} rows/s`,
    },
  ];
}

export async function curveFigures(): Promise<readonly Figure[]> {
  const figures: Figure[] = [];
  let base: number | null = null;
  for (const [meters, days] of [
    [353, 56],
    [3_530, 14],
    [35_300, 3],
  ] as const) {
    const run = await runPipeline(meters, days);
    const microseconds = ((run.countingMs + run.chargingMs) * 1_000) / run.readings;
    base ??= microseconds;
    figures.push({
      work: `${meters.toLocaleString('en')} meters`,
      measured: `${microseconds.toFixed(1)} µs a reading`,
      reach: 'no more than at 353',
      reached: microseconds <= base * 1.15,
      note: `${String(days)} days: counted ${rounded(perSecond(run.readings, run.countingMs))}/s, charged ${rounded(perSecond(run.slots, run.chargingMs))}/s`,
    });
  }
  return figures;
}
