// SPDX-License-Identifier: Apache-2.0
/** Goal: a slot explains itself from its registers to the last base unit, across rollovers, multipliers and exchanges. */
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import fc from 'fast-check';
import type { RegistrySnapshot } from '@wattledger/contracts';
import type { PointSummary, ReadingsAnswer, SlotEvidenceAnswer } from '@wattledger/contracts/http/analytics';
import { Dice, makeWorld, Naive, snapshotsOf, startQuestions, type Questions } from '../../testing/index.ts';

jest.setTimeout(600_000);
let questions: Questions;
beforeAll(async () => {
  questions = await startQuestions('registers');
});
afterAll(async () => await questions.stop());

const slotMs = 1_800_000;
const beginMs = Date.parse('2024-05-01T00:00:00Z');
const exchangeMs = beginMs + 13 * slotMs + 600_000;

interface Reading {
  readonly instantMs: number;
  readonly value: number;
}
interface Segment {
  readonly meterId: string;
  readonly numerator: number;
  readonly denominator: number;
  readonly scaler: number;
  readonly registerMax: number;
  readonly readings: readonly Reading[];
}

/** Whole base units of count × 10^scaler × numerator / denominator, rounded half away from zero: with plain fractions. */
function baseUnits(value: number, { scaler, numerator, denominator }: Segment): number {
  const exact = (value * numerator * 10 ** Math.max(0, scaler)) / (denominator * 10 ** Math.max(0, -scaler));
  return Math.floor(exact + 0.5);
}

/** Energy of one slot, from all readings of a segment, counted from the first. */
function slotEnergy(segment: Segment, startMs: number): number {
  let sum = 0;
  for (let index = 1; index < segment.readings.length; index += 1) {
    const [from, to] = [segment.readings[index - 1], segment.readings[index]];
    if (from === undefined || to === undefined) continue;
    let passed = baseUnits(to.value, segment) - baseUnits(from.value, segment);
    if (to.value < from.value) passed += baseUnits(segment.registerMax + 1, segment);
    const by = (ms: number): number =>
      Math.floor(
        (passed * Math.min(Math.max(ms - from.instantMs, 0), to.instantMs - from.instantMs)) /
          (to.instantMs - from.instantMs) +
          0.5,
      );
    sum += by(startMs + slotMs) - by(startMs);
  }
  return sum;
}

function makeSegment(dice: Dice, meterId: string, fromMs: number, toMs: number): Segment {
  const registerMax = 9_999;
  let value = dice.whole(0, registerMax);
  const readings: Reading[] = [];
  for (let ms = fromMs; ms <= toMs; ms += dice.whole(1, 50) * 60_000) {
    readings.push({ instantMs: ms, value });
    value = (value + dice.whole(0, 300)) % (registerMax + 1);
  }
  return {
    meterId,
    numerator: dice.of([1, 40, 3]),
    denominator: dice.of([1, 7]),
    scaler: dice.of([-1, 0, 1]),
    registerMax,
    readings,
  };
}

function snapshots(projectId: string, segments: readonly Segment[]): RegistrySnapshot[] {
  const project = snapshotsOf(makeWorld(1))[0];
  if (project?.entity !== 'project' || project.snapshot === null)
    throw new Error('a world begins with its project');
  return [
    {
      entity: 'project',
      id: projectId,
      projectId,
      snapshot: { ...project.snapshot, id: projectId, zone: 'Europe/Berlin', slotMinutes: 30 },
    },
    ...segments.map((segment): RegistrySnapshot => ({
      entity: 'meter',
      id: segment.meterId,
      projectId,
      snapshot: {
        id: segment.meterId,
        projectId,
        serial: `S-${segment.meterId}`,
        modelId: null,
        gatewayId: null,
        unitId: null,
        lineAddress: null,
        pollIntervalSeconds: null,
        switchable: false,
        enabled: true,
      },
    })),
    {
      entity: 'metering-point',
      id: 'pnt_shop',
      projectId,
      snapshot: {
        id: 'pnt_shop',
        projectId,
        code: 'SHOP',
        name: 'Shop',
        medium: 'electricity',
        role: 'sub',
        subItem: 'tenant',
        placeId: null,
        tenantId: null,
        areaM2: null,
        headcount: null,
        parentLinks: [],
        mountings: segments.map((segment, index) => ({
          segmentId: `seg_${index}`,
          meterId: segment.meterId,
          register: 'import',
          quantity: 'active-import',
          fromMs: index === 0 ? beginMs : exchangeMs,
          toMs: index === 0 ? exchangeMs : null,
          multiplierNumerator: segment.numerator,
          multiplierDenominator: segment.denominator,
          registerMax: segment.registerMax,
        })),
      },
    },
  ];
}

