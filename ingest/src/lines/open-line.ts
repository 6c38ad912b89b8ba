// SPDX-License-Identifier: Apache-2.0
/** A line as a gateway's transport says. */
import type { GatewayTransport } from '@wattledger/contracts';
import type { Clock } from '@wattledger/platform';
import { deframeTcp } from '../modbus/exchanges.ts';
import { dialledEnd } from './dialled-end.ts';
import { LineConnection } from './line-connection.ts';
import type { LineEnd } from './line-end.ts';

/** Transports on which we ask and a meter answers. */
export type AskedTransport = Extract<
  GatewayTransport,
  { readonly kind: 'modbus-tcp' | 'rtu-over-tcp' | 'rtu-dial-in' | 'serial' }
>;

export interface LineTimes {
  /** From sending to the whole answer, and for opening the line. */
  readonly timeoutMs: number;
  /** Without ids: silence after a doubt, since a serial server gives a late answer to whoever is connected. */
  readonly quietMs?: number;
  readonly reconnectMinMs?: number;
  readonly reconnectMaxMs?: number;
  readonly clock: Clock;
}

/** Longest silence after a doubt. */
const quietMsMax = 1_000;
/** Rest between an answer and the next question: a serial line turns round. */
const restMs = 20;
/** The silence that parts frames on a wire, in characters. */
const silentCharacters = 3.5;

export function lineOn(end: LineEnd, hasIds: boolean, times: LineTimes): LineConnection {
  return new LineConnection({
    quietMs: Math.min(times.timeoutMs, quietMsMax),
    reconnectMinMs: 250,
    reconnectMaxMs: 20_000,
    ...times,
    end,
    minGapMs: hasIds ? 0 : Math.max(restMs, Math.ceil(silentCharacters * end.byteMs)),
    deframeIds: hasIds ? deframeTcp : null,
  });
}

export function dialLine(
  { kind, host, port }: Extract<GatewayTransport, { readonly host: string }>,
  times: LineTimes,
): LineConnection {
  return lineOn(dialledEnd(host, port), kind === 'modbus-tcp', times);
}
