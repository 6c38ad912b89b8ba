// SPDX-License-Identifier: Apache-2.0
/** Every benchmark there is, by name. */
import type { Benchmark } from './figure.ts';
import { curveFigures, pipelineFigures, runPipeline } from './pipeline.ts';
import { pollingFigures } from './polling.ts';

export const benchmarks: readonly Benchmark[] = [
  {
    name: 'pipeline',
    about:
      '91 days of half-hours of 353 meters in one embedded process: counting alone, then charging alone.',
    run: async () => pipelineFigures(await runPipeline(353, 91)),
  },
  {
    name: 'curve',
    about: 'Cost of one reading from log to ledger as the site grows ten- and a hundredfold.',
    run: curveFigures,
  },
  {
    name: 'polling',
    about: 'Reading a whole building over Modbus TCP, with a gateway that takes requests and never answers.',
    run: pollingFigures,
  },
];
