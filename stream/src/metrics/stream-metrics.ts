// SPDX-License-Identifier: Apache-2.0
import { Counter, type Registry } from 'prom-client';
import type { StepReport } from '../meter-log/meter-log-service.ts';

export interface StreamMetrics {
  readonly count: (step: StepReport) => void;
}

/** Counters of this process; totals over restarts are in stream.cursors. */
export function createStreamMetrics(registry: Registry): StreamMetrics {
  const counter = (name: string, help: string): Counter =>
    new Counter({ name: `wattledger_stream_${name}_total`, help, registers: [registry] });
  const received = counter(
    'readings_received',
    'Readings that came with the meter log, repetitions included',
  );
  const kept = counter('readings_kept', 'Readings that were new and are kept for good');
  const repeated = counter('readings_repeated', 'Readings that were there already');
  const slots = counter('slots_written', 'Slot revisions written to the warehouse');
  const refused = counter('records_refused', 'Records of the meter log that are not what the contract says');
  return {
    count: (step) => {
      received.inc(step.received);
      kept.inc(step.kept);
      repeated.inc(step.repeated);
      slots.inc(step.slots);
      refused.inc(step.refused);
    },
  };
}
