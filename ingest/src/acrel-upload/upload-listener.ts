// SPDX-License-Identifier: Apache-2.0
/** The port on which Acrel meters with a modem of their own call in. */
import { createServer, type Server } from 'node:net';
import type { Parts } from '@wattledger/platform';
import type { CallerDesk } from '../callers/caller-desk.ts';
import { UploadSession } from './upload-session.ts';

export interface UploadListener {
  readonly port: number;
  stop(): Promise<void>;
}

/** Connections at once; more are refused. One meter has one. */
const connectionsMaxDefault = 5_000;

/** @throws Error when the port cannot be opened */
export async function listenForUploads(
  parts: Pick<Parts, 'clock' | 'logger'>,
  desk: CallerDesk,
  options: { readonly host: string; readonly port: number; readonly connectionsMax?: number },
): Promise<UploadListener> {
  const sessions = new Set<UploadSession>();
  const bySerial = new Map<string, UploadSession>();
  const server = createServer({ noDelay: true }, (socket) => {
    const session = new UploadSession({
      socket,
      desk,
      clock: parts.clock,
      logger: parts.logger,
      claimSerial: (serial, newer) => {
        const older = bySerial.get(serial);
        bySerial.set(serial, newer);
        if (older !== undefined && older !== newer) older.close('the meter has called again');
      },
    });
    sessions.add(session);
    socket.on('close', () => {
      sessions.delete(session);
      if (session.serial !== null && bySerial.get(session.serial) === session)
        bySerial.delete(session.serial);
    });
  });
  server.maxConnections = options.connectionsMax ?? connectionsMaxDefault;
  await opened(server, options.host, options.port);
  server.on('error', (error) => parts.logger.warn({ err: error }, 'the port for uploads had a fault'));
  const address = server.address();
  return {
    port: typeof address === 'object' && address !== null ? address.port : options.port,
    stop: async () => {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      const open = [...sessions];
      for (const session of open) session.close('the product stops');
      await Promise.all(open.map(async (session) => await session.settled()));
      await closed;
    },
  };
}

async function opened(server: Server, host: string, port: number): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen({ host, port }, () => {
      server.removeListener('error', reject);
      resolve();
    });
  });
}
