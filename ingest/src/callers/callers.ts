// SPDX-License-Identifier: Apache-2.0
/** The ports on which devices call in, and the desk behind them. */
import type { GatewaySnapshot } from '@wattledger/contracts';
import type { Parts, SnapshotCopy } from '@wattledger/platform';
import { listenForUploads, type UploadListener } from '../acrel-upload/upload-listener.ts';
import { createMqttPorts, type MqttOptions } from '../mqtt/mqtt-ports.ts';
import type { LineOpeners } from '../collector/collector.ts';
import { createDialIn, type DialIn } from '../lines/dial-in.ts';
import type { CallerIdentity } from './caller-facts.ts';
import { createCallerDesk, type CallerDesk } from './caller-desk.ts';
import { openPort, type ListenOptions } from './open-port.ts';

export interface CallersOptions {
  /** Zone of the clocks of callers that nobody has claimed yet. */
  readonly defaultZone?: string;
  /** Acrel meters with a modem of their own; left out: no port is opened. */
  readonly acrelUpload?: ListenOptions;
  /** Brokers over which devices speak. */
  readonly mqtt?: MqttOptions;
  /** Serial servers that call in with RTU frames or the bytes of another line. */
  readonly dialIn?: ListenOptions;
}

export interface Callers {
  readonly desk: CallerDesk;
  readonly openers: LineOpeners;
  /** Lines of serial servers that call in; null: no port is opened for them. */
  readonly dialIn: DialIn | null;
  /** What the registry has told must be known before: an unknown caller's readings are not kept. */
  start(): Promise<void>;
  stop(): Promise<void>;
  ports(): Readonly<Record<'acrelUpload' | 'dialIn' | 'mqtt', number | null>>;
}

export function createCallers(
  parts: Pick<Parts, 'eventLog' | 'clock' | 'logger'>,
  snapshots: Pick<SnapshotCopy<'gateway'>, 'all'>,
  options: CallersOptions,
): Callers {
  const desk = createCallerDesk(parts, options.defaultZone ?? 'UTC', (identity) =>
    gatewayOf(snapshots.all('gateway'), identity),
  );
  const dialIn = options.dialIn === undefined ? null : dialInOf(parts, desk, snapshots);
  const mqtt = createMqttPorts(parts, desk, options.mqtt ?? {});
  let uploads: UploadListener | null = null;
  return {
    desk,
    dialIn,
    openers: { mqtt: (line) => desk.openLine(line), 'acrel-upload': (line) => desk.openLine(line) },
    start: async () => {
      desk.start();
      uploads = await openPort(parts, options.acrelUpload, async (listen) => {
        return await listenForUploads(parts, desk, listen);
      });
      await mqtt.start();
      await openPort(parts, options.dialIn, async (listen) => await dialIn?.listen(listen));
    },
    stop: async () => {
      await uploads?.stop();
      uploads = null;
      await mqtt.stop();
      await dialIn?.stop();
      await desk.stop();
    },
    ports: () => ({ acrelUpload: uploads?.port ?? null, dialIn: dialIn?.port ?? null, mqtt: mqtt.port() }),
  };
}

function dialInOf(
  parts: Pick<Parts, 'clock'>,
  desk: CallerDesk,
  snapshots: Pick<SnapshotCopy<'gateway'>, 'all'>,
): DialIn {
  const via = 'rtu-dial-in';
  return createDialIn({
    clock: parts.clock,
    onUnknownCaller: ({ registration: serial, remoteAddress }) => {
      const claimed = snapshots
        .all('gateway')
        .some(({ transport }) => transport.kind === via && transport.registration === serial);
      if (!claimed) desk.notices.note({ via, serial, dialect: null, productKey: null }, { remoteAddress }, 0);
    },
  });
}

function gatewayOf(
  gateways: readonly GatewaySnapshot[],
  { via, serial }: Pick<CallerIdentity, 'via' | 'serial'>,
): GatewaySnapshot | undefined {
  return gateways.find(
    ({ transport }) => transport.kind === via && 'serial' in transport && transport.serial === serial,
  );
}
