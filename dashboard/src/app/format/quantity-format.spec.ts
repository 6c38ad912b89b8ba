// SPDX-License-Identifier: Apache-2.0
import fc from 'fast-check';
import {
  changeOf,
  consumptionScale,
  formatChange,
  formatConsumption,
  formatRegister,
  formatScaled,
  formatShare,
  intensityScale,
  powerScale,
} from './quantity-format.ts';

describe('scale of energy', () => {
  test('kWh up to ten MWh, then MWh, then GWh; water in m³', () => {
    expect(consumptionScale('electricity', [9_999_999]).unit).toBe('kWh');
    expect(consumptionScale('electricity', [10_000_000]).unit).toBe('MWh');
    expect(consumptionScale('electricity', [10_000_000_000]).unit).toBe('GWh');
    expect(consumptionScale('water', [10_000_000_000]).unit).toBe('m³');
    expect(powerScale([1_500]).unit).toBe('kW');
    expect(intensityScale('electricity', [5_900], 'm²').unit).toBe('kWh/m²');
  });

  test('the largest value, whatever its sign, decides for all; nothing known is kWh', () => {
    expect(consumptionScale('electricity', [12, null, -20_000_000])).toEqual({
      unit: 'MWh',
      divisor: 1e6,
      digits: 2,
    });
    expect(consumptionScale('electricity', [null])).toEqual({ unit: 'kWh', divisor: 1e3, digits: 2 });
  });

  test('numbers of one scale keep their order when written', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 10 ** 12 }), { minLength: 2 }), (values) => {
        const scale = consumptionScale('electricity', values);
        const written = values.map((value) =>
          Number(formatScaled(value, scale, 'en-GB').replaceAll(',', '')),
        );
        for (const [index, value] of values.entries()) {
          for (const [other, otherValue] of values.entries()) {
            if (value < otherValue) expect(written[index]!).toBeLessThanOrEqual(written[other]!);
          }
        }
      }),
    );
  });
});

describe('numbers in words of a locale', () => {
  test('no value is a dash, zero is a number', () => {
    const scale = consumptionScale('electricity', [1000]);
    expect(formatScaled(null, scale, 'en-GB')).toBe('–');
    expect(formatScaled(undefined, scale, 'en-GB')).toBe('–');
    expect(formatScaled(0, scale, 'en-GB')).toBe('0.00');
    expect(formatConsumption(1_234_500, 'electricity', 'en-GB')).toBe('1,235 kWh');
    expect(formatConsumption(1_234_500, 'electricity', 'de')).toBe('1.235 kWh');
  });

  test('a share that is not nothing never reads 0 %, one that is not all never 100 %', () => {
    expect(formatShare(0, 'en-GB')).toBe('0.0%');
    expect(formatShare(1, 'en-GB')).toBe('100.0%');
    expect(formatShare(0.0001, 'en-GB')).toBe('< 0.1%');
    expect(formatShare(0.99999, 'en-GB')).toBe('> 99.9%');
    expect(formatShare(null, 'en-GB')).toBe('–');
    expect(formatShare(Number.NaN, 'en-GB')).toBe('–');
  });

  test('changes carry their sign, and none is invented', () => {
    expect(formatChange(changeOf(110, 100), 'en-GB')).toBe('+10.0%');
    expect(formatChange(changeOf(90, 100), 'en-GB')).toBe('-10.0%');
    expect(formatChange(changeOf(100, 100), 'en-GB')).toBe('0.0%');
    expect(changeOf(1, 0)).toBeNull();
    expect(changeOf(null, 5)).toBeNull();
    expect(changeOf(5, undefined)).toBeNull();
    expect(formatChange(12, 'en-GB')).toBe('> +999%');
    expect(formatChange(-12, 'en-GB')).toBe('< -999%');
  });

  test('a register is written to its last digit, whatever its scaler', () => {
    expect(formatRegister(1_234_567, 1, 'en-GB')).toBe('12,345.67');
    expect(formatRegister(5, 0, 'en-GB')).toBe('0.005');
    expect(formatRegister(7, 4, 'en-GB')).toBe('70');
    expect(formatRegister(-12, 1, 'en-GB')).toBe('-0.12');
    expect(formatRegister(9_007_199_254_740_991, -3, 'en-GB')).toBe('9,007,199,254.740991');
  });
});
