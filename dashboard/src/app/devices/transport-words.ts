// SPDX-License-Identifier: Apache-2.0
/** What can be chosen of a transport. The contracts' own lists stand beside shapes that would bring a validator into the browser. */
import type { GatewayTransport, GatewayTransportKind, MqttDialect } from '@wattledger/contracts';

export const transportKinds = [
  'modbus-tcp',
  'rtu-over-tcp',
  'rtu-dial-in',
  'serial',
  'mqtt',
  'acrel-upload',
] as const satisfies readonly GatewayTransportKind[];
/** Those that open the connection themselves. */
export const callingKinds = [
  'rtu-dial-in',
  'mqtt',
  'acrel-upload',
] as const satisfies readonly GatewayTransportKind[];
export const dialects = ['acrel-v1', 'acrel-v2', 'wattledger'] as const satisfies readonly MqttDialect[];

type SerialPort = Extract<GatewayTransport, { kind: 'serial' }>;
export const parities = ['none', 'even', 'odd'] as const satisfies readonly SerialPort['parity'][];
export const stopBits = [1, 2] as const satisfies readonly SerialPort['stopBits'][];
export const registrationTimes = ['connect', 'every-packet'] as const satisfies readonly Extract<
  GatewayTransport,
  { kind: 'rtu-dial-in' }
>['registrationOn'][];

/** Where a gateway is, in few words. */
export function addressOf(transport: GatewayTransport): string {
  switch (transport.kind) {
    case 'modbus-tcp':
    case 'rtu-over-tcp':
      return `${transport.host}:${String(transport.port)}`;
    case 'rtu-dial-in':
      return transport.registration;
    case 'serial':
      return transport.path;
    case 'mqtt':
    case 'acrel-upload':
      return transport.serial;
  }
}
