// SPDX-License-Identifier: Apache-2.0
/** The port of channels: a message goes out, and the provider's answer comes back as a value. */
import type { Filled } from '../template.ts';
import type { Language } from '../notice-words.ts';

export interface Message {
  /** Stays the same over all attempts: whoever receives it twice can tell. */
  readonly id: string;
  readonly to: string;
  readonly recipient: string;
  readonly subject: string;
  readonly text: string;
  readonly language: Language;
  readonly filled: Filled;
  /** What a machine at the other end may want, whole. */
  readonly about: Readonly<Record<string, unknown>>;
}
export type SendOutcome =
  | { readonly ok: true; readonly answer: string }
  /** `permanent`: the provider will say the same tomorrow. */
  | { readonly ok: false; readonly permanent: boolean; readonly answer: string };

export interface Channel {
  /** Never throws: whatever goes wrong is an outcome with words. */
  send(message: Message): Promise<SendOutcome>;
}

export const sendTimeoutMs = 15_000;
const answerCharactersMax = 500;

/** Words of a provider as they are kept: one line, bounded. */
export const providerWords = (text: string): string =>
  text
    .toWellFormed()
    .replaceAll(/[\p{Cc}\s]+/gu, ' ')
    .trim()
    .slice(0, answerCharactersMax);

/** What a failure of the way there (not of the provider) says. */
export function wayFault(error: unknown): SendOutcome {
  const { message, cause, code } = error as { message?: string; cause?: { message?: string }; code?: string };
  const words = [message, cause?.message, code].filter((part) => part !== undefined && part !== '');
  return { ok: false, permanent: false, answer: providerWords(words.join(': ')) };
}
