// SPDX-License-Identifier: Apache-2.0
import { Buffer } from 'node:buffer';
import { describe, expect, test } from '@jest/globals';
import { registerMapShape, type RegisterMap } from './register-map.ts';
import { loadRegisterMaps, registerMapOf, registerMaps, rowOf, summaryOf } from './register-maps.ts';
import { decodeRow } from './register-values.ts';
import { isConfirmed, relayStateOf } from './supply-switch.ts';
import { present } from '../testing/present.ts';

const hex = (text: string): Buffer => Buffer.from(text.replaceAll(' ', ''), 'hex');

/** One line per row, as an engineer would check it against the manual. */
function render(map: RegisterMap): string {
  const rows = map.registers.map((row) =>
    [
      `0x${row.address.toString(16).padStart(4, '0')}`,
      row.space ?? `fc${map.readFunctionCode}`,
      row.kind,
      row.name,
      row.type,
      row.countsPerUnit === undefined ? `×10^${row.scaler}` : `×${row.countsPerUnit}×10^${row.scaler}`,
      row.unit || '-',
      row.quantity ?? '-',
      row.primary === true ? 'primary' : '',
      row.polled === true ? 'polled' : '',
      row.access,
      row.source.join('+'),
      row.confidence,
    ]
      .filter((part) => part !== '')
      .join(' '),
  );
  const control = map.supplySwitch;
  const steps =
    control === null
      ? ['no switch']
      : Object.entries(control.actions).map(
          ([action, { write }]) =>
            `${action}: FC${control.functionCode} ${control.address} = ${write.join(',')}`,
        );
  const limits = `${map.wordOrder}, ≤${map.limits.maxRegistersPerRead}, gap ${map.limits.minGapMs} ms${map.limits.evenOnly ? ', even' : ''}`;
  return [
    `${map.id}: ${map.vendor} ${map.model} [${map.aliases.join(', ')}] ${limits}`,
    ...steps,
    ...rows,
  ].join('\n');
}

describe('register maps', () => {
  test.each([...registerMaps.values()].map((map) => [map.id, map] as const))(
    '%s says what its sources say',
    (_id, map) => {
      expect(render(map)).toMatchSnapshot();
    },
  );

  test('the four models of the first product are there', () => {
    expect([...registerMaps.keys()]).toEqual([
      'acrel-ddsy1352',
      'acrel-dtsy1352',
      'eastron-sdm630',
      'xintai-water',
    ]);
  });

  test('every map has one primary register, and names every secret', () => {
    for (const map of registerMaps.values()) {
      expect(map.registers.filter((row) => row.primary === true)).toHaveLength(1);
      for (const row of map.registers)
        expect(/secret|code|password/i.test(row.name)).toBe(row.kind === 'secret');
    }
  });

  test('the summary carries each row once and the sources in full', () => {
    const summary = summaryOf(registerMapOf('acrel-dtsy1352'));
    expect(summary.registers).toHaveLength(12);
    expect(summary.registers[0]).toMatchObject({
      name: 'energy.active.total',
      primary: true,
      scaler: 1,
      unit: 'Wh',
    });
    expect(summary.registers[0]?.source).toContain('ems4j');
  });

  test('an unknown map or row is refused by name', () => {
    expect(() => registerMapOf('nothing')).toThrow(/no register map "nothing"; there are: acrel-ddsy1352/);
    expect(() => rowOf(registerMapOf('xintai-water'), 'energy')).toThrow(
      /xintai-water has no register "energy"/,
    );
  });
});

describe('a map that contradicts itself is refused', () => {
  const base = (): Record<string, unknown> =>
    JSON.parse(JSON.stringify(registerMapOf('acrel-ddsy1352'))) as Record<string, unknown>;
  const registersOf = (map: Record<string, unknown>): Record<string, unknown>[] =>
    map['registers'] as Record<string, unknown>[];
  const faults = (map: unknown): string =>
    JSON.stringify(registerMapShape.safeParse(map).error?.issues ?? []);

  test.each<[string, (map: Record<string, unknown>) => void, RegExp]>([
    [
      'two rows on one address',
      (map) => (present(registersOf(map)[1])['address'] = 1),
      /overlap at holding:1/,
    ],
    [
      'one name twice',
      (map) => (present(registersOf(map)[1])['name'] = 'energy.active.total'),
      /appears twice/,
    ],
    ['a polled secret', (map) => (present(registersOf(map)[5])['polled'] = true), /a secret is never polled/],
    [
      'a secret called something else',
      (map) => (present(registersOf(map)[5])['kind'] = 'parameter'),
      /kind and name disagree/,
    ],
    ['a source nobody knows', (map) => (present(registersOf(map)[0])['source'] = ['Z']), /no source .*Z/],
    [
      'a counted float without a rule',
      (map) => (present(registersOf(map)[0])['type'] = 'f32'),
      /needs countsPerUnit/,
    ],
    ['two primaries', (map) => (present(registersOf(map)[1])['primary'] = true), /more than one primary/],
    ['an unknown field', (map) => (present(registersOf(map)[0])['scale'] = 0.01), /Unrecognized key/],
    [
      'a 126-register read',
      (map) => ((map['limits'] as Record<string, unknown>)['maxRegistersPerRead'] = 126),
      /125/,
    ],
  ])('%s', (_name, spoil, text) => {
    const map = base();
    spoil(map);
    expect(faults(map)).toMatch(text);
    expect(faults(base())).toBe('[]');
  });

  test('a file whose name is not its id stops the start', () => {
    expect(() => loadRegisterMaps(new URL('./fixtures/misnamed/', import.meta.url))).toThrow(
      /other\.json says it is "acrel/,
    );
  });
});

