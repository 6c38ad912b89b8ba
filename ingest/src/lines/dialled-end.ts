// SPDX-License-Identifier: Apache-2.0
import { Socket } from 'node:net';
import type { LineEnd } from './line-end.ts';

const keepAliveMs = 30_000;

/** A gateway that we dial. */
export function dialledEnd(host: string, port: number): LineEnd {
  return {
    name: `${host}:${port}`,
    parting: 'renewal',
    afterDoubt: 'close',
    backsOff: true,
    marks: [],
    byteMs: 0,
    open: async (timeoutMs) => {
      const socket = new Socket();
      // A socket without an error listener takes the process down with it.
      socket.on('error', () => undefined);
      socket.setNoDelay(true);
      socket.setKeepAlive(true, keepAliveMs);
      const failure = await new Promise<string | null>((resolve) => {
        const timer = setTimeout(() => resolve(`no connection within ${timeoutMs} ms`), timeoutMs);
        socket.once('error', (error) => resolve(error.message));
        socket.once('connect', () => resolve(null));
        socket.once('close', () => clearTimeout(timer));
        socket.once('connect', () => clearTimeout(timer));
        socket.connect({ host, port });
      });
      if (failure === null) return socket;
      socket.destroy();
      return failure;
    },
  };
}
