// SPDX-License-Identifier: Apache-2.0
/** The two ways in which a gateway is spoken to, and what each lets one tell apart. */
import type { Buffer } from 'node:buffer';
import { deframe, encodeRequest, headerBytes, type Deframed, type ModbusRequest } from './frames.ts';
import { deframeRtu, encodeRtuRequest } from './rtu-frames.ts';

export interface Framing {
  encode(transactionId: number, request: ModbusRequest): Buffer;
  deframe(bytes: Buffer): Deframed;
  /** Answers carry the id of their request: one that comes late or twice is known for what it is. */
  readonly hasIds: boolean;
  /** Bytes of an answer that may come apart from the rest without making it doubtful. */
  readonly loneBytes: number;
  /** Rest between an answer and the next request, at least, ms: a serial line turns round. */
  readonly restMs: number;
}

export const framings: Readonly<Record<'modbus-tcp' | 'rtu-over-tcp', Framing>> = {
  'modbus-tcp': { encode: encodeRequest, deframe, hasIds: true, loneBytes: headerBytes, restMs: 0 },
  // The check sum covers the whole frame: pieces that do not belong together give themselves away.
  'rtu-over-tcp': {
    encode: (_transactionId, request) => encodeRtuRequest(request),
    deframe: deframeRtu,
    hasIds: false,
    loneBytes: Infinity,
    restMs: 20,
  },
};
