// SPDX-License-Identifier: Apache-2.0
/** Our end of a line: how it is opened, and what can be done about bytes that nobody can tell apart. */
import type { Buffer } from 'node:buffer';

/** An open line. Sockets are such; a serial port is wrapped to be one. */
export interface ByteLine {
  write(bytes: Buffer): void;
  destroy(): void;
  on(event: 'data', take: (chunk: Buffer) => void): unknown;
  on(event: 'error', take: (error: Error) => void): unknown;
  on(event: 'close', take: () => void): unknown;
  /** Our port on the network, where there is one. */
  readonly localPort?: number | undefined;
}

export interface LineEnd {
  /** Where it leads, for people. */
  readonly name: string;
  /** @returns the open line, or why there is none */
  open(timeoutMs: number): Promise<ByteLine | string>;
  /**
   * What parts a question from what earlier ones left on the way: a connection of its own, which costs little where we
   * dial; or, where connections are dear, silence and the answer to a question that looks otherwise.
   */
  readonly parting: 'renewal' | 'fence';
  /** What is done when an answer may still be on the way. drain: everything is thrown away until the line is silent. */
  readonly afterDoubt: 'close' | 'drain';
  /** A line that cannot be opened is tried again only after a growing pause. */
  readonly backsOff: boolean;
  /** What the other side sends besides answers. */
  readonly marks: readonly Buffer[];
  /** Time of one byte on the wire, ms; 0: it does not count. */
  readonly byteMs: number;
  /** Somebody called in: tells whoever waits. */
  whenCalled?(tell: () => void): void;
  /** Nobody is waited for any more. */
  hurry?(): void;
  /** Gives up what is held for it. */
  release?(): void;
}
