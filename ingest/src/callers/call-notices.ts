// SPDX-License-Identifier: Apache-2.0
/**
 * Tells the registry of callers that nobody has claimed: when one is new, then at most once a minute when what is known
 * of it has changed (sooner when it is what stands behind it: somebody may be waiting to claim it). The newest telling is whole, so that a lost one costs nothing.
 */
import { isDeepStrictEqual } from 'node:util';
import { topics, type DeviceCall } from '@wattledger/contracts';
import type { Parts } from '@wattledger/platform';
import { registerMaps } from '../register-maps/index.ts';
import {
  learn,
  strangerOf,
  type CallerFacts,
  type CallerIdentity,
  type KnownCaller,
} from './caller-facts.ts';

interface Stranger {
  known: KnownCaller;
  unusedReadings: number;
  readonly firstMs: number;
  heardMs: number;
  told: { readonly call: DeviceCall; readonly atMs: number } | null;
}

/** Anybody may call: beyond this the one heard of longest ago is forgotten until it calls again. */
const strangersMax = 10_000;
const tellEveryMs = 60_000;
const tellTopologyEveryMs = 5_000;
/** What a caller says in its first breath is told in one record. */
const firstBreathMs = 2_000;
const lookMs = 500;

export class CallNotices {
  readonly #parts: Pick<Parts, 'eventLog' | 'clock' | 'logger'>;
  readonly #strangers = new Map<string, Stranger>();
  #timer: NodeJS.Timeout | null = null;
  #telling: Promise<void> | null = null;

  constructor(parts: Pick<Parts, 'eventLog' | 'clock' | 'logger'>) {
    this.#parts = parts;
  }

  get count(): number {
    return this.#strangers.size;
  }

  start(): void {
    this.#timer ??= setInterval(() => this.#tell(), lookMs);
  }

  async stop(): Promise<void> {
    if (this.#timer !== null) clearInterval(this.#timer);
    this.#timer = null;
    await this.#telling;
  }

  /** @param unused readings that came and are not kept */
  note(identity: CallerIdentity, facts: CallerFacts, unused: number): void {
    const key = keyOf(identity);
    const found = this.#strangers.get(key);
    const nowMs = this.#parts.clock.nowMs();
    const stranger = found ?? {
      known: strangerOf(identity),
      unusedReadings: 0,
      firstMs: nowMs,
      heardMs: nowMs,
      told: null,
    };
    stranger.known = learn(stranger.known, facts, registerMaps);
    stranger.unusedReadings += unused;
    stranger.heardMs = nowMs;
    // Taken out and put back: the first of the map is the one heard of longest ago.
    this.#strangers.delete(key);
    this.#strangers.set(key, stranger);
    if (this.#strangers.size > strangersMax) {
      const [oldest] = this.#strangers.keys();
      if (oldest !== undefined) this.#strangers.delete(oldest);
    }
  }

  /** It has been claimed, or was never a stranger. */
  forget(identity: Pick<CallerIdentity, 'via' | 'serial'>): void {
    this.#strangers.delete(keyOf(identity));
  }

  #tell(): void {
    if (this.#timer === null || this.#telling !== null) return;
    this.#telling = this.#tellDue()
      .catch((error: unknown) =>
        this.#parts.logger.warn({ err: error }, 'calls of unclaimed devices could not be told; trying again'),
      )
      .finally(() => {
        this.#telling = null;
      });
  }

  async #tellDue(): Promise<void> {
    const nowMs = this.#parts.clock.nowMs();
    const due = [...this.#strangers.values()].filter((stranger) => isDue(stranger, nowMs));
    if (due.length === 0) return;
    const calls = due.map((stranger) => ({ stranger, call: callOf(stranger) }));
    await this.#parts.eventLog.append(
      topics.deviceCalls,
      calls.map(({ call }) => ({ key: call.serial, value: call })),
    );
    for (const { stranger, call } of calls) stranger.told = { call, atMs: nowMs };
  }
}

function keyOf({ via, serial }: Pick<CallerIdentity, 'via' | 'serial'>): string {
  return `${via}/${serial}`;
}

function callOf({ known, unusedReadings, heardMs }: Stranger): DeviceCall {
  return { ...known, unusedReadings, atMs: heardMs };
}

function isDue(stranger: Stranger, nowMs: number): boolean {
  const { told, known, firstMs } = stranger;
  if (told === null) return nowMs - firstMs >= firstBreathMs;
  const sinceMs = nowMs - told.atMs;
  if (sinceMs >= tellEveryMs)
    return !isDeepStrictEqual({ ...callOf(stranger), atMs: 0 }, { ...told.call, atMs: 0 });
  return sinceMs >= tellTopologyEveryMs && !isDeepStrictEqual(known.topology, told.call.topology);
}
