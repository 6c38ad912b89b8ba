// SPDX-License-Identifier: Apache-2.0
/**
 * Runs the front as a process of its own: node front-main.ts DIRECTORY [PORT]. Prints `listening PORT` and ends when
 * its standard input ends, so that it never outlives the process that started it.
 */
import { mkdirSync } from 'node:fs';

// Each running statement keeps a thread; the pool is made at its first use, so this stands before any other import.
process.env['UV_THREADPOOL_SIZE'] ??= '8';
const { createFront } = await import('./front.ts');

const [directory, port = '0'] = process.argv.slice(2);
if (directory === undefined) {
  process.stderr.write('usage: node front-main.ts DIRECTORY [PORT]\n');
  process.exit(2);
}
mkdirSync(directory, { recursive: true });
const server = createFront(directory, { statementsMax: 6, bodyBytesMax: 512 * 1024 * 1024 });
server.keepAliveTimeout = 60_000;
server.listen(Number(port), '127.0.0.1', () => {
  const address = server.address();
  process.stdout.write(
    `listening ${typeof address === 'object' && address !== null ? address.port : port}\n`,
  );
});

function stop(): void {
  server.close(() => process.exit(0));
  server.closeAllConnections();
}
process.stdin.on('end', stop).on('error', stop).resume();
process.on('SIGTERM', stop);
process.on('SIGINT', stop);
