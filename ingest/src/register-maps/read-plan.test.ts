// SPDX-License-Identifier: Apache-2.0
import fc from 'fast-check';
import { describe, expect, test } from '@jest/globals';
import { registersOfType, spaceOf, type RegisterMap, type RegisterRow } from './register-map.ts';
import { rowsOf } from './circuits.ts';
import { registerMapOf, registerMaps, rowOf } from './register-maps.ts';
import { planReads, polledRows } from './read-plan.ts';
import { decodeRow, encodeRaw, rawOfCount } from './register-values.ts';
import { present } from '../testing/present.ts';

/** A map of generated rows: spans of random types with random gaps, some of them secret, some gaps readable. */
const anyMap: fc.Arbitrary<RegisterMap> = fc
  .record({
    rows: fc.array(
      fc.record({
        gap: fc.integer({ min: 0, max: 6 }),
        readableGap: fc.boolean(),
        type: fc.constantFrom('u16', 'u32', 'u64', 'bytes[6]'),
        secret: fc.boolean(),
      }),
      { minLength: 1, maxLength: 24 },
    ),
    max: fc.integer({ min: 4, max: 40 }),
  })
  .map(({ rows, max }) => {
    const base = registerMapOf('acrel-ddsy1352');
    const registers: RegisterRow[] = [];
    const readableGaps: RegisterMap['readableGaps'] = [];
    let address = 0;
    for (const [index, { gap, readableGap, type, secret }] of rows.entries()) {
      if (readableGap && gap > 0)
        readableGaps.push({ space: 'holding', from: address, to: address + gap - 1, source: 'A' });
      address += gap;
      const kind = secret ? 'secret' : 'parameter';
      registers.push({
        name: `${kind}.r${index}`,
        kind,
        address,
        type,
        unit: '',
        scaler: 0,
        access: 'R',
        source: ['A'],
        confidence: 'vendor',
      });
      address += registersOfType(type);
    }
    return { ...base, limits: { ...base.limits, maxRegistersPerRead: max }, readableGaps, registers };
  });
const anyWish = anyMap.chain((map) =>
  fc
    .subarray(map.registers.filter((row) => row.kind !== 'secret'))
    .chain((rows) => fc.shuffledSubarray(rows, { minLength: rows.length }))
    .map((wanted) => ({ map, wanted })),
);

/** Fewest requests by trying every way to cut the wanted rows, in address order, into consecutive groups. */
function fewest(map: RegisterMap, wanted: readonly RegisterRow[]): number {
  const rows = [...wanted].sort((a, b) => a.address - b.address);
  const blocked = (from: number, to: number): boolean => {
    for (let address = from; address < to; address += 1) {
      const row = map.registers.find(
        (candidate) =>
          address >= candidate.address && address < candidate.address + registersOfType(candidate.type),
      );
      const vouched = map.readableGaps.some((gap) => address >= gap.from && address <= gap.to);
      if (row === undefined ? !vouched : row.kind === 'secret') return true;
    }
    return false;
  };
  const best: number[] = [0];
  for (let end = 1; end <= rows.length; end += 1) {
    best[end] = Infinity;
    for (let start = 0; start < end; start += 1) {
      const from = present(rows[start]).address;
      const last = present(rows[end - 1]);
      const to = last.address + registersOfType(last.type);
      if (to - from > map.limits.maxRegistersPerRead || blocked(from, to)) continue;
      best[end] = Math.min(present(best[end]), present(best[start]) + 1);
    }
  }
  return present(best[rows.length]);
}

