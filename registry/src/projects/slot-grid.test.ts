// SPDX-License-Identifier: Apache-2.0
import { describe, expect, test } from '@jest/globals';
import { faultsOfZone } from './slot-grid.ts';

describe('zone', () => {
  test.each([
    ['Asia/Shanghai', 60],
    ['Europe/Berlin', 60],
    ['Asia/Kolkata', 30],
    ['Australia/Lord_Howe', 30],
    ['Asia/Kathmandu', 15],
    ['UTC', 60],
  ] as const)('%s stands on slots of %d minutes', (zone, slotMinutes) => {
    expect(faultsOfZone(zone, slotMinutes)).toEqual([]);
  });
  test.each([
    ['Asia/Kolkata', 60, 'use 30'],
    ['Asia/Kathmandu', 30, 'use 15'],
    ['Australia/Lord_Howe', 60, 'use 30'],
  ] as const)('%s does not stand on slots of %d minutes', (zone, slotMinutes, hint) => {
    expect(faultsOfZone(zone, slotMinutes)[0]?.message).toContain(hint);
  });
  test.each(['Mars/Olympus', 'local', 'UTC+8', '', 'CST'])('%s is no zone', (zone) => {
    expect(faultsOfZone(zone, 30).map((fault) => fault.path)).toEqual(['zone']);
  });
});
