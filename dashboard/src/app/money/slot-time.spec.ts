// SPDX-License-Identifier: Apache-2.0
import fc from 'fast-check';
import { instantOfLocalField, localFieldValue, slotBoundaryBefore } from './slot-time.ts';

test('a field shows the clocks of the project and is read back to the same instant', () => {
  const instant = Date.parse('2026-11-20T06:30:00Z');
  expect(localFieldValue(instant, 'Asia/Shanghai')).toBe('2026-11-20T14:30');
  expect(instantOfLocalField('2026-11-20T14:30', 'Asia/Shanghai')).toBe(instant);
  expect(instantOfLocalField('', 'Asia/Shanghai')).toBeNull();
});

test('every minute that clocks pass once comes back; one passed twice means its first', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 26_000_000, max: 32_000_000 }),
      fc.constantFrom('Asia/Shanghai', 'Europe/Berlin', 'America/New_York', 'Asia/Kathmandu'),
      (minute, zone) => {
        const instant = minute * 60_000;
        const back = instantOfLocalField(localFieldValue(instant, zone), zone)!;
        expect(
          back === instant ||
            (back < instant && localFieldValue(back, zone) === localFieldValue(instant, zone)),
        ).toBe(true);
      },
    ),
    { numRuns: 300 },
  );
  expect(instantOfLocalField('2026-10-25T02:30', 'Europe/Berlin')).toBe(Date.parse('2026-10-25T00:30:00Z'));
});

test('slot boundaries', () => {
  expect(slotBoundaryBefore(Date.parse('2026-11-20T06:44:59Z'), 15)).toBe(Date.parse('2026-11-20T06:30:00Z'));
});
