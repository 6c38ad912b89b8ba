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
      row.registerMax === undefined ? '' : `≤${row.registerMax}`,
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
  const { circuits } = map;
  return [
    `${map.id}: ${map.vendor} ${map.model} [${map.aliases.join(', ')}] ${limits}`,
    ...(circuits === undefined
      ? []
      : [`circuits: ${circuits.max}, unit ids in steps of ${circuits.unitIdStep}, ${circuits.confidence}`]),
    ...(map.marksAbsent === true ? ['marks absent values'] : []),
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

  test('the models of the product are there', () => {
    expect([...registerMaps.keys()]).toEqual(
      // A further model is welcome: it joins by its file alone.
      expect.arrayContaining([
        'abb-b23',
        'acrel-adf400l-1ph',
        'acrel-adf400l-3ph',
        'acrel-adf400l-system',
        'acrel-adl3000',
        'acrel-adl400-primary',
        'acrel-adw300',
        'acrel-ddsy1352',
        'acrel-dtsy1352',
        'chint-ddsu666',
        'chint-dtsu666',
        'eastron-sdm120',
        'eastron-sdm630',
        'eastron-sdm72',
        'gavazzi-em24',
        'gavazzi-em340',
        'hiking-dds238-2-znsr',
        'inepro-pro380',
        'janitza-b23',
        'orno-we514',
        'orno-we516',
        'sbc-pcd7h104d',
        'schneider-iem3000',
        'sfere-dtsy',
        'siemens-pac2200',
        'xintai-water',
      ]),
    );
  });

  test('every map that counts has one primary register, which is polled; every map names every secret', () => {
    for (const map of registerMaps.values()) {
      const counts = map.registers.some((row) => row.kind === 'counted');
      const primary = map.registers.filter((row) => row.primary === true);
      expect({ id: map.id, primary: primary.length }).toEqual({ id: map.id, primary: counts ? 1 : 0 });
      expect(primary.every((row) => row.polled === true)).toBe(true);
      for (const row of map.registers)
        expect(/secret|code|password/i.test(row.name)).toBe(row.kind === 'secret');
    }
  });

  test('a register that somebody can set has no width: its fall is no rollover', () => {
    for (const map of registerMaps.values())
      for (const row of map.registers)
        if (row.kind === 'counted' && row.access === 'RW') expect(row.registerMax).toBeUndefined();
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
    expect(() => registerMapOf('nothing')).toThrow(/no register map "nothing"; there are: abb-b23, acrel-/);
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
    [
      'circuits of a source nobody knows',
      (map) =>
        Object.assign(map, {
          supplySwitch: null,
          circuits: { max: 3, unitIdStep: 1, source: 'Z', confidence: 'vendor' },
        }),
      /circuits: no source/,
    ],
    [
      'circuits with one switch',
      (map) => (map['circuits'] = { max: 3, unitIdStep: 1, source: 'A', confidence: 'vendor' }),
      /no one supply switch/,
    ],
    [
      'more circuits than unit ids',
      (map) =>
        Object.assign(map, {
          supplySwitch: null,
          circuits: { max: 84, unitIdStep: 3, source: 'A', confidence: 'vendor' },
        }),
      /last circuit has no unit id/,
    ],
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
  test('Acrel DDSY: 230.1 V, 5.23 A, 1198 W, 60 var, 1204 VA, 0.995, 50.02 Hz', () => {
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
      230.1, 5.23, 1198, 60, 1204, 0.995, 50.02,
    ]);
  });
  test('a negative power factor keeps its sign', () => {
    expect(decoded('acrel-ddsy1352', 'pf.total', 'FC1D')).toBe(-0.995);
  });
  test('Eastron: 449A5000 is 1234.5 kWh, 123450 counts of 10 Wh', () => {
    expect(decoded('eastron-sdm630', 'energy.import.total', '44 9A 50 00')).toBe(123450);
  });
  test('Eastron SDM72: the same float', () => {
    expect(decoded('eastron-sdm72', 'energy.import.total', '44 9A 50 00')).toBe(123450);
  });
  test('ABB: 64 bits of 0.01 kWh; all ones and the largest signed number are no values', () => {
    expect(decoded('abb-b23', 'energy.import.total', '00 00 00 00 00 BC 61 4E')).toBe(12345678);
    expect(decoded('abb-b23', 'energy.export.total', 'FF FF FF FF FF FF FF FF')).toMatch(/is not there/);
    expect(decoded('abb-b23', 'power.active.l2', '7F FF FF FF')).toMatch(/is not there/);
    expect(decoded('abb-b23', 'power.active.l2', 'FF FF FF FF')).toBe(-0.01);
    expect(decoded('abb-b23', 'voltage.l1', '00 00 08 FD')).toBe(230.1);
  });
  test('Carlo Gavazzi: low word first, 12345.6 kWh; 7FFFFFFF is an overflow', () => {
    expect(decoded('gavazzi-em340', 'energy.import.total', 'E2 40 00 01')).toBe(123456);
    expect(rowOf(registerMapOf('gavazzi-em340'), 'energy.import.total').scaler).toBe(2);
    expect(decoded('gavazzi-em340', 'energy.import.total', 'FF FF 7F FF')).toMatch(/is not there/);
  });
  test('Schneider: 64 bits of whole Wh, beyond 2^53 nothing is guessed', () => {
    expect(decoded('schneider-iem3000', 'energy.import.total', '00 00 00 00 00 12 D6 87')).toBe(1_234_567);
    expect(decoded('schneider-iem3000', 'energy.import.total', '00 20 00 00 00 00 00 01')).toMatch(
      /beyond 2\^53/,
    );
  });
  test('Siemens: a 64-bit float of Wh, nearest whole Wh', () => {
    // 1234567.5 Wh
    expect(decoded('siemens-pac2200', 'energy.import.total', '41 32 D6 87 80 00 00 00')).toBe(1_234_568);
  });
  test('Chint: floats with a scale: 2301 × 0.1 V, 4998 × 0.01 Hz', () => {
    expect(decoded('chint-dtsu666', 'voltage.l1', '45 0F D0 00')).toBe(230.1);
    expect(decoded('chint-dtsu666', 'frequency', '45 9C 30 00')).toBe(49.98);
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
