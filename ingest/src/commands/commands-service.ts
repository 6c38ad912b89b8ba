// SPDX-License-Identifier: Apache-2.0
/**
 * Commands to meters: accepted durably from the log, carried out between polls on the meter's line, tried again until
 * they succeed or expire, each with exactly one outcome.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { topics, type CommandedSetting, type MeterBalanceRead, type RelayState } from '@wattledger/contracts';
import type { Consumer, Parts, Transaction } from '@wattledger/platform';
import type { Collector, Share } from '../collector/collector.ts';
import type { IngestMetrics } from '../metrics/ingest-metrics.ts';
import type { LineTask } from '../collector/line.ts';
import type { SwitchAttempt } from '../collector/meter-driver.ts';
import {
  acceptCommands,
  endCancelled,
  endCommand,
  endOverdue,
  endSuperseded,
  forgetCommands,
  outcomeOf,
  postponeCommand,
  waitingCommands,
  type PendingCommand,
} from './commands-store.ts';

export interface CommandsService {
  start(): Promise<void>;
  stop(): Promise<void>;
}

const lookMs = 1_000;
/** Rest between two looks: of ten thousand waiting commands each end would else read them all again. */
const lookPauseMs = 50;
/** Commands in hand at most, in all and of one gateway; the others wait in the table, where what is urgent may pass. */
const inHandMax = 1_000;
const perGateway = 4;
/** A meter that reads back something else so often is reported as failed. */
const disobeyedMax = 3;
/** The registry's last change may still be on its way: what forbids a command is looked at again before it fails. */
const forbiddenMax = 3;
const shortPauseMs = 1_000;
const keepMs = 400 * 86_400_000;
const forgetEveryMs = 3_600_000;
const channel = 'ingest_commands';

/** Pause before the next attempt: reconnection must follow within a minute of the gateway being reachable. */
export function attemptPauseMs(attempts: number): number {
  return Math.min(20_000, 2_000 * 2 ** Math.min(attempts, 4));
}

/** What of the registry the commands need. */
export interface CommandedFleet {
  gatewayOf(meterId: string): string | null;
  /** null: the project is not known. */
  zoneOf(projectId: string): string | null;
}

type Line = Parameters<LineTask['run']>[2];
type Meter = Parameters<LineTask['run']>[0];
type Driver = Parameters<LineTask['run']>[1];

class MeterCommands implements CommandsService {
  readonly #parts: Pick<Parts, 'database' | 'eventLog' | 'clock' | 'logger'>;
  readonly #collector: Collector;
  readonly #fleet: CommandedFleet;
  readonly #share: Share;
  readonly #metrics: Pick<IngestMetrics, 'commandEnded'>;
  readonly #inHand = new Set<string>();
  /** Storing of what was done, behind the line's back. */
  readonly #finishing = new Set<Promise<void>>();
  #consumer: Consumer | null = null;
  #unlisten: (() => Promise<void>) | null = null;
  #timer: NodeJS.Timeout | null = null;
  #looking: Promise<void> | null = null;
  #lookAgain = false;
  #forgotAtMs = 0;

  constructor(
    parts: Pick<Parts, 'database' | 'eventLog' | 'clock' | 'logger'>,
    collector: Collector,
    fleet: CommandedFleet,
    share: Share,
    metrics: Pick<IngestMetrics, 'commandEnded'>,
  ) {
    this.#fleet = fleet;
    this.#metrics = metrics;
    this.#parts = parts;
    this.#collector = collector;
    this.#share = share;
  }

