// SPDX-License-Identifier: Apache-2.0
/** Keeps one line per gateway of this process's share, as the registry has it, live to its changes. */
import type { GatewayTransportKind } from '@wattledger/contracts';
import type { Clock, Parts } from '@wattledger/platform';
import { registerMaps } from '../register-maps/index.ts';
import type { DialIn } from '../lines/dial-in.ts';
import { lineOpener } from '../lines/open-line.ts';
import { GatewayLine, type Asking } from './gateway-line.ts';
import type { Line, LineTask, OpenLine } from './line.ts';
import type { PollResults } from './poll-results.ts';
import { shareOf } from './poll-schedule.ts';
import { pollTargets, type Fleet } from './poll-targets.ts';
import { readGatewayStates, readMeterStates } from './states-store.ts';

/** Which gateways this process looks after, of several that share the work. */
export interface Share {
  readonly index: number;
  readonly count: number;
}

export interface Collector {
  /** Begins to poll; from then on follows `changed`. */
  start(): Promise<void>;
  /** The registry told something new. Changes that come close together are taken up once. */
  changed(): void;
  /** Hands a task to the line of the meter. false: this process does not poll that meter. */
  enqueue(task: LineTask): boolean;
  /** Gateways and meters polled here. */
  counts(): { readonly gateways: number; readonly meters: number };
  stop(): Promise<void>;
}

/** Any process can dial; who calls in, or hangs on a serial port, is looked after by the first. */
const dialledKinds: ReadonlySet<GatewayTransportKind> = new Set(['modbus-tcp', 'rtu-over-tcp']);
export type LineOpeners = Partial<Record<GatewayTransportKind, OpenLine>>;
/** Lines on which we ask, whether we open them or are called. */
export function pollingLines(
  dialIn: DialIn | null,
  passwordOf: Asking['passwordOf'] = () => Promise.resolve(null),
): LineOpeners {
  const asking = { open: lineOpener(dialIn), passwordOf };
  const line: OpenLine = (options) => new GatewayLine(options, asking);
  return { 'modbus-tcp': line, 'rtu-over-tcp': line, 'rtu-dial-in': line, serial: line };
}

/** An import of a thousand meters comes as many changes. */
const settleMs = 100;

export function createCollector(options: {
  readonly parts: Pick<Parts, 'database' | 'logger'> & { readonly clock: Clock };
  readonly results: PollResults;
  readonly share: Share;
  readonly fleet: () => Fleet;
  /** Who opens the lines of each kind. */
  readonly openers?: LineOpeners;
}): Collector {
  const { parts, results, share, fleet, openers = pollingLines(null) } = options;
  const lines = new Map<string, Line>();
  const lineOfMeter = new Map<string, Line>();
  let timer: NodeJS.Timeout | null = null;
  let refreshing: Promise<void> = Promise.resolve();
  let running = false;

  async function refresh(): Promise<void> {
    const targets = pollTargets(fleet(), registerMaps).filter(
      ({ gatewayId, transport: { kind } }) =>
        openers[kind] !== undefined &&
        (dialledKinds.has(kind) ? shareOf(gatewayId, share.count) : 0) === share.index,
    );
    const known = new Set([...lines.values()].flatMap((line) => [...line.meterIds]));
    const news = targets
      .flatMap((target) => target.meters.map(({ meterId }) => meterId))
      .filter((id) => !known.has(id));
    const [meterStates, gatewayStates] = await Promise.all([
      readMeterStates(parts.database, news),
      readGatewayStates(
        parts.database,
        targets.map(({ gatewayId }) => gatewayId).filter((id) => !lines.has(id)),
      ),
    ]);
    const wanted = new Set(targets.map(({ gatewayId }) => gatewayId));
    const gone = [...lines].filter(([gatewayId]) => !wanted.has(gatewayId));
    for (const [gatewayId] of gone) lines.delete(gatewayId);
    // An address must be free before another line opens it.
    await Promise.all(gone.map(async ([, line]) => await line.stop()));
    for (const target of targets) {
      const line = lines.get(target.gatewayId);
      if (line !== undefined) {
        line.update(target, meterStates);
        continue;
      }
      const fresh = openers[target.transport.kind]?.({
        target,
        state: gatewayStates.get(target.gatewayId),
        meterStates,
        results,
        clock: parts.clock,
        logger: parts.logger,
      });
      if (fresh === undefined) continue;
      lines.set(target.gatewayId, fresh);
      fresh.start();
    }
    lineOfMeter.clear();
    for (const line of lines.values()) for (const meterId of line.meterIds) lineOfMeter.set(meterId, line);
  }

  function refreshInTurn(): Promise<void> {
    refreshing = refreshing
      .catch(() => undefined)
      .then(async () => {
        if (running) await refresh();
      });
    return refreshing;
  }

  function refreshLater(afterMs: number): void {
    timer ??= setTimeout(() => {
      timer = null;
      refreshInTurn().catch((error: unknown) => {
        parts.logger.warn({ err: error }, 'the list of meters could not be taken up; trying again');
        if (running) refreshLater(2_000);
      });
    }, afterMs);
  }

  return {
    start: async () => {
      running = true;
      await refreshInTurn();
    },
    changed: () => {
      if (running) refreshLater(settleMs);
    },
    enqueue: (task) => {
      const line = lineOfMeter.get(task.meterId);
      line?.enqueue(task);
      return line !== undefined;
    },
    counts: () => ({ gateways: lines.size, meters: lineOfMeter.size }),
    stop: async () => {
      running = false;
      if (timer !== null) clearTimeout(timer);
      await refreshing.catch(() => undefined);
      await Promise.all([...lines.values()].map(async (line) => await line.stop()));
      lines.clear();
      lineOfMeter.clear();
    },
  };
}
