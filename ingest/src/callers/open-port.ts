// SPDX-License-Identifier: Apache-2.0
import type { Parts } from '@wattledger/platform';

export interface ListenOptions {
  readonly host: string;
  readonly port: number;
  /** Nobody asked for this port: when it is taken, the product does without it. */
  readonly optional?: boolean;
}

/** @throws Error when a port that somebody asked for cannot be opened */
export async function openPort<T, O extends ListenOptions>(
  parts: Pick<Parts, 'logger'>,
  options: O | undefined,
  open: (options: O) => Promise<T>,
): Promise<T | null> {
  if (options === undefined) return null;
  try {
    return await open(options);
  } catch (error) {
    const taken = error instanceof Error && 'code' in error && error.code === 'EADDRINUSE';
    if (options.optional !== true || !taken) throw error;
    parts.logger.info(
      { port: options.port },
      'the port for devices that call in is taken by another program; they cannot call in here',
    );
    return null;
  }
}
