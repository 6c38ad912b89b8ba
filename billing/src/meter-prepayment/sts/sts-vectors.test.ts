// SPDX-License-Identifier: Apache-2.0
/**
 * Goal: tokens are those of the standard. Method: the conformance tokens that the STS Association publishes (STS 531-1,
 * part 0-02, test CTSA01, as written out in the public test suite of NectarAPI/tokens-service), and any token read by a
 * meter that was written apart from the encoder.
 */
import { Buffer } from 'node:buffer';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { amountTenthsMax, carriedTenths, codeOfTenths } from './amount-code.ts';
import { creditToken, type CreditMedium } from './credit-token.ts';
import { decoderKeyOf } from './decoder-key.ts';
import { noSecurityModule, trialSecurityModule } from './security-module.ts';
import { tokenIdentifierAt, tokenIdentifierMax } from './token-identifier.ts';
import { virtualMeter } from '../../testing/virtual-sts-meter.ts';

const vendingKey = Buffer.from('abababababababab', 'hex');
const terms = { supplyGroupCode: '123456', tariffIndex: '01', keyRevision: 1 };
const oneMeter = '600727000000000009';
const otherMeter = '000001000000000082';

describe('published conformance tokens', () => {
  test('the decoder key of the first meter', () => {
    const key = decoderKeyOf(vendingKey, { ...terms, meterPan: oneMeter });
    const printed = Buffer.from(key.toString(16).padStart(16, '0'), 'hex').reverse();
    expect(printed.toString('hex')).toBe('6ff35b9d1f3453e6');
  });

  test.each<[string, string, string, CreditMedium, string]>([
    ['step 1', oneMeter, '2004-03-01T13:55:00Z', 'electricity', '23716100501183194197'],
    ['step 2', otherMeter, '2004-03-01T14:00:00Z', 'electricity', '67206107716095682372'],
    ['step 3', oneMeter, '2004-03-01T14:05:00Z', 'water', '42502136492215507402'],
    ['step 4', otherMeter, '2004-03-01T14:10:00Z', 'water', '09109691696351271646'],
  ])('CTSA01 %s', (_, meterPan, at, medium, token) => {
    const key = decoderKeyOf(vendingKey, { ...terms, meterPan });
    const tokenIdentifier = tokenIdentifierAt(1993, Date.parse(at), null) ?? -1;
    expect(creditToken(key, { medium, random: 5, tokenIdentifier, tenths: 1 })).toBe(token);
    // The meter apart from the encoder reads what was published.
    const meter = virtualMeter(key);
    expect(meter.enter(token)).toBe('accepted');
    expect(meter.tenths[medium]).toBe(1);
    expect(meter.identifiers).toEqual([tokenIdentifier]);
  });
});

describe('amounts', () => {
  test('each step of the exponent begins where the one before ends', () => {
    // The ends as published with STS 531-1 (CTSA08): 16,383, 180,223, 1,818,623 and 18,201,624.
    const ends = [
      [1, 1],
      [16_383, 16_383],
      [16_384, 16_384],
      [16_393, 16_384],
      [16_394, 16_394],
      [180_223, 180_214],
      [180_224, 180_224],
      [1_818_623, 1_818_524],
      [1_818_624, 1_818_624],
      [amountTenthsMax, amountTenthsMax],
    ];
    for (const [tenths = 0, carried] of ends)
      expect([tenths, carriedTenths(tenths)]).toEqual([tenths, carried]);
    expect(codeOfTenths(amountTenthsMax)).toBe(0xffff);
    for (const wrong of [0, -1, 0.5, amountTenthsMax + 1])
      expect(() => codeOfTenths(wrong)).toThrow(RangeError);
  });
});

const digits = (length: number): fc.Arbitrary<string> =>
  fc
    .array(fc.integer({ min: 0, max: 9 }), { minLength: length, maxLength: length })
    .map((each) => each.join(''));
const meters = fc.record({
  meterPan: digits(18),
  supplyGroupCode: digits(6),
  tariffIndex: digits(2),
  keyRevision: fc.integer({ min: 1, max: 9 }),
});
const keys = fc.uint8Array({ minLength: 8, maxLength: 8 });
const credits = fc.record({
  medium: fc.constantFrom<CreditMedium>('electricity', 'water'),
  random: fc.integer({ min: 0, max: 15 }),
  tokenIdentifier: fc.integer({ min: 0, max: tokenIdentifierMax }),
  tenths: fc.oneof(
    fc.integer({ min: 1, max: amountTenthsMax }),
    fc.integer({ min: 1, max: 20_000 }),
    fc.integer({ min: 16_000, max: 200_000 }),
  ),
});

