// SPDX-License-Identifier: Apache-2.0
/**
 * A broker that somebody else runs. It keeps a session for us: what devices publish while we are away waits there. What it
 * hands over is acknowledged after it is durable, and many messages may be on their way to that at once.
 */
import { Buffer } from 'node:buffer';
import { connect, type MqttClient } from 'mqtt';
import type { Parts } from '@wattledger/platform';
import type { Listen, MqttBus } from './mqtt-bus.ts';
import { upwardFilters } from './mqtt-topics.ts';

export interface BrokerClientOptions {
  /** mqtt://user:password@host:port, or mqtts:// */
  readonly url: string;
  /** Of the session that the broker keeps; one process has it. */
  readonly clientId: string;
  /** Pause before a broker that is away is tried again. */
  readonly retryMs?: number;
}

/** Messages that wait to become durable; then the broker waits too. */
const unstoredMax = 500;
const pubackType = 0x40;

/** A broker that is away is tried for ever; nothing is lost meanwhile but what it does not keep. */
export function connectToBroker(
  parts: Pick<Parts, 'logger'>,
  { url, clientId, retryMs = 2_000 }: BrokerClientOptions,
  listen: Listen,
): MqttBus {
  const client = connect(url, {
    clientId,
    // Every broker speaks 3.1.1.
    protocolVersion: 4,
    clean: false,
    reconnectPeriod: retryMs,
    // The listener must be in place first: the broker begins with what it kept.
    manualConnect: true,
  });
  takeMessages(client, parts, listen);
  client.on('error', (error) =>
    parts.logger.warn({ err: error }, 'the MQTT broker has a fault; trying again'),
  );
  client.on('connect', () => {
    client.subscribe([...upwardFilters], { qos: 1 }, (error) => {
      if (error !== null)
        parts.logger.error({ err: error }, 'the MQTT broker lets us not listen: give our user the right to');
    });
  });
  client.connect();
  return {
    port: null,
    say: async (topic, message) => {
      if (!client.connected) throw new Error('the MQTT broker is away');
      await client.publishAsync(topic, JSON.stringify(message), { qos: 1 });
    },
    stop: async () => {
      // A connection whose end is heard of after the client's would else be tried again, for ever.
      client.options.reconnectPeriod = 0;
      // Of a broker that does not answer there is nothing to wait for.
      await client.endAsync(!client.connected);
    },
  };
}

/**
 * The client would take one message after another, each as long as storing takes. It is told that it need not
 * acknowledge (the callback with an error does no more than that), and the acknowledgement is written here when it is due.
 */
function takeMessages(client: MqttClient, parts: Pick<Parts, 'logger'>, listen: Listen): void {
  let unstored = 0;
  const room: (() => void)[] = [];
  client.handleMessage = ({ topic, payload, qos, messageId }, next) => {
    const { stream } = client;
    unstored += 1;
    listen({ topic, payload: Buffer.from(payload), remoteAddress: null })
      .then(() => {
        if (qos === 1 && messageId !== undefined && client.stream === stream && client.connected)
          stream.write(Buffer.from([pubackType, 2, messageId >> 8, messageId & 0xff]));
      })
      .catch((error: unknown) => {
        parts.logger.warn(
          { err: error, topic },
          'a message could not be stored; the broker is asked for it again',
        );
        // What is not acknowledged comes again with the next connection.
        if (client.stream === stream) stream.destroy();
      })
      .finally(() => {
        unstored -= 1;
        room.shift()?.();
      });
    const goOn = (): void => next(qos === 1 ? new Error('acknowledged when it is stored') : undefined);
    if (unstored < unstoredMax) goOn();
    else room.push(goOn);
  };
}
