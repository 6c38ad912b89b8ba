// SPDX-License-Identifier: Apache-2.0
/** Which topics the three languages use, which way each goes, and whose it is. Pure. */
import type { MqttDialect } from '@wattledger/contracts';

export interface CallerTopic {
  readonly dialect: MqttDialect;
  /** up: the device speaks. down: it is spoken to. */
  readonly direction: 'up' | 'down';
  readonly serial: string;
  readonly productKey: string | null;
  /** What kind of message: login, data, readings… */
  readonly channel: string;
}

const serialPattern = /^[\w.:-]{1,64}$/;
const ownUp = new Set(['hello', 'readings', 'state', 'outcome']);

/** @returns null when no language of ours has such a topic */
export function readTopic(topic: string): CallerTopic | null {
  const parts = topic.split('/');
  const found = acrelV1(parts) ?? acrelV2(parts) ?? own(parts);
  return found !== null && serialPattern.test(found.serial) ? found : null;
}

/** /gw/acrelHW/{product}/{channel}/{serial}, and /server/… downward */
function acrelV1(parts: readonly string[]): CallerTopic | null {
  const [first, side, brand, productKey, channel, serial, ...more] = parts;
  if (first !== '' || brand !== 'acrelHW' || more.length > 0) return null;
  if (side !== 'gw' && side !== 'server') return null;
  if (productKey === undefined || channel === undefined || serial === undefined) return null;
  return { dialect: 'acrel-v1', direction: side === 'gw' ? 'up' : 'down', serial, productKey, channel };
}

/** sys/dev, indicate/dev and data/up come from the device, sys/server and indicate/server go to it. */
function acrelV2(parts: readonly string[]): CallerTopic | null {
  const [channel, side, productKey, serial, ...more] = parts;
  if (productKey === undefined || serial === undefined || more.length > 0) return null;
  const dialect = 'acrel-v2';
  if (channel === 'data' && side === 'up') return { dialect, direction: 'up', serial, productKey, channel };
  if (channel !== 'sys' && channel !== 'indicate') return null;
  if (side !== 'dev' && side !== 'server') return null;
  return { dialect, direction: side === 'dev' ? 'up' : 'down', serial, productKey, channel };
}

/** wattledger/v1/{serial}/{channel} */
function own(parts: readonly string[]): CallerTopic | null {
  const [name, version, serial, channel, ...more] = parts;
  if (name !== 'wattledger' || version !== 'v1' || serial === undefined || channel === undefined) return null;
  if (more.length > 0 || (!ownUp.has(channel) && channel !== 'command')) return null;
  const direction = ownUp.has(channel) ? 'up' : 'down';
  return { dialect: 'wattledger', direction, serial, productKey: null, channel };
}

/** Topics of everything that devices say, for a client at somebody else's broker. */
export const upwardFilters = [
  '/gw/acrelHW/+/+/+',
  'sys/dev/+/+',
  'data/up/+/+',
  'indicate/dev/+/+',
  'wattledger/v1/+/hello',
  'wattledger/v1/+/readings',
  'wattledger/v1/+/state',
  'wattledger/v1/+/outcome',
] as const;

export function mayPublish(serial: string, topic: string): boolean {
  const read = readTopic(topic);
  return read !== null && read.direction === 'up' && read.serial === serial;
}

/** A device reads what is said to it and nothing else; only the places of product and kind may be left open. */
export function maySubscribe(serial: string, filter: string): boolean {
  if (filter === `wattledger/v1/${serial}/#`) return true;
  const read = readTopic(filter);
  return read !== null && read.direction === 'down' && read.serial === serial;
}

export function downTopic(to: Omit<CallerTopic, 'direction'>): string {
  const { dialect, serial, productKey, channel } = to;
  if (dialect === 'acrel-v1') return `/server/acrelHW/${productKey ?? ''}/${channel}/${serial}`;
  if (dialect === 'acrel-v2') return `${channel}/server/${productKey ?? ''}/${serial}`;
  return `wattledger/v1/${serial}/${channel}`;
}
