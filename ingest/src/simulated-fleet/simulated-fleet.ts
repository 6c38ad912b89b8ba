// SPDX-License-Identifier: Apache-2.0
/**
 * The simulated field: sites with gateways and meters that are real Modbus TCP servers on loopback, and their history.
 * A register is one function of the instant (see load-model.ts), so history and live registers meet by construction,
 * in whatever order history is made.
 */
import type { TariffCalendar } from '@wattledger/contracts';
import type { Clock } from '@wattledger/platform';
import { createFaultBook, type FaultOptions, type FaultTarget, type FleetFault } from './fleet-faults.ts';
import {
  createForgetfulJournal,
  openFleetJournal,
  type FleetEvent,
  type FleetJournal,
} from './fleet-journal.ts';
import { createSimulatedGateway, type SimulatedGateway } from './simulated-gateway.ts';
import {
  createSimulatedSite,
  type MeterHistory,
  type SimulatedMeter,
  type SimulatedSite,
} from './simulated-site.ts';
import type { LoadProfile } from './load-model.ts';
import { createLocalDayLine, type DayNumber } from './local-day-line.ts';
import type { OwnProtection } from './own-protection.ts';
import { drawBelow, seedOf } from './seeded-draws.ts';
import type { Multiplier } from './simulated-register.ts';

export interface SiteSpec {
  readonly code: string;
  readonly zone: string;
  readonly calendar: TariffCalendar;
  readonly gateways: readonly string[];
  /** Gateways that pass RTU frames through; all others speak Modbus TCP. */
  readonly rtuGateways?: readonly string[];
  /** Children before or after their parents, in any order. */
  readonly meters: readonly MeterSpec[];
}

export interface MeterSpec {
  readonly serial: string;
  /** Code of its gateway; null: nobody can read it (a parent that only sums). */
  readonly gateway: string | null;
  readonly unitId: number;
  /** Register map id. */
  readonly modelId: string;
  /** Serial of the meter above it, which counts what this one counts. */
  readonly parent: string | null;
  /** The load behind it; of a meter with children what flows past them unmetered. */
  readonly load: LoadProfile | null;
  /** Loss between this meter and its children, permille of what they take. */
  readonly lossPermille?: number;
  readonly multiplier?: Multiplier;
  /** What the register showed on the first day, base units of the primary side. */
  readonly registerAtStart: number;
  /** What it does to its relay by itself; left out: nothing. */
  readonly protection?: OwnProtection;
}

export interface FleetOptions {
  readonly seed: number;
  readonly sites: readonly SiteSpec[];
  readonly clock: Clock;
  /** Where the fleet remembers; null: nowhere. */
  readonly directory: string | null;
  /** Whole days of history before the fleet is made. */
  readonly historyDays: number;
  readonly host?: string;
  /** Shortest and longest time the line takes for an answer, ms; drawn by the seed. */
  readonly answerDelayMs?: readonly [number, number];
  /** From the making on, loads live so many times faster than the clock. For tests. */
  readonly timeScale?: number;
  /** How often all registers are written down, ms. */
  readonly checkpointMs?: number;
  /** Told of trouble that nobody waits for: a checkpoint that could not be written. */
  readonly onFault?: (error: unknown) => void;
}

export interface SimulatedFleet {
  /** Opens the journal, brings the meters to where they were and the gateways to their ports. */
  start(): Promise<void>;
  stop(): Promise<void>;
  /** When the fleet was made, ms: history ends there. Known after the start, like everything below. */
  readonly madeMs: number;
  /** First instant of history, ms. */
  readonly firstMs: number;
  /** The port it had before where that was free, else another. */
  portOf(site: string, gateway: string): number;
  /**
   * Readings of the meters' primary registers on the grid of `stepMs`, for instants in [fromMs, toMs) that are not in
   * the future; without `serials` of all meters of the site. All meters at once cost least: a parent is the sum of its
   * children.
   */
  history(
    site: string,
    fromMs: number,
    toMs: number,
    stepMs: number,
    serials?: readonly string[],
  ): readonly MeterHistory[];
  historyReadings(site: string, serial: string, fromMs: number, toMs: number, stepMs: number): MeterHistory;
  /** Whole base units (primary side) that the register has reached at an instant, before resolution and rollover. */
  registerAt(site: string, serial: string, instantMs: number): number;
  /** Whole counts of the primary register as a collector reads it at an instant. */
  countAt(site: string, serial: string, instantMs: number): number;
  /** Whether the supply switch lets current through now. */
  isSupplyClosed(site: string, serial: string): boolean;
  /** Sets a register: 0 for a meter that starts anew, near its width for one that rolls over. Primary base units. */
  setRegister(site: string, serial: string, value: number): Promise<void>;
  /** Sets a fault and returns how to lift it. */
  setFault(target: FaultTarget, fault: FleetFault, options?: FaultOptions): () => void;
  clearFaults(): void;
  /** Requests answered, and reads of a span that holds a secret, over all meters. */
  counters(): { readonly requests: number; readonly secretReads: number; readonly connections: number };
}

