// SPDX-License-Identifier: Apache-2.0
import { icons } from '../../look/icons.ts';
import { wallIcons, wallStateOf, wallStates } from './wall-state.ts';
import { wallLines, type WallTile } from './wall-tile.ts';

const account = { stage: 'normal', mode: 'automatic', protectedSupply: false } as const;

test.each([
  ['offline', { online: false, relay: 'open', account: { ...account, stage: 'arrears' } }],
  ['unopened', { online: true, relay: 'closed', account: null }],
  ['unopened', { online: null, relay: 'unknown', account: null }],
  [
    'disconnected',
    { online: true, relay: 'open', account: { ...account, stage: 'arrears', protectedSupply: true } },
  ],
  [
    'protected',
    { online: true, relay: 'closed', account: { ...account, stage: 'arrears', protectedSupply: true } },
  ],
  ['protected', { online: true, relay: 'closed', account: { ...account, mode: 'forced-on' } }],
  ['arrears', { online: true, relay: 'closed', account: { ...account, stage: 'arrears' } }],
  ['alarm-2', { online: null, relay: 'unknown', account: { ...account, stage: 'alarm-2' } }],
  ['normal', { online: true, relay: 'closed', account }],
  ['normal', { online: true, relay: 'closed', account: undefined }],
] as const)('%s: what asks for action first', (state, facts) => {
  expect(wallStateOf(facts)).toBe(state);
});

test('each state has an icon of its own, so that colour never stands alone', () => {
  const paths = wallStates.map((state) => icons[wallIcons[state]]);
  expect(new Set(paths).size).toBe(wallStates.length);
});

test('floors begin a line with their name, and no tile is lost or doubled', () => {
  const tiles = (count: number) =>
    Array.from({ length: count }, (_, index) => ({ name: String(index) }) as WallTile);
  const floors = [
    { id: 'f1', name: '1F', tiles: tiles(5) },
    { id: 'f2', name: '2F', tiles: tiles(1) },
  ];
  const lines = wallLines(floors, 3);
  expect(lines.map((line) => line.cells.map((cell) => cell.kind))).toEqual([
    ['floor', 'tile', 'tile'],
    ['tile', 'tile', 'tile'],
    ['floor', 'tile'],
  ]);
  expect(lines.every((line) => line.cells.length <= 3)).toBe(true);
});
