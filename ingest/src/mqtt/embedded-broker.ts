// SPDX-License-Identifier: Apache-2.0
/**
 * The broker of one machine. What a device publishes with QoS 1 is acknowledged after it is durable: the broker asks
 * whether the device may publish, and that question is answered only then. Nothing is kept for devices that are away, so
 * that no command is carried out after its time.
 */
import { createServer as createPlainServer, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import { Duplex } from 'node:stream';
import { Buffer } from 'node:buffer';
import { Aedes, type Client } from 'aedes';
import type { Parts } from '@wattledger/platform';
import type { DevicePasswords } from './device-passwords.ts';
import { messageBytesMax, type Listen, type MqttBus } from './mqtt-bus.ts';
import { mayPublish, maySubscribe } from './mqtt-topics.ts';
import { PacketGuard } from './packet-guard.ts';

export interface BrokerOptions {
  readonly host: string;
  readonly port: number;
  readonly passwords: DevicePasswords;
  /** Certificate and key in PEM; null: without TLS. */
  readonly tls: { readonly cert: string; readonly key: string } | null;
  readonly connectionsMax?: number;
}

const connectionsMaxDefault = 5_000;
const refused = 5;
/** Packets of one device that wait to become durable. */
const concurrency = 100;

/** @throws Error when the port cannot be opened */
export async function startBroker(
  parts: Pick<Parts, 'logger'>,
  options: BrokerOptions,
  listen: Listen,
  left: (serial: string) => void,
): Promise<MqttBus> {
  const serials = new WeakMap<Client, string>();
  const connected = new Map<string, Client>();
  const aedes = new Aedes({
    concurrency,
    maxTopicLevels: 8,
    preConnect: (_client, packet, done) => {
      // Sessions are not kept: a command must not wait here for a device that comes back tomorrow.
      packet.clean = true;
      done(null, true);
    },
    authenticate: (client, username, password, done) => {
      const serial = username ?? '';
      const admitted = options.passwords.admits(serial, Buffer.from(password ?? ''));
      if (!admitted) return done(Object.assign(new Error('not admitted'), { returnCode: refused }), false);
      serials.set(client, serial);
      done(null, true);
    },
    authorizePublish: (client, packet, done) => {
      if (client === null) return done(null);
      const serial = serials.get(client);
      if (serial === undefined || !mayPublish(serial, packet.topic))
        return done(new Error(`"${serial ?? ''}" may not publish to ${packet.topic}`));
      packet.retain = false;
      const said = {
        topic: packet.topic,
        payload: Buffer.from(packet.payload),
        remoteAddress: addressOf(client),
      };
      listen(said).then(
        () => done(null),
        // The connection ends without an acknowledgement: the device says it again.
        (error: unknown) => done(error instanceof Error ? error : new Error('not stored')),
      );
    },
    authorizeSubscribe: (client, subscription, done) => {
      const serial = serials.get(client);
      const may = serial !== undefined && maySubscribe(serial, subscription.topic);
      done(null, may ? subscription : null);
    },
  });
  await aedes.listen();
  aedes.on('clientReady', (client) => connected.set(serials.get(client) ?? '', client));
  aedes.on('clientDisconnect', (client) => {
    const serial = serials.get(client) ?? '';
    if (connected.get(serial) !== client) return;
    connected.delete(serial);
    left(serial);
  });
  aedes.on('clientError', (_client, error) => parts.logger.debug({ err: error }, 'an MQTT device stumbled'));
  aedes.on('connectionError', (_client, error) =>
    parts.logger.debug({ err: error }, 'an MQTT connection broke'),
  );
  const server = await opened(options, (socket) => aedes.handle(guarded(socket)));
  server.on('error', (error) => parts.logger.warn({ err: error }, 'the MQTT port had a fault'));
  return busOf(aedes, server, options.port);
}

/** The socket behind a limit on packets. */
function guarded(socket: Socket): Duplex {
  const guard = new PacketGuard(messageBytesMax + 1_024);
  guard.on('error', () => socket.destroy());
  socket.on('error', () => socket.destroy());
  const conn = Duplex.from({ readable: socket.pipe(guard), writable: socket });
  conn.on('close', () => socket.destroy());
  socket.on('close', () => conn.destroy());
  return Object.assign(conn, { remoteAddress: socket.remoteAddress });
}

function addressOf(client: Client): string | null {
  return 'remoteAddress' in client.conn && typeof client.conn.remoteAddress === 'string'
    ? client.conn.remoteAddress
    : null;
}

function busOf(aedes: Aedes, server: Server, port: number): MqttBus {
  const address = server.address();
  return {
    port: typeof address === 'object' && address !== null ? address.port : port,
    say: async (topic, message) =>
      await new Promise<void>((resolve, reject) => {
        const payload = Buffer.from(JSON.stringify(message));
        aedes.publish({ cmd: 'publish', topic, payload, qos: 1, dup: false, retain: false }, (error) => {
          if (error) reject(error);
          else resolve();
        });
      }),
    stop: async () => {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      await new Promise<void>((resolve) => aedes.close(() => resolve()));
      await closed;
    },
  };
}

async function opened(options: BrokerOptions, take: (socket: Socket) => void): Promise<Server> {
  const { tls, host, port } = options;
  const server = tls === null ? createPlainServer(take) : createTlsServer({ ...tls }, take);
  server.maxConnections = options.connectionsMax ?? connectionsMaxDefault;
  if (tls !== null) server.on('tlsClientError', () => undefined);
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen({ host, port }, () => {
      server.removeListener('error', reject);
      resolve();
    });
  });
  return server;
}