const dateTime = (ms: number): string => new Date(ms).toISOString().slice(0, 23).replace('T', ' ');

async function fill(projectId: string, segments: readonly Segment[]): Promise<void> {
  const { warehouse } = questions.parts;
  const rows = segments.flatMap(({ meterId, scaler, readings }) =>
    readings.map(({ instantMs, value }, index) => [
      projectId,
      meterId,
      'import',
      dateTime(instantMs),
      value,
      scaler,
      0,
      'accepted',
      'poll',
      dateTime(instantMs + 1_000),
      index,
      index,
    ]),
  );
  await warehouse.insert(
    'readings',
    [
      'project_id',
      'meter_id',
      'register',
      'instant',
      'value',
      'scaler',
      'quality',
      'verdict',
      'source',
      'received_at',
      'log_offset',
      'revision',
    ],
    rows,
  );
  const held = segments.map(({ meterId, scaler, readings }) => [
    projectId,
    meterId,
    'import',
    dateTime((readings[0]?.instantMs ?? 0) + 61_000),
    77,
    scaler,
    0,
    'impossible-value',
    'poll',
    dateTime((readings[0]?.instantMs ?? 0) + 62_000),
    5,
    5,
  ]);
  await warehouse.insert(
    'readings',
    [
      'project_id',
      'meter_id',
      'register',
      'instant',
      'value',
      'scaler',
      'quality',
      'verdict',
      'source',
      'received_at',
      'log_offset',
      'revision',
    ],
    held,
  );
  const slots = segments.flatMap((segment, index) => {
    const first = Math.floor((segment.readings[0]?.instantMs ?? 0) / slotMs) * slotMs;
    const last = segment.readings.at(-1)?.instantMs ?? 0;
    const found: (string | number)[][] = [];
    for (let ms = first; ms < last; ms += slotMs)
      found.push([
        projectId,
        'pnt_shop',
        'active-import',
        `seg_${index}`,
        ms / 1_000,
        slotEnergy(segment, ms),
        0,
        9,
      ]);
    return found;
  });
  await warehouse.insert(
    'slots',
    [
      'project_id',
      'metering_point_id',
      'quantity',
      'segment_id',
      'slot_start',
      'consumption',
      'quality',
      'revision',
    ],
    slots,
  );
}

