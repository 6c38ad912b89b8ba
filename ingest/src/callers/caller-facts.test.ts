// SPDX-License-Identifier: Apache-2.0
import { expect, test } from '@jest/globals';
import { registerMaps } from '../register-maps/index.ts';
import { learn, modelIdOf, strangerOf } from './caller-facts.ts';

test.each([
  ['ADL300-EY-IOT', 'acrel-dtsy1352'],
  ['ADL300-EY', 'acrel-dtsy1352'],
  ['adl100 ey/4G', 'acrel-ddsy1352'],
  ['DDSY1352', 'acrel-ddsy1352'],
  ['ADW300-WIFI', 'acrel-adw300'],
  ['SDM120', 'eastron-sdm120'],
  ['acrel-dtsy1352', 'acrel-dtsy1352'],
  ['awt100_4g', null],
  ['4G', null],
  ['', null],
])('model name %s', (name, modelId) => expect(modelIdOf(name, registerMaps)).toBe(modelId));

test('what is told later adds to what is known; meters seen join those listed, once', () => {
  const identity = { via: 'mqtt', serial: 'G', dialect: 'acrel-v1', productKey: 'P' } as const;
  const meter = { serial: 'M1', unitId: null, lineAddress: 'M1', modelName: 'ADL100-EY' };
  let known = learn(strangerOf(identity), { firmware: '1', signalDbm: -70 }, registerMaps);
  known = learn(known, { topology: [meter] }, registerMaps);
  known = learn(
    known,
    { seen: [meter, { ...meter, serial: 'M2', lineAddress: 'M2' }], firmware: '2' },
    registerMaps,
  );
  expect(known).toMatchObject({ firmware: '2', signalDbm: -70, kind: 'gateway', dialect: 'acrel-v1' });
  expect(known.topology.map(({ serial, modelId }) => [serial, modelId])).toEqual([
    ['M1', 'acrel-ddsy1352'],
    ['M2', 'acrel-ddsy1352'],
  ]);
  expect(learn(known, { topology: [] }, registerMaps).topology).toEqual([]);
});
