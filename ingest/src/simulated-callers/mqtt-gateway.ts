// SPDX-License-Identifier: Apache-2.0
/**
 * A gateway that calls in over MQTT: a real client that publishes with QoS 1 and keeps what is not acknowledged. What it
 * says is the caller's to choose; what it does when it is spoken to, too (a relay that does not move, no answer at all).
 */
import { connect, type MqttClient } from 'mqtt';

export interface MqttGatewayOptions {
  readonly url: string;
  readonly serial: string;
  readonly password: string;
  readonly subscribe: readonly string[];
  /** What it does with what it is told. */
  readonly heard: (topic: string, message: Readonly<Record<string, unknown>>) => void;
}

export class SimulatedMqttGateway {
  readonly client: MqttClient;
  readonly #options: MqttGatewayOptions;

  constructor(options: MqttGatewayOptions) {
    this.#options = options;
    const { url, serial, password } = options;
    this.client = connect(url, {
      username: serial,
      password,
      clientId: serial,
      protocolVersion: 4,
      reconnectPeriod: 100,
      rejectUnauthorized: false,
      manualConnect: true,
    });
    // A simulation is not to end because its line broke.
    this.client.on('error', () => undefined);
    this.client.on('message', (topic, payload) =>
      options.heard(topic, JSON.parse(payload.toString('utf8')) as Readonly<Record<string, unknown>>),
    );
  }

  /** Resolves when it listens. @throws Error when it is not let in */
  async connect(): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      this.client.once('connect', () => resolve());
      this.client.once('error', reject);
      this.client.connect();
    });
    for (const topic of this.#options.subscribe) await this.client.subscribeAsync(topic, { qos: 1 });
  }

  /** Resolves when it is acknowledged. */
  async say(topic: string, message: unknown): Promise<void> {
    const payload = typeof message === 'string' ? message : JSON.stringify(message);
    await this.client.publishAsync(topic, payload, { qos: 1 });
  }

  async stop(): Promise<void> {
    // A connection whose end is heard of after the client's would else be tried again, for ever.
    this.client.options.reconnectPeriod = 0;
    await this.client.endAsync(true);
  }
}