describe('golden answers of real meters', () => {
  const decoded = (model: string, name: string, bytes: string): number | string => {
    const map = registerMapOf(model);
    const value = decodeRow(map, rowOf(map, name), hex(bytes));
    return value.ok ? value.value : value.reason;
  };
  test('Acrel: 0001E240 is 1234.56 kWh, 123456 counts of 10 Wh', () => {
    expect(decoded('acrel-dtsy1352', 'energy.active.total', '00 01 E2 40')).toBe(123456);
    expect(rowOf(registerMapOf('acrel-dtsy1352'), 'energy.active.total').scaler).toBe(1);
  });
  test('Acrel DDSY: 230.1 V, 5.23 A, 1.198 kW, 0.060 kvar, 1.204 kVA, 0.995, 50.02 Hz', () => {
    const names = [
      'voltage.l1',
      'current.l1',
      'power.active.total',
      'power.reactive.total',
      'power.apparent.total',
      'pf.total',
      'frequency',
    ];
    const words = ['08FD', '020B', '04AE', '003C', '04B4', '03E3', '138A'];
    expect(names.map((name, index) => decoded('acrel-ddsy1352', name, present(words[index])))).toEqual([
      230.1, 5.23, 1.198, 0.06, 1.204, 0.995, 50.02,
    ]);
  });
  test('a negative power factor keeps its sign', () => {
    expect(decoded('acrel-ddsy1352', 'pf.total', 'FC1D')).toBe(-0.995);
  });
  test('Eastron: 449A5000 is 1234.5 kWh, 123450 counts of 10 Wh', () => {
    expect(decoded('eastron-sdm630', 'energy.import.total', '44 9A 50 00')).toBe(123450);
  });
  test('Xintai: bytes 1E 85 0B 3F are 0.545 m3, 545 l', () => {
    expect(decoded('xintai-water', 'volume.forward', '1E 85 0B 3F')).toBe(545);
  });
  test('Xintai: one register is high byte first, though floats are reversed: 00AA is a full pipe', () => {
    expect(decoded('xintai-water', 'status.pipe', '00 AA')).toBe(0xaa);
    expect(decoded('xintai-water', 'control.valve', '00 02')).toBe(2);
  });
  test('a float that is no number or below zero is no register value', () => {
    expect(decoded('eastron-sdm630', 'energy.import.total', '7F C0 00 00')).toMatch(/not a number/);
    expect(decoded('eastron-sdm630', 'energy.import.total', 'FF 80 00 00')).toMatch(/not a number/);
    expect(decoded('eastron-sdm630', 'energy.import.total', 'C4 9A 50 00')).toMatch(/below zero/);
    expect(decoded('eastron-sdm630', 'energy.import.total', '80 00 00 00')).toBe(0);
    expect(decoded('eastron-sdm630', 'energy.import.total', '7F 7F FF FF')).toMatch(/beyond 2\^53/);
  });
});

describe('supply switch words', () => {
  const acrel = present(registerMapOf('acrel-dtsy1352').supplySwitch);
  const valve = present(registerMapOf('xintai-water').supplySwitch);
  test('Acrel: forced and closed, forced and open, automatic', () => {
    expect([
      relayStateOf(acrel, [1, 0]),
      relayStateOf(acrel, [1, 1]),
      relayStateOf(acrel, [0, 0]),
      relayStateOf(acrel, [0, 1]),
    ]).toEqual(['closed', 'open', 'unknown', 'unknown']);
    expect(isConfirmed(acrel, 'release', [0, 0])).toBe(true);
    expect(isConfirmed(acrel, 'disconnect', [0, 1])).toBe(false);
  });
  test('Xintai: bits 1 open, 2 closed; with the abnormal bit nothing is proved; low battery does not matter', () => {
    expect([
      relayStateOf(valve, [1]),
      relayStateOf(valve, [2]),
      relayStateOf(valve, [5]),
      relayStateOf(valve, [9]),
    ]).toEqual(['closed', 'open', 'unknown', 'closed']);
    expect(isConfirmed(valve, 'release', [1])).toBe(false);
  });
  test('too few words prove nothing', () => {
    expect(relayStateOf(acrel, [1])).toBe('unknown');
    expect(isConfirmed(acrel, 'connect', [1])).toBe(false);
  });
});
