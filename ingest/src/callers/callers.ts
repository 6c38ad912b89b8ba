// SPDX-License-Identifier: Apache-2.0
/** The ports on which devices call in, and the desk behind them. */
import type { GatewaySnapshot } from '@wattledger/contracts';
import type { Parts, SnapshotCopy } from '@wattledger/platform';
import { listenForUploads, type UploadListener } from '../acrel-upload/upload-listener.ts';
import type { LineOpeners } from '../collector/collector.ts';
import type { CallerIdentity } from './caller-facts.ts';
import { createCallerDesk, type CallerDesk } from './caller-desk.ts';

export interface ListenOptions {
  readonly host: string;
  readonly port: number;
  /** Nobody asked for this port: when it is taken, the product does without it. */
  readonly optional?: boolean;
}
export interface CallersOptions {
  /** Zone of the clocks of callers that nobody has claimed yet. */
  readonly defaultZone?: string;
  /** Acrel meters with a modem of their own; left out: no port is opened. */
  readonly acrelUpload?: ListenOptions;
}

export interface Callers {
  readonly desk: CallerDesk;
  readonly openers: LineOpeners;
  /** What the registry has told must be known before: an unknown caller's readings are not kept. */
  start(): Promise<void>;
  stop(): Promise<void>;
  ports(): { readonly acrelUpload: number | null };
}

export function createCallers(
  parts: Pick<Parts, 'eventLog' | 'clock' | 'logger'>,
  snapshots: Pick<SnapshotCopy<'gateway'>, 'all'>,
  options: CallersOptions,
): Callers {
  const desk = createCallerDesk(parts, options.defaultZone ?? 'UTC', (identity) =>
    gatewayOf(snapshots.all('gateway'), identity),
  );
  let uploads: UploadListener | null = null;
  return {
    desk,
    openers: { mqtt: (line) => desk.openLine(line), 'acrel-upload': (line) => desk.openLine(line) },
    start: async () => {
      desk.start();
      uploads = await openPort(parts, options.acrelUpload, async (listen) => {
        return await listenForUploads(parts, desk, listen);
      });
    },
    stop: async () => {
      await uploads?.stop();
      uploads = null;
      await desk.stop();
    },
    ports: () => ({ acrelUpload: uploads?.port ?? null }),
  };
}

function gatewayOf(
  gateways: readonly GatewaySnapshot[],
  { via, serial }: Pick<CallerIdentity, 'via' | 'serial'>,
): GatewaySnapshot | undefined {
  return gateways.find(
    ({ transport }) => transport.kind === via && 'serial' in transport && transport.serial === serial,
  );
}

async function openPort<T>(
  parts: Pick<Parts, 'logger'>,
  options: ListenOptions | undefined,
  open: (options: ListenOptions) => Promise<T>,
): Promise<T | null> {
  if (options === undefined) return null;
  try {
    return await open(options);
  } catch (error) {
    const taken = error instanceof Error && 'code' in error && error.code === 'EADDRINUSE';
    if (options.optional !== true || !taken) throw error;
    parts.logger.warn(
      { port: options.port },
      'the port for devices that call in is taken by another program; they cannot call in here',
    );
    return null;
  }
}
