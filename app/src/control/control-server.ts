// SPDX-License-Identifier: Apache-2.0
import { chmodSync, mkdirSync, rmSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { dirname } from 'node:path';
import {
  controlCommands,
  controlSocketPath,
  type ControlCommand,
  type ControlLine,
} from './control-protocol.ts';

/** A command of the running product: prints lines, answers with an exit code. */
export type ControlHandler = (options: unknown, print: (line: ControlLine) => void) => Promise<number>;
const requestBytesMax = 64 * 1024;

/** Opens the control socket. The caller has made sure that no other product runs on this directory. */
export async function openControlSocket(
  dataDirectory: string,
  handlers: Readonly<Record<ControlCommand, ControlHandler>>,
): Promise<{ close(): Promise<void> }> {
  const path = controlSocketPath(dataDirectory);
  // Where both stores are servers, nothing else makes the directory.
  mkdirSync(dirname(path), { recursive: true, mode: 0o711 });
  rmSync(path, { force: true });
  const server = createServer((request, response) => {
    answer(request, response, handlers).catch((error: unknown) => {
      write(response, { kind: 'error', text: error instanceof Error ? error.message : String(error) });
      write(response, { kind: 'exit', code: 1 });
      response.end();
    });
  });
  await listen(server, path);
  chmodSync(path, 0o600);
  return {
    close: () =>
      new Promise((resolve) => {
        server.close(() => {
          resolve();
        });
        server.closeAllConnections();
      }),
  };
}

function listen(server: Server, path: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(path, () => {
      resolve();
    });
  });
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  handlers: Readonly<Record<ControlCommand, ControlHandler>>,
): Promise<void> {
  if (request.url === '/ping') {
    response.end('ok');
    return;
  }
  const command = controlCommands.find((candidate) => `/${candidate}` === request.url);
  if (command === undefined || request.method !== 'POST') {
    response.writeHead(404).end();
    return;
  }
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > requestBytesMax) throw new Error('the command line sent too much');
    chunks.push(chunk);
  }
  const code = await handlers[command](JSON.parse(Buffer.concat(chunks).toString('utf8')), (line) => {
    write(response, line);
  });
  write(response, { kind: 'exit', code });
  response.end();
}

function write(response: ServerResponse, line: ControlLine): void {
  if (!response.writableEnded) response.write(`${JSON.stringify(line)}\n`);
}
