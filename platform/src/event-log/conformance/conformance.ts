// SPDX-License-Identifier: Apache-2.0
/**
 * What every event log promises, asked of each adapter. Instances opened by a harness stand for processes: they share
 * the stores and nothing else. A killed process is a real one.
 */
import { describe } from '@jest/globals';
import { deliveryTests } from './delivery.ts';
import { createLogBench, type ConformanceOptions } from './log-bench.ts';
import { sharingTests } from './sharing.ts';
import { upkeepTests } from './upkeep.ts';

export type { EventLogHarness } from './log-bench.ts';

export function eventLogConformance({ name, start, compaction }: ConformanceOptions): void {
  describe(`event log: ${name}`, () => {
    const bench = createLogBench(start);
    deliveryTests(bench);
    sharingTests(bench);
    upkeepTests(bench, compaction);
  });
}
