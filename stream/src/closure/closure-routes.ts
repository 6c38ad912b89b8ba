// SPDX-License-Identifier: Apache-2.0
import type { Quantity } from '@wattledger/contracts';
import { energyClosureShape, type EnergyClosure } from '@wattledger/contracts/http/stream';
import { defineRoute, RequestError, type Parts, type Route } from '@wattledger/platform';
import { z } from 'zod';
import { segmentsOfPoint, slotSumsOfPoint, type SegmentFacts, type SlotSum } from './closure-store.ts';

const staleSlots = 2;

export function createClosureRoutes(
  parts: Pick<Parts, 'database' | 'warehouse' | 'clock'>,
): readonly Route[] {
  return [
    defineRoute({
      method: 'get',
      path: '/api/projects/{projectId}/metering-points/{meteringPointId}/closure',
      summary:
        'Proof that the energy of a metering point closes: Σ slots against closing − opening of each segment',
      tag: 'readings',
      access: { right: 'energy:read' },
      params: z.object({ projectId: z.string(), meteringPointId: z.string() }),
      response: energyClosureShape,
      handle: async ({ params: { projectId, meteringPointId } }) =>
        await closureOf(parts, projectId, meteringPointId),
    }),
  ];
}

/** Readings move on between the two questions: a difference is looked at once more before it is shown. */
async function closureOf(
  { database, warehouse, clock }: Pick<Parts, 'database' | 'warehouse' | 'clock'>,
  projectId: string,
  meteringPointId: string,
): Promise<EnergyClosure> {
  for (let attempt = 1; ; attempt += 1) {
    const facts = await segmentsOfPoint(database, projectId, meteringPointId);
    if (facts.length === 0) {
      throw new RequestError({
        status: 404,
        code: 'nothing-counted',
        message: 'No register is counted at this metering point.',
        hint: 'Mount a meter at it; its readings are then counted by themselves.',
      });
    }
    const sums = await slotSumsOfPoint(warehouse, projectId, meteringPointId);
    const closure = closureFrom(projectId, meteringPointId, facts, sums, clock.nowMs());
    if (closure.closes || attempt >= 3) return closure;
  }
}

function closureFrom(
  projectId: string,
  meteringPointId: string,
  facts: readonly SegmentFacts[],
  sums: readonly SlotSum[],
  nowMs: number,
): EnergyClosure {
  const bySegment = new Map(sums.map((sum) => [sum.segment_id, sum]));
  const segments = facts.flatMap((row) => segmentClosure(row, bySegment.get(row.segment_id)));
  // Slots of a segment that no register counts any more would be energy from nowhere.
  const stray = sums.filter((sum) => !facts.some((row) => row.segment_id === sum.segment_id));
  const registerConsumption = segments.reduce((sum, segment) => sum + segment.registerConsumption, 0);
  const slotsConsumption = sums.reduce((sum, { consumption }) => sum + consumption, 0);
  const newestMs = facts.reduce<number | null>(
    (newest, { last_ms }) => (last_ms === null ? newest : Math.max(newest ?? 0, last_ms)),
    null,
  );
  const slotMs = (facts[0]?.mounting.slotMinutes ?? 0) * 60_000;
  const total = (count: (sum: SlotSum) => number): number => sums.reduce((sum, row) => sum + count(row), 0);
  return {
    projectId,
    meteringPointId,
    segments,
    registerConsumption,
    slotsConsumption,
    closes: stray.length === 0 && segments.every((segment) => segment.closes),
    asOf: {
      asOfMs: newestMs,
      slotsMeasured: total((sum) => sum.measured),
      slotsEstimated: total((sum) => sum.estimated),
      slotsEdited: total((sum) => sum.edited),
      slotsMissing: total((sum) => sum.missing),
      points: 1,
      pointsStale: newestMs === null || nowMs - newestMs > staleSlots * slotMs ? 1 : 0,
    },
  };
}

function segmentClosure(row: SegmentFacts, sum: SlotSum | undefined): EnergyClosure['segments'] {
  const segment = row.mounting.segments.find(({ segmentId }) => segmentId === row.segment_id);
  if (segment === undefined) return [];
  const hasReadings = row.first_ms !== null && row.last_ms !== null;
  const registerConsumption = hasReadings ? row.last_units - row.first_units + row.rollover_consumption : 0;
  const slotsConsumption = sum?.consumption ?? 0;
  return [
    {
      segmentId: row.segment_id,
      meterId: row.meter_id,
      register: row.register,
      quantity: row.quantity as Quantity,
      fromMs: segment.fromMs,
      toMs: segment.toMs,
      multiplierNumerator: segment.multiplierNumerator,
      multiplierDenominator: segment.multiplierDenominator,
      opening:
        row.first_ms === null
          ? null
          : {
              instantMs: row.first_ms,
              value: row.first_value,
              scaler: row.first_scaler,
              baseUnits: row.first_units,
            },
      closing:
        row.last_ms === null
          ? null
          : {
              instantMs: row.last_ms,
              value: row.last_value,
              scaler: row.last_scaler,
              baseUnits: row.last_units,
            },
      rollovers: row.rollovers,
      rolloverConsumption: row.rollover_consumption,
      registerConsumption,
      slotsConsumption,
      slots: sum?.slots ?? 0,
      closes: registerConsumption === slotsConsumption,
    },
  ];
}
