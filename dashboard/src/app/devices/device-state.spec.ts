// SPDX-License-Identifier: Apache-2.0
import type { GatewayState } from '@wattledger/contracts/http/ingest';
import { stateOfGateway, stateOfMeter } from './device-state.ts';

const figures = (news: Partial<GatewayState>): GatewayState => ({
  gatewayId: 'g',
  code: 'G',
  name: 'G',
  transport: 'modbus-tcp',
  address: 'h:502',
  enabled: true,
  online: true,
  lastGoodMs: 1,
  cycleStartedMs: 1,
  cycleDurationMs: 100,
  metersConfigured: 2,
  metersAnswered: 2,
  missedCycles: 0,
  reconnects: 0,
  faults: {},
  lastFault: null,
  signalDbm: null,
  firmware: null,
  ...news,
});
const calling = { enabled: true, transport: { kind: 'mqtt' as const } };
const opened = { enabled: true, transport: { kind: 'modbus-tcp' as const } };

test('a gateway that is expected to call waits; one that called and fell silent is offline', () => {
  expect(stateOfGateway(calling, undefined, 0)).toBe('waiting');
  expect(stateOfGateway(calling, figures({ online: false, lastGoodMs: null }), 0)).toBe('waiting');
  expect(stateOfGateway(calling, figures({ online: false }), 0)).toBe('offline');
  expect(stateOfGateway(opened, figures({ online: false, lastGoodMs: null }), 0)).toBe('offline');
});

test('a gateway some of whose meters are silent is not simply well', () => {
  expect(stateOfGateway(opened, figures({}), 0)).toBe('online');
  expect(stateOfGateway(opened, figures({}), 1)).toBe('faulty');
  // A cycle asks those only that are due: fewer answers than meters are no fault.
  expect(stateOfGateway(opened, figures({ metersAnswered: 1 }), 0)).toBe('online');
  expect(stateOfGateway({ ...opened, enabled: false }, figures({}), 0)).toBe('disabled');
});

test('a meter without a gateway is nobody’s fault; one that has never answered waits', () => {
  const meter = { enabled: true, gatewayId: 'g' };
  expect(stateOfMeter({ ...meter, gatewayId: null }, undefined)).toBe('not-polled');
  expect(stateOfMeter(meter, { online: null, missedCycles: 0, lastReadingMs: null })).toBe('waiting');
  expect(stateOfMeter(meter, { online: false, missedCycles: 3, lastReadingMs: null })).toBe('waiting');
  expect(stateOfMeter(meter, { online: false, missedCycles: 3, lastReadingMs: 5 })).toBe('offline');
  expect(stateOfMeter(meter, { online: true, missedCycles: 1, lastReadingMs: 5 })).toBe('faulty');
  expect(stateOfMeter(meter, { online: true, missedCycles: 0, lastReadingMs: 5 })).toBe('online');
});
