// SPDX-License-Identifier: Apache-2.0
import { existsSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { join } from 'node:path';
import { createHttpApp, OperatingError, type Config, type Route } from '@wattledger/platform';
import type { System } from './wire.ts';

const dashboardDirectory = join(import.meta.dirname, '..', '..', 'dashboard', 'dist');

export interface ListeningServer {
  readonly url: string;
  close(): Promise<void>;
}

/**
 * Serves the routes, and the dashboard where it has been built.
 * @throws OperatingError port-in-use
 */
export async function listen(
  system: System,
  routes: readonly Route[],
  address: Pick<Config, 'host' | 'port' | 'publicOrigins' | 'trustProxy'>,
): Promise<ListeningServer> {
  const { parts, services } = system;
  const app = await createHttpApp({
    routes,
    authenticator: services.registry.authenticator,
    actionLog: parts.actionLog,
    logger: parts.logger,
    metrics: parts.metrics,
    clock: parts.clock,
    openApiInfo: { title: 'Wattledger', version: '0.1.0' },
    publicOrigins: address.publicOrigins,
    trustProxy: address.trustProxy,
    ...(existsSync(join(dashboardDirectory, 'index.html')) ? { staticDirectory: dashboardDirectory } : {}),
  });
  const server = createServer(app);
  await bind(server, address);
  const bound = server.address();
  const port = typeof bound === 'object' && bound !== null ? bound.port : address.port;
  const host =
    address.host === '0.0.0.0' || address.host === '::' || address.host === '127.0.0.1'
      ? 'localhost'
      : address.host;
  return { url: `http://${host}:${String(port)}`, close: () => close(server) };
}

function bind(
  server: Server,
  { host, port }: { readonly host: string; readonly port: number },
): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EADDRINUSE') reject(error);
      else
        reject(
          new OperatingError(
            'port-in-use',
            `port ${String(port)} is in use: stop what uses it, or choose another with --port`,
            { retryable: false },
          ),
        );
    });
    server.listen(port, host, resolve);
  });
}

/** Stops accepting, ends idle and streaming connections, waits shortly for answers under way. */
function close(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => {
      resolve();
    });
    server.closeIdleConnections();
    setTimeout(() => {
      server.closeAllConnections();
    }, 2_000).unref();
  });
}
