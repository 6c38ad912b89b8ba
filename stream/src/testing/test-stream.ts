// SPDX-License-Identifier: Apache-2.0
/** A running stream on real parts, with words for what tests say. */
import { flatCalendar, topics, type Mounting, type ReadingBatch, type Segment } from '@wattledger/contracts';
import { serveRoutes, startTestParts, type TestHttp, type TestParts } from '@wattledger/platform/testing';
import { createStreamService, type StreamService } from '../index.ts';

export interface TestStream {
  readonly parts: TestParts;
  readonly stream: StreamService;
  readonly http: TestHttp;
  mount(mounting: Mounting): Promise<void>;
  read(batch: ReadingBatch): Promise<void>;
  /** Everything appended is folded, summed up and compared. */
  settle(): Promise<void>;
  /** Checks of the doctor that fail, by name. */
  faults(): Promise<Record<string, string>>;
  get(path: string): Promise<{ readonly status: number; readonly body: unknown }>;
  stop(): Promise<void>;
}

/** @param partitions of the meter log */
export async function startTestStream(name: string, partitions = 1): Promise<TestStream> {
  const parts = await startTestParts({
    name,
    nowMs: Date.parse('2026-12-01T00:00:00Z'),
    partitionCountOf: (topic) => (topic === topics.meterLog.name ? partitions : 1),
  });
  const stream = createStreamService(parts, { parametersPauseMs: 0 });
  await stream.migrate();
  await stream.start();
  const http = await serveRoutes({ parts, routes: stream.routes });
  return {
    parts,
    stream,
    http,
    mount: async (mounting) =>
      await parts.eventLog.append(topics.meterLog, [{ key: mounting.meterId, value: mounting }]),
    read: async (batch) =>
      await parts.eventLog.append(topics.meterLog, [{ key: batch.meterId, value: batch }]),
    settle: async () => {
      await parts.drain();
      await stream.settleRollups();
    },
    faults: async () => {
      const found: Record<string, string> = {};
      for (const { name: check, check: ask } of stream.doctorChecks) {
        const { ok, detail } = await ask();
        if (!ok) found[check] = detail;
      }
      return found;
    },
    get: async (path) => await http.send('GET', path),
    stop: async () => {
      await http.stop();
      await stream.stop();
      await parts.stop();
    },
  };
}

export const hour = 3_600_000;
export const half = hour / 2;
export const startMs = Date.parse('2026-03-02T00:00:00Z');

/** One register at one point, from `startMs` on, unless said otherwise. */
export function segmentOf(meterId: string, more: Partial<Segment> = {}): Segment {
  return {
    segmentId: `seg_${meterId}`,
    register: 'import',
    meteringPointId: `pnt_${meterId}`,
    quantity: 'active-import',
    fromMs: startMs,
    toMs: null,
    multiplierNumerator: 1,
    multiplierDenominator: 1,
    registerMax: null,
    powerMax: null,
    openingReading: null,
    closingReading: null,
    ...more,
  };
}

export function mountingOf(
  meterId: string,
  segments: readonly Segment[] = [segmentOf(meterId)],
  more: Partial<Mounting> = {},
): Mounting {
  return {
    kind: 'mounting',
    meterId,
    projectId: 'prj_1',
    zone: 'Europe/Berlin',
    slotMinutes: 30,
    calendar: flatCalendar,
    segments: [...segments],
    ...more,
  };
}

/** Values at every half hour from `fromMs` on. */
export function readingsOf(
  meterId: string,
  values: readonly number[],
  fromMs = startMs,
  more: Partial<ReadingBatch> = {},
  stepMs = half,
): ReadingBatch {
  const instants = values.map((_, index) => fromMs + index * stepMs);
  return {
    kind: 'readings',
    meterId,
    projectId: 'prj_1',
    source: 'poll',
    receivedAt: fromMs + values.length * stepMs,
    series: [{ register: 'import', scaler: 0, quality: 0, instants, values: [...values] }],
    ...more,
  };
}
