// SPDX-License-Identifier: Apache-2.0
/** Every benchmark there is, by name. */
import { chargingFigures } from './charging.ts';
import type { Benchmark } from './figure.ts';
import { foldFigures } from './fold.ts';
import { curveFigures, pipelineFigures, runPipeline } from './pipeline.ts';
import { pollingFigures } from './polling.ts';
import { questionsFigures } from './questions.ts';
import { replayFigures } from './replay.ts';
import { startingFigures } from './starting.ts';

export const benchmarks: readonly Benchmark[] = [
  {
    name: 'pipeline',
    about:
      'The fold in memory; then 91 days of half-hours of 353 meters in one embedded process: counting alone, then charging alone.',
    run: async () => [...foldFigures(), ...pipelineFigures(await runPipeline(353, 91))],
  },
  {
    name: 'charging',
    about:
      'Slots of 353 points and 60 days into the full ledger, all lines and evidence, by rates alone and with everything a price can ask; a month charged anew.',
    run: chargingFigures,
  },
  {
    name: 'replay',
    about:
      'A price replayed over a year of half-hours of 353 meters; the list of a price of that year, and its charging anew.',
    run: replayFigures,
  },
  {
    name: 'curve',
    about: 'Cost of one reading from log to ledger as the site grows ten- and a hundredfold.',
    run: curveFigures,
  },
  {
    name: 'polling',
    about:
      'Reading a building, then an estate, over Modbus TCP: gateways that take requests and never answer, meters that are silent.',
    run: pollingFigures,
  },
  {
    name: 'starting',
    about:
      'The product as `npm start` gives it, demo site included: waiting for it, and its memory after a minute.',
    run: startingFigures,
  },
  {
    name: 'questions',
    about: 'The questions of the dashboard over HTTP, 353 metering points and two years of half-hours.',
    run: async () => await questionsFigures({ points: 353, days: 730, p95MsMax: 100 }),
  },
  {
    name: 'questions-large',
    about: 'The same, 10,000 metering points and one year of half-hours.',
    run: async () => await questionsFigures({ points: 10_000, days: 365, p95MsMax: 300 }),
  },
];
