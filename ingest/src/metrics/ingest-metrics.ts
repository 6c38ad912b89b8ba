// SPDX-License-Identifier: Apache-2.0
import type { CommandOutcome } from '@wattledger/contracts';
import { Counter, type Registry } from 'prom-client';
import type { MeterResult } from '../collector/poll-results.ts';

export interface IngestMetrics {
  /** Results that have become durable. */
  polled(results: readonly MeterResult[]): void;
  commandEnded(outcome: CommandOutcome['outcome']): void;
  /** Readings that became durable otherwise. */
  received(source: 'push' | 'import', readings: number): void;
}

/** Counters of this process, for /metrics; what meters and gateways are doing is in their states. */
export function createIngestMetrics(registry: Registry): IngestMetrics {
  // A process may make the service again, as after a change of its share: the counters go on.
  const counter = <Label extends string>(
    name: string,
    help: string,
    labelNames: readonly Label[],
  ): Counter<Label> => {
    const fullName = `wattledger_ingest_${name}_total`;
    const known = registry.getSingleMetric(fullName) as Counter<Label> | undefined;
    return known ?? new Counter({ name: fullName, help, labelNames: [...labelNames], registers: [registry] });
  };
  const polls = counter('polls', 'Polls of meters by what came of them: answered, or the kind of fault', [
    'result',
  ]);
  const commands = counter('commands', 'Commands to meters by outcome', ['outcome']);
  const readings = counter('readings', 'Readings appended to the meter log by source', ['source']);
  return {
    polled: (results) => {
      for (const { answer, fault, reported, countsAsPoll } of results) {
        if (countsAsPoll) polls.inc({ result: answer === null ? (fault?.kind ?? 'no-answer') : 'answered' });
        const appended = answer?.registers.filter(({ register }) => reported.has(register)).length ?? 0;
        if (appended > 0) readings.inc({ source: 'poll' }, appended);
      }
    },
    commandEnded: (outcome) => commands.inc({ outcome }),
    received: (source, count) => readings.inc({ source }, count),
  };
}
