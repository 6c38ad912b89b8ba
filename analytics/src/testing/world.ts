// SPDX-License-Identifier: Apache-2.0
/**
 * Small random worlds with everything that makes sums go wrong: several meters one after another at a point, holes,
 * qualities, parent links and mountings that change inside the span, zones with clock changes on and off the slot
 * grid, leap years, a slot still open. The truth is kept as plain slots; `naive.ts` adds it up slot by slot.
 */
import {
  flatCalendar,
  localDayOf,
  periodsOfLocalDay,
  slotLengthMs,
  slotsOfLocalDay,
  subItems,
  type MeteringPointSnapshot,
  type PlaceSnapshot,
  type Quantity,
  type RegistrySnapshot,
  type SlotMinutes,
  type TariffCalendar,
  type TenantSnapshot,
  type TouPeriod,
} from '@wattledger/contracts';

export interface TruthSlot {
  readonly pointId: string;
  readonly segmentId: string;
  readonly quantity: Quantity;
  readonly startMs: number;
  readonly consumption: number;
  /** 0 measured … 3 missing. */
  readonly quality: number;
}

export interface World {
  readonly projectId: string;
  readonly zone: string;
  readonly slotMinutes: SlotMinutes;
  readonly calendar: TariffCalendar;
  readonly nowMs: number;
  /** Stretches of time that hold slots. */
  readonly windows: readonly { readonly fromMs: number; readonly toMs: number }[];
  readonly places: readonly PlaceSnapshot[];
  readonly tenants: readonly TenantSnapshot[];
  readonly points: readonly MeteringPointSnapshot[];
  readonly slots: readonly TruthSlot[];
  readonly lastReadingOf: ReadonlyMap<string, { readonly pointId: string; readonly ms: number }>;
}

