// SPDX-License-Identifier: Apache-2.0
import { circuitsOf, familiesOf, imbalanceOf, phaseTable, withoutCircuit } from './parameter-families.ts';

test('values stand by quantity and phase; what has no phase stands beside', () => {
  const table = phaseTable({
    'voltage.l1': 231,
    'voltage.l3': 229,
    'power.active.total': 1500,
    frequency: 50.01,
  });
  expect(table.phases).toEqual(['L1', 'L3']);
  expect(table.rows).toEqual([
    { quantity: 'voltage', byPhase: [231, null, 229], total: null },
    { quantity: 'active', byPhase: [null, null, null], total: 1500 },
  ]);
  expect(table.rest).toEqual([{ name: 'frequency', value: 50.01 }]);
});

test('imbalance is the greatest difference from the mean; of less than three phases there is none', () => {
  expect(imbalanceOf([10, 10, 10])).toBe(0);
  expect(imbalanceOf([5, 10, 15])).toBe(0.5);
  expect(imbalanceOf([-5, -10, -15])).toBe(0.5);
  expect(imbalanceOf([10, 10, null])).toBeNull();
  expect(imbalanceOf([0, 0, 0])).toBeNull();
});

test('parameters are drawn by family; one of its own kind alone', () => {
  expect(
    familiesOf(['frequency', 'voltage.l2', 'voltage.l1', 'pf.total']).map(({ id, names }) => [id, names]),
  ).toEqual([
    ['voltage', ['voltage.l1', 'voltage.l2']],
    ['power-factor', ['pf.total']],
    ['frequency', ['frequency']],
  ]);
});

test('circuits of a cabinet are told apart', () => {
  expect(circuitsOf(['circuit10.frequency', 'circuit2.voltage.l1', 'circuit2.current.l1'])).toEqual([
    '2',
    '10',
  ]);
  expect(circuitsOf(['frequency'])).toEqual([]);
  expect(withoutCircuit('circuit2.voltage.l1')).toBe('voltage.l1');
});