describe('a meter written apart from the encoder', () => {
  test('reads any credit within the precision of its coding, once', () => {
    fc.assert(
      fc.property(keys, meters, credits, (vending, meterTerms, credit) => {
        const key = decoderKeyOf(Buffer.from(vending), meterTerms);
        const token = creditToken(key, credit);
        expect(creditToken(key, credit)).toBe(token);
        const meter = virtualMeter(key);
        expect(meter.enter(token)).toBe('accepted');
        expect(meter.identifiers).toEqual([credit.tokenIdentifier]);
        const read = meter.tenths[credit.medium];
        // Never more than was paid for; short by less than a step: 0.1, 1, 10, 100 units.
        const step =
          credit.tenths < 16_384 ? 1 : credit.tenths < 180_224 ? 10 : credit.tenths < 1_818_624 ? 100 : 1000;
        expect(read).toBeLessThanOrEqual(credit.tenths);
        expect(credit.tenths - read).toBeLessThan(step);
        expect(read).toBe(carriedTenths(credit.tenths));
        expect(meter.enter(token)).toBe('used');
        expect(meter.tenths[credit.medium]).toBe(read);
      }),
      { numRuns: 400 },
    );
  });

  test('takes no token of another meter, and none with a wrong digit', () => {
    const key = decoderKeyOf(vendingKey, { ...terms, meterPan: oneMeter });
    const token = creditToken(key, { medium: 'electricity', random: 5, tokenIdentifier: 77, tenths: 250 });
    expect(virtualMeter(decoderKeyOf(vendingKey, { ...terms, meterPan: otherMeter })).enter(token)).toBe(
      'not-for-this-meter',
    );
    const meter = virtualMeter(key);
    for (let place = 0; place < token.length; place += 1) {
      const other = String((Number(token[place]) + 1) % 10);
      expect(meter.enter(token.slice(0, place) + other + token.slice(place + 1))).not.toBe('accepted');
    }
    expect(meter.tenths.electricity).toBe(0);
    expect(meter.enter('123')).toBe('no-token');
  });
});

describe('token identifiers', () => {
  test('those of one meter rise whatever the clock does, and never fall on the minute that is kept', () => {
    const minutes = fc.integer({ min: 0, max: tokenIdentifierMax - 5_000 });
    fc.assert(
      fc.property(fc.array(minutes, { minLength: 1, maxLength: 40 }), (at) => {
        let last: number | null = null;
        for (const minute of at) {
          const next: number = tokenIdentifierAt(2014, Date.UTC(2014, 0, 1) + minute * 60_000, last) ?? -1;
          expect(next).toBeGreaterThan(last ?? -1);
          expect(next).toBeGreaterThanOrEqual(minute);
          expect(next % 1440).not.toBe(1);
          last = next;
        }
      }),
    );
  });

  test('a base date counts for some thirty-two years and not before it', () => {
    expect(tokenIdentifierAt(1993, Date.parse('2024-11-24T20:15:00Z'), null)).toBe(tokenIdentifierMax);
    expect(tokenIdentifierAt(1993, Date.parse('2024-11-24T20:16:00Z'), null)).toBeNull();
    expect(tokenIdentifierAt(2035, Date.parse('2026-01-01T00:00:00Z'), null)).toBeNull();
    expect(tokenIdentifierAt(2014, Date.parse('2026-01-01T00:00:00Z'), null)).toBe(6_311_520);
  });
});

describe('security modules', () => {
  test('the one for trials knows the keys it was given and no other; without one nothing is made', async () => {
    const trial = trialSecurityModule({ '123456': 'abababababababab' });
    const meter = { ...terms, meterPan: oneMeter };
    const parts = {
      medium: 'electricity',
      random: 5,
      tokenIdentifier: tokenIdentifierAt(1993, Date.parse('2004-03-01T13:55:00Z'), null) ?? -1,
      tenths: 1,
    } as const;
    expect(trial.refusal(meter)).toBeNull();
    expect(await trial.creditToken(meter, parts)).toBe('23716100501183194197');
    const unknown = { ...meter, supplyGroupCode: '654321' };
    expect(trial.refusal(unknown)).toMatch(/no trial key/);
    await expect(trial.creditToken(unknown, parts)).rejects.toThrow(/no trial key/);
    expect(noSecurityModule.refusal(meter)).toMatch(/no security module/);
    await expect(noSecurityModule.creditToken(meter, parts)).rejects.toThrow(/no security module/);
  });
});
