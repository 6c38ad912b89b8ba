// SPDX-License-Identifier: Apache-2.0
/** What the languages need of MQTT, whoever's broker it is. */
import type { Buffer } from 'node:buffer';

export interface Said {
  readonly topic: string;
  readonly payload: Buffer;
  readonly remoteAddress: string | null;
}
/** Resolves when what was said is durable: only then is it acknowledged. @throws Error when it is to be said again */
export type Listen = (said: Said) => Promise<void>;

export interface MqttBus {
  /** Port of the broker, where it is ours. */
  readonly port: number | null;
  /** QoS 1. */
  say(topic: string, message: unknown): Promise<void>;
  stop(): Promise<void>;
}

/** Largest message of a device: a gateway's whole topology. */
export const messageBytesMax = 64 * 1024;
