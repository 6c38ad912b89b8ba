// SPDX-License-Identifier: Apache-2.0
import fc from 'fast-check';
import { DateTime } from 'luxon';
import { describe, expect, test } from '@jest/globals';
import { readDecimal, type DecimalFormat } from './decimal-text.ts';
import { readTime } from './time-text.ts';
import { zoneClock } from './zone-clock.ts';

const hour = 3_600_000;
const local = (text: string): number => {
  const read = readTime(text, false);
  if (read.kind !== 'local') throw new Error(text);
  return read.localMs;
};
const iso = (ms: number): string => new Date(ms).toISOString().replace('.000Z', 'Z');

describe('local clock on real time', () => {
  test('plain hours, both sides of the year', () => {
    const clock = zoneClock('America/New_York');
    expect(iso(clock.boundaryMs(local('2016-01-01 00:00')))).toBe('2016-01-01T05:00:00Z');
    expect(iso(clock.boundaryMs(local('2016-07-01 00:00')))).toBe('2016-07-01T04:00:00Z');
  });

  test('spring: the hour that does not exist has no length, and its neighbours touch', () => {
    const clock = zoneClock('America/New_York');
    const at = ['01:00', '02:00', '02:30', '03:00', '04:00'].map((time) =>
      iso(clock.boundaryMs(local(`2016-03-13 ${time}`))),
    );
    expect(at).toEqual([
      '2016-03-13T06:00:00Z',
      '2016-03-13T07:00:00Z',
      '2016-03-13T07:00:00Z',
      '2016-03-13T07:00:00Z',
      '2016-03-13T08:00:00Z',
    ]);
    expect(clock.instantsOf(local('2016-03-13 02:30'))).toEqual([]);
  });

  test('autumn: the hour that comes twice covers two real hours, its halves one each', () => {
    const clock = zoneClock('America/New_York');
    const at = ['00:00', '01:00', '01:30', '02:00', '03:00'].map((time) =>
      iso(clock.boundaryMs(local(`2016-11-06 ${time}`))),
    );
    expect(at).toEqual([
      '2016-11-06T04:00:00Z',
      '2016-11-06T05:00:00Z',
      '2016-11-06T06:00:00Z',
      '2016-11-06T07:00:00Z',
      '2016-11-06T08:00:00Z',
    ]);
    expect(clock.instantsOf(local('2016-11-06 01:30')).map(iso)).toEqual([
      '2016-11-06T05:30:00Z',
      '2016-11-06T06:30:00Z',
    ]);
  });

  test('Arizona and UTC have neither', () => {
    for (const zone of ['America/Phoenix', 'UTC']) {
      const clock = zoneClock(zone);
      for (const day of ['2016-03-13', '2016-11-06']) {
        expect(clock.boundaryMs(local(`${day} 03:00`)) - clock.boundaryMs(local(`${day} 00:00`))).toBe(
          3 * hour,
        );
      }
    }
  });

  test('a zone whose clock moves by half an hour', () => {
    const clock = zoneClock('Australia/Lord_Howe');
    expect(clock.boundaryMs(local('2026-04-05 02:00')) - clock.boundaryMs(local('2026-04-05 01:00'))).toBe(
      1.5 * hour,
    );
  });

  test('a zone nobody knows is refused', () => {
    expect(() => zoneClock('Mars/Olympus')).toThrow(/no time zone "Mars\/Olympus"/);
    expect(() => zoneClock('')).toThrow(/no time zone/);
  });

  const zones = [
    'America/New_York',
    'America/Phoenix',
    'Europe/London',
    'Asia/Shanghai',
    'Australia/Lord_Howe',
    'America/Vancouver',
    'UTC',
    'Africa/Casablanca',
  ];
  const anyLocal = fc
    .integer({ min: Date.UTC(2005, 0, 1) / 900_000, max: Date.UTC(2035, 0, 1) / 900_000 })
    .map((quarter) => quarter * 900_000);

  test('the line never runs backwards, and it agrees with the zone wherever a label is unambiguous', () => {
    fc.assert(
      fc.property(fc.constantFrom(...zones), anyLocal, (zone, localMs) => {
        const clock = zoneClock(zone);
        expect(clock.boundaryMs(localMs + 900_000)).toBeGreaterThanOrEqual(clock.boundaryMs(localMs));
        const shown = new Date(localMs);
        const parts = {
          year: shown.getUTCFullYear(),
          month: shown.getUTCMonth() + 1,
          day: shown.getUTCDate(),
          hour: shown.getUTCHours(),
          minute: shown.getUTCMinutes(),
        };
        const luxon = DateTime.fromObject(parts, { zone });
        const instants = clock.instantsOf(localMs);
        for (const instant of instants) expect(clock.localMsOf(instant)).toBe(localMs);
        expect(new Set(luxon.getPossibleOffsets().map((one) => one.toMillis()))).toEqual(
          new Set(instants.length === 0 ? [luxon.toMillis()] : instants),
        );
        if (instants.length === 1) expect(clock.boundaryMs(localMs)).toBe(instants[0]);
      }),
      { numRuns: 3_000 },
    );
  });

  test('a local year is a real year: no hour is lost or made', () => {
    for (const zone of zones) {
      const clock = zoneClock(zone);
      const [from, to] = [local('2016-01-01 00:00'), local('2017-01-01 00:00')];
      let sum = 0;
      for (let at = from; at < to; at += hour / 2)
        sum += clock.boundaryMs(at + hour / 2) - clock.boundaryMs(at);
      expect(sum).toBe(
        DateTime.fromISO('2017-01-01', { zone }).toMillis() -
          DateTime.fromISO('2016-01-01', { zone }).toMillis(),
      );
    }
  });
});

