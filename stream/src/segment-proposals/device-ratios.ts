// SPDX-License-Identifier: Apache-2.0
/** The consumer that keeps which CT and PT ratio meters say they work with, where their model tells. */
import { topics, type Telemetry } from '@wattledger/contracts';
import type { Consumer, Parts } from '@wattledger/platform';
import { keepRatios, type DeviceRatio } from './segment-proposals-store.ts';

const recordsMax = 1000;

export async function consumeRatios({
  database,
  eventLog,
}: Pick<Parts, 'database' | 'eventLog'>): Promise<Consumer> {
  return await eventLog.consume({
    group: 'stream-device-ratios',
    topic: topics.telemetry,
    recordsMax,
    async handle(batch) {
      const runs = runsOf(batch.records.flatMap(({ value }) => ratioOf(value) ?? []));
      await database.transaction(async (transaction) => {
        // One row a statement and meter: of a run the first instant counts.
        for (const run of runs) await keepRatios(transaction, run);
        await batch.commit(transaction);
      });
    },
  });
}

/** CT × PT in thousandths; null where the model does not tell, or tells nonsense. */
export function ratioOf({ projectId, meterId, at, parameters }: Telemetry): DeviceRatio | null {
  const ct = parameters['ratio.ct'];
  if (ct === undefined) return null;
  const thousandths = Math.round(ct * (parameters['ratio.pt'] ?? 1) * 1000);
  return Number.isSafeInteger(thousandths) && thousandths > 0
    ? { projectId, meterId, thousandths, atMs: at }
    : null;
}

/** In the order they came, repetitions left out; within each list every meter once. */
export function runsOf(ratios: readonly DeviceRatio[]): readonly (readonly DeviceRatio[])[] {
  const runs: DeviceRatio[][] = [];
  const told = new Map<string, { readonly thousandths: number; readonly run: number }>();
  for (const ratio of ratios) {
    const key = `${ratio.projectId} ${ratio.meterId}`;
    const last = told.get(key);
    if (last?.thousandths === ratio.thousandths) continue;
    const run = last === undefined ? 0 : last.run + 1;
    (runs[run] ??= []).push(ratio);
    told.set(key, { thousandths: ratio.thousandths, run });
  }
  return runs;
}
