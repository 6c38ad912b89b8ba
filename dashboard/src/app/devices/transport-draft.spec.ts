// SPDX-License-Identifier: Apache-2.0
import type { GatewayTransport } from '@wattledger/contracts';
import { draftOf, emptyTransport, transportOf } from './transport-draft.ts';

const every: readonly GatewayTransport[] = [
  { kind: 'modbus-tcp', host: '10.0.0.7', port: 502 },
  { kind: 'rtu-over-tcp', host: 'gw.example', port: 26 },
  { kind: 'rtu-dial-in', registration: 'hex:00ff', registrationOn: 'every-packet', heartbeat: 'ping' },
  { kind: 'rtu-dial-in', registration: '8655', registrationOn: 'connect', heartbeat: null },
  { kind: 'serial', path: '/dev/ttyUSB1', baud: 19_200, parity: 'even', stopBits: 2 },
  { kind: 'mqtt', dialect: 'acrel-v2', productKey: 'pk', serial: '2024' },
  { kind: 'mqtt', dialect: 'wattledger', productKey: null, serial: '2024' },
  { kind: 'acrel-upload', serial: '2024' },
];

test.each(every)('a transport comes back from its form as it went in: $kind', (transport) => {
  expect(transportOf(draftOf(transport))).toEqual(transport);
});

test('what lacks or cannot be is no transport', () => {
  expect(transportOf(emptyTransport)).toBeNull();
  expect(transportOf({ ...emptyTransport, host: 'h', port: '0' })).toBeNull();
  expect(transportOf({ ...emptyTransport, host: 'h', port: '70000' })).toBeNull();
  expect(transportOf({ ...emptyTransport, host: 'a b' })).toBeNull();
  expect(transportOf({ ...emptyTransport, kind: 'serial', baud: 'fast' })).toBeNull();
  expect(transportOf({ ...emptyTransport, kind: 'serial', path: ' ' })).toBeNull();
  expect(transportOf({ ...emptyTransport, kind: 'rtu-dial-in', calledName: ' ' })).toBeNull();
  expect(transportOf({ ...emptyTransport, kind: 'mqtt' })).toBeNull();
});

test('another kind keeps what was typed', () => {
  const typed = { ...draftOf(every[0]!), kind: 'rtu-over-tcp' as const };
  expect(transportOf(typed)).toEqual({ kind: 'rtu-over-tcp', host: '10.0.0.7', port: 502 });
});