const localHost = '127.0.0.1';
const minute = 60_000;

interface RunningGateway {
  readonly site: string;
  readonly code: string;
  readonly server: SimulatedGateway;
  listening: boolean;
}

export function createSimulatedFleet(options: FleetOptions): SimulatedFleet {
  const { clock, sites: specs, timeScale = 1, checkpointMs = minute } = options;
  const [delayMin, delayMax] = options.answerDelayMs ?? [2, 9];
  const sites = new Map<string, SimulatedSite>();
  const gateways: RunningGateway[] = [];
  let journal: FleetJournal = createForgetfulJournal();
  let madeMs = 0;
  let newestMs = 0;
  let timer: NodeJS.Timeout | null = null;
  let plugging: Promise<void> = Promise.resolve();
  const faults = createFaultBook(options.seed, () => (plugging = plugging.then(replug)));

  /** Meters' time never runs backwards, whatever the clock does. */
  const nowMs = (): number => (newestMs = Math.max(newestMs, clock.nowMs()));
  const siteOf = (code: string): SimulatedSite => {
    const site = sites.get(code);
    if (site === undefined) throw new RangeError(`no simulated site "${code}"; was the fleet started?`);
    return site;
  };
  const meterOf = (site: string, serial: string): SimulatedMeter => siteOf(site).meterOf(serial);

  async function replug(): Promise<void> {
    for (const gateway of gateways) {
      const struck = faults.strike({ site: gateway.site, gateway: gateway.code, unitId: 0 }, 0, nowMs());
      const wanted = !struck.some((fault) => fault.kind === 'no-connection');
      if (wanted === gateway.listening) continue;
      gateway.listening = wanted;
      if (wanted) await gateway.server.listen(gateway.server.port);
      else await gateway.server.close();
    }
  }

  const buildSites = (firstDay: DayNumber): void => {
    for (const spec of specs) {
      const site = createSimulatedSite(spec, {
        seed: seedOf(options.seed, spec.code),
        firstDay,
        madeMs,
        timeScale,
        keep: (event) => journal.append(event),
        clockDriftMs: (meter) => driftOf(spec.code, meter),
        faultsOf: (meter) => faultsOfMeter(spec.code, meter),
      });
      sites.set(spec.code, site);
      for (const code of spec.gateways) {
        const target = { site: spec.code, gateway: code };
        const server = createSimulatedGateway({
          host: options.host ?? localHost,
          transport: spec.rtuGateways?.includes(code) === true ? 'rtu-over-tcp' : 'modbus-tcp',
          nowMs,
          unitOf: (unitId) => site.unitOf(code, unitId),
          faultsOf: (unitId, request) => faults.strike({ ...target, unitId }, request, nowMs()),
          answerDelayMs: (unitId, request) =>
            delayMin + drawBelow(delayMax - delayMin + 1, options.seed, request, unitId),
        });
        gateways.push({ ...target, code, server, listening: false });
      }
    }
  };
  const faultsOfMeter = (site: string, meter: MeterSpec): readonly FleetFault[] =>
    meter.gateway === null
      ? []
      : faults.strike({ site, gateway: meter.gateway, unitId: meter.unitId }, 0, nowMs());
  const driftOf = (site: string, meter: MeterSpec): number => {
    const drift = faultsOfMeter(site, meter).find((fault) => fault.kind === 'clock-drift');
    return drift?.driftMs ?? 0;
  };

  /** Does again what the journal tells, in its order. */
  const replay = (events: readonly FleetEvent[]): void => {
    for (const event of events) {
      if (event.kind !== 'supply' && event.kind !== 'register') continue;
      const [site, serial] = splitKey(event.meter);
      // A meter of an earlier version of the site file may be gone.
      const meter = sites.get(site)?.find(serial);
      newestMs = Math.max(newestMs, event.atMs);
      if (meter === undefined) continue;
      if (event.kind === 'supply') meter.restoreSwitch(event.words, event.closed, event.atMs);
      else meter.restoreRegister(event.value, event.atMs);
    }
  };

  /** Registers that the load model no longer brings to where they stood: set them there, once and for good. */
  const carryOver = async (): Promise<void> => {
    const { checkpoint } = journal;
    if (checkpoint === null) return;
    newestMs = Math.max(newestMs, checkpoint.atMs);
    for (const [key, value] of Object.entries(checkpoint.registers)) {
      const [site, serial] = splitKey(key);
      const meter = sites.get(site)?.find(serial);
      if (meter === undefined || meter.registerAt(checkpoint.atMs) === value) continue;
      if (meter.lastSetMs > checkpoint.atMs) continue;
      await journal.append({ kind: 'register', meter: key, atMs: checkpoint.atMs, value });
      meter.restoreRegister(value, checkpoint.atMs);
    }
  };

  const writeCheckpoint = async (): Promise<void> => {
    const atMs = nowMs();
    const registers: Record<string, number> = {};
    for (const [code, site] of sites) {
      for (const meter of site.meters) registers[keyOf(code, meter.serial)] = meter.registerAt(atMs);
    }
    await journal.keep({ atMs, registers });
  };

  const listenAll = async (events: readonly FleetEvent[]): Promise<void> => {
    const known = new Map<string, number>();
    for (const event of events) if (event.kind === 'port') known.set(event.gateway, event.port);
    for (const gateway of gateways) {
      const key = keyOf(gateway.site, gateway.code);
      const before = known.get(key);
      const port = await listenNear(gateway.server, before ?? 0);
      gateway.listening = true;
      if (port === before) continue;
      await journal.append({ kind: 'port', gateway: key, port });
    }
  };

  const begin = async (events: readonly FleetEvent[]): Promise<void> => {
    const made = events.find((event) => event.kind === 'fleet');
    if (made !== undefined && made.seed !== options.seed) {
      throw new Error(
        `${options.directory ?? ''} belongs to a simulated field with seed ${made.seed}, not ${options.seed}`,
      );
    }
    madeMs = made?.madeMs ?? clock.nowMs();
    const firstDay = made?.firstDay ?? firstDayOf(specs, madeMs, options.historyDays);
    buildSites(firstDay);
    if (made === undefined) await journal.append({ kind: 'fleet', seed: options.seed, madeMs, firstDay });
    replay(events);
    await carryOver();
    await listenAll(events);
  };

  /** Forgets everything and lets go of every port and file. */
  const end = async (): Promise<void> => {
    for (const gateway of gateways) await gateway.server.close();
    sites.clear();
    gateways.length = 0;
    await journal.close();
    journal = createForgetfulJournal();
  };

  return {
    async start() {
      if (sites.size > 0) throw new Error('the simulated fleet has been started');
      if (options.directory !== null) journal = await openFleetJournal(options.directory);
      try {
        await begin(journal.events);
      } catch (error) {
        await end();
        throw error;
      }
      timer = setInterval(
        () => void writeCheckpoint().catch((error: unknown) => options.onFault?.(error)),
        checkpointMs,
      );
      timer.unref();
    },
    async stop() {
      if (timer !== null) clearInterval(timer);
      timer = null;
      await plugging;
      for (const gateway of gateways) await gateway.server.close();
      if (sites.size > 0) await writeCheckpoint();
      await end();
    },
    get madeMs() {
      return madeMs;
    },
    get firstMs() {
      return Math.min(...[...sites.values()].map((site) => site.firstMs));
    },
    portOf(site, code) {
      const gateway = gateways.find((candidate) => candidate.site === site && candidate.code === code);
      if (gateway === undefined) throw new RangeError(`no simulated gateway "${code}" at "${site}"`);
      return gateway.server.port;
    },
    history: (site, fromMs, toMs, stepMs, serials) =>
      siteOf(site).history(fromMs, Math.min(toMs, nowMs() + 1), stepMs, serials),
    historyReadings(site, serial, fromMs, toMs, stepMs) {
      const [history] = siteOf(site).history(fromMs, Math.min(toMs, nowMs() + 1), stepMs, [serial]);
      return history as MeterHistory;
    },
    registerAt: (site, serial, instantMs) => meterOf(site, serial).registerAt(instantMs),
    countAt: (site, serial, instantMs) => meterOf(site, serial).countAt(instantMs),
    isSupplyClosed: (site, serial) => meterOf(site, serial).isSupplyClosed,
    setRegister: (site, serial, value) => meterOf(site, serial).setRegister(value, nowMs()),
    setFault: (target, fault, faultOptions) => faults.set(target, fault, faultOptions),
    clearFaults: () => faults.clear(),
    counters: () => ({
      requests: gateways.reduce((sum, gateway) => sum + gateway.server.requests, 0),
      connections: gateways.reduce((sum, gateway) => sum + gateway.server.connections, 0),
      secretReads: [...sites.values()].reduce((sum, site) => sum + site.secretReads, 0),
    }),
  };
}

const keyOf = (site: string, name: string): string => `${site}/${name}`;
function splitKey(key: string): readonly [site: string, name: string] {
  const slash = key.indexOf('/');
  return [key.slice(0, slash), key.slice(slash + 1)];
}

/** The day `historyDays` before the fleet is made, in the zone that is furthest behind. */
function firstDayOf(specs: readonly SiteSpec[], madeMs: number, historyDays: number): DayNumber {
  return Math.min(...specs.map((spec) => createLocalDayLine(spec.zone).dayAt(madeMs))) - historyDays;
}

/** The port it had before where that is free, else any. */
async function listenNear(server: SimulatedGateway, port: number): Promise<number> {
  try {
    return await server.listen(port);
  } catch (error) {
    if (port === 0 || (error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error;
    return server.listen(0);
  }
}
