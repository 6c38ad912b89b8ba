// SPDX-License-Identifier: Apache-2.0
/**
 * Where everything that calls in is received: a caller whose serial the registry has given to a gateway speaks to that
 * gateway's line; of any other it is only noted that it called.
 */
import type { GatewaySnapshot } from '@wattledger/contracts';
import type { Parts } from '@wattledger/platform';
import type { Line, LineOptions } from '../collector/line.ts';
import { CallNotices } from './call-notices.ts';
import { CalledLine, type CallerPort } from './called-line.ts';
import type { CallerFacts, CallerIdentity } from './caller-facts.ts';
import type { MeterUpload } from './meter-upload.ts';

/** One caller that is there. */
export interface Visit {
  /** Whether the registry knows it. */
  readonly claimed: boolean;
  /** Whose clock it is to show. */
  readonly zone: string;
  readonly timeoutMs: number;
  /** Anything came from it. */
  heard(): void;
  describe(facts: CallerFacts): void;
  /** Resolves when its readings are durable; of an unclaimed one they are counted. @throws Error when they are lost */
  take(uploads: readonly MeterUpload[]): Promise<void>;
  leave(): void;
}

export interface CallerDesk {
  readonly notices: CallNotices;
  /** Of callers that nobody has claimed. */
  readonly defaultZone: string;
  openLine(options: LineOptions): Line;
  arrive(identity: CallerIdentity, port: CallerPort): Visit;
  start(): void;
  stop(): Promise<void>;
}

/** Where the registry says nothing of a caller. */
const timeoutMsDefault = 5_000;

interface Present {
  readonly port: CallerPort;
  /** What it told of itself, also before it was claimed. */
  facts: CallerFacts;
}

export function createCallerDesk(
  parts: Pick<Parts, 'eventLog' | 'clock' | 'logger'>,
  defaultZone: string,
  /** The gateway that has this serial, whether it is enabled or not. */
  gatewayOf: (identity: CallerIdentity) => GatewaySnapshot | undefined,
): CallerDesk {
  const notices = new CallNotices(parts);
  const lines = new Map<string, CalledLine>();
  const present = new Map<string, Present>();

  function visitOf(identity: CallerIdentity, port: CallerPort): Visit {
    const key = `${identity.via}/${identity.serial}`;
    const line = (): CalledLine | undefined => lines.get(key);
    const here: Present = { port, facts: {} };
    present.set(key, here);
    line()?.connected(port);
    return {
      get claimed() {
        return line() !== undefined;
      },
      get zone() {
        return line()?.zone ?? defaultZone;
      },
      get timeoutMs() {
        return line()?.timeoutMs ?? timeoutMsDefault;
      },
      heard: () => line()?.heard(),
      describe: (facts) => {
        here.facts = { ...here.facts, ...facts };
        if (line() === undefined) {
          if (gatewayOf(identity) === undefined) notices.note(identity, facts, 0);
        } else line()?.describe(facts);
      },
      take: async (uploads) => {
        const claimed = line();
        if (claimed !== undefined) return await claimed.take(uploads);
        const gateway = gatewayOf(identity);
        // Of a gateway that is switched off nothing is wanted; one whose line is about to open is heard when it says it again.
        if (gateway?.enabled === false) return;
        if (gateway !== undefined) throw new Error('the line of this gateway is not open yet');
        const readings = uploads.reduce((sum, { registers }) => sum + registers.length, 0);
        notices.note(identity, {}, readings);
      },
      leave: () => {
        if (present.get(key)?.port === port) present.delete(key);
        line()?.disconnected(port);
      },
    };
  }

  return {
    notices,
    defaultZone,
    openLine: (options) => {
      const { transport } = options.target;
      if (transport.kind !== 'mqtt' && transport.kind !== 'acrel-upload')
        throw new Error(`a gateway of transport ${transport.kind} does not call in here`);
      const key = `${transport.kind}/${transport.serial}`;
      const line = new CalledLine(options, () => {
        if (lines.get(key) === line) lines.delete(key);
      });
      lines.set(key, line);
      notices.forget({ via: transport.kind, serial: transport.serial });
      const there = present.get(key);
      if (there !== undefined) {
        line.connected(there.port);
        line.describe(there.facts);
      }
      return line;
    },
    arrive: visitOf,
    start: () => notices.start(),
    stop: async () => await notices.stop(),
  };
}
