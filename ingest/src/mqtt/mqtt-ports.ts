// SPDX-License-Identifier: Apache-2.0
/** The brokers over which devices speak to us: our own, somebody else's, or both. */
import type { Parts } from '@wattledger/platform';
import type { CallerDesk } from '../callers/caller-desk.ts';
import { openPort, type ListenOptions } from '../callers/open-port.ts';
import { connectToBroker, type BrokerClientOptions } from './broker-client.ts';
import { devicePasswords } from './device-passwords.ts';
import { startBroker } from './embedded-broker.ts';
import type { MqttBus } from './mqtt-bus.ts';
import { createMqttCallers } from './mqtt-callers.ts';

export interface MqttOptions {
  /** A broker of our own; left out: none. */
  readonly broker?: MqttBrokerOptions;
  /** A broker that somebody else runs. */
  readonly client?: BrokerClientOptions;
}
export interface MqttBrokerOptions extends ListenOptions {
  /** Password of every device that has none of its own; null: each must have one. */
  readonly sharedSecret: string | null;
  /** Lines `serial:sha256`. */
  readonly ownPasswords: string;
  /** Certificate and key in PEM; null: without TLS. */
  readonly tls: { readonly cert: string; readonly key: string } | null;
}

export interface MqttPorts {
  start(): Promise<void>;
  stop(): Promise<void>;
  /** Of our own broker. */
  port(): number | null;
}

export function createMqttPorts(
  parts: Pick<Parts, 'clock' | 'logger'>,
  desk: CallerDesk,
  options: MqttOptions,
): MqttPorts {
  let buses: MqttBus[] = [];
  const open = async (): Promise<void> => {
    const broker = await openPort(parts, options.broker, async (listen) => {
      const callers = createMqttCallers(parts, desk);
      const passwords = devicePasswords(listen.sharedSecret, listen.ownPasswords);
      const { host, port, tls } = listen;
      const hear = callers.hear.bind(callers);
      const bus = await startBroker(parts, { host, port, tls, passwords }, hear, callers.left.bind(callers));
      callers.speakThrough(bus);
      return bus;
    });
    if (broker !== null) buses.push(broker);
    if (options.client === undefined) return;
    const callers = createMqttCallers(parts, desk);
    const client = connectToBroker(parts, options.client, callers.hear.bind(callers));
    callers.speakThrough(client);
    buses.push(client);
  };
  return {
    start: open,
    stop: async () => {
      await Promise.all(buses.map(async (bus) => await bus.stop()));
      buses = [];
    },
    port: () => buses.find(({ port }) => port !== null)?.port ?? null,
  };
}
