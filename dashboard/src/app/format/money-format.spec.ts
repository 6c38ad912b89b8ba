// SPDX-License-Identifier: Apache-2.0
import fc from 'fast-check';
import {
  currencyDigits,
  formatMoney,
  formatMoneyExact,
  formatMoneyMicros,
  formatMoneySigned,
  formatPrice,
  microsToDecimal,
  parseMoney,
} from './money-format.ts';

const micros = fc.integer({ min: Number.MIN_SAFE_INTEGER, max: Number.MAX_SAFE_INTEGER });

describe('money', () => {
  test('is written exactly: no floating point lies between', () => {
    expect(microsToDecimal(-1_234_500)).toBe('-1.234500');
    expect(microsToDecimal(Number.MAX_SAFE_INTEGER)).toBe('9007199254.740991');
    fc.assert(
      fc.property(micros, (value) =>
        expect(BigInt(microsToDecimal(value).replace('.', ''))).toBe(BigInt(value)),
      ),
    );
  });

  test('half a coin is rounded away from zero, also where a double would lie below it', () => {
    expect(formatMoney(1_005_000, 'CNY', 'en-GB')).toBe('¥1.01');
    expect(formatMoney(-1_005_000, 'CNY', 'en-GB')).toBe('-¥1.01');
    expect(formatMoney(1_004_999, 'CNY', 'en-GB')).toBe('¥1.00');
    expect(formatMoney(1_500_000, 'JPY', 'en-GB')).toBe('¥2');
  });

  test('what rounds to nothing has no sign', () => {
    expect(formatMoney(-3_000, 'CNY', 'en-GB')).toBe('¥0.00');
    expect(formatMoney(-5_000, 'CNY', 'en-GB')).toBe('-¥0.01');
  });

  test('mean prices have four digits', () => {
    expect(formatPrice(698_000, 'CNY', 'en-GB')).toBe('¥0.6980');
    expect(formatPrice(null, 'CNY', 'en-GB')).toBe('–');
  });

  test('locale and currency decide how it looks', () => {
    expect(formatMoney(1_234_567_890, 'EUR', 'de')).toBe('1.234,57\u00a0€');
    expect(formatMoney(1_234_567_890, 'CNY', 'zh-CN')).toBe('¥1,234.57');
    expect(formatMoneySigned(5_000_000, 'CNY', 'en-GB')).toBe('+¥5.00');
    expect(formatMoneyExact(712_300, 'CNY', 'en-GB')).toBe('¥0.7123');
    expect(formatMoneyMicros(712_300, 'CNY', 'en-GB')).toBe('¥0.712300');
    expect(formatMoney(null, 'CNY', 'en-GB')).toBe('–');
    expect(currencyDigits('JPY')).toBe(0);
    expect(currencyDigits('CNY')).toBe(2);
  });
});

describe('an amount typed by a person', () => {
  test.each([
    ['200', 200_000_000],
    ['200.5', 200_500_000],
    ['200,50', 200_500_000],
    ['1 234.56', 1_234_560_000],
    ["1'234.56", 1_234_560_000],
    ['1,234.56', 1_234_560_000],
    ['1.234,56', 1_234_560_000],
    ['1,234,567', 1_234_567_000_000],
    ['-5', -5_000_000],
    ['0.000001', 1],
  ])('%s', (text, value) => {
    expect(parseMoney(text)).toBe(value);
  });

  test.each(['', 'abc', '1,234', '1.234', '1.2.3', '12,34.5', '1e3', '--1', '99999999999999'])(
    '"%s" is refused rather than guessed',
    (text) => {
      expect(parseMoney(text)).toBeNull();
    },
  );

  test('more digits than the coin has are refused', () => {
    expect(parseMoney('1.005', 2)).toBeNull();
    expect(parseMoney('1.00', 2)).toBe(1_000_000);
  });

  test('what is written exactly is read back the same', () => {
    fc.assert(
      fc.property(micros, (value) =>
        expect(parseMoney(microsToDecimal(value))).toBe(value === 0 ? 0 : value),
      ),
    );
  });
});