describe('read plans', () => {
  test('cover each wanted row exactly once, touch no secret, keep the limits, with the fewest requests', () => {
    fc.assert(
      fc.property(anyWish, ({ map, wanted }) => {
        const plan = planReads(map, wanted);
        const covered = plan.flatMap((request) => request.rows.map(({ row }) => row.name)).sort();
        expect(covered).toEqual(wanted.map((row) => row.name).sort());
        for (const request of plan) {
          expect(request.count).toBeLessThanOrEqual(map.limits.maxRegistersPerRead);
          for (const { row, byteOffset, byteLength } of request.rows) {
            expect(request.address + byteOffset / 2).toBe(row.address);
            expect(byteLength).toBe(2 * registersOfType(row.type));
            expect(byteOffset + byteLength).toBeLessThanOrEqual(2 * request.count);
          }
          for (const secret of map.registers.filter((row) => row.kind === 'secret')) {
            const apart =
              secret.address + registersOfType(secret.type) <= request.address ||
              secret.address >= request.address + request.count;
            expect(apart).toBe(true);
          }
        }
        expect(plan).toHaveLength(fewest(map, wanted));
      }),
      { numRuns: 500 },
    );
  });

  test('the real models: what a poll asks', () => {
    const asked = Object.fromEntries(
      [...registerMaps.values()].map((map) => [
        map.id,
        planReads(map, polledRows(map)).map((r) => `FC${r.functionCode} ${r.address}+${r.count}`),
      ]),
    );
    expect(asked).toMatchObject({
      'abb-b23': ['FC3 20480+8', 'FC3 23296+6', 'FC3 23308+6', 'FC3 23316+8', 'FC3 23340+1', 'FC3 23354+4'],
      'acrel-adf400l-1ph': ['FC3 768+10'],
      'acrel-adf400l-3ph': ['FC3 831+19', 'FC3 862+4'],
      'acrel-adf400l-system': ['FC3 2307+2', 'FC3 2382+2'],
      'acrel-adl3000': [
        'FC3 0+14',
        'FC3 14+14',
        'FC3 28+4',
        'FC3 40+2',
        'FC3 50+2',
        'FC3 97+6',
        'FC3 115+5',
        'FC3 141+2',
        'FC3 356+14',
        'FC3 370+10',
      ],
      'acrel-adl400-primary': [
        'FC3 2048+6',
        'FC3 2060+6',
        'FC3 2068+6',
        'FC3 2098+4',
        'FC3 2114+2',
        'FC3 2124+2',
        'FC3 2134+2',
      ],
      'acrel-adw300': ['FC3 20+3', 'FC3 26+3', 'FC3 30+8', 'FC3 62+4'],
      // 0x000A, the local code, lies between the first two requests.
      'acrel-ddsy1352': ['FC3 0+10', 'FC3 11+7', 'FC3 87+2'],
      'acrel-dtsy1352': ['FC3 0+10', 'FC3 87+2'],
      'chint-ddsu666': ['FC3 8192+8', 'FC3 8202+2', 'FC3 8206+2', 'FC3 16384+2', 'FC3 16394+2'],
      'chint-dtsu666': ['FC3 6+2', 'FC3 4126+2', 'FC3 4136+2', 'FC3 8198+22', 'FC3 8234+8', 'FC3 8260+2'],
      'eastron-sdm120': ['FC4 0+32', 'FC4 70+10', 'FC4 342+4'],
      'eastron-sdm630': ['FC4 0+80'],
      'eastron-sdm72': ['FC4 52+2', 'FC4 72+4', 'FC4 342+2'],
      'gavazzi-em24': ['FC4 0+6', 'FC4 12+12', 'FC4 40+2', 'FC4 50+4', 'FC4 55+1', 'FC4 66+2', 'FC4 92+2'],
      'gavazzi-em340': ['FC4 0+6', 'FC4 12+12', 'FC4 40+2', 'FC4 46+4', 'FC4 51+3', 'FC4 78+2'],
      'hiking-dds238-2-znsr': ['FC3 0+2', 'FC3 8+10', 'FC3 26+1'],
      'inepro-pro380': [
        'FC3 20482+8',
        'FC3 20492+8',
        'FC3 20522+2',
        'FC3 24576+6',
        'FC3 24588+2',
        'FC3 24600+2',
      ],
      'janitza-b23': [
        'FC3 19000+6',
        'FC3 19012+6',
        'FC3 19020+8',
        'FC3 19044+8',
        'FC3 19068+2',
        'FC3 19076+2',
      ],
      'orno-we514': ['FC3 304+2', 'FC3 313+2', 'FC3 320+2', 'FC3 344+1', 'FC3 40960+6'],
      'orno-we516': [
        'FC3 14+24',
        'FC3 52+2',
        'FC3 256+2',
        'FC3 264+2',
        'FC3 272+2',
        'FC3 304+2',
        'FC3 316+2',
        'FC3 328+2',
        'FC3 340+2',
      ],
      'sbc-pcd7h104d': ['FC3 28+8'],
      'schneider-iem3000': [
        'FC3 2999+6',
        'FC3 3027+6',
        'FC3 3053+8',
        'FC3 3083+2',
        'FC3 3109+2',
        'FC3 3203+8',
        'FC3 3219+8',
      ],
      'sfere-dtsy': ['FC3 115+2', 'FC3 139+8', 'FC3 2059+1', 'FC3 2853+1'],
      'siemens-pac2200': [
        'FC4 1+6',
        'FC4 13+6',
        'FC4 25+6',
        'FC4 37+6',
        'FC4 63+8',
        'FC4 801+4',
        'FC4 809+4',
      ],
      'xintai-water': ['FC3 1+28'],
    });
  });

  test('any wish for a real model never touches its secrets and asks only even spans of an even model', () => {
    for (const map of registerMaps.values()) {
      // A block longer than one read, such as 20 recharge records, is none a plan can ask for.
      const askable = rowsOf(map).filter(
        (row) => row.kind !== 'secret' && registersOfType(row.type) <= map.limits.maxRegistersPerRead,
      );
      fc.assert(
        fc.property(fc.subarray(askable), (wanted) => {
          for (const request of planReads(map, wanted)) {
            expect(request.count).toBeLessThanOrEqual(map.limits.maxRegistersPerRead);
            if (map.limits.evenOnly) expect([request.address % 2, request.count % 2]).toEqual([0, 0]);
            const space = request.functionCode === 4 ? 'input' : 'holding';
            for (const secret of map.registers.filter(
              (row) => row.kind === 'secret' && spaceOf(map, row) === space,
            )) {
              const end = secret.address + registersOfType(secret.type);
              expect(end <= request.address || secret.address >= request.address + request.count).toBe(true);
            }
          }
        }),
      );
    }
  });

  test('a secret cannot be wanted', () => {
    const map = registerMapOf('acrel-ddsy1352');
    expect(() => planReads(map, [rowOf(map, 'secret.localCode')])).toThrow(/is a secret and is never read/);
    expect(polledRows(map, new Set(['secret.localCode'])).map((row) => row.name)).not.toContain(
      'secret.localCode',
    );
  });

  test('a mounted register joins the poll', () => {
    const map = registerMapOf('acrel-dtsy1352');
    const asked = planReads(map, polledRows(map, new Set(['energy.active.deepValley'])));
    expect(asked.map((request) => request.address)).toEqual([0, 87, 0x5030]);
  });
});

