// SPDX-License-Identifier: Apache-2.0
/** Serial ports for tests: pseudo-terminals, each with a socket behind it. Needs python3 and a system that has them. */
import type { Buffer } from 'node:buffer';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const python = 'python3';

/** @returns why there are none here; null: there are */
export function whyNoPty(): string | null {
  const tried = spawnSync(python, ['-c', 'import os, tty; os.openpty()']);
  return tried.status === 0 ? null : 'python3 cannot open pseudo-terminals';
}

export interface PtyBridge {
  readonly paths: readonly string[];
  stop(): Promise<void>;
}

/** @param attach what is to answer on the port of that number; again after it has hung up */
export async function startPtyBridge(
  count: number,
  attach: (socket: Socket, index: number) => void,
): Promise<PtyBridge> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    socket.once('close', () => sockets.delete(socket));
    socket.once('readable', () => {
      const number = socket.read(2) as Buffer;
      attach(socket, number.readUInt16BE(0));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const script = fileURLToPath(new URL('./pty-bridge.py', import.meta.url));
  const bridge = spawn(python, [script, String(port), String(count)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = once(bridge, 'exit');
  const paths: string[] = [];
  for await (const line of createInterface({ input: bridge.stdout })) {
    paths.push(line);
    if (paths.length === count) break;
  }
  return {
    paths,
    stop: async () => {
      bridge.kill();
      await ended;
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
