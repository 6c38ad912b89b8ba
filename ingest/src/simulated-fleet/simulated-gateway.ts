// SPDX-License-Identifier: Apache-2.0
/**
 * A gateway: one TCP port, many unit ids behind it on one line. Requests are answered one after another, as on an
 * RS-485 line, whatever connection they come from. Without requests it costs a listening socket and nothing else.
 */
import { Buffer } from 'node:buffer';
import { createServer, type Server, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { FleetFault } from './fleet-faults.ts';
import {
  exceptionPdu,
  exceptions,
  frameOf,
  readFrame,
  readRtuFrame,
  rtuFrameOf,
  type RequestFrame,
} from './modbus-frames.ts';
import type { SimulatedUnit } from './simulated-unit.ts';

export interface SimulatedGateway {
  /** @param port 0: any free one. @throws Error with code EADDRINUSE when it is taken */
  listen(port: number): Promise<number>;
  /** Closes the port and every connection; the answers in hand are dropped. Can listen again. */
  close(): Promise<void>;
  readonly port: number;
  readonly requests: number;
  readonly connections: number;
}

export interface SimulatedGatewayParts {
  readonly host: string;
  /** Speaks Modbus TCP, or passes RTU frames through. */
  readonly transport: 'modbus-tcp' | 'rtu-over-tcp';
  readonly unitOf: (unitId: number) => SimulatedUnit | undefined;
  readonly faultsOf: (unitId: number, request: number) => readonly FleetFault[];
  readonly nowMs: () => number;
  /** How long the line takes for an answer, ms. */
  readonly answerDelayMs: (unitId: number, request: number) => number;
}

/** Serial servers serve few masters; one more is refused. */
const connectionsMax = 16;
/** Requests of one connection that wait for the line; a further one is answered with exception 6 (busy). */
const waitingMax = 32;
/** Answers that a master leaves unread; beyond, its connection is closed. */
const unreadBytesMax = 65_536;

export function createSimulatedGateway(parts: SimulatedGatewayParts): SimulatedGateway {
  const sockets = new Set<Socket>();
  let server: Server | null = null;
  let line: Promise<void> = Promise.resolve();
  let stopping = new AbortController();
  let port = 0;
  let requests = 0;
  const isRtu = parts.transport === 'rtu-over-tcp';
  const frameAnswer = (transactionId: number, unitId: number, pdu: Buffer): Buffer =>
    isRtu ? rtuFrameOf(unitId, pdu) : frameOf(transactionId, unitId, pdu);

  const send = (socket: Socket, bytes: Buffer): void => {
    if (socket.destroyed || !socket.writable) return;
    socket.write(bytes);
    if (socket.writableLength > unreadBytesMax) socket.destroy();
  };
  const sendLater = (socket: Socket, bytes: Buffer, delayMs: number): void => {
    sleep(delayMs, undefined, { signal: stopping.signal, ref: false }).then(
      () => send(socket, bytes),
      () => undefined, // closed meanwhile
    );
  };

  const serve = async (socket: Socket, frame: RequestFrame): Promise<void> => {
    const request = (requests += 1);
    const faults = parts.faultsOf(frame.unitId, request);
    await sleep(parts.answerDelayMs(frame.unitId, request), undefined, { signal: stopping.signal });
    const exception = faults.find((fault) => fault.kind === 'exception');
    const functionCode = frame.pdu.readUInt8(0);
    const unit = parts.unitOf(frame.unitId);
    if (faults.some((fault) => fault.kind === 'silent')) return;
    let pdu: Buffer;
    if (exception !== undefined) pdu = exceptionPdu(functionCode, exception.code);
    else if (unit === undefined) pdu = exceptionPdu(functionCode, exceptions.targetSilent);
    else pdu = await unit.answer(frame.pdu, parts.nowMs());
    const { bytes, delayMs } = spoil(frame, pdu, faults, frameAnswer);
    if (delayMs > 0) sendLater(socket, bytes, delayMs);
    else send(socket, bytes);
  };

  const accept = (socket: Socket): void => {
    if (sockets.size >= connectionsMax) {
      socket.destroy();
      return;
    }
    sockets.add(socket);
    socket.setNoDelay(true);
    let received: Buffer = Buffer.alloc(0);
    let waiting = 0;
    socket.on('error', () => socket.destroy());
    socket.on('close', () => sockets.delete(socket));
    socket.on('data', (chunk) => {
      received = received.length === 0 ? chunk : Buffer.concat([received, chunk]);
      for (;;) {
        const read = isRtu ? readRtuFrame(received) : readFrame(received);
        if (read.kind === 'more') return;
        if (read.kind === 'garbled') {
          // On a serial line nobody has heard it.
          if (isRtu) received = Buffer.alloc(0);
          else socket.destroy();
          return;
        }
        received = Buffer.from(read.rest);
        const { frame } = read;
        if (waiting >= waitingMax) {
          send(
            socket,
            frameAnswer(
              frame.transactionId,
              frame.unitId,
              exceptionPdu(frame.pdu.readUInt8(0), exceptions.busy),
            ),
          );
          continue;
        }
        waiting += 1;
        // A request that fails takes its connection with it; the line goes on.
        line = line
          .then(() => serve(socket, frame))
          .catch(() => void socket.destroy())
          .finally(() => (waiting -= 1));
      }
    });
  };

  return {
    async listen(wanted) {
      stopping = new AbortController();
      const listening = createServer(accept);
      await new Promise<void>((resolve, reject) => {
        listening.once('error', reject);
        listening.listen(wanted, parts.host, () => {
          listening.off('error', reject);
          resolve();
        });
      });
      server = listening;
      const address = listening.address();
      port = typeof address === 'object' && address !== null ? address.port : 0;
      return port;
    },
    async close() {
      const closing = server;
      server = null;
      stopping.abort();
      for (const socket of sockets) socket.destroy();
      if (closing !== null) await new Promise<void>((resolve) => closing.close(() => resolve()));
      await line;
    },
    get port() {
      return port;
    },
    get requests() {
      return requests;
    },
    get connections() {
      return sockets.size;
    },
  };
}

/** The frame that goes out, with what the faults do to it, and how late. */
function spoil(
  frame: RequestFrame,
  pdu: Buffer,
  faults: readonly FleetFault[],
  frameAnswer: typeof frameOf,
): { readonly bytes: Buffer; readonly delayMs: number } {
  let { transactionId, unitId } = frame;
  let delayMs = 0;
  let copies = 1;
  let keepBytes = Infinity;
  let noise: Buffer = Buffer.alloc(0);
  let answer = pdu;
  let flipped = false;
  for (const fault of faults) {
    if (fault.kind === 'late') delayMs = Math.max(delayMs, fault.delayMs);
    if (fault.kind === 'duplicate') copies = 2;
    if (fault.kind === 'truncated') keepBytes = Math.min(keepBytes, fault.keepBytes);
    if (fault.kind === 'wrong-transaction') transactionId = (transactionId + 1) & 0xffff;
    if (fault.kind === 'foreign-unit') unitId = (unitId % 247) + 1;
    if (fault.kind === 'bit-flipped') flipped = true;
    if (fault.kind === 'noise') noise = Buffer.from([0x41, 0x54, 0x0d, 0x0a]);
    if (fault.kind === 'wrong-length' && answer.length > 2) {
      answer = Buffer.from(answer);
      answer.writeUInt8((answer.readUInt8(1) + 2) & 0xff, 1);
    }
  }
  const whole = frameAnswer(transactionId, unitId, answer);
  // The last data byte: Modbus TCP has nothing that tells, RTU has its check sum.
  if (flipped) whole.writeUInt8(whole.readUInt8(whole.length - 3) ^ 0x10, whole.length - 3);
  const sent = keepBytes < whole.length ? whole.subarray(0, keepBytes) : whole;
  return { bytes: Buffer.concat([noise, ...Array.from({ length: copies }, () => sent)]), delayMs };
}