/** mulberry32: small, seeded, good enough to shake a tree. */
export function randomOf(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

export class Dice {
  readonly #next: () => number;
  constructor(seed: number) {
    this.#next = randomOf(seed);
  }
  chance(probability: number): boolean {
    return this.#next() < probability;
  }
  /** Whole number in [from, to]. */
  whole(from: number, to: number): number {
    return from + Math.floor(this.#next() * (to - from + 1));
  }
  of<T>(items: readonly T[]): T {
    const item = items[this.whole(0, items.length - 1)];
    if (item === undefined) throw new Error('nothing to choose from');
    return item;
  }
}

/** Slots off the hour, clock changes of an hour and of half an hour, midnights that do not exist, leap days. */
const scenes = [
  { zone: 'Europe/Berlin', day: '2024-03-31' },
  { zone: 'Europe/Berlin', day: '2024-10-27' },
  { zone: 'America/New_York', day: '2024-02-29' },
  { zone: 'Asia/Kolkata', day: '2025-03-01' },
  { zone: 'Australia/Lord_Howe', day: '2024-04-07' },
  { zone: 'Asia/Shanghai', day: '2024-02-28' },
  { zone: 'America/Santiago', day: '2024-09-08' },
  { zone: 'America/Havana', day: '2024-11-03' },
] as const;

const twoPeriods: TariffCalendar = {
  ...flatCalendar,
  id: 'two',
  name: 'Peak and valley',
  dayProfiles: {
    all: [
      { fromMinute: 0, period: 'valley' },
      { fromMinute: 480, period: 'peak' },
      { fromMinute: 1320, period: 'valley' },
    ],
  },
};

const dayMs = 86_400_000;

interface Frame {
  readonly dice: Dice;
  readonly projectId: string;
  readonly slotMinutes: SlotMinutes;
  readonly windows: readonly { readonly fromMs: number; readonly toMs: number }[];
}

/** An instant inside one of the windows, on or off the slot grid. */
function instantIn({ dice, windows }: Frame): number {
  const window = dice.of(windows);
  const ms = dice.whole(window.fromMs, window.toMs - 1);
  return dice.chance(0.3) ? Math.floor(ms / 3_600_000) * 3_600_000 : ms;
}

/** Ids are the group's, not a project's: two worlds never share one. */
const pointId = (projectId: string, index: number): string => `pnt_${index}_${projectId}`;

function makePlaces({ dice, projectId }: Frame): PlaceSnapshot[] {
  const own = (name: string): string => `${name}_${projectId}`;
  const place = (
    id: string,
    kind: PlaceSnapshot['kind'],
    parentId: string | null,
    sortOrder: number,
  ): PlaceSnapshot => ({
    id,
    projectId,
    parentId,
    kind,
    code: id,
    name: `Place ${id}`,
    use: null,
    areaM2: dice.chance(0.7) ? dice.whole(10, 900) : null,
    sortOrder,
  });
  return [
    place(own('plc_b1'), 'building', null, 1),
    place(own('plc_b2'), 'building', null, 2),
    place(own('plc_f1'), 'floor', own('plc_b1'), 3),
    place(own('plc_f2'), 'floor', own('plc_b1'), 4),
    place(own('plc_r1'), 'room', own('plc_f1'), 5),
    place(own('plc_r2'), 'room', own('plc_f2'), 6),
    place(own('plc_r3'), 'room', own('plc_b2'), 7),
  ];
}

/** One to three meters one after another, with or without a pause, sometimes not yet or no longer there. */
function makeMountings(frame: Frame, pointId: string): MeteringPointSnapshot['mountings'] {
  const { dice, windows } = frame;
  const beginMs = (windows[0]?.fromMs ?? 0) - 40 * dayMs;
  const count = dice.whole(0, 9) === 0 ? 0 : dice.whole(1, 3);
  let fromMs = dice.chance(0.8) ? beginMs : instantIn(frame);
  const mountings: MeteringPointSnapshot['mountings'] = [];
  for (let index = 0; index < count; index += 1) {
    const last = index === count - 1;
    const toMs = last && dice.chance(0.85) ? null : instantIn(frame);
    if (toMs !== null && toMs <= fromMs) break;
    mountings.push({
      segmentId: `seg_${pointId}_${index}`,
      meterId: `mtr_${pointId}_${index}`,
      register: 'import',
      fromMs,
      toMs,
    });
    if (toMs === null) break;
    fromMs = dice.chance(0.6) ? toMs : toMs + dice.whole(1, 30 * 3_600_000);
  }
  return mountings;
}

/** Links to earlier points only, so that there is no circle; some change inside the windows. */
function makeLinks(frame: Frame, index: number): MeteringPointSnapshot['parentLinks'] {
  const { dice, windows } = frame;
  if (index === 0 || dice.chance(0.15)) return [];
  const parent = (): string => pointId(frame.projectId, dice.whole(0, index - 1));
  const beginMs = (windows[0]?.fromMs ?? 0) - 50 * dayMs;
  if (dice.chance(0.6)) return [{ parentId: parent(), fromMs: beginMs, toMs: null }];
  const changeMs = instantIn(frame);
  const first = { parentId: parent(), fromMs: beginMs, toMs: changeMs };
  return dice.chance(0.6) ? [first, { parentId: parent(), fromMs: changeMs, toMs: null }] : [first];
}

function makePoints(
  frame: Frame,
  places: readonly PlaceSnapshot[],
  tenants: readonly TenantSnapshot[],
): MeteringPointSnapshot[] {
  const { dice, projectId } = frame;
  return Array.from({ length: dice.whole(2, 9) }, (_unused, index): MeteringPointSnapshot => {
    const id = pointId(projectId, index);
    return {
      id,
      projectId,
      code: `P${index}`,
      name: `Point ${index}`,
      medium: 'electricity',
      role:
        index > 0 && dice.chance(0.07)
          ? 'generation'
          : index === 0
            ? 'supply'
            : dice.of(['main', 'feeder', 'sub']),
      subItem: dice.of(subItems),
      placeId: dice.chance(0.65) ? dice.of(places).id : null,
      tenantId: dice.chance(0.5) ? dice.of(tenants).id : null,
      areaM2: dice.chance(0.6) ? dice.whole(10, 300) : null,
      headcount: dice.chance(0.5) ? dice.whole(1, 40) : null,
      parentLinks: makeLinks(frame, index),
      mountings: makeMountings(frame, id),
    };
  });
}

/** Slots of a mounting inside the windows, with holes; the newest is the one still open. */
function makeSlots(frame: Frame, point: MeteringPointSnapshot, nowMs: number): TruthSlot[] {
  const { dice, windows, slotMinutes } = frame;
  const length = slotLengthMs(slotMinutes);
  const slots: TruthSlot[] = [];
  for (const mounting of point.mountings) {
    const silent = dice.chance(0.1);
    for (const window of windows) {
      const from = Math.max(window.fromMs, Math.floor(mounting.fromMs / length) * length);
      const to = Math.min(window.toMs, mounting.toMs ?? Infinity, nowMs + 1);
      for (let startMs = Math.ceil(from / length) * length; startMs < to; startMs += length) {
        if (silent || dice.chance(0.06)) continue;
        const quality = dice.chance(0.85) ? 0 : dice.whole(1, 3);
        slots.push({
          pointId: point.id,
          segmentId: mounting.segmentId,
          quantity: point.role === 'generation' ? 'active-export' : 'active-import',
          startMs,
          consumption: quality === 3 ? 0 : dice.whole(0, 5_000),
          quality,
        });
      }
    }
  }
  return slots;
}

/** The same seed makes the same world. */
export function makeWorld(seed: number): World {
  const dice = new Dice(seed);
  const scene = dice.of(scenes);
  const slotMinutes = dice.of([15, 30, 60] as const);
  const projectId = `prj_${(seed >>> 0).toString(36)}`;
  const middleMs = Date.parse(`${scene.day}T00:00:00Z`);
  const days = slotMinutes === 15 ? 2 : 4;
  const shiftYear = (ms: number, years: number): number => {
    const date = new Date(ms);
    date.setUTCFullYear(date.getUTCFullYear() + years);
    return date.getTime();
  };
  const windows = [shiftYear(middleMs, -1), middleMs].map((ms) => ({
    fromMs: ms - days * dayMs,
    toMs: ms + days * dayMs,
  }));
  const frame: Frame = { dice, projectId, slotMinutes, windows };
  const nowMs = dice.chance(0.5) ? middleMs + dice.whole(0, 2 * dayMs) : middleMs + 30 * dayMs;
  const places = makePlaces(frame);
  const tenants: TenantSnapshot[] = ['a', 'b', 'c'].map((letter) => ({
    id: `tnt_${letter}_${projectId}`,
    projectId,
    code: letter,
    name: `Tenant ${letter}`,
    tenantClass: 'shop',
    phone: null,
    email: null,
  }));
  const points = makePoints(frame, places, tenants);
  const slots = points.flatMap((point) => makeSlots(frame, point, nowMs));
  const lastReadingOf = new Map<string, { pointId: string; ms: number }>();
  for (const slot of slots) {
    const ms = Math.min(nowMs, slot.startMs + slotLengthMs(slotMinutes));
    if ((lastReadingOf.get(slot.segmentId)?.ms ?? -1) < ms)
      lastReadingOf.set(slot.segmentId, { pointId: slot.pointId, ms });
  }
  return {
    projectId,
    zone: scene.zone,
    slotMinutes,
    calendar: dice.chance(0.5) ? flatCalendar : twoPeriods,
    nowMs,
    windows,
    places,
    tenants,
    points,
    slots,
    lastReadingOf,
  };
}

/** What the registry would tell of the world. */
export function snapshotsOf(world: World): RegistrySnapshot[] {
  const { projectId } = world;
  const meterIds = [
    ...new Set(world.points.flatMap((point) => point.mountings.map((mounting) => mounting.meterId))),
  ];
  return [
    {
      entity: 'project',
      id: projectId,
      projectId,
      snapshot: {
        id: projectId,
        code: projectId,
        name: 'World',
        zone: world.zone,
        currency: 'EUR',
        slotMinutes: world.slotMinutes,
        pollIntervalSeconds: 1800,
        calendar: world.calendar,
        areaM2: 5_000,
        address: null,
        latitude: null,
        longitude: null,
      },
    },
    ...world.places.map((snapshot): RegistrySnapshot => ({
      entity: 'place',
      id: snapshot.id,
      projectId,
      snapshot,
    })),
    ...world.tenants.map((snapshot): RegistrySnapshot => ({
      entity: 'tenant',
      id: snapshot.id,
      projectId,
      snapshot,
    })),
    ...meterIds.map((id): RegistrySnapshot => ({
      entity: 'meter',
      id,
      projectId,
      snapshot: {
        id,
        projectId,
        serial: `S-${id}`,
        modelId: null,
        gatewayId: null,
        unitId: null,
        lineAddress: null,
        pollIntervalSeconds: null,
        switchable: false,
        enabled: true,
      },
    })),
    ...world.points.map((snapshot): RegistrySnapshot => ({
      entity: 'metering-point',
      id: snapshot.id,
      projectId,
      snapshot,
    })),
  ];
}

const periodsOf = new Map<string, { readonly firstSlotMs: number; readonly periods: readonly TouPeriod[] }>();

/** Time-of-use period of a slot. */
export function periodOf(
  world: Pick<World, 'zone' | 'slotMinutes' | 'calendar'>,
  startMs: number,
): TouPeriod {
  const day = localDayOf(world.zone, startMs);
  const key = `${world.zone}/${world.slotMinutes}/${world.calendar.id}/${day}`;
  let known = periodsOf.get(key);
  if (known === undefined) {
    known = {
      firstSlotMs: slotsOfLocalDay(world.zone, day, world.slotMinutes).firstSlotMs,
      periods: periodsOfLocalDay(world.calendar, world.zone, day, world.slotMinutes),
    };
    periodsOf.set(key, known);
  }
  const period = known.periods[Math.round((startMs - known.firstSlotMs) / slotLengthMs(world.slotMinutes))];
  if (period === undefined)
    throw new Error(`no period for ${new Date(startMs).toISOString()} in ${world.zone}`);
  return period;
}
