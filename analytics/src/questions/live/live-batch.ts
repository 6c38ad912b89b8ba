// SPDX-License-Identifier: Apache-2.0
/** What happened in one project since the last second, newest per subject. Pure. */
import {
  qualityOf,
  slotLengthMs,
  type AccountEvent,
  type AlarmSignal,
  type CommandOutcome,
  type IntervalEnergy,
  type Right,
  type Telemetry,
} from '@wattledger/contracts';
import type { LiveEvent, LiveEventName } from '@wattledger/contracts/http/analytics';

/** Right that each kind of news needs. */
export const rightOfEvent = {
  energy: 'energy:read',
  telemetry: 'meter:read',
  accounts: 'account:read',
  alarms: 'alarm:read',
  commands: 'meter:read',
} as const satisfies Partial<Record<LiveEventName, Right>>;
export type NewsName = keyof typeof rightOfEvent;
export const newsNames = Object.keys(rightOfEvent) as readonly NewsName[];

/** Newest slots told per segment; a screen that needs more asks for them. */
const slotsPerSegment = 4;
/** Back-fill is no news: only readings this close to now are told. */
const newsAgeMs = 2 * 86_400_000;
/** Most subjects of one event; beyond it the oldest are dropped and the screen is told to ask again. */
export const subjectsMax = 2_000;

type EnergyPoint = LiveEvent<'energy'>['points'][number];

/** Newest per subject, bounded. */
class Newest<T> {
  readonly #bySubject = new Map<string, T>();
  overflowed = false;

  set(subject: string, value: T): void {
    this.#bySubject.delete(subject);
    this.#bySubject.set(subject, value);
    if (this.#bySubject.size <= subjectsMax) return;
    const oldest = this.#bySubject.keys().next();
    if (oldest.done !== true) this.#bySubject.delete(oldest.value);
    this.overflowed = true;
  }
  get(subject: string): T | undefined {
    return this.#bySubject.get(subject);
  }
  values(): T[] {
    return [...this.#bySubject.values()];
  }
}

function pointOf(message: IntervalEnergy, known: EnergyPoint | undefined): EnergyPoint {
  const length = slotLengthMs(message.slotMinutes);
  const own = message.index.map((slot, at) => ({
    segmentId: message.segmentId,
    slotStartMs: message.firstSlotMs + slot * length,
    consumption: message.consumption[at] ?? 0,
    quality: qualityOf(message.quality[at] ?? 3),
  }));
  // A later message of the same segment says a slot anew.
  const slots = new Map(
    [...(known?.slots ?? []), ...own].map((slot) => [`${slot.segmentId}/${slot.slotStartMs}`, slot]),
  );
  const newest = [...slots.values()].sort((a, b) => a.slotStartMs - b.slotStartMs).slice(-slotsPerSegment);
  return {
    meteringPointId: message.meteringPointId,
    quantity: message.quantity,
    lastReadingMs: Math.max(message.lastReadingMs, known?.lastReadingMs ?? 0),
    slots: newest,
  };
}

/** Gathers until it is taken. */
export class LiveBatch {
  readonly #energy = new Newest<EnergyPoint>();
  readonly #telemetry = new Newest<Telemetry>();
  readonly #accounts = new Newest<AccountEvent>();
  readonly #alarms = new Newest<AlarmSignal>();
  readonly #commands = new Newest<CommandOutcome>();

  addEnergy(message: IntervalEnergy, nowMs: number): void {
    if (nowMs - message.lastReadingMs > newsAgeMs || nowMs - message.firstSlotMs > newsAgeMs) return;
    const subject = `${message.meteringPointId}/${message.quantity}`;
    this.#energy.set(subject, pointOf(message, this.#energy.get(subject)));
  }
  addTelemetry(value: Telemetry): void {
    this.#telemetry.set(value.meterId, value);
  }
  addAccount(value: AccountEvent): void {
    this.#accounts.set(value.accountId, value);
  }
  addAlarm(value: AlarmSignal): void {
    this.#alarms.set(`${value.kind}/${value.subjectId}`, value);
  }
  addCommand(value: CommandOutcome): void {
    this.#commands.set(value.commandId, value);
  }

  /** More happened than one event holds. */
  get overflowed(): boolean {
    return [this.#energy, this.#telemetry, this.#accounts, this.#alarms, this.#commands].some(
      (news) => news.overflowed,
    );
  }

  /** Events to send, only those with contents. */
  events(): { readonly name: NewsName; readonly data: unknown }[] {
    const all: { readonly name: NewsName; readonly data: LiveEvent<NewsName>; readonly size: number }[] = [];
    const tell = <Name extends NewsName>(name: Name, data: LiveEvent<Name>, size: number): void =>
      void all.push({ name, data, size });
    const points = this.#energy.values();
    tell('energy', { points }, points.length);
    const meters = this.#telemetry.values();
    tell('telemetry', { meters }, meters.length);
    const accounts = this.#accounts.values();
    tell('accounts', { accounts }, accounts.length);
    const alarms = this.#alarms.values();
    tell('alarms', { alarms }, alarms.length);
    const outcomes = this.#commands.values();
    tell('commands', { outcomes }, outcomes.length);
    return all.filter((event) => event.size > 0);
  }
}