  async start(): Promise<void> {
    const { database, eventLog, clock } = this.#parts;
    this.#unlisten = await database.listen(channel, () => this.#look());
    this.#timer = setInterval(() => this.#look(), lookMs);
    this.#consumer = await eventLog.consume({
      group: 'ingest-commands',
      topic: topics.meterCommands,
      recordsMax: 500,
      handle: async (batch) => {
        const expired = await database.transaction(async (transaction) => {
          const heard = batch.records.map((record) => record.value);
          const commands = heard.filter((command) => command.kind !== 'cancel');
          await acceptCommands(transaction, commands, (meterId) => this.#fleet.gatewayOf(meterId));
          const cancels = heard.filter((command) => command.kind === 'cancel');
          const cancelled = await endCancelled(transaction, cancels, clock.nowMs());
          const meterIds = [...new Set(commands.map((command) => command.meterId))];
          const superseded = await endSuperseded(transaction, meterIds, clock.nowMs());
          await batch.commit(transaction);
          await transaction.query('SELECT pg_notify($1, $2)', [channel, '']);
          return await this.#tellExpired(transaction, [...cancelled, ...superseded]);
        });
        this.#countExpired(expired);
        this.#look();
      },
    });
  }

  async stop(): Promise<void> {
    if (this.#timer !== null) clearInterval(this.#timer);
    this.#timer = null;
    await this.#consumer?.stop();
    await this.#unlisten?.();
    await this.#looking;
    await Promise.all(this.#finishing);
  }

  /** Looks for work; of calls that come while it looks, one more look remains. */
  #look(): void {
    if (this.#looking !== null) {
      this.#lookAgain = true;
      return;
    }
    this.#looking = this.#lookOnce()
      .catch((error: unknown) =>
        this.#parts.logger.warn({ err: error }, 'waiting commands could not be read; trying again'),
      )
      .then(async () => await sleep(lookPauseMs))
      .finally(() => {
        this.#looking = null;
        if (this.#lookAgain && this.#timer !== null) this.#look();
        this.#lookAgain = false;
      });
  }

  async #lookOnce(): Promise<void> {
    const { database, clock } = this.#parts;
    const nowMs = clock.nowMs();
    if (this.#share.index === 0) {
      const expired = await database.transaction(
        async (transaction) => await this.#tellExpired(transaction, await endOverdue(transaction, nowMs)),
      );
      this.#countExpired(expired);
      if (nowMs - this.#forgotAtMs >= forgetEveryMs) {
        this.#forgotAtMs = nowMs;
        await forgetCommands(database, nowMs - keepMs);
      }
    }
    for (const command of await waitingCommands(database, nowMs, { perGateway, inAll: inHandMax })) {
      if (this.#inHand.has(command.commandId) || this.#inHand.size >= inHandMax) continue;
      this.#inHand.add(command.commandId);
      if (!this.#collector.enqueue(this.#taskOf(command))) this.#inHand.delete(command.commandId);
    }
  }

  #taskOf(command: PendingCommand): LineTask {
    return {
      meterId: command.meterId,
      setsClock: command.setting?.kind === 'clock',
      abandon: () => void this.#inHand.delete(command.commandId),
      run: async (meter, driver, line) => {
        if (command.expiresAtMs <= this.#parts.clock.nowMs()) {
          this.#inHand.delete(command.commandId);
          return;
        }
        const settle = await this.#carryOut(command, meter, driver, line);
        // The line goes on with its polls while the outcome is stored.
        const finishing = settle()
          .catch((error: unknown) => {
            this.#parts.logger.warn(
              { err: error, commandId: command.commandId },
              'the outcome of a command could not be stored; it is carried out again',
            );
          })
          .finally(() => {
            this.#inHand.delete(command.commandId);
            this.#finishing.delete(finishing);
            if (this.#timer !== null) this.#look();
          });
        this.#finishing.add(finishing);
      },
    };
  }

  /** Does the part that needs the line. @returns what remains: making it durable and telling the outcome */
  async #carryOut(
    command: PendingCommand,
    meter: Meter,
    driver: Driver,
    line: Line,
  ): Promise<() => Promise<void>> {
    if (command.kind === 'read-now') {
      const { outcome, durable } = await line.poll(command.meterId);
      if (outcome.answer === null) {
        const evidence = `${outcome.fault?.kind ?? ''}: ${outcome.fault?.text ?? ''}`;
        return async () => await this.#postpone(command, 'unknown', evidence);
      }
      const { relay, registers } = outcome.answer;
      const evidence = registers
        .map(({ register, value, scaler }) => `${register} = ${value}×10^${scaler}`)
        .join('; ');
      return async () => {
        await durable;
        await this.#end(command, 'confirmed', relay ?? 'unknown', evidence);
      };
    }
    if (command.setting !== null) return await this.#set(command, command.setting, meter, driver);
    const { action } = command;
    if (action === null || driver === null || !meter.switchable) {
      const evidence = driver === null ? (meter.fault ?? '') : 'the meter is not marked as switchable';
      if (command.attempts + 1 < forbiddenMax)
        return async () => await this.#postpone(command, 'unknown', evidence, shortPauseMs);
      return async () => await this.#end(command, 'failed', 'unknown', evidence);
    }
    const attempt = await driver.switchSupply(action);
    const recorded =
      attempt.atMs === null
        ? null
        : line.record(command.meterId, {
            registers: [],
            parameters: {},
            relay: attempt.relay,
            relayAtMs: attempt.atMs,
            atMs: attempt.atMs,
          });
    return async () => {
      await recorded;
      await this.#settleSwitch(command, attempt);
    };
  }

  async #set(
    command: PendingCommand,
    setting: CommandedSetting,
    meter: Meter,
    driver: Driver,
  ): Promise<() => Promise<void>> {
    const zone = this.#fleet.zoneOf(command.projectId);
    if (driver?.writeSetting === undefined || zone === null) {
      const evidence =
        driver === null ? (meter.fault ?? '') : "nothing can be set over this wire: use the vendor's tool";
      return async () => await this.#end(command, 'failed', 'unknown', evidence);
    }
    const time = { zone, nowMs: () => this.#parts.clock.nowMs() };
    const { kind, evidence, balance } = await driver.writeSetting(setting, time);
    return async () => await this.#settleSwitch(command, { kind, relay: 'unknown', evidence }, balance);
  }

  async #settleSwitch(
    command: PendingCommand,
    attempt: Pick<SwitchAttempt, 'kind' | 'relay' | 'evidence'>,
    balance?: MeterBalanceRead,
  ): Promise<void> {
    const { relay, evidence, kind } = attempt;
    if (kind === 'confirmed') return await this.#end(command, 'confirmed', relay, evidence, balance);
    const givenUp = kind === 'refused' || (kind === 'disobeyed' && command.attempts + 1 >= disobeyedMax);
    if (givenUp) return await this.#end(command, 'failed', relay, evidence, balance);
    await this.#postpone(command, relay, evidence, kind === 'disobeyed' ? shortPauseMs : undefined);
  }

  async #postpone(
    command: PendingCommand,
    reportedRelay: RelayState,
    evidence: string,
    pauseMs = attemptPauseMs(command.attempts),
  ): Promise<void> {
    const { database, clock } = this.#parts;
    const nextAttemptMs = clock.nowMs() + pauseMs;
    await postponeCommand(database, command.commandId, { nextAttemptMs, reportedRelay, evidence });
  }

  async #end(
    command: PendingCommand,
    outcome: 'confirmed' | 'failed',
    reportedRelay: RelayState,
    evidence: string,
    balance?: MeterBalanceRead,
  ): Promise<void> {
    const { database, eventLog, clock } = this.#parts;
    const end = { outcome, reportedRelay, evidence, nowMs: clock.nowMs() };
    const told = await database.transaction(async (transaction) => {
      const ended = await endCommand(transaction, command.commandId, end);
      if (ended === null) return null;
      const outcomeTold = balance === undefined ? ended : { ...ended, balance };
      await eventLog.append(
        topics.commandOutcomes,
        [{ key: outcomeTold.meterId, value: outcomeTold }],
        transaction,
      );
      return outcomeTold;
    });
    if (told !== null) this.#metrics.commandEnded(told.outcome);
  }

  /** Tells that commands have expired. @returns how many */
  async #tellExpired(transaction: Transaction, ended: readonly PendingCommand[]): Promise<number> {
    const at = this.#parts.clock.nowMs();
    const records = ended.map((command) => ({
      key: command.meterId,
      value: outcomeOf(command, 'expired', at),
    }));
    await this.#parts.eventLog.append(topics.commandOutcomes, records, transaction);
    return ended.length;
  }

  #countExpired(commands: number): void {
    for (let left = commands; left > 0; left -= 1) this.#metrics.commandEnded('expired');
  }
}

export function createCommandsService(
  parts: Pick<Parts, 'database' | 'eventLog' | 'clock' | 'logger'>,
  collector: Collector,
  fleet: CommandedFleet,
  share: Share,
  metrics: Pick<IngestMetrics, 'commandEnded'>,
): CommandsService {
  return new MeterCommands(parts, collector, fleet, share, metrics);
}
