// SPDX-License-Identifier: Apache-2.0
/** The same answers by the plainest reading of their definitions: one slot after another, one point after another. */
import { slotLengthMs, type MeteringPointSnapshot, type Quantity } from '@wattledger/contracts';
import type { SlotCounts } from '@wattledger/contracts/http/analytics';
import type { TruthSlot, World } from './world.ts';

/** Who a point's net energy belongs to at an instant; null = nobody asked about it. */
export type Belongs = (pointId: string, ms: number) => string | null;

export class Naive {
  readonly world: World;
  readonly #slotsOf = new Map<string, TruthSlot[]>();
  readonly #points = new Map<string, MeteringPointSnapshot>();

  constructor(world: World) {
    this.world = world;
    for (const point of world.points) this.#points.set(point.id, point);
    for (const slot of world.slots) {
      const key = `${slot.pointId}/${slot.startMs}`;
      this.#slotsOf.set(key, [...(this.#slotsOf.get(key) ?? []), slot]);
    }
  }

  point(id: string): MeteringPointSnapshot {
    const point = this.#points.get(id);
    if (point === undefined) throw new Error(`no point ${id}`);
    return point;
  }

  /** What the point took; what a generator gives is another quantity. */
  slotsOf(pointId: string, ms: number, quantity: Quantity = 'active-import'): readonly TruthSlot[] {
    return (this.#slotsOf.get(`${pointId}/${ms}`) ?? []).filter((slot) => slot.quantity === quantity);
  }

  known(pointId: string, ms: number, quantity: Quantity = 'active-import'): boolean {
    return this.slotsOf(pointId, ms, quantity).some((slot) => slot.quality < 3);
  }

  energy(pointId: string, ms: number, quantity: Quantity = 'active-import'): number {
    return this.slotsOf(pointId, ms, quantity).reduce((sum, slot) => sum + slot.consumption, 0);
  }

  link(pointId: string, ms: number): string | null {
    return (
      this.point(pointId).parentLinks.find(
        (link) => link.fromMs <= ms && (link.toMs === null || ms < link.toMs),
      )?.parentId ?? null
    );
  }

  /** Whether a meter that counts what is taken was mounted at any time of the slot that begins then. */
  mounted(pointId: string, ms: number): boolean {
    if (this.point(pointId).role === 'generation') return false;
    const endMs = ms + slotLengthMs(this.world.slotMinutes);
    return this.point(pointId).mountings.some(
      (mounting) => mounting.fromMs < endMs && (mounting.toMs === null || ms < mounting.toMs),
    );
  }

  meteredParent(pointId: string, ms: number): string | null {
    let parent = this.link(pointId, ms);
    while (parent !== null && !this.mounted(parent, ms)) parent = this.link(parent, ms);
    return parent;
  }

  meteredChildren(pointId: string, ms: number): string[] {
    return this.world.points.map((point) => point.id).filter((id) => this.meteredParent(id, ms) === pointId);
  }

  isAtOrBelow(pointId: string, above: ReadonlySet<string>, ms: number): boolean {
    for (let at: string | null = pointId; at !== null; at = this.link(at, ms)) if (above.has(at)) return true;
    return false;
  }

  inherited<T>(pointId: string, ms: number, pick: (point: MeteringPointSnapshot) => T | null): T | null {
    for (let at: string | null = pointId; at !== null; at = this.link(at, ms)) {
      const value = pick(this.point(at));
      if (value !== null) return value;
    }
    return null;
  }

  placesAround(placeId: string | null): { readonly id: string; readonly kind: string }[] {
    const chain: { id: string; kind: string }[] = [];
    for (let id = placeId; id !== null;) {
      const place = this.world.places.find((candidate) => candidate.id === id);
      if (place === undefined) break;
      chain.push({ id: place.id, kind: place.kind });
      id = place.parentId;
    }
    return chain;
  }

  subItem(pointId: string, ms: number): string | null {
    const point = this.point(pointId);
    return point.subItem === 'other' && this.meteredChildren(pointId, ms).length > 0 ? null : point.subItem;
  }

  /** Slot starts in [fromMs, toMs). */
  *slotStarts(fromMs: number, toMs: number): Generator<number> {
    const length = slotLengthMs(this.world.slotMinutes);
    for (let ms = Math.ceil(fromMs / length) * length; ms < toMs; ms += length) yield ms;
  }

  /** Net energy of each owner over [fromMs, toMs): own less that of the metered children, slot by slot. */
  net(belongs: Belongs, fromMs: number, toMs: number): Map<string, { consumption: number; known: boolean }> {
    const sums = new Map<string, { consumption: number; known: boolean }>();
    for (const ms of this.slotStarts(fromMs, toMs)) {
      for (const { id } of this.world.points) {
        const owner = belongs(id, ms);
        if (owner === null) continue;
        const sum = sums.get(owner) ?? { consumption: 0, known: false };
        sum.consumption += this.energy(id, ms);
        // A child of the same owner adds to it what it takes from its parent: it makes nothing known.
        const parent = this.meteredParent(id, ms);
        const cancels =
          parent !== null && this.point(id).role !== 'generation' && belongs(parent, ms) === owner;
        if (!cancels && this.known(id, ms)) sum.known = true;
        for (const child of this.meteredChildren(id, ms)) {
          if (this.point(child).role === 'generation') continue;
          sum.consumption -= this.energy(child, ms);
          if (belongs(child, ms) !== owner && this.known(child, ms)) sum.known = true;
        }
        sums.set(owner, sum);
      }
    }
    return sums;
  }

  /** What a single point measured. */
  gross(pointId: string, fromMs: number, toMs: number, quantity: Quantity = 'active-import'): number | null {
    let sum: number | null = null;
    for (const ms of this.slotStarts(fromMs, toMs))
      if (this.known(pointId, ms, quantity)) sum = (sum ?? 0) + this.energy(pointId, ms, quantity);
    return sum;
  }

  /** Slots of single points by quality; expected are those that have ended and during which a meter was mounted. */
  slots(
    pointIds: Iterable<string>,
    fromMs: number,
    toMs: number,
    quantity: Quantity = 'active-import',
  ): SlotCounts {
    const length = slotLengthMs(this.world.slotMinutes);
    const counts = { measured: 0, estimated: 0, edited: 0, missing: 0 };
    for (const id of pointIds) {
      if ((this.point(id).role === 'generation') !== (quantity === 'active-export')) continue;
      for (const ms of this.slotStarts(fromMs, toMs)) {
        if (ms + length > this.world.nowMs) continue;
        for (const mounting of this.point(id).mountings) {
          const covers = mounting.fromMs < ms + length && (mounting.toMs === null || mounting.toMs > ms);
          if (!covers) continue;
          const slot = this.slotsOf(id, ms, quantity).find(
            (candidate) => candidate.segmentId === mounting.segmentId,
          );
          if (slot === undefined || slot.quality === 3) counts.missing += 1;
          else if (slot.quality === 0) counts.measured += 1;
          else if (slot.quality === 1) counts.estimated += 1;
          else counts.edited += 1;
        }
      }
    }
    return counts;
  }

  linkedChildren(pointId: string, ms: number): string[] {
    return this.world.points.map((point) => point.id).filter((id) => this.link(id, ms) === pointId);
  }

  /** Import less export of a slot; null when a part of it is missing or nothing is known. */
  signed(pointId: string, ms: number): number | null {
    const slots = this.#slotsOf.get(`${pointId}/${ms}`) ?? [];
    if (slots.length === 0 || slots.some((slot) => slot.quality === 3)) return null;
    return slots.reduce(
      (sum, slot) => sum + (slot.quantity === 'active-export' ? -slot.consumption : slot.consumption),
      0,
    );
  }

  /** Parent against the children linked to it, over slots that have ended and that all of them have. */
  loss(
    parentId: string,
    fromMs: number,
    toMs: number,
  ): { input: number; children: number; slotsCompared: number; slotsExpected: number } {
    const length = slotLengthMs(this.world.slotMinutes);
    const sums = { input: 0, children: 0, slotsCompared: 0, slotsExpected: 0 };
    for (const ms of this.slotStarts(fromMs, toMs)) {
      const children = this.linkedChildren(parentId, ms);
      if (children.length === 0 || ms + length > this.world.nowMs) continue;
      sums.slotsExpected += 1;
      const input = this.signed(parentId, ms);
      const taken = children.map((id) => this.signed(id, ms));
      if (input === null || taken.some((value) => value === null)) continue;
      sums.slotsCompared += 1;
      sums.input += input;
      sums.children += taken.reduce<number>((sum, value) => sum + (value ?? 0), 0);
    }
    return sums;
  }
}
