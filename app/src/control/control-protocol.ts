// SPDX-License-Identifier: Apache-2.0
/**
 * How the command line talks to a product that is already running on the same data directory: one engine and one
 * directory per process, so a second process may not open the stores. A Unix socket inside the data directory,
 * readable by its owner only, carries one command per request; the answer is lines of JSON.
 */
import { join } from 'node:path';
import { createHash } from 'node:crypto';
import { tmpdir } from 'node:os';

/** Commands that can be asked of a running product. */
export const controlCommands = ['doctor', 'import-site', 'import-readings', 'rebuild', 'backup'] as const;
export type ControlCommand = (typeof controlCommands)[number];

export type ControlLine =
  /** Progress or result for people. */
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'error'; readonly text: string }
  /** Last line. */
  | { readonly kind: 'exit'; readonly code: number };

/** Linux and macOS allow about a hundred bytes for a socket's path; a deeper data directory gets one in the temporary folder. */
const socketPathBytesMax = 100;

export function controlSocketPath(dataDirectory: string): string {
  const inside = join(dataDirectory, 'control.sock');
  if (Buffer.byteLength(inside) <= socketPathBytesMax) return inside;
  const name = createHash('sha256').update(dataDirectory).digest('hex').slice(0, 24);
  return join(tmpdir(), `wattledger-${name}.sock`);
}
