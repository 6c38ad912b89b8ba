// SPDX-License-Identifier: Apache-2.0
import type { GatewayTransport } from '@wattledger/contracts';
import type { LineConnection } from '../lines/line-connection.ts';
import { dialLine, lineOn, type LineTimes } from '../lines/open-line.ts';
import type { LineEnd } from '../lines/line-end.ts';
import { modbusAsker, type Asker } from '../modbus/index.ts';

export type ModbusLine = Asker & Pick<LineConnection, 'counters' | 'connected' | 'localPort' | 'close'>;

/** A line and the Modbus on it, as a gateway line has them. */
export function modbusLine(
  options: LineTimes & { readonly transport: Extract<GatewayTransport, { readonly host: string }> },
): ModbusLine {
  const { transport, ...times } = options;
  return withModbus(dialLine(transport, times));
}

/** RTU on whatever end. */
export function rtuLineOn(end: LineEnd, times: LineTimes): ModbusLine {
  return withModbus(lineOn(end, false, times));
}

function withModbus(line: LineConnection): ModbusLine {
  return {
    ...modbusAsker(line),
    counters: line.counters,
    get connected() {
      return line.connected;
    },
    get localPort() {
      return line.localPort;
    },
    close: () => line.close(),
  };
}
