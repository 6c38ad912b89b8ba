// SPDX-License-Identifier: Apache-2.0
/** The ingest service on real parts with a project that only imports, for tests. */
import { Buffer } from 'node:buffer';
import {
  flatCalendar,
  topics,
  type MeterLogRecord,
  type ReadingBatch,
  type RegistrySnapshot,
} from '@wattledger/contracts';
import type { ImportFault, ImportFormatInput, ImportJob } from '@wattledger/contracts/http/ingest';
import { startTestParts, type TestParts } from '@wattledger/platform/testing';
import { createIngestService, type IngestService } from '../ingest-service.ts';
import { readFaults } from './import-jobs-store.ts';

export const importProjectId = 'prj_import';
export const meterIdOf = (serial: string): string =>
  `mtr_${serial.toLowerCase().replaceAll(/[^a-z0-9]/g, '_')}`;

export interface Point {
  readonly instantMs: number;
  readonly value: number;
  readonly missing: boolean;
}

export interface ImportBench {
  readonly parts: TestParts;
  service: IngestService;
  /** Makes meters known, each with its registers mounted. */
  know(meters: readonly string[], registers?: readonly string[]): Promise<void>;
  importText(
    text: string | Buffer,
    format: ImportFormatInput,
    onFault?: 'stop' | 'keep-going',
  ): Promise<ImportJob>;
  faultsOf(job: ImportJob): Promise<readonly ImportFault[]>;
  /** Readings in the log, in the order of instants, each instant once. */
  pointsOf(serial: string, register?: string): Promise<readonly Point[]>;
  /** The same for many meters from one look at the log. */
  allPoints(): Promise<(serial: string, register?: string) => readonly Point[]>;
  stop(): Promise<void>;
}

export async function startImportBench(name: string): Promise<ImportBench> {
  const parts = await startTestParts({ name, nowMs: Date.parse('2026-11-20T00:00:00Z') });
  const service = createIngestService(parts);
  await service.migrate();
  const bench: ImportBench = {
    parts,
    service,
    know: async (meters, registers = ['energy.import.total']) => {
      const told = snapshotsOf(meters, registers);
      await parts.eventLog.append(
        topics.registrySnapshots,
        told.map((value) => ({ key: `${value.entity}/${value.id}`, value })),
      );
    },
    importText: async (text, format, onFault = 'stop') => {
      const bytes = typeof text === 'string' ? Buffer.from(text) : text;
      const file = (async function* (): AsyncGenerator<Buffer> {
        await Promise.resolve();
        // Small pieces, so that rows are cut anywhere.
        for (let at = 0; at < bytes.length; at += 97) yield bytes.subarray(at, at + 97);
      })();
      return await bench.service.importReadings({ file, projectId: importProjectId, format, onFault });
    },
    faultsOf: async (job) => await readFaults(parts.database, job.id, 0, 1_000),
    pointsOf: async (serial, register) => (await bench.allPoints())(serial, register),
    allPoints: async () => {
      const byMeter = await batchesByMeter(parts);
      return (serial, register) => pointsIn(byMeter.get(meterIdOf(serial)) ?? [], register);
    },
    stop: async () => {
      await bench.service.stop();
      await parts.stop();
    },
  };
  return bench;
}

async function batchesByMeter(parts: TestParts): Promise<ReadonlyMap<string, readonly ReadingBatch[]>> {
  const byMeter = new Map<string, ReadingBatch[]>();
  // A part of the log at a time: all of it as text would not fit a string.
  for (let from = 0; ;) {
    const rows = await parts.database.query<{ first_offset: number; payload: string }>(
      `SELECT b.first_offset, b.payload::text AS payload FROM event_log.batches b
       WHERE b.topic = $1 AND b.first_offset >= $2 ORDER BY b.first_offset LIMIT 50`,
      [topics.meterLog.name, from],
    );
    const last = rows.rows.at(-1);
    if (last === undefined) return byMeter;
    from = last.first_offset + 1;
    for (const [, value] of rows.rows.flatMap(
      (row) => JSON.parse(row.payload) as [string, MeterLogRecord][],
    )) {
      if (value.kind !== 'readings') continue;
      const batches = byMeter.get(value.meterId);
      if (batches === undefined) byMeter.set(value.meterId, [value]);
      else batches.push(value);
    }
  }
}

function pointsIn(batches: readonly ReadingBatch[], register?: string): readonly Point[] {
  const points: Point[] = [];
  for (const { series } of batches) {
    for (const one of series) {
      if (register !== undefined && one.register !== register) continue;
      for (const [index, instantMs] of one.instants.entries()) {
        points.push({ instantMs, value: one.values[index] ?? NaN, missing: one.quality === 3 });
      }
    }
  }
  points.sort((a, b) => a.instantMs - b.instantMs);
  return points.filter((point, index) => point.instantMs !== points[index + 1]?.instantMs);
}

function snapshotsOf(meters: readonly string[], registers: readonly string[]): readonly RegistrySnapshot[] {
  const projectId = importProjectId;
  const project: RegistrySnapshot = {
    entity: 'project',
    id: projectId,
    projectId,
    snapshot: {
      id: projectId,
      code: 'import',
      name: 'Import',
      zone: 'Europe/London',
      currency: 'GBP',
      slotMinutes: 60,
      pollIntervalSeconds: 1800,
      calendar: flatCalendar,
      areaM2: null,
      address: null,
      latitude: null,
      longitude: null,
    },
  };
  const each = meters.flatMap((serial): RegistrySnapshot[] => {
    const id = meterIdOf(serial);
    const mountings = registers.map((register, index) => ({
      segmentId: `seg_${id}_${index}`,
      meterId: id,
      register,
      fromMs: 0,
      toMs: null,
    }));
    return [
      {
        entity: 'meter',
        id,
        projectId,
        snapshot: {
          id,
          projectId,
          serial,
          modelId: null,
          gatewayId: null,
          unitId: null,
          lineAddress: null,
          pollIntervalSeconds: null,
          switchable: false,
          enabled: true,
        },
      },
      {
        entity: 'metering-point',
        id: `pnt_${id}`,
        projectId,
        snapshot: {
          id: `pnt_${id}`,
          projectId,
          code: serial,
          name: serial,
          medium: 'electricity',
          role: 'sub',
          subItem: 'other',
          placeId: null,
          tenantId: null,
          areaM2: null,
          headcount: null,
          parentLinks: [],
          mountings,
        },
      },
    ];
  });
  return [project, ...each];
}
