// SPDX-License-Identifier: Apache-2.0
import { claimBodyShape, type UnclaimedDevice } from '@wattledger/contracts/http/claims';
import type { RegisterMapSummary } from '@wattledger/contracts/http/ingest';
import { emptyTransport } from '../../devices/transport-draft.ts';
import {
  anotherCircuit,
  anotherMeter,
  bodyOf,
  draftOfDevice,
  faultsOfRow,
  fractionOf,
  withAll,
  type ClaimDraft,
} from './claim-draft.ts';

const device: UnclaimedDevice = {
  serial: '2024',
  via: 'mqtt',
  dialect: 'acrel-v1',
  productKey: 'pk',
  kind: 'gateway',
  modelName: 'AWT100',
  modelId: null,
  firmware: null,
  signalDbm: null,
  simId: null,
  remoteAddress: null,
  uploadIntervalMinutes: 5,
  topology: [
    { serial: 'A1', unitId: 1, lineAddress: null, modelName: 'ADL300', modelId: 'acrel-dtsy1352' },
    { serial: '', unitId: null, lineAddress: '3_1', modelName: 'ACME', modelId: null },
  ],
  unusedReadings: 0,
  atMs: 1,
  firstCallMs: 1,
};
const nothingKnown = { known: new Map<string, { readonly mounted: boolean }>() };
const prefilled = (): ClaimDraft => draftOfDevice('2024', device, nothingKnown, null);

test('what the device told is prefilled, one row per meter, and is a body the server takes', () => {
  const draft = prefilled();
  expect(draft.meters.map(({ serial, address, modelId }) => [serial, address, modelId])).toEqual([
    ['A1', '1', 'acrel-dtsy1352'],
    ['2024-3_1', '3_1', null],
  ]);
  const body = bodyOf(draft);
  expect(claimBodyShape.parse(body)).toMatchObject({
    serial: '2024',
    gateway: { code: '2024', name: 'AWT100 2024' },
    meters: [
      { unitId: 1, lineAddress: null, mountings: [{ meteringPoint: { code: 'A1', role: 'sub' } }] },
      { unitId: null, lineAddress: '3_1' },
    ],
  });
  expect(body?.gateway).not.toHaveProperty('transport');
});

test('a meter that is its own gateway stands alone behind itself', () => {
  const alone = { ...device, kind: 'meter' as const, topology: [], modelId: 'acrel-dtsy1352' };
  expect(draftOfDevice('2024', alone, nothingKnown, null).meters).toMatchObject([
    { serial: '2024', address: '2024', modelId: 'acrel-dtsy1352' },
  ]);
});

test('a meter that is mounted in the project already is taken as it is', () => {
  const known = { known: new Map([['A1', { mounted: true }]]) };
  const draft = draftOfDevice('2024', device, known, null);
  expect(draft.meters[0]?.points).toEqual([]);
  expect(bodyOf(draft)?.meters?.[0]).toMatchObject({ serial: 'A1', mountings: [] });
});

test('one that never called says how it is expected to call', () => {
  const transport = { ...emptyTransport, kind: 'rtu-dial-in' as const, calledName: 'ZZ-1' };
  const draft = draftOfDevice('ZZ-1', null, nothingKnown, transport);
  expect(bodyOf(draft)?.gateway.transport).toMatchObject({ kind: 'rtu-dial-in', registration: 'ZZ-1' });
  expect(bodyOf({ ...draft, transport: { ...transport, calledName: '' } })).toBeNull();
});

test('while something lacks there is nothing to send', () => {
  const draft = prefilled();
  const [first, second] = draft.meters;
  const point = first!.points[0]!;
  const withPoint = (news: object): ClaimDraft => ({
    ...draft,
    meters: [{ ...first!, points: [{ ...point, ...news }] }, second!],
  });
  expect(bodyOf({ ...draft, code: ' ' })).toBeNull();
  expect(bodyOf({ ...draft, meters: [{ ...first!, address: '' }] })).toBeNull();
  expect(bodyOf(withPoint({ name: '' }))).toBeNull();
  expect(bodyOf(withPoint({ multiplier: 'x' }))).toBeNull();
  expect(bodyOf(withPoint({ mode: 'existing' }))).toBeNull();
  expect(bodyOf(withPoint({ mode: 'existing', meteringPointId: 'pnt_1' }))).not.toBeNull();
  expect(bodyOf(withPoint({ mode: 'none', name: '' }))?.meters?.[0]?.mountings).toEqual([]);
});

test('a further meter takes the next free address and what the one before has', () => {
  const draft = prefilled();
  const next = anotherMeter(draft.meters, '2024');
  expect(next).toMatchObject({ key: 2, serial: '2024-2', address: '2' });
  expect(anotherMeter([], '2024')).toMatchObject({ key: 0, address: '1' });
});

test('circuits of a cabinet come one after the other, each with its register', () => {
  const map = { circuits: { max: 3, namedAs: 'circuit1.energy.total' } } as unknown as RegisterMapSummary;
  const one = prefilled().meters[0]!;
  const three = anotherCircuit(anotherCircuit(one, map), map);
  expect(three.points.map(({ register }) => register)).toEqual([
    'circuit1.energy.total',
    'circuit2.energy.total',
    'circuit3.energy.total',
  ]);
  expect(anotherCircuit(three, map).points).toHaveLength(3);
});

test('what holds for all is set at every new point, and at no other', () => {
  const { meters } = prefilled();
  const mixed = [
    meters[0]!,
    { ...meters[1]!, points: [{ ...meters[1]!.points[0]!, mode: 'existing' as const }] },
  ];
  expect(withAll(mixed, { parentId: 'pnt_1' }).map(({ points }) => points[0]?.parentId)).toEqual([
    'pnt_1',
    null,
  ]);
});

test('ratios are exact fractions', () => {
  expect(fractionOf('40')).toEqual({ numerator: 40, denominator: 1 });
  expect(fractionOf('1,5')).toEqual({ numerator: 15, denominator: 10 });
  expect(fractionOf('0')).toBeNull();
  expect(fractionOf('-1')).toBeNull();
  expect(fractionOf('1.2345')).toBeNull();
});

test('a fault stands in the row it is about', () => {
  const faults = [
    { path: 'meters.1.serial', message: 'a' },
    { path: 'meters.10.serial', message: 'b' },
    { path: 'gateway.code', message: 'c' },
  ];
  expect(faultsOfRow(faults, 1)).toEqual([{ path: 'serial', message: 'a' }]);
});
