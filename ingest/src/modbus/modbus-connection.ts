// SPDX-License-Identifier: Apache-2.0
/** Modbus on a line: with transaction ids where we dial a Modbus TCP server, otherwise as RTU frames. */
import type { Answer } from '../lines/exchange.ts';
import type { LineConnection } from '../lines/line-connection.ts';
import { rtuExchange, tcpExchange } from './exchanges.ts';
import type { ModbusRequest } from './frames.ts';

export type ModbusAnswer = Answer;
/** What of a line a Modbus meter needs. */
export interface Asker {
  /** Never throws for what the other side does. @throws RangeError when the request cannot be said in Modbus */
  ask(request: ModbusRequest): Promise<ModbusAnswer>;
}

export function modbusAsker(line: LineConnection): Asker {
  const exchangeOf = line.hasIds ? tcpExchange : rtuExchange;
  return { ask: async (request) => await line.ask(exchangeOf(request)) };
}