describe('times as files spell them', () => {
  test.each([
    ['2011-01-01 01:00:00', false, '2011-01-01T01:00:00Z'],
    ['2011-01-01T01:00', false, '2011-01-01T01:00:00Z'],
    ['2011/1/1 1:05', false, '2011-01-01T01:05:00Z'],
    ['01/01/2011 01:00', false, '2011-01-01T01:00:00Z'],
    ['3/14/2011 21:00', false, '2011-03-14T21:00:00Z'],
    ['14/3/2011 21:00', true, '2011-03-14T21:00:00Z'],
    ['14.03.2011 21:00', true, '2011-03-14T21:00:00Z'],
    ['3/14/2011 12:30 AM', false, '2011-03-14T00:30:00Z'],
    ['3/14/2011 12:30 PM', false, '2011-03-14T12:30:00Z'],
    ['3/14/2011 9:00 pm', false, '2011-03-14T21:00:00Z'],
    ['2011-12-31 24:00', false, '2012-01-01T00:00:00Z'],
    ['2011-12-31', false, '2011-12-31T00:00:00Z'],
  ])('%s (day first: %s)', (text, dayFirst, expected) => {
    const read = readTime(text, dayFirst);
    expect(read.kind === 'local' ? iso(read.localMs) : read).toBe(expected);
  });

  test.each([
    ['2019-01-01T00:00:00Z', '2019-01-01T00:00:00Z'],
    ['2019-01-01T00:00:00+0000', '2019-01-01T00:00:00Z'],
    ['2019-01-01 08:00+08:00', '2019-01-01T00:00:00Z'],
  ])('%s carries its own offset', (text, expected) => {
    const read = readTime(text, false);
    expect(read.kind === 'instant' ? iso(read.instantMs) : read).toBe(expected);
  });

  test.each([
    ['2011-02-30 00:00', /no such day/],
    ['2011-01-01 25:00', /no such time of day/],
    ['2011-01-01 24:30', /no such time of day/],
    ['2011-01-01 10:61', /no such time of day/],
    ['14/3/2011 21:00', /month 14: is the day written first/],
    ['13:00 PM', /no date and time/],
    ['3/14/2011 13:00 PM', /no time of day/],
    ['2019-01-01T00:00:00+99:00', /no offset/],
    ['tomorrow', /no date and time/],
    ['', /no date and time/],
    ["'; DROP TABLE readings; --", /no date and time/],
  ])('%s is no time', (text, message) => {
    expect(readTime(text, false)).toMatchObject({ kind: 'fault', message: expect.stringMatching(message) });
  });
});

describe('numbers as files spell them', () => {
  const format: DecimalFormat = { places: 6, decimalSign: '.', thousands: null };
  const count = (text: string, change: Partial<DecimalFormat> = {}): number | string => {
    const read = readDecimal(text, { ...format, ...change });
    return read.kind === 'count' ? read.count : read.kind === 'missing' ? 'missing' : read.message;
  };
  test.each<[string, number | string]>([
    ['697.5939999999998', 697_594_000],
    [' 0.219 ', 219_000],
    ['10', 10_000_000],
    ['10.', 10_000_000],
    ['.5', 500_000],
    ['0.0000005', 1],
    ['0.00000049999', 0],
    ['-0.0000005', -1],
    ['-0.0', 0],
    ['-2', -2_000_000],
    ['1.2e-05', 12],
    ['1.5E3', 1_500_000_000],
    ['', 'missing'],
    ['NaN', 'missing'],
    ['Null', 'missing'],
  ])('%s kWh in 10⁻⁶ kWh', (text, expected) => {
    expect(count(text)).toBe(expected);
  });
  test.each<[string, RegExp]>([
    ['1 234', /blanks within/],
    ['2,544', /commas between thousands/],
    ['12,5', /decimal comma/],
    ['12.5.1', /no number/],
    ['0x10', /no number/],
    ['1e', /no number/],
    ['.', /no number/],
    ['+', /no number/],
    ['9999999999999', /too large/],
    ['1e300', /too large/],
  ])('%s is a fault', (text, message) => {
    expect(count(text)).toMatch(message);
  });
  test('thousands and decimal comma, when they are asked for', () => {
    expect(count('2,544.5', { thousands: ',' })).toBe(2_544_500_000);
    expect(count('25,44', { thousands: ',' })).toMatch(/between thousands/);
    expect(count('2.544,5', { thousands: '.', decimalSign: ',' })).toBe(2_544_500_000);
    expect(count('12.5', { decimalSign: ',' })).toMatch(/point where a decimal comma/);
  });
  test('agrees with exact arithmetic for any decimal text', () => {
    fc.assert(
      fc.property(
        fc.boolean(),
        fc.bigInt({ min: 0n, max: 999_999n }),
        fc.stringMatching(/^\d{0,14}$/),
        fc.integer({ min: 0, max: 8 }),
        (negative, whole, fraction, places) => {
          const scale = 10n ** BigInt(fraction.length);
          const exact = (whole * scale + BigInt(fraction === '' ? 0 : fraction)) * 10n ** BigInt(places);
          const rounded = (2n * exact + scale) / (2n * scale);
          const expected = Number(negative ? -rounded : rounded);
          expect(
            count(`${negative ? '-' : ''}${whole}${fraction === '' ? '' : `.${fraction}`}`, { places }),
          ).toBe(expected === 0 ? 0 : expected);
        },
      ),
    );
  });
});
