// SPDX-License-Identifier: Apache-2.0
/** Folds the records of one step, meter by meter, fetching stored readings for those that need them. */
import type { MeterRecord, Wanted } from '../interval-energy/course.ts';
import type { KeptReading } from '../interval-energy/kept-reading.ts';
import type { StoredReadings } from '../interval-energy/known-register.ts';
import { foldMeter, type Folded } from '../interval-energy/meter-fold.ts';
import type { MeterState } from '../interval-energy/meter-state.ts';
import { spanToLoad, type StoredSpan } from '../interval-energy/stored-span.ts';

/** Stored readings to fetch: of one register, by records before `position`. */
export interface ReadingsWanted extends StoredSpan {
  readonly projectId: string;
  readonly meterId: string;
  readonly register: string;
  readonly position: number;
}
/** Answers in the order of the questions. */
export type FetchReadings = (
  wanted: readonly ReadingsWanted[],
) => Promise<readonly (readonly KeptReading[])[]>;

export interface MeterWork {
  readonly state: MeterState;
  readonly records: readonly MeterRecord[];
}
export interface MeterResult extends Folded {
  readonly before: MeterState;
}

interface Attempt extends MeterWork {
  readonly index: number;
  readonly stored: Map<string, StoredReadings>;
}

/** Attempts before we must have made a mistake: each register needs at most a handful. */
const attemptsMax = 200;

/** @param position offset of the first record of the step; what later records have already written is left out */
export async function foldStep(
  work: readonly MeterWork[],
  position: number,
  fetchReadings: FetchReadings,
): Promise<MeterResult[]> {
  const results = new Array<MeterResult>(work.length);
  let pending: Attempt[] = work.map((meter, index) => ({ ...meter, index, stored: new Map() }));
  for (let attempt = 0; pending.length > 0; attempt += 1) {
    if (attempt >= attemptsMax)
      throw new Error(`stored readings were asked for ${attemptsMax} times and never were enough`);
    const wanting: { readonly meter: Attempt; readonly wanted: Wanted; readonly span: StoredSpan }[] = [];
    for (const meter of pending) {
      const folded = foldMeter(meter.state, meter.records, meter.stored, position);
      if (folded.wanted === null) results[meter.index] = { ...folded, before: meter.state };
      else
        wanting.push({
          meter,
          wanted: folded.wanted,
          span: spanToLoad(folded.wanted, meter.stored.get(folded.wanted.register)),
        });
    }
    if (wanting.length === 0) break;
    const answers = await fetchReadings(
      wanting.map(({ meter, wanted, span }) => ({
        projectId: meter.state.projectId,
        meterId: meter.state.meterId,
        register: wanted.register,
        position,
        ...span,
      })),
    );
    for (const [index, { meter, wanted, span }] of wanting.entries()) {
      meter.stored.set(wanted.register, { ...span, readings: answers[index] ?? [] });
    }
    pending = wanting.map(({ meter }) => meter);
  }
  return results;
}
