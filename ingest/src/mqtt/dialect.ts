// SPDX-License-Identifier: Apache-2.0
/** One device and the language it speaks. */
import type { Clock } from '@wattledger/platform';
import type { CallerPort } from '../callers/called-line.ts';
import type { Visit } from '../callers/caller-desk.ts';
import type { CallerIdentity } from '../callers/caller-facts.ts';

export interface Speaker extends CallerPort {
  /** Resolves when what it means is durable. */
  hear(channel: string, message: Readonly<Record<string, unknown>>): Promise<void>;
}

/** What a language may do. */
export interface Talk {
  readonly identity: CallerIdentity;
  readonly clock: Clock;
  /** The desk's; there once the speaker is. */
  visit(): Visit;
  /** Says something on a downward channel. */
  say(channel: string, message: unknown): Promise<void>;
}
export type OpenSpeaker = (talk: Talk) => Speaker;