describe('a cabinet of several circuits', () => {
  const map = registerMapOf('acrel-adf400l-3ph');
  const asked = (...mounted: readonly string[]): readonly string[] =>
    planReads(map, polledRows(map, new Set(mounted))).map(
      ({ unitOffset, address, count }) => `+${unitOffset} ${address}+${count}`,
    );

  test('asks each circuit with a mounted register at its own unit id, and no other', () => {
    expect(asked('circuit2.energy.active.total', 'circuit12.energy.export.total')).toEqual([
      '+3 831+19',
      '+3 862+4',
      '+33 831+19',
      '+33 862+4',
      '+33 913+2',
    ]);
  });
  test('mounted nowhere it is known by its first circuit', () => {
    expect(asked()).toEqual(['+0 831+19', '+0 862+4']);
    expect(rowsOf(map).filter((row) => row.primary === true)).toMatchObject([
      { name: 'circuit1.energy.active.total' },
    ]);
  });
  test('has each row of one circuit for every circuit', () => {
    expect(rowsOf(map)).toHaveLength(12 * map.registers.length);
    expect(rowOf(map, 'circuit12.energy.active.total')).toMatchObject({ address: 0x35e, unitOffset: 33 });
    expect(() => rowOf(map, 'circuit13.energy.active.total')).toThrow(/has no register/);
    expect(() => rowOf(map, 'energy.active.total')).toThrow(/has no register/);
  });
});

describe('values', () => {
  test('what is encoded is decoded again, in every word order', () => {
    fc.assert(
      fc.property(
        fc.constantFrom('big' as const, 'little' as const, 'dcba' as const, 'badc' as const),
        fc.constantFrom('u16', 'u32', 'u64', 'i32', 'i64', 'f32', 'f64'),
        fc.integer({ min: 0, max: 0xffff }),
        (wordOrder, type, count) => {
          const row: RegisterRow = {
            name: 'energy.x',
            kind: 'counted',
            address: 0,
            type,
            unit: 'Wh',
            scaler: 0,
            ...(type.startsWith('f') ? { countsPerUnit: 1 } : {}),
            access: 'R',
            source: ['A'],
            confidence: 'vendor',
          };
          expect(decodeRow({ wordOrder }, row, encodeRaw({ wordOrder }, row, count))).toEqual({
            ok: true,
            value: count,
          });
        },
      ),
    );
  });

  test('a counted float keeps every count that a float can tell apart, and never falls when the register grows', () => {
    const map = registerMapOf('eastron-sdm630');
    const row = rowOf(map, 'energy.import.total');
    const shown = (kWh: number): number => {
      const value = decodeRow(map, row, encodeRaw(map, row, kWh));
      if (!value.ok) throw new Error(value.reason);
      return value.value;
    };
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 13_000_000 }), (count) => {
        expect(shown(rawOfCount(row, count))).toBe(count);
      }),
    );
    fc.assert(
      fc.property(
        fc.double({ min: 0, max: 5e6, noNaN: true }),
        fc.double({ min: 0, max: 100, noNaN: true }),
        (kWh, more) => {
          expect(shown(kWh + more)).toBeGreaterThanOrEqual(shown(kWh));
        },
      ),
    );
  });
});
