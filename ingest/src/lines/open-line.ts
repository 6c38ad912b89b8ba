// SPDX-License-Identifier: Apache-2.0
/** A line as a gateway's transport says. */
import type { GatewayTransport } from '@wattledger/contracts';
import type { Clock } from '@wattledger/platform';
import { deframeTcp } from '../modbus/exchanges.ts';
import type { DialIn, DialInTransport } from './dial-in.ts';
import { dialledEnd } from './dialled-end.ts';
import { LineConnection } from './line-connection.ts';
import type { LineEnd } from './line-end.ts';
import { serialEnd } from './serial-end.ts';

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

/** Opens lines of the transports on which we ask; those that are called into only where somebody listens. */
export type OpenAskedLine = (transport: AskedTransport, times: LineTimes) => LineConnection;

export function lineOpener(dialIn: DialIn | null): OpenAskedLine {
  return (transport, times) => {
    switch (transport.kind) {
      case 'modbus-tcp':
      case 'rtu-over-tcp':
        return dialLine(transport, times);
      case 'serial':
        return lineOn(serialEnd(transport), false, times);
      case 'rtu-dial-in':
        return lineOn(dialIn?.endOf(transport) ?? deafEnd(transport), false, times);
    }
  };
}

/** Of a gateway that calls in where nobody listens. */
function deafEnd({ registration }: DialInTransport): LineEnd {
  return {
    name: registration,
    parting: 'fence',
    afterDoubt: 'close',
    backsOff: false,
    marks: [],
    byteMs: 0,
    open: () => Promise.resolve('no port is open on which gateways call in'),
  };
}

export function dialLine(
  { kind, host, port }: Extract<GatewayTransport, { readonly host: string }>,
  times: LineTimes,
): LineConnection {
  return lineOn(dialledEnd(host, port), kind === 'modbus-tcp', times);
}
