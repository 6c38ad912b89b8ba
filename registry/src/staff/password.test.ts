// SPDX-License-Identifier: Apache-2.0
import { describe, expect, jest, test } from '@jest/globals';
import fc from 'fast-check';
import { hashPassword, passwordFits, randomPassword } from './password-hash.ts';
import { faultOfPassword } from './password-policy.ts';

// A busy machine is no fault of the code.
jest.setTimeout(60_000);

describe('policy', () => {
  test.each([
    ['short', 'ninechars'],
    ['common', 'Password123'],
    ['common', 'QWERTYUIOP'],
    ['repetition', 'aaaaaaaaaaaa'],
    ['repetition', 'abcabcabcabca'],
    ['row', 'cdefghijklmn'],
    ['row backwards', '98765432109876'],
    ['login', 'anna.smith12'],
  ])('%s: %s is refused', (_why, password) => {
    expect(faultOfPassword(password, ['anna.smith', 'Anna Smith'])).not.toBeNull();
  });
  test.each(['three grey herons', 'anna keeps seven bees', '十个字的密码也是可以的哦', 'x7#Lq2!mVr'])(
    '%s is taken',
    (password) => {
      expect(faultOfPassword(password, ['anna.smith', 'Anna Smith'])).toBeNull();
    },
  );
  test('passwords we make are taken', () => {
    for (let round = 0; round < 100; round += 1)
      expect(faultOfPassword(randomPassword(), ['administrator'])).toBeNull();
  });
});

describe('hash', () => {
  test('fits its own password and no other', async () => {
    await fc.assert(
      fc.asyncProperty(fc.string({ minLength: 1 }), fc.string({ minLength: 1 }), async (password, other) => {
        const phc = await hashPassword(password);
        expect(await passwordFits(password, phc)).toBe(true);
        expect(await passwordFits(other, phc)).toBe(other.normalize('NFKC') === password.normalize('NFKC'));
      }),
      { numRuns: 10 },
    );
  });
  test('two hashes of one password differ', async () => {
    expect(await hashPassword('three grey herons')).not.toBe(await hashPassword('three grey herons'));
  });
  test('equal letters in another Unicode form are the same password', async () => {
    expect(await passwordFits('Cafe\u0301 am Rathaus', await hashPassword('Caf\u00e9 am Rathaus'))).toBe(
      true,
    );
  });
});
