// SPDX-License-Identifier: Apache-2.0
/** Every device that speaks over MQTT: whose message it is, and in which language. */
import type { Buffer } from 'node:buffer';
import type { MqttDialect } from '@wattledger/contracts';
import type { Parts } from '@wattledger/platform';
import { z } from 'zod';
import type { CallerDesk, Visit } from '../callers/caller-desk.ts';
import { openAcrelV1 } from './acrel-v1.ts';
import { openAcrelV2 } from './acrel-v2.ts';
import type { OpenSpeaker, Speaker, Talk } from './dialect.ts';
import { isFields, type Fields } from './message-fields.ts';
import { messageBytesMax, type MqttBus, type Said } from './mqtt-bus.ts';
import { downTopic, readTopic, type CallerTopic } from './mqtt-topics.ts';
import { openOwnScheme } from './own-scheme.ts';

const speakers: Readonly<Record<MqttDialect, OpenSpeaker>> = {
  'acrel-v1': openAcrelV1,
  'acrel-v2': openAcrelV2,
  wattledger: openOwnScheme,
};

/** Devices held in memory; beyond this the one heard of longest ago is let go until it speaks again. */
const devicesMax = 20_000;

interface Device {
  readonly speaker: Speaker;
  readonly visit: Visit;
  readonly topic: CallerTopic;
}

export interface MqttCallers {
  hear(said: Said): Promise<void>;
  /** Its connection has ended. */
  left(serial: string): void;
  speakThrough(bus: MqttBus): void;
}

export function createMqttCallers(parts: Pick<Parts, 'clock' | 'logger'>, desk: CallerDesk): MqttCallers {
  const devices = new Map<string, Device>();
  let bus: MqttBus | null = null;

  function deviceOf(topic: CallerTopic): Device {
    const known = devices.get(topic.serial);
    const isSame = known?.topic.dialect === topic.dialect && known.topic.productKey === topic.productKey;
    const device = known !== undefined && isSame ? known : arrival(topic);
    // Taken out and put back: the first of the map is the one heard of longest ago.
    devices.delete(topic.serial);
    devices.set(topic.serial, device);
    if (devices.size > devicesMax) {
      const [oldest] = devices.keys();
      if (oldest !== undefined) left(oldest);
    }
    return device;
  }

  function arrival(topic: CallerTopic): Device {
    const { serial, dialect, productKey } = topic;
    const identity = { via: 'mqtt', serial, dialect, productKey } as const;
    const talk: Talk = {
      identity,
      clock: parts.clock,
      visit: () => visit,
      say: async (channel, message) =>
        await bus?.say(downTopic({ dialect, serial, productKey, channel }), message),
    };
    const speaker = speakers[dialect](talk);
    const visit = desk.arrive(identity, speaker);
    return { speaker, visit, topic };
  }

  function left(serial: string): void {
    devices.get(serial)?.visit.leave();
    devices.delete(serial);
  }

  return {
    left,
    speakThrough: (through) => {
      bus = through;
    },
    hear: async ({ topic, payload, remoteAddress }) => {
      const read = readTopic(topic);
      if (read === null || read.direction === 'down') return;
      const { speaker, visit } = deviceOf(read);
      visit.heard();
      if (remoteAddress !== null && !visit.claimed) visit.describe({ remoteAddress });
      const message = messageIn(payload);
      try {
        if (message !== null) return await speaker.hear(read.channel, message);
      } catch (error) {
        // Said again it would be as wrong; everything else is worth another time.
        if (!(error instanceof z.ZodError)) throw error;
        parts.logger.warn(
          { serial: read.serial, topic, err: error },
          'a message over MQTT has a wrong shape',
        );
        return;
      }
      parts.logger.warn(
        { serial: read.serial, topic },
        'a message over MQTT is no JSON object that can be kept',
      );
    },
  };
}

/** Escapes of NUL and of halves of characters: no store can keep such texts. */
const unstorable = /\\u(0000|d[89a-f])/i;

function messageIn(payload: Buffer): Fields | null {
  if (payload.length > messageBytesMax) return null;
  const json = payload.toString('utf8');
  if (unstorable.test(json)) return null;
  try {
    const message: unknown = JSON.parse(json);
    return isFields(message) ? message : null;
  } catch {
    return null;
  }
}