describe('registers', () => {
  test('every slot is explained by its readings, the slot of the exchange by those of both meters', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 0, max: 1_000_000 }), async (seed) => {
        const projectId = `prj_reg_${seed}`;
        const dice = new Dice(seed);
        const segments = [
          makeSegment(dice, `mtr_a_${seed}`, beginMs, exchangeMs),
          makeSegment(dice, `mtr_b_${seed}`, exchangeMs, beginMs + 30 * slotMs),
        ];
        await questions.tell(snapshots(projectId, segments));
        await fill(projectId, segments);
        for (const slot of [0, dice.whole(1, 12), 13, dice.whole(14, 27)]) {
          const startMs = beginMs + slot * slotMs;
          const evidence = await questions.ask<SlotEvidenceAnswer>(
            `/api/projects/${projectId}/metering-points/pnt_shop/slot-evidence`,
            { slotStart: new Date(startMs).toISOString() },
          );
          expect(evidence.segments.length).toBe(slot === 13 ? 2 : 1);
          for (const segment of evidence.segments) {
            const truth = segments[segment.segmentId === 'seg_0' ? 0 : 1];
            if (truth === undefined) throw new Error('an unknown segment');
            expect(segment.consumption ?? 0).toBe(slotEnergy(truth, startMs));
            if (segment.consumption !== null && segment.spans.length > 0)
              expect({ slot, explained: segment.explained }).toEqual({ slot, explained: true });
            expect(segment.readings.every((reading) => reading.verdict === 'accepted')).toBe(true);
            const before = segment.readings[0]?.instantMs ?? 0;
            const ahead =
              truth.readings.filter((reading) => reading.instantMs <= startMs).at(-1)?.instantMs ??
              truth.readings[0]?.instantMs;
            expect(before).toBe(ahead);
          }
        }
      }),
      { numRuns: 6 },
    );
  });

  test('readings are paged newest first across the exchange, held ones with their reason', async () => {
    const projectId = 'prj_reg_pages';
    const dice = new Dice(1);
    const segments = [
      makeSegment(dice, 'mtr_a_pages', beginMs, exchangeMs),
      makeSegment(dice, 'mtr_b_pages', exchangeMs + 1_000, beginMs + 30 * slotMs),
    ];
    await questions.tell(snapshots(projectId, segments));
    await fill(projectId, segments);
    const rows: ReadingsAnswer['rows'] = [];
    let beforeMs: number | null = null;
    do {
      const page: ReadingsAnswer = await questions.ask<ReadingsAnswer>(
        `/api/projects/${projectId}/metering-points/pnt_shop/readings`,
        { limit: '7', ...(beforeMs === null ? {} : { beforeMs: String(beforeMs) }) },
      );
      rows.push(...page.rows);
      beforeMs = page.nextBeforeMs;
    } while (beforeMs !== null);
    const accepted = rows.filter((row) => row.verdict === 'accepted');
    expect(accepted.map((row) => row.instantMs)).toEqual(
      segments
        .flatMap((segment) => segment.readings.map((reading) => reading.instantMs))
        .sort((a, b) => b - a),
    );
    expect(rows.filter((row) => row.verdict === 'impossible-value').length).toBe(2);
  });

  test('a start off the grid is refused with what to write', async () => {
    const projectId = 'prj_reg_pages';
    const ask = async (slotStart: string) =>
      await questions.askAs(undefined, `/api/projects/${projectId}/metering-points/pnt_shop/slot-evidence`, {
        slotStart,
      });
    expect(await ask('2024-05-01T00:10:00Z')).toMatchObject({
      status: 400,
      body: { code: 'instant-off-grid' },
    });
    expect(await ask('2024-05-01')).toMatchObject({ status: 400, body: { code: 'no-such-instant' } });
    expect(
      (
        await questions.askAs(
          undefined,
          `/api/projects/${projectId}/metering-points/pnt_nobody/slot-evidence`,
          { slotStart: '2024-05-01T00:00:00Z' },
        )
      ).status,
    ).toBe(404);
  });

  test('a summary tells who the point is and what it measured itself', async () => {
    const world = makeWorld(424_242);
    await questions.add(world);
    const naive = new Naive(world);
    for (const point of world.points) {
      const summary = await questions.ask<PointSummary>(
        `/api/projects/${world.projectId}/metering-points/${point.id}/summary`,
      );
      expect(summary).toMatchObject({
        code: point.code,
        role: point.role,
        subItem: point.subItem,
        parent: naive.link(point.id, world.nowMs) === null ? null : { id: naive.link(point.id, world.nowMs) },
      });
      expect(summary.children.map((child) => child.id).sort()).toEqual(
        naive.linkedChildren(point.id, world.nowMs).sort(),
      );
      expect(summary.mountings.length).toBe(point.mountings.length);
    }
  });
});
